// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/catalogue.h"

#include "kernels/host/workloads.h"
#if ROOFPROOF_HAS_CUDA
#include "kernels/cublas/gemm.h"
#include "kernels/cuda/gemm/tiled_gemm.h"
#include "kernels/cuda/gemm/wgmma_sm90.h"
#include "kernels/cuda/gemv/workload.h"
#include "kernels/cuda/memory/memory.h"
#include "kernels/cuda/peak/peak.h"
#endif

namespace roofproof {
namespace {

constexpr CatalogueEntry rows[] = {
    {Op::peak, Precision::fp32, Implementation::hand, "highway", Backend::host,
     host::peak_unsupported, host::prepare_peak},
    {Op::peak, Precision::fp16, Implementation::hand, "none", Backend::host, host::no_native_type,
     host::prepare_nothing},
    {Op::peak, Precision::int8, Implementation::hand, "none", Backend::host, host::no_native_type,
     host::prepare_nothing},
    {Op::read, Precision::fp32, Implementation::hand, "highway", Backend::host,
     host::stream_unsupported, host::prepare_stream},
    {Op::copy, Precision::fp32, Implementation::hand, "highway", Backend::host,
     host::stream_unsupported, host::prepare_stream},
    {Op::triad, Precision::fp32, Implementation::hand, "highway", Backend::host,
     host::stream_unsupported, host::prepare_stream},
    {Op::gemm, Precision::fp32, Implementation::hand, "highway", Backend::host,
     host::gemm_unsupported, host::prepare_gemm},
    {Op::gemm, Precision::fp32, Implementation::openblas, "openblas", Backend::host,
     host::gemm_unsupported, host::prepare_openblas_gemm},
    {Op::gemm, Precision::fp16, Implementation::hand, "none", Backend::host, host::no_native_type,
     host::prepare_nothing},
    {Op::gemm, Precision::int8, Implementation::hand, "none", Backend::host, host::no_native_type,
     host::prepare_nothing},
    {Op::gemm, Precision::w8a16, Implementation::hand, "none", Backend::host, host::no_native_type,
     host::prepare_nothing},
    {Op::gemm, Precision::w4a16, Implementation::hand, "none", Backend::host, host::no_native_type,
     host::prepare_nothing},
    {Op::gemv, Precision::fp32, Implementation::hand, "highway", Backend::host,
     host::gemv_unsupported, host::prepare_gemv},
    {Op::gemv, Precision::fp16, Implementation::hand, "highway", Backend::host,
     host::gemv_unsupported, host::prepare_gemv},
    {Op::gemv, Precision::int8, Implementation::hand, "highway", Backend::host,
     host::gemv_unsupported, host::prepare_gemv},
    {Op::gemv, Precision::int4, Implementation::hand, "highway", Backend::host,
     host::gemv_unsupported, host::prepare_gemv},
#if ROOFPROOF_HAS_CUDA
    {Op::peak, Precision::fp32, Implementation::hand, "ffma", Backend::cuda,
     cuda::peak_fp32_unsupported, cuda::prepare_peak_fp32},
    {Op::peak, Precision::fp16, Implementation::hand, "wgmma_sm90", Backend::cuda,
     cuda::peak_wgmma_sm90_unsupported, cuda::prepare_peak_wgmma_sm90},
    {Op::peak, Precision::fp16, Implementation::hand, "mma_sm80", Backend::cuda,
     cuda::peak_mma_sm80_unsupported, cuda::prepare_peak_mma_sm80},
    {Op::peak, Precision::fp16, Implementation::hand, "mma_sm75", Backend::cuda,
     cuda::peak_mma_sm75_unsupported, cuda::prepare_peak_mma_sm75},
    {Op::peak, Precision::int8, Implementation::hand, "wgmma_sm90", Backend::cuda,
     cuda::peak_wgmma_sm90_unsupported, cuda::prepare_peak_wgmma_sm90},
    {Op::peak, Precision::int8, Implementation::hand, "mma_sm80", Backend::cuda,
     cuda::peak_mma_sm80_unsupported, cuda::prepare_peak_mma_sm80},
    {Op::peak, Precision::int8, Implementation::hand, "mma_sm75", Backend::cuda,
     cuda::peak_mma_sm75_unsupported, cuda::prepare_peak_mma_sm75},
    {Op::read, Precision::fp32, Implementation::hand, "bulk_sm90", Backend::cuda,
     cuda::bulk_sm90_unsupported, cuda::prepare_bulk_sm90},
    {Op::read, Precision::fp32, Implementation::hand, "vector", Backend::cuda,
     cuda::vector_unsupported, cuda::prepare_vector},
    {Op::read, Precision::fp32, Implementation::hand, "vector_tiled", Backend::cuda,
     cuda::vector_unsupported, cuda::prepare_vector_tiled},
    {Op::copy, Precision::fp32, Implementation::hand, "bulk_sm90", Backend::cuda,
     cuda::bulk_sm90_unsupported, cuda::prepare_bulk_sm90},
    {Op::copy, Precision::fp32, Implementation::hand, "vector", Backend::cuda,
     cuda::vector_unsupported, cuda::prepare_vector},
    {Op::copy, Precision::fp32, Implementation::hand, "vector_tiled", Backend::cuda,
     cuda::vector_unsupported, cuda::prepare_vector_tiled},
    {Op::triad, Precision::fp32, Implementation::hand, "bulk_sm90", Backend::cuda,
     cuda::bulk_sm90_unsupported, cuda::prepare_bulk_sm90},
    {Op::triad, Precision::fp32, Implementation::hand, "vector", Backend::cuda,
     cuda::vector_unsupported, cuda::prepare_vector},
    {Op::triad, Precision::fp32, Implementation::hand, "vector_tiled", Backend::cuda,
     cuda::vector_unsupported, cuda::prepare_vector_tiled},
    {Op::gemm, Precision::fp32, Implementation::hand, "simt", Backend::cuda, cuda::simt_unsupported,
     cuda::prepare_simt},
    {Op::gemm, Precision::fp32, Implementation::hand, "simt_sm75", Backend::cuda,
     cuda::simt_sm75_unsupported, cuda::prepare_simt_sm75},
    {Op::gemm, Precision::fp16, Implementation::hand, "wgmma_sm90", Backend::cuda,
     cuda::wgmma_sm90_unsupported, cuda::prepare_wgmma_sm90},
    {Op::gemm, Precision::fp16, Implementation::hand, "mma_sm80", Backend::cuda,
     cuda::mma_sm80_unsupported, cuda::prepare_mma_sm80},
    {Op::gemm, Precision::fp16, Implementation::hand, "mma_sm75", Backend::cuda,
     cuda::mma_sm75_unsupported, cuda::prepare_mma_sm75},
    {Op::gemm, Precision::int8, Implementation::hand, "wgmma_sm90", Backend::cuda,
     cuda::wgmma_sm90_unsupported, cuda::prepare_wgmma_sm90},
    {Op::gemm, Precision::int8, Implementation::hand, "mma_sm80", Backend::cuda,
     cuda::mma_sm80_unsupported, cuda::prepare_mma_sm80},
    {Op::gemm, Precision::int8, Implementation::hand, "mma_sm75", Backend::cuda,
     cuda::mma_sm75_unsupported, cuda::prepare_mma_sm75},
    {Op::gemm, Precision::fp32, Implementation::cublas, "cublas", Backend::cuda,
     cublas::gemm_unsupported, cublas::prepare_cublas_gemm},
    {Op::gemm, Precision::fp32, Implementation::cublaslt, "cublaslt", Backend::cuda,
     cublas::gemm_unsupported, cublas::prepare_cublaslt_gemm},
    {Op::gemm, Precision::fp16, Implementation::cublas, "cublas", Backend::cuda,
     cublas::gemm_unsupported, cublas::prepare_cublas_gemm},
    {Op::gemm, Precision::fp16, Implementation::cublaslt, "cublaslt", Backend::cuda,
     cublas::gemm_unsupported, cublas::prepare_cublaslt_gemm},
    {Op::gemm, Precision::int8, Implementation::cublas, "cublas", Backend::cuda,
     cublas::gemm_unsupported, cublas::prepare_cublas_gemm},
    {Op::gemm, Precision::int8, Implementation::cublaslt, "cublaslt", Backend::cuda,
     cublas::gemm_unsupported, cublas::prepare_cublaslt_gemm},
    {Op::gemv, Precision::fp32, Implementation::hand, "bulk_sm90", Backend::cuda,
     cuda::gemv::gemv_unsupported<cuda::gemv::Variant::bulk_sm90>,
     cuda::gemv::prepare_gemv<cuda::gemv::Variant::bulk_sm90>},
    {Op::gemv, Precision::fp32, Implementation::hand, "simt", Backend::cuda,
     cuda::gemv::gemv_unsupported<cuda::gemv::Variant::simt>,
     cuda::gemv::prepare_gemv<cuda::gemv::Variant::simt>},
    {Op::gemv, Precision::fp16, Implementation::hand, "bulk_sm90", Backend::cuda,
     cuda::gemv::gemv_unsupported<cuda::gemv::Variant::bulk_sm90>,
     cuda::gemv::prepare_gemv<cuda::gemv::Variant::bulk_sm90>},
    {Op::gemv, Precision::fp16, Implementation::hand, "mma_sm80", Backend::cuda,
     cuda::gemv::gemv_unsupported<cuda::gemv::Variant::mma_sm80>,
     cuda::gemv::prepare_gemv<cuda::gemv::Variant::mma_sm80>},
    {Op::gemv, Precision::fp16, Implementation::hand, "mma_sm75", Backend::cuda,
     cuda::gemv::gemv_unsupported<cuda::gemv::Variant::mma_sm75>,
     cuda::gemv::prepare_gemv<cuda::gemv::Variant::mma_sm75>},
    {Op::gemv, Precision::fp16, Implementation::hand, "simt", Backend::cuda,
     cuda::gemv::gemv_unsupported<cuda::gemv::Variant::simt>,
     cuda::gemv::prepare_gemv<cuda::gemv::Variant::simt>},
    {Op::gemv, Precision::int8, Implementation::hand, "bulk_sm90", Backend::cuda,
     cuda::gemv::gemv_unsupported<cuda::gemv::Variant::bulk_sm90>,
     cuda::gemv::prepare_gemv<cuda::gemv::Variant::bulk_sm90>},
    {Op::gemv, Precision::int8, Implementation::hand, "mma_sm80", Backend::cuda,
     cuda::gemv::gemv_unsupported<cuda::gemv::Variant::mma_sm80>,
     cuda::gemv::prepare_gemv<cuda::gemv::Variant::mma_sm80>},
    {Op::gemv, Precision::int8, Implementation::hand, "mma_sm75", Backend::cuda,
     cuda::gemv::gemv_unsupported<cuda::gemv::Variant::mma_sm75>,
     cuda::gemv::prepare_gemv<cuda::gemv::Variant::mma_sm75>},
    {Op::gemv, Precision::int8, Implementation::hand, "simt", Backend::cuda,
     cuda::gemv::gemv_unsupported<cuda::gemv::Variant::simt>,
     cuda::gemv::prepare_gemv<cuda::gemv::Variant::simt>},
    {Op::gemv, Precision::int4, Implementation::hand, "bulk_sm90", Backend::cuda,
     cuda::gemv::gemv_unsupported<cuda::gemv::Variant::bulk_sm90>,
     cuda::gemv::prepare_gemv<cuda::gemv::Variant::bulk_sm90>},
    {Op::gemv, Precision::int4, Implementation::hand, "mma_sm80", Backend::cuda,
     cuda::gemv::gemv_unsupported<cuda::gemv::Variant::mma_sm80>,
     cuda::gemv::prepare_gemv<cuda::gemv::Variant::mma_sm80>},
    {Op::gemv, Precision::int4, Implementation::hand, "mma_sm75", Backend::cuda,
     cuda::gemv::gemv_unsupported<cuda::gemv::Variant::mma_sm75>,
     cuda::gemv::prepare_gemv<cuda::gemv::Variant::mma_sm75>},
    {Op::gemv, Precision::int4, Implementation::hand, "simt", Backend::cuda,
     cuda::gemv::gemv_unsupported<cuda::gemv::Variant::simt>,
     cuda::gemv::prepare_gemv<cuda::gemv::Variant::simt>},
#endif
};

}  // namespace

std::span<const CatalogueEntry> catalogue() { return rows; }

std::vector<const CatalogueEntry*> candidates(std::span<const CatalogueEntry> all,
                                              const Problem& problem, Implementation implementation,
                                              Backend backend) {
  std::vector<const CatalogueEntry*> found;
  for (const CatalogueEntry& entry : all) {
    if (entry.op == problem.op && entry.precision == problem.precision &&
        entry.implementation == implementation && entry.backend == backend) {
      found.push_back(&entry);
    }
  }
  return found;
}

}  // namespace roofproof
