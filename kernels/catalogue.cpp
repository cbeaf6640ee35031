// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/catalogue.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <stdexcept>

#include "kernels/host/workloads.h"
#if ROOFPROOF_HAS_CUDA
#include "kernels/cublas/gemm.h"
#include "kernels/cuda/decode/workload.h"
#include "kernels/cuda/gemm/tiled_gemm.h"
#include "kernels/cuda/gemm/wgmma_sm90.h"
#include "kernels/cuda/layer/workload.h"
#include "kernels/cuda/linear/variant.h"
#include "kernels/cuda/linear/workload.h"
#include "kernels/cuda/memory/memory.h"
#include "kernels/cuda/peak/peak.h"
#endif

namespace roofproof {
namespace {

using enum Op;
using enum Precision;
using enum Implementation;
using enum Backend;

using Families = std::vector<KernelFamily>;

constexpr std::initializer_list<Precision> weights = {fp32, fp16, int8, int4};

Families host_families() {
  using namespace host;
  const std::vector<Kernel> rungs = {
      {"stream_only"}, {"gemv_only"}, {"unordered"}, {"launches_only"}};
  const std::vector<Kernel> highway = {{"highway"}};
  return {
      {{peak}, {fp32}, hand, highway, host, peak_unsupported, prepare_peak},
      {{peak}, {fp16, int8}, hand, {}, host, no_native_type},
      {{read, copy, triad}, {fp32}, hand, highway, host, stream_unsupported, prepare_stream},
      {{gemm}, {fp32}, hand, highway, host, gemm_unsupported, prepare_gemm},
      {{gemm}, {fp32}, openblas, {{"openblas"}}, host, gemm_unsupported, prepare_openblas_gemm},
      {{gemm}, {fp16, int8, w8a16, w4a16}, hand, {}, host, no_native_type},
      {{gemv}, weights, hand, highway, host, gemv_unsupported, prepare_gemv},
      {{layer, prefill}, weights, hand, highway, host, layer_unsupported, prepare_layer},
      {{decode}, weights, hand, highway, host, decode_unsupported, prepare_decode},
      {{decode}, weights, hand, rungs, host, rung_unsupported, prepare_rung, /*rungs=*/true},
  };
}

#if ROOFPROOF_HAS_CUDA
Families cuda_families() {
  using namespace cuda;
  using namespace cuda::linear;
  using namespace cuda::layer;
  using namespace cuda::decode;
  using namespace cublas;
  // 7.5 is the oldest GPU that anything is compiled for.
  const Kernel wgmma_sm90 = {"wgmma_sm90", 90, 90};
  const Kernel bulk_sm90 = {"bulk_sm90", 90};
  const Kernel bulk_ring = {"bulk_sm90", 90, newest_of_rings};
  const Kernel mma_sm80 = {"mma_sm80", 80};
  const Kernel mma_sm75 = {"mma_sm75", 75};
  const Kernel simt = {"simt", 75};
  const std::vector<Kernel> streams = {bulk_sm90, {"vector", 75}, {"vector_tiled", 75}};
  const std::vector<Kernel> cuda_cores = {{"simt", 80}, {"simt_sm75", 75}};
  const std::vector<Kernel> tensor_cores = {mma_sm80, mma_sm75};
  const std::vector<Kernel> library = {{"cublas", 75}};
  const std::vector<Kernel> lt = {{"cublaslt", 75}};
  // Of products with packed weights: FP32 has no tensor cores, many sequences need them.
  const std::vector<Kernel> linear = {bulk_ring, mma_sm80, mma_sm75, simt};
  const std::vector<Kernel> linear_fp32 = {bulk_ring, simt};
  const std::vector<Kernel> linear_many = {bulk_ring, mma_sm80, mma_sm75};
  const std::vector<Kernel> rungs = {
      {"stream_only", 75}, {"gemv_only", 75}, {"unordered", 75}, {"launches_only", 75}};
  return {
      {{peak}, {fp32}, hand, {{"ffma", 75}}, cuda, peak_fp32_unsupported, prepare_peak_fp32},
      {{peak}, {fp16, int8}, hand, {wgmma_sm90}, cuda, peak_wgmma_unsupported, prepare_peak_wgmma},
      {{peak}, {fp16, int8}, hand, tensor_cores, cuda, peak_mma_unsupported, prepare_peak_mma},
      {{read, copy, triad}, {fp32}, hand, streams, cuda, memory_unsupported, prepare_memory},
      {{gemm}, {fp32}, hand, cuda_cores, cuda, tiled_gemm_unsupported, prepare_tiled_gemm},
      {{gemm}, {fp16, int8}, hand, {wgmma_sm90}, cuda, wgmma_gemm_unsupported, prepare_wgmma_gemm},
      {{gemm}, {fp16, int8}, hand, tensor_cores, cuda, tiled_gemm_unsupported, prepare_tiled_gemm},
      {{gemm}, {w8a16, w4a16}, hand, linear_many, cuda, linear_unsupported, prepare_linear},
      {{gemm}, {fp32, fp16, int8}, cublas, library, cuda, gemm_unsupported, prepare_cublas_gemm},
      {{gemm}, {fp32, fp16, int8}, cublaslt, lt, cuda, gemm_unsupported, prepare_cublaslt_gemm},
      {{gemv}, {fp32}, hand, linear_fp32, cuda, linear_unsupported, prepare_linear},
      {{gemv}, {fp16, int8, int4}, hand, linear, cuda, linear_unsupported, prepare_linear},
      {{gemv}, {fp16}, cublas, library, cuda, gemm_unsupported, prepare_cublas_gemm},
      {{gemv}, {fp16}, cublaslt, lt, cuda, gemm_unsupported, prepare_cublaslt_gemm},
      {{layer}, {fp32}, hand, linear_fp32, cuda, layer_unsupported, prepare_layer},
      {{layer}, {fp16, int8, int4}, hand, linear, cuda, layer_unsupported, prepare_layer},
      {{prefill}, {fp32}, hand, {}, cuda, no_fp32_prefill},
      {{prefill}, {fp16, int8, int4}, hand, linear_many, cuda, layer_unsupported, prepare_layer},
      {{decode}, {fp32}, hand, linear_fp32, cuda, decode_unsupported, prepare_decode},
      {{decode}, {fp16, int8, int4}, hand, linear, cuda, decode_unsupported, prepare_decode},
      {{decode}, weights, hand, rungs, cuda, rung_unsupported, prepare_rung, /*rungs=*/true},
  };
}
#endif

}  // namespace

CatalogueEntry::CatalogueEntry(const KernelFamily& family, Op op_, Precision precision_,
                               const Kernel& kernel_)
    : op(op_),
      precision(precision_),
      implementation(family.implementation),
      kernel(kernel_),
      backend(family.backend),
      rung(family.rungs),
      unsupported_(family.unsupported),
      prepare_(family.prepare) {}

std::string CatalogueEntry::unsupported(const Problem& problem, const Device& device) const {
  const int capability = device.compute_capability;
  const auto [name, oldest, newest] = kernel;
  if (capability < oldest || capability > newest) {
    const auto text = [](int version) {
      return std::to_string(version / 10) + "." + std::to_string(version % 10);
    };
    const std::string range = newest == Kernel::any_newer ? " or newer"
                              : newest == oldest          ? ""
                                                          : " to " + text(newest);
    return "needs compute capability " + text(oldest) + range + ", this is " + text(capability);
  }
  return unsupported_(kernel.name, problem, device);
}

std::unique_ptr<Workload> CatalogueEntry::prepare(const Problem& problem, const Device& device,
                                                  const Preparation& preparation) const {
  if (prepare_ == nullptr) throw std::invalid_argument(unsupported(problem, device));
  return prepare_(kernel.name, problem, device, preparation);
}

std::vector<CatalogueEntry> entries_of(std::span<const KernelFamily> families) {
  std::vector<CatalogueEntry> entries;
  for (const KernelFamily& family : families) {
    for (const Op op : family.ops) {
      for (const Precision precision : family.precisions) {
        for (const Kernel& kernel : family.kernels) {
          entries.emplace_back(family, op, precision, kernel);
        }
        if (family.kernels.empty()) entries.emplace_back(family, op, precision, Kernel{});
      }
    }
  }
  return entries;
}

std::span<const KernelFamily> kernel_families() {
  static const Families families = [] {
    Families all = host_families();
#if ROOFPROOF_HAS_CUDA
    std::ranges::move(cuda_families(), std::back_inserter(all));
#endif
    return all;
  }();
  return families;
}

std::span<const CatalogueEntry> catalogue() {
  static const std::vector<CatalogueEntry> entries = entries_of(kernel_families());
  return entries;
}

std::vector<const CatalogueEntry*> candidates(std::span<const CatalogueEntry> entries,
                                              const Problem& problem, Implementation implementation,
                                              Backend backend) {
  std::vector<const CatalogueEntry*> found;
  for (const CatalogueEntry& entry : entries) {
    if (entry.op == problem.op && entry.precision == problem.precision &&
        entry.implementation == implementation && entry.backend == backend) {
      found.push_back(&entry);
    }
  }
  return found;
}

}  // namespace roofproof
