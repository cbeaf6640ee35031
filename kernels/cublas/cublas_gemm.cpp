// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <memory>

#include "kernels/cublas/error.h"
#include "kernels/cublas/gemm.h"
#include "kernels/cublas/types.h"
#include "kernels/cublas/version.h"
#include "kernels/cuda/gemm/workload.h"
#include "kernels/cuda/runtime/buffer.h"

namespace roofproof::cublas {
namespace {

// A handle with its workspace.
class Handle {
 public:
  Handle() : workspace_(workspace_bytes) {
    cublasHandle_t handle = nullptr;
    ROOFPROOF_CUBLAS_CHECK(cublasCreate(&handle));
    handle_.reset(handle);
    // FP16 sums stay FP32 where a sum is split over blocks, as in the kernels they stand beside.
    const auto mode = static_cast<cublasMath_t>(CUBLAS_DEFAULT_MATH |
                                                CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION);
    ROOFPROOF_CUBLAS_CHECK(cublasSetMathMode(handle, mode));
    use_stream(nullptr);
  }

  // cublasSetStream() falls back to a workspace of the library's own, so both go together.
  void use_stream(cudaStream_t stream) {
    ROOFPROOF_CUBLAS_CHECK(cublasSetStream(handle_.get(), stream));
    ROOFPROOF_CUBLAS_CHECK(cublasSetWorkspace(handle_.get(), workspace_.data(), workspace_.size()));
    stream_ = stream;
  }
  cublasHandle_t on(cudaStream_t stream) {
    if (stream != stream_) use_stream(stream);
    return handle_.get();
  }

 private:
  struct Destroy {
    void operator()(cublasHandle_t handle) const noexcept {
      ROOFPROOF_CUBLAS_LOG_ERROR(cublasDestroy(handle));
    }
  };
  cuda::Buffer workspace_;
  std::unique_ptr<cublasContext, Destroy> handle_;
  cudaStream_t stream_ = nullptr;
};

class CublasGemm : public cuda::GemmLaunch {
 public:
  CublasGemm(std::shared_ptr<Handle> handle, Precision precision,
             const cuda::GemmOperands& operands)
      : handle_(std::move(handle)),
        types_(gemm_types(precision)),
        operands_(operands),
        scalars_(types_, operands) {}

  void launch(cudaStream_t stream) override {
    const auto m = static_cast<int>(operands_.m);
    const auto n = static_cast<int>(operands_.n);
    const auto k = static_cast<int>(operands_.k);
    ROOFPROOF_CUBLAS_CHECK(cublasGemmEx(
        handle_->on(stream), CUBLAS_OP_T, CUBLAS_OP_N, n, m, k, scalars_.alpha(), operands_.b,
        types_.operand, k, operands_.a, types_.operand, k, scalars_.beta(), operands_.c,
        types_.result, n, types_.compute, CUBLAS_GEMM_DEFAULT));
  }

  std::string label() const override { return "cublas " + version() + " default"; }

 private:
  std::shared_ptr<Handle> handle_;
  GemmTypes types_;
  cuda::GemmOperands operands_;
  Scalars scalars_;
};

}  // namespace

std::unique_ptr<Workload> prepare_cublas_gemm(std::string_view, const Problem& problem,
                                              const Device& device,
                                              const Preparation& preparation) {
  require_scalars(problem, preparation);
  exclude_fp32_substitutes();
  std::shared_ptr<Handle> handle;
  return cuda::make_gemm_workload(
      problem, device, preparation,
      cuda::GemmFactory([&](const cuda::GemmOperands& operands, cudaStream_t) {
        if (!handle) handle = std::make_shared<Handle>();
        return std::make_unique<CublasGemm>(handle, problem.precision, operands);
      }));
}

}  // namespace roofproof::cublas
