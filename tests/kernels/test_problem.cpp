// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/problem/step.h"

#include <gtest/gtest.h>

namespace roofproof {
namespace {

TEST(Problem, NameHoldsOperationPrecisionImplementationAndShape) {
  const Problem gemm{Op::gemm, Precision::w4a16, {.m = 16, .n = 4096, .k = 14336}};
  EXPECT_EQ(benchmark_name(gemm, Implementation::hand), "gemm/w4a16/hand/m:16/n:4096/k:14336");
  const Problem read{Op::read, Precision::fp32, {.bytes = 1 << 30}};
  EXPECT_EQ(benchmark_name(read, Implementation::hand), "read/fp32/hand/bytes:1073741824");
  const Problem decode{Op::decode, Precision::int8, {.batch = 4, .context = 0, .model = "tiny"}};
  EXPECT_EQ(benchmark_name(decode, Implementation::hand),
            "decode/int8/hand/model:tiny/batch:4/context:0");
  const Problem prefill{Op::prefill, Precision::fp16, {.m = 2048, .model = "mistral-7b"}};
  EXPECT_EQ(benchmark_name(prefill, Implementation::hand),
            "prefill/fp16/hand/model:mistral-7b/m:2048");
  EXPECT_EQ(benchmark_name({Op::peak, Precision::fp16}, Implementation::hand), "peak/fp16/hand");
}

TEST(Problem, EveryNameParsesBack) {
  for (const Op op : {Op::peak, Op::read, Op::copy, Op::triad, Op::gemm, Op::gemv, Op::layer,
                      Op::prefill, Op::decode}) {
    EXPECT_EQ(parse_name<Op>(name(op)), op);
  }
  for (const Precision precision : {Precision::fp32, Precision::fp16, Precision::int8,
                                    Precision::int4, Precision::w8a16, Precision::w4a16}) {
    EXPECT_EQ(parse_name<Precision>(name(precision)), precision);
  }
  for (const Implementation implementation : {Implementation::hand, Implementation::cublas,
                                              Implementation::cublaslt, Implementation::openblas}) {
    EXPECT_EQ(parse_name<Implementation>(name(implementation)), implementation);
  }
  EXPECT_EQ(parse_name<Op>("gem"), std::nullopt);
}

TEST(Problem, GemmCountsTwoFlopPerMultiplyAdd) {
  EXPECT_DOUBLE_EQ(flop({Op::gemm, Precision::fp16, {.m = 3, .n = 5, .k = 7}}), 2 * 3 * 5 * 7);
  EXPECT_DOUBLE_EQ(flop({Op::gemv, Precision::int4, {.n = 5, .k = 128, .batch = 2}}),
                   2 * 5 * 128 * 2);
  EXPECT_DOUBLE_EQ(flop({Op::triad, Precision::fp32, {.bytes = 4096}}), 2 * 1024);
}

TEST(Problem, GemmBytesAreInputsAndOutputOnce) {
  const Shape shape{.m = 2, .n = 3, .k = 256};
  EXPECT_DOUBLE_EQ(compulsory_bytes({Op::gemm, Precision::fp32, shape}),
                   4 * (2 * 256 + 3 * 256 + 2 * 3));
  EXPECT_DOUBLE_EQ(compulsory_bytes({Op::gemm, Precision::fp16, shape}),
                   2 * (2 * 256 + 3 * 256 + 2 * 3));
  EXPECT_DOUBLE_EQ(compulsory_bytes({Op::gemm, Precision::int8, shape}),
                   2 * 256 + 3 * 256 + 4 * 2 * 3);
  EXPECT_DOUBLE_EQ(compulsory_bytes({Op::gemm, Precision::w8a16, shape}),
                   2 * (2 * 256) + 3 * 256 + 3 * 4 + 2 * 2 * 3);
  EXPECT_DOUBLE_EQ(compulsory_bytes({Op::gemm, Precision::w4a16, shape}),
                   2 * (2 * 256) + 3 * 128 + 3 * 2 * 2 + 2 * 2 * 3);
  EXPECT_DOUBLE_EQ(compulsory_bytes({Op::gemm, Precision::fp32, shape}, true),
                   4 * (2 * 256 + 3 * 256 + 2 * 2 * 3));
}

TEST(Problem, GemvBytesAreWeightsScalesAndActivations) {
  const Shape shape{.n = 3, .k = 256, .batch = 2};
  const double activations = 2 * 2 * (256 + 3);
  EXPECT_DOUBLE_EQ(compulsory_bytes({Op::gemv, Precision::fp32, shape}),
                   4 * 3 * 256 + 2 * activations);
  EXPECT_DOUBLE_EQ(compulsory_bytes({Op::gemv, Precision::fp16, shape}), 2 * 3 * 256 + activations);
  EXPECT_DOUBLE_EQ(compulsory_bytes({Op::gemv, Precision::int8, shape}),
                   3 * 256 + 4 * 3 + activations);
  EXPECT_DOUBLE_EQ(compulsory_bytes({Op::gemv, Precision::int4, shape}),
                   3 * 128 + 3 * 2 * 2 + activations);
}

TEST(Problem, AGemvIsAStraightLineOverItsBatch) {
  const StepWork work = step_work({Op::gemv, Precision::int8, {.n = 3, .k = 256, .batch = 9}});
  EXPECT_DOUBLE_EQ(work.fixed_bytes, 3 * 256 + 4 * 3);
  EXPECT_DOUBLE_EQ(work.sequence_bytes, 2 * (256 + 3));
  EXPECT_DOUBLE_EQ(work.sequence_flop, 2 * 3 * 256);
  EXPECT_THROW(step_work({Op::gemm, Precision::fp16, {.m = 1, .n = 3, .k = 256}}),
               std::logic_error);
}

TEST(Problem, RaggedInt4RowsEndInAPartialByteAndGroup) {
  EXPECT_DOUBLE_EQ(compulsory_bytes({Op::gemv, Precision::int4, {.n = 3, .k = 129, .batch = 1}}),
                   3 * 65 + 3 * 2 * 2 + 2 * (129 + 3));
}

TEST(Problem, StreamsCountEachArrayOnce) {
  EXPECT_DOUBLE_EQ(compulsory_bytes({Op::read, Precision::fp32, {.bytes = 4096}}), 4096);
  EXPECT_DOUBLE_EQ(compulsory_bytes({Op::copy, Precision::fp32, {.bytes = 4096}}), 2 * 4096);
  EXPECT_DOUBLE_EQ(compulsory_bytes({Op::triad, Precision::fp32, {.bytes = 4096}}), 3 * 4096);
}

}  // namespace
}  // namespace roofproof
