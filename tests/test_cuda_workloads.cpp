// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Whole workloads of the CUDA backend on the CPU: host code, launches and kernels as they are, the
// CUDA runtime replaced by host memory (tests/simt/runtime). Each workload's own check, against the
// double-precision reference, is the test: what goes wrong between operations shows here.
#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "kernels/cuda/gemv/workload.h"
#include "tests/simt/cuda.h"

namespace roofproof::cuda {
namespace {

using gemv::Variant;

Device small_device(int capability) {
  Device device;
  device.backend = Backend::cuda;
  device.compute_capability = capability;
  device.processors = 3;
  device.last_level_cache_bytes = 1 << 20;
  device.memory_bytes = std::int64_t{4} << 30;
  device.shared_memory_per_block = (capability >= 90 ? 227 : capability >= 80 ? 99 : 64) * 1024;
  return device;
}

void expect_ok(Workload& workload) {
  const Check check = workload.check(nullptr);
  EXPECT_TRUE(check.ok) << workload.label() << ": " << check.message;
  EXPECT_LT(check.worst, 1.0);
  EXPECT_TRUE(workload.guards_intact());
}

TEST(PackedWorkloads, Gemv) {
  gemv::mma_depth = 16;
  Problem gemv{Op::gemv, Precision::int4, {}};
  gemv.shape.n = 100;
  gemv.shape.k = 300;
  gemv.shape.batch = 5;
  expect_ok(*gemv::prepare_gemv<Variant::mma_sm80>(gemv, small_device(80), {.copies = 2}));
  gemv.precision = Precision::int8;
  gemv.shape.batch = 1;
  expect_ok(*gemv::prepare_gemv<Variant::bulk_sm90>(gemv, small_device(90), {.copies = 1}));
  gemv.precision = Precision::fp32;
  gemv.shape.batch = 3;
  expect_ok(*gemv::prepare_gemv<Variant::simt>(gemv, small_device(75), {.copies = 1}));
}

template <Variant V>
void expect_gemm(Precision precision, std::int64_t m, std::int64_t n, std::int64_t k,
                 int capability, double alpha, double beta) {
  SCOPED_TRACE(testing::Message() << name(precision) << " m " << m << " n " << n << " k " << k);
  gemv::mma_depth = V == Variant::mma_sm75 ? 8 : 16;
  Problem problem{Op::gemm, precision, {}};
  problem.shape.m = m;
  problem.shape.n = n;
  problem.shape.k = k;
  const Device device = small_device(capability);
  ASSERT_EQ(gemv::gemv_unsupported<V>(problem, device), "");
  const auto workload =
      gemv::prepare_gemv<V>(problem, device, {.copies = 2, .alpha = alpha, .beta = beta});
  expect_ok(*workload);
  if (beta != 0) return;
  // The other copy has other operands; the first is computed alike again.
  const auto first = workload->download("c", 0);
  workload->launch(nullptr, 1);
  EXPECT_NE(workload->download("c", 1), first);
  workload->launch(nullptr, 2);
  EXPECT_EQ(workload->download("c", 0), first);
  // All operands of the other copy are its own.
  workload->upload("a", 1, std::vector<std::byte>(static_cast<std::size_t>(m * k) * 2));
  workload->launch(nullptr, 1);
  EXPECT_EQ(workload->download("c", 1),
            std::vector<std::byte>(static_cast<std::size_t>(m * n) * 2));
}

TEST(PackedWorkloads, Gemm) {
  expect_gemm<Variant::bulk_sm90>(Precision::w8a16, 70, 90, 130, 90, 0.5, -1);
  expect_gemm<Variant::mma_sm80>(Precision::w4a16, 5, 90, 130, 80, 2, 1);
  expect_gemm<Variant::mma_sm75>(Precision::w4a16, 300, 270, 256, 75, 1, 0);
  expect_gemm<Variant::mma_sm80>(Precision::w8a16, 200, 513, 264, 86, 1, 0);
  expect_gemm<Variant::bulk_sm90>(Precision::w4a16, 1, 1, 1, 90, 1, 0);
}

TEST(PackedWorkloads, AWrongWeightFailsTheCheck) {
  gemv::mma_depth = 16;
  Problem problem{Op::gemm, Precision::w8a16, {}};
  problem.shape.m = 20;
  problem.shape.n = 64;
  problem.shape.k = 128;
  const auto workload = gemv::prepare_gemv<Variant::mma_sm80>(problem, small_device(80), {});
  auto weights = workload->download("b", 0);
  for (std::size_t i = 0; i < weights.size(); i += 16) weights[i] ^= std::byte{0x40};
  workload->upload("b", 0, weights);
  EXPECT_FALSE(workload->check(nullptr).ok);
}

}  // namespace
}  // namespace roofproof::cuda
