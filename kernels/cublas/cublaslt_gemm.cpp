// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <cublasLt.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <memory>
#include <vector>

#include "kernels/cublas/error.h"
#include "kernels/cublas/gemm.h"
#include "kernels/cublas/types.h"
#include "kernels/cublas/version.h"
#include "kernels/cuda/gemm/workload.h"
#include "kernels/cuda/runtime/buffer.h"
#include "kernels/cuda/runtime/event.h"
#include "kernels/cuda/runtime/graph.h"

namespace roofproof::cublas {
namespace {

// Of its suggestions the library calls the first the likeliest; it is not always the fastest
// (NVIDIA/CUDALibrarySamples issue 309), so all of these are tried ...
constexpr int most_suggestions = 32;
// ... but once this many are timed, not longer than that: a large FP32 GEMM takes a T4 a quarter of
// a second.
constexpr int fewest_timed = 8;
constexpr double time_limit_s = 1;
// One timing: enough launches for this long, so that the clock's resolution does not matter.
constexpr double sample_time_s = 2e-3;
constexpr int samples = 3;

struct DestroyHandle {
  void operator()(cublasLtHandle_t handle) const noexcept {
    ROOFPROOF_CUBLAS_LOG_ERROR(cublasLtDestroy(handle));
  }
};
struct DestroyMatmul {
  void operator()(cublasLtMatmulDesc_t matmul) const noexcept {
    ROOFPROOF_CUBLAS_LOG_ERROR(cublasLtMatmulDescDestroy(matmul));
  }
};
struct DestroyLayout {
  void operator()(cublasLtMatrixLayout_t layout) const noexcept {
    ROOFPROOF_CUBLAS_LOG_ERROR(cublasLtMatrixLayoutDestroy(layout));
  }
};
struct DestroyPreference {
  void operator()(cublasLtMatmulPreference_t preference) const noexcept {
    ROOFPROOF_CUBLAS_LOG_ERROR(cublasLtMatmulPreferenceDestroy(preference));
  }
};
using Layout = std::unique_ptr<cublasLtMatrixLayoutOpaque_t, DestroyLayout>;

Layout make_layout(cudaDataType_t type, std::int64_t rows, std::int64_t columns) {
  cublasLtMatrixLayout_t layout = nullptr;
  ROOFPROOF_CUBLAS_CHECK(cublasLtMatrixLayoutCreate(&layout, type, static_cast<std::uint64_t>(rows),
                                                    static_cast<std::uint64_t>(columns), rows));
  return Layout(layout);
}

// One GEMM as the library describes it, for operands anywhere; with the algorithm once it is
// chosen.
class Plan {
 public:
  Plan(Precision precision, const cuda::GemmOperands& shape)
      : types_(gemm_types(precision)), workspace_(workspace_bytes) {
    cublasLtHandle_t handle = nullptr;
    ROOFPROOF_CUBLAS_CHECK(cublasLtCreate(&handle));
    handle_.reset(handle);
    cublasLtMatmulDesc_t matmul = nullptr;
    ROOFPROOF_CUBLAS_CHECK(cublasLtMatmulDescCreate(&matmul, types_.compute, types_.scale));
    matmul_.reset(matmul);
    const cublasOperation_t transposed = CUBLAS_OP_T;
    ROOFPROOF_CUBLAS_CHECK(cublasLtMatmulDescSetAttribute(matmul, CUBLASLT_MATMUL_DESC_TRANSA,
                                                          &transposed, sizeof transposed));
    b_ = make_layout(types_.operand, shape.k, shape.n);
    a_ = make_layout(types_.operand, shape.k, shape.m);
    c_ = make_layout(types_.result, shape.n, shape.m);
  }

