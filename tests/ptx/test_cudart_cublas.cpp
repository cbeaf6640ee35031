// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// cuBLAS over the PTX machine. Whole GEMMs are held against plain loops by test_cuda_gemm.
#include <cublas_v2.h>

#include <cstdint>

#include "tests/ptx/cudart_test.h"

namespace roofproof::ptx {
namespace {

template <class T>
void* device_copy(const std::vector<T>& values) {
  void* data = nullptr;
  const std::size_t bytes = values.size() * sizeof(T);
  EXPECT_OK(cudaMalloc(&data, bytes));
  EXPECT_OK(cudaMemcpy(data, values.data(), bytes, cudaMemcpyHostToDevice));
  return data;
}

cublasHandle_t make_handle() {
  cublasHandle_t handle = nullptr;
  EXPECT_EQ(cublasCreate(&handle), CUBLAS_STATUS_SUCCESS);
  return handle;
}

// 1 column of `c` = alpha * a * b + beta * c; FP16, one row for each value of a, k = 1.
std::vector<std::uint16_t> outer_product(const std::vector<std::uint16_t>& a, std::uint16_t b,
                                         std::uint16_t c, float alpha, float beta) {
  const int m = static_cast<int>(a.size());
  void* const result = device_copy(std::vector<std::uint16_t>(a.size(), c));
  EXPECT_EQ(cublasGemmEx(make_handle(), CUBLAS_OP_N, CUBLAS_OP_N, m, 1, 1, &alpha, device_copy(a),
                         CUDA_R_16F, m, device_copy(std::vector<std::uint16_t>{b}), CUDA_R_16F, 1,
                         &beta, result, CUDA_R_16F, m, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT),
            CUBLAS_STATUS_SUCCESS);
  std::vector<std::uint16_t> values(a.size());
  EXPECT_OK(cudaMemcpy(values.data(), result, 2 * values.size(), cudaMemcpyDeviceToHost));
  return values;
}

TEST(Cublas, RoundsToFp16AsIeeeDoes) {
  in_child(90, "early", [] {
    // 0, -1, 1, the largest, infinity, the smallest and the largest subnormal number, the smallest
    // normal one.
    const std::vector<std::uint16_t> all = {0,      0xbc00, 0x3c00, 0x7bff,
                                            0x7c00, 0x0001, 0x03ff, 0x0400};
    constexpr std::uint16_t one = 0x3c00, half = 0x3800, nan = 0x7e00;
    EXPECT_EQ(outer_product(all, one, nan, 1, 0), all) << "C is not read when beta is 0";
    // Half of 1 ulp is a tie, to even: 0x0001 becomes 0, 0x03ff becomes 0x0200.
    EXPECT_THAT(outer_product(all, half, 0, 1, 0),
                testing::ElementsAre(0, 0xb800, 0x3800, 0x77ff, 0x7c00, 0, 0x0200, 0x0200));
    // 2 * x * 0.5 + 3 * 1, where 3 + the smallest numbers are 3.
    EXPECT_THAT(
        outer_product(all, half, one, 2, 3),
        testing::ElementsAre(0x4200, 0x4000, 0x4400, 0x7bff, 0x7c00, 0x4200, 0x4200, 0x4200));
  });
}

TEST(Cublas, TransposesAndStrides) {
  in_child(90, "late", [] {
    // A is 2 x 3, B 3 x 2, both by columns; once as they are with a row to spare, once transposed.
    const std::vector<float> a = {1, 4, -1, 2, 5, -1, 3, 6, -1}, a_transposed = {1, 2, 3, 4, 5, 6};
    const std::vector<float> b = {1, 0, 2, 0, 1, 3}, b_transposed = {1, 0, 0, 1, 2, 3};
    const float one = 1, zero = 0;
    void* const c = device_copy(std::vector<float>(4, -1));
    const auto gemm = [&](cublasOperation_t ta, int lda, const std::vector<float>& at,
                          cublasOperation_t tb, int ldb, const std::vector<float>& bt) {
      return cublasGemmEx(make_handle(), ta, tb, 2, 2, 3, &one, device_copy(at), CUDA_R_32F, lda,
                          device_copy(bt), CUDA_R_32F, ldb, &zero, c, CUDA_R_32F, 2,
                          CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT);
    };
    const auto result = [&] {
      std::vector<float> values(4);
      EXPECT_OK(cudaMemcpy(values.data(), c, 16, cudaMemcpyDeviceToHost));
      return values;
    };
    EXPECT_EQ(gemm(CUBLAS_OP_N, 3, a, CUBLAS_OP_N, 3, b), CUBLAS_STATUS_SUCCESS);
    EXPECT_THAT(result(), testing::ElementsAre(7, 16, 11, 23));
    EXPECT_EQ(gemm(CUBLAS_OP_T, 3, a_transposed, CUBLAS_OP_T, 2, b_transposed),
              CUBLAS_STATUS_SUCCESS);
    EXPECT_THAT(result(), testing::ElementsAre(7, 16, 11, 23));
    EXPECT_EQ(gemm(CUBLAS_OP_T, 2, a_transposed, CUBLAS_OP_N, 3, b), CUBLAS_STATUS_INVALID_VALUE);
    EXPECT_EQ(gemm(CUBLAS_OP_N, 3, a, CUBLAS_OP_N, 2, b), CUBLAS_STATUS_INVALID_VALUE);
  });
}

TEST(Cublas, OperandsAndWorkspaceLieOnTheDevice) {
  const std::string text = in_child(90, "early", [] {
    const cublasHandle_t handle = make_handle();
    auto* const workspace = static_cast<char*>(device_copy(std::vector<char>(1024)));
    EXPECT_EQ(cublasSetWorkspace(handle, workspace, 1024), CUBLAS_STATUS_SUCCESS);
    EXPECT_EQ(cublasSetWorkspace(handle, workspace, 1025), CUBLAS_STATUS_INVALID_VALUE);
    EXPECT_EQ(cublasSetWorkspace(handle, workspace + 128, 512), CUBLAS_STATUS_INVALID_VALUE);
    const float one = 1;
    // 16 x 16 with 17 columns' worth of leading dimension: the last column ends outside.
    EXPECT_EQ(cublasGemmEx(handle, CUBLAS_OP_N, CUBLAS_OP_N, 16, 16, 16, &one, workspace,
                           CUDA_R_32F, 17, workspace, CUDA_R_32F, 16, &one, workspace, CUDA_R_32F,
                           16, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT),
              CUBLAS_STATUS_SUCCESS);
    EXPECT_EQ(cudaDeviceSynchronize(), cudaErrorIllegalAddress);
  });
  EXPECT_THAT(text, testing::StartsWith("PTX FAULT in cuBLAS: A is not within"));
}

}  // namespace
}  // namespace roofproof::ptx
