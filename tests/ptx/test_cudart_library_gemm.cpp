// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What becomes of a case whose library has a choice, or declines. That what it computes is right
// is of test_cuda_gemm.
#include "kernels/cublas/error.h"
#include "kernels/cublas/gemm.h"
#include "kernels/cuda/runtime/device.h"
#include "kernels/cuda/runtime/stream.h"
#include "tests/ptx/cudart_test.h"
#include "tests/ptx/runtime/cublas.h"

namespace roofproof::ptx {
namespace {

using testing::HasSubstr;

const Problem problem = {Op::gemm, Precision::fp32, {.m = 8, .n = 8, .k = 8}};

// Prepared and checked; the label.
std::string prepared(Prepare& prepare) {
  const cuda::Stream stream;
  Preparation preparation;
  preparation.copies = 2;
  preparation.stream = stream.get();
  const auto workload = prepare("", problem, cuda::describe(0), preparation);
  EXPECT_TRUE(workload->check(stream.get()).ok);
  return workload->label();
}

void expect_not_supported(Prepare& prepare) {
  try {
    prepared(prepare);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const cublas::CublasError& error) {
    EXPECT_EQ(error.status(), CUBLAS_STATUS_NOT_SUPPORTED);
  }
}

// One by one they all last as long as a launch takes the host.
TEST(CublasLt, TheFastestAlgorithmIsThatOfAGraph) {
  in_child(90, "early", [] {
    runtime::played_cublas().algorithms_ns = {4000, 2000, 3000};
    EXPECT_THAT(prepared(cublas::prepare_cublaslt_gemm), HasSubstr("(2 of 3)"));
    runtime::played_cublas().algorithms_ns = {3'000'000, 2'900'000, 4'000'000};
    EXPECT_THAT(prepared(cublas::prepare_cublaslt_gemm), HasSubstr("(2 of 3)"));
  });
}

TEST(CublasLt, AnAlgorithmThatIsDeclinedCostsItselfAlone) {
  in_child(90, "early", [] {
    runtime::played_cublas().algorithms_ns = {2000, 3000, 4000};
    runtime::played_cublas().declined = {0};
    EXPECT_THAT(prepared(cublas::prepare_cublaslt_gemm), HasSubstr("(2 of 3)"));
    runtime::played_cublas().declined = {0, 1, 2};
    expect_not_supported(cublas::prepare_cublaslt_gemm);
  });
}

TEST(CublasLt, AnAttributeThatIsDeclinedCostsNothing) {
  in_child(90, "early", [] {
    runtime::played_cublas().declined_attribute = CUBLASLT_ALGO_CONFIG_CLUSTER_SHAPE_ID;
    EXPECT_THAT(prepared(cublas::prepare_cublaslt_gemm), HasSubstr("stages 0 cluster ? split-k 0"));
  });
}

TEST(Cublas, WhereItIsNotFoundItsRowsAreUnsupported) {
  in_child(90, "early", [] {
    EXPECT_EQ(cublas::gemm_unsupported("cublas", problem, cuda::describe(0)), "");
    runtime::played_cublas().version = 0;
    EXPECT_THAT(cublas::gemm_unsupported("cublas", problem, cuda::describe(0)),
                testing::MatchesRegex("cuBLAS not found: install libcublas\\.so\\.[0-9]+ or name "
                                      "its folder in LD_LIBRARY_PATH"));
  });
}

TEST(CublasLt, WhatTheLibrariesDoNotHaveIsNotSupported) {
  in_child(90, "early", [] {
    runtime::played_cublas().algorithms_ns = {};
    expect_not_supported(cublas::prepare_cublaslt_gemm);
    EXPECT_THAT(prepared(cublas::prepare_cublas_gemm), HasSubstr("default"));
    runtime::played_cublas().declines_gemm = true;
    expect_not_supported(cublas::prepare_cublas_gemm);
  });
}

}  // namespace
}  // namespace roofproof::ptx