  std::vector<cublasLtMatmulAlgo_t> suggestions() const {
    cublasLtMatmulPreference_t raw = nullptr;
    ROOFPROOF_CUBLAS_CHECK(cublasLtMatmulPreferenceCreate(&raw));
    const std::unique_ptr<cublasLtMatmulPreferenceOpaque_t, DestroyPreference> preference(raw);
    const std::size_t workspace = workspace_.size();
    ROOFPROOF_CUBLAS_CHECK(cublasLtMatmulPreferenceSetAttribute(
        raw, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &workspace, sizeof workspace));
    // As with cuBLAS: sums that are split over blocks are not added up in FP16, which is what all
    // schemes but one do when the result is FP16.
    const std::uint32_t reductions = types_.result == types_.scale
                                         ? CUBLASLT_REDUCTION_SCHEME_MASK
                                         : CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE;
    ROOFPROOF_CUBLAS_CHECK(cublasLtMatmulPreferenceSetAttribute(
        raw, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, &reductions, sizeof reductions));

    std::vector<cublasLtMatmulHeuristicResult_t> results(most_suggestions);
    int found = 0;
    const cublasStatus_t status =
        cublasLtMatmulAlgoGetHeuristic(handle_.get(), matmul_.get(), b_.get(), a_.get(), c_.get(),
                                       c_.get(), raw, most_suggestions, results.data(), &found);
    if (status != CUBLAS_STATUS_NOT_SUPPORTED) {
      ROOFPROOF_CUBLAS_CHECK(status);
    }
    std::vector<cublasLtMatmulAlgo_t> algorithms;
    for (int i = 0; i < found; ++i) {
      const auto& result = results[static_cast<std::size_t>(i)];
      if (result.state == CUBLAS_STATUS_SUCCESS) algorithms.push_back(result.algo);
    }
    return algorithms;
  }

  void choose(const cublasLtMatmulAlgo_t& algorithm) { algorithm_ = algorithm; }

  void launch(const cuda::GemmOperands& operands, cudaStream_t stream) const {
    const Scalars scalars(types_, operands);
    ROOFPROOF_CUBLAS_CHECK(cublasLtMatmul(handle_.get(), matmul_.get(), scalars.alpha(), operands.b,
                                          b_.get(), operands.a, a_.get(), scalars.beta(),
                                          operands.c, c_.get(), operands.c, c_.get(), &algorithm_,
                                          workspace_.data(), workspace_.size(), stream));
  }

  // "algo 66 tile 20 stages 31 cluster 5 split-k 1": the library's own numbers, enough to ask for
  // the same algorithm again (cublasLtMatmulAlgoConfigSetAttribute); "?" for what an algorithm does
  // not have.
  std::string algorithm_text() const {
    struct Part {
      const char* name;
      cublasLtMatmulAlgoConfigAttributes_t attribute;
      std::size_t size;
    };
    constexpr Part parts[] = {{"algo ", CUBLASLT_ALGO_CONFIG_ID, 4},
                              {" tile ", CUBLASLT_ALGO_CONFIG_TILE_ID, 4},
                              {" stages ", CUBLASLT_ALGO_CONFIG_STAGES_ID, 4},
                              {" cluster ", CUBLASLT_ALGO_CONFIG_CLUSTER_SHAPE_ID, 2},
                              {" split-k ", CUBLASLT_ALGO_CONFIG_SPLITK_NUM, 4}};
    std::string text;
    for (const Part& part : parts) {
      std::uint32_t value = 0;  // little-endian: the first 2 bytes are as good as 4
      std::size_t written = 0;
      const cublasStatus_t status = cublasLtMatmulAlgoConfigGetAttribute(
          &algorithm_, part.attribute, &value, part.size, &written);
      text += part.name + (status == CUBLAS_STATUS_SUCCESS ? std::to_string(value) : "?");
    }
    return text;
  }

