// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Errors of the CUDA runtime, with and without a GPU: each call here fails on any machine. What the
// runtime remembers of an error can be asked with a driver only, see test_cuda_tensors.cpp.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "kernels/cublas/error.h"
#include "kernels/cublas/version.h"
#include "kernels/cuda/memory/memory.h"
#include "kernels/cuda/peak/peak.h"
#include "kernels/cuda/runtime/buffer.h"
#include "kernels/cuda/runtime/device.h"
#include "kernels/cuda/runtime/error.h"

namespace roofproof::cuda {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

TEST(CudaError, MessageNamesPlaceExpressionAndError) {
  EXPECT_EQ(error_message(cudaErrorMemoryAllocation, "cudaMalloc(&p, 8)", "dir/file.cu", 12),
            "dir/file.cu:12: cudaMalloc(&p, 8): cudaErrorMemoryAllocation (2): out of memory");
}

TEST(CudaError, CheckThrowsWithTheCode) {
  EXPECT_NO_THROW(ROOFPROOF_CUDA_CHECK(cudaSuccess));
  try {
    ROOFPROOF_CUDA_CHECK(cudaErrorInvalidValue);
    FAIL() << "nothing was thrown";
  } catch (const CudaError& error) {
    EXPECT_EQ(error.code(), cudaErrorInvalidValue);
    EXPECT_THAT(error.what(), HasSubstr("test_cuda_error.cpp:"));
    EXPECT_THAT(error.what(), HasSubstr("cudaErrorInvalidValue (1)"));
  }
}

TEST(CudaError, LogsInTheSameFormAndDoesNotThrow) {
  char byte = 0;
  testing::internal::CaptureStderr();
  ROOFPROOF_CUDA_LOG_ERROR(cudaMemcpy(&byte, &byte, 1, static_cast<cudaMemcpyKind>(99)));
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              MatchesRegex(".*test_cuda_error.cpp:[0-9]+: cudaMemcpy.*: cudaError[A-Za-z]+ "
                           "\\([0-9]+\\): .*\n"));
}

// Processes of their own: it is said once in each.
TEST(CudaErrorDeathTest, AStickyErrorIsSaidOnce) {
  const auto destructors = [] {
    ROOFPROOF_CUDA_LOG_ERROR(cudaErrorIllegalAddress);
    ROOFPROOF_CUDA_LOG_ERROR(cudaErrorLaunchFailure);
    ROOFPROOF_CUDA_LOG_ERROR(cudaErrorInvalidValue);  // the place's own, and no repetition
    ROOFPROOF_CUDA_LOG_ERROR(cudaErrorInvalidValue);
    std::exit(0);
  };
  const auto after_an_exception = [&] {
    try {
      ROOFPROOF_CUDA_CHECK(cudaErrorIllegalAddress);
    } catch (const CudaError&) {
      destructors();
    }
  };
  const std::string own = "[^\n]*InvalidValue[^\n]*\n[^\n]*InvalidValue[^\n]*\n$";
  EXPECT_EXIT(destructors(), testing::ExitedWithCode(0), "^[^\n]*IllegalAddress[^\n]*\n" + own);
  EXPECT_EXIT(after_an_exception(), testing::ExitedWithCode(0), "^" + own);
}

TEST(CudaError, KnowsWhichErrorsLoseTheContext) {
  for (const cudaError_t code : {cudaErrorIllegalAddress, cudaErrorLaunchFailure,
                                 cudaErrorECCUncorrectable, cudaErrorAssert}) {
    EXPECT_TRUE(is_sticky(code)) << cudaGetErrorName(code);
  }
  for (const cudaError_t code : {cudaSuccess, cudaErrorMemoryAllocation, cudaErrorInvalidValue,
                                 cudaErrorNoKernelImageForDevice, cudaErrorInsufficientDriver}) {
    EXPECT_FALSE(is_sticky(code)) << cudaGetErrorName(code);
  }
}

TEST(CudaError, CublasMessageIsOfTheSameForm) {
  try {
    ROOFPROOF_CUBLAS_CHECK(CUBLAS_STATUS_INVALID_VALUE);
    FAIL() << "nothing was thrown";
  } catch (const cublas::CublasError& error) {
    EXPECT_EQ(error.status(), CUBLAS_STATUS_INVALID_VALUE);
    EXPECT_THAT(error.what(),
                MatchesRegex(".*test_cuda_error.cpp:[0-9]+: CUBLAS_STATUS_INVALID_VALUE: "
                             "CUBLAS_STATUS_INVALID_VALUE \\(7\\): .*"));
  }
}

TEST(CudaError, CublasVersionIsTheLoadedLibrarys) {
  EXPECT_THAT(cublas::version(), MatchesRegex("[1-9][0-9]\\.[0-9]+\\.[0-9]+"));
}

TEST(CudaDevice, SaysWhyThereIsNone) {
  const DeviceCount found = count_devices();
  EXPECT_EQ(found.count == 0, !found.why_none.empty()) << found.why_none;
  if (versions().driver == 0) {
    EXPECT_EQ(found.why_none, "no NVIDIA driver");
  }
  EXPECT_THROW(describe(found.count), CudaError);
}

TEST(CudaBuffer, EmptyOnesNeedNoDevice) {
  Buffer empty(0);
  EXPECT_EQ(empty.data(), nullptr);
  const Buffer moved = std::move(empty);
  EXPECT_EQ(moved.size(), 0u);
}

TEST(CudaBuffer, AllocationFailureSaysHowMuchWasWanted) {
  try {
    const Buffer buffer(std::size_t{1} << 60);
    FAIL() << "nothing was thrown";
  } catch (const CudaError& error) {
    EXPECT_THAT(error.what(), HasSubstr("cudaMalloc of 1152921504606846976 bytes: cudaError"));
  }
}

TEST(MemoryKernels, ArraysThatNoMemoryHoldsAreUnsupported) {
  const Problem triad{Op::triad, Precision::fp32, {.bytes = std::int64_t{4} << 30}};
  Device device;
  device.compute_capability = 90;
  device.memory_bytes = std::int64_t{12} << 30;
  EXPECT_EQ(memory_unsupported("vector", triad, device), "");
  --device.memory_bytes;
  EXPECT_EQ(memory_unsupported("vector", triad, device),
            "needs 12884901888 bytes of the device's 12884901887");
}

// It runs on all of them, and is what they peak by on those before and after.
TEST(PeakLoops, MmaSyncIsNotThePeakWhereTcgen05Is) {
  const auto reason = [](int compute_capability) {
    Device device;
    device.compute_capability = compute_capability;
    return peak_mma_unsupported("mma_sm80", {}, device);
  };
  for (const int compute_capability : {80, 86, 89, 90, 120, 121}) {
    EXPECT_EQ(reason(compute_capability), "") << compute_capability;
  }
  for (const int compute_capability : {100, 103, 110}) {
    EXPECT_THAT(reason(compute_capability), HasSubstr("tcgen05")) << compute_capability;
  }
}

}  // namespace
}  // namespace roofproof::cuda