 private:
  GemmTypes types_;
  cuda::Buffer workspace_;
  std::unique_ptr<cublasLtContext, DestroyHandle> handle_;
  std::unique_ptr<cublasLtMatmulDescOpaque_t, DestroyMatmul> matmul_;
  Layout b_;
  Layout a_;
  Layout c_;
  cublasLtMatmulAlgo_t algorithm_ = {};
};

// Seconds per launch of the chosen algorithm over the rotated operands. Throws CublasError where
// the library declines it.
double time_s(const Plan& plan, const std::vector<cuda::GemmOperands>& copies,
              cudaStream_t stream) {
  std::size_t next = 0;
  const auto enqueue = [&](int launches) {
    for (int i = 0; i < launches; ++i) {
      plan.launch(copies[next++ % copies.size()], stream);
    }
  };
  const auto once_s = [&] {
    cuda::Event start;
    cuda::Event stop;
    start.record(stream);
    enqueue(1);
    stop.record(stream);
    return elapsed_s(start, stop);
  };
  enqueue(1);  // loads what it runs
  // The shorter of two, since the host may be held up between the events.
  const double plain_s = std::min(once_s(), once_s());
  const int launches =
      std::clamp(static_cast<int>(sample_time_s / std::max(plain_s, 1e-6)), 1, 100);
  if (launches == 1) return plain_s;
  // From a graph, as it will be measured: one by one, all short ones last as long as the host needs
  // to launch them. The first replay is none of the samples.
  const cuda::Graph graph = cuda::Graph::capture(stream, [&] { enqueue(launches); });
  std::array<cuda::Event, samples + 1> ends;
  for (cuda::Event& end : ends) {
    graph.launch(stream);
    end.record(stream);
  }
  double best_s = INFINITY;
  for (std::size_t i = 1; i < ends.size(); ++i) {
    best_s = std::min(best_s, elapsed_s(ends[i - 1], ends[i]) / launches);
  }
  return best_s;
}

// Times the library's suggestions and keeps the fastest; says which.
std::string choose_fastest(Plan& plan, const std::vector<cuda::GemmOperands>& copies,
                           cudaStream_t stream) {
  const std::vector<cublasLtMatmulAlgo_t> algorithms = plan.suggestions();
  if (algorithms.empty()) {
    throw CublasError(CUBLAS_STATUS_NOT_SUPPORTED,
                      "kernels/cublas/cublaslt_gemm.cpp: cuBLASLt has no algorithm for it");
  }
  cuda::Event start;
  cuda::Event now;
  start.record(stream);
  std::size_t best = 0;
  double best_s = INFINITY;
  std::exception_ptr declined;  // costs itself alone, unless all are
  int timed = 0;
  for (; timed < static_cast<int>(algorithms.size()); ++timed) {
    now.record(stream);
    if (timed >= fewest_timed && elapsed_s(start, now) > time_limit_s) break;
    plan.choose(algorithms[static_cast<std::size_t>(timed)]);
    try {
      const double this_s = time_s(plan, copies, stream);
      if (this_s < best_s) {
        best_s = this_s;
        best = static_cast<std::size_t>(timed);
      }
    } catch (const CublasError&) {
      if (!declined) declined = std::current_exception();
    }
  }
  if (!std::isfinite(best_s)) std::rethrow_exception(declined);
  plan.choose(algorithms[best]);
  return "cublaslt " + version() + " " + plan.algorithm_text() + " (" + std::to_string(best + 1) +
         " of " + std::to_string(timed) + ")";
}

class CublasLtGemm : public cuda::GemmLaunch {
 public:
  CublasLtGemm(std::shared_ptr<const Plan> plan, std::string label,
               const cuda::GemmOperands& operands)
      : plan_(std::move(plan)), label_(std::move(label)), operands_(operands) {}

  void launch(cudaStream_t stream) override { plan_->launch(operands_, stream); }
  std::string label() const override { return label_; }

 private:
  std::shared_ptr<const Plan> plan_;
  std::string label_;
  cuda::GemmOperands operands_;
};

}  // namespace

std::unique_ptr<Workload> prepare_cublaslt_gemm(std::string_view, const Problem& problem,
                                                const Device& device,
                                                const Preparation& preparation) {
  require_scalars(problem, preparation);
  exclude_fp32_substitutes();
  return cuda::make_gemm_workload(
      problem, device, preparation,
      cuda::GemmSetFactory([&](const std::vector<cuda::GemmOperands>& copies, cudaStream_t stream) {
        const auto plan = std::make_shared<Plan>(problem.precision, copies.front());
        const std::string label = choose_fastest(*plan, copies, stream);
        std::vector<std::unique_ptr<cuda::GemmLaunch>> launches;
        for (const cuda::GemmOperands& operands : copies) {
          launches.push_back(std::make_unique<CublasLtGemm>(plan, label, operands));
        }
        return launches;
      }));
}

}  // namespace roofproof::cublas
