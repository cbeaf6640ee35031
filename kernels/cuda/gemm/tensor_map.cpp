// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/gemm/tensor_map.h"

#include <cuda_runtime_api.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "kernels/cuda/runtime/error.h"

namespace roofproof::cuda {
namespace {

constexpr int box_bytes = 128;  // of a row: the swizzle span

PFN_cuTensorMapEncodeTiled_v12000 find_encoder() {
  void* function = nullptr;
  cudaDriverEntryPointQueryResult found = cudaDriverEntryPointSymbolNotFound;
#if CUDART_VERSION >= 12050
  ROOFPROOF_CUDA_CHECK(cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &function, 12000,
                                                        cudaEnableDefault, &found));
#else
  ROOFPROOF_CUDA_CHECK(
      cudaGetDriverEntryPoint("cuTensorMapEncodeTiled", &function, cudaEnableDefault, &found));
#endif
  if (found != cudaDriverEntryPointSuccess || function == nullptr) {
    throw std::runtime_error(
        "kernels/cuda/gemm/tensor_map.cpp: the driver has no cuTensorMapEncodeTiled");
  }
  return reinterpret_cast<PFN_cuTensorMapEncodeTiled_v12000>(function);
}

}  // namespace

CUtensorMap make_tensor_map(const TensorMapSpec& spec) {
  static const PFN_cuTensorMapEncodeTiled_v12000 encode = find_encoder();
  return encode_tensor_map(spec, encode);
}

CUtensorMap encode_tensor_map(const TensorMapSpec& spec, PFN_cuTensorMapEncodeTiled_v12000 encode) {
  // Dimensions, strides and boxes start with the innermost, the columns.
  const cuuint64_t size[] = {static_cast<cuuint64_t>(spec.columns),
                             static_cast<cuuint64_t>(spec.rows)};
  const cuuint64_t pitch_bytes[] = {static_cast<cuuint64_t>(spec.columns * spec.element_bytes)};
  const cuuint32_t box[] = {static_cast<cuuint32_t>(box_bytes / spec.element_bytes),
                            static_cast<cuuint32_t>(spec.box_rows)};
  const cuuint32_t every_element[] = {1, 1};
  // The driver wants it aligned to 64 bytes (CUDA driver API, cuTensorMapEncodeTiled). On the heap
  // it is; as a result it need not be: whatever the type asks for, g++ 12 -O3 has callers with room
  // for it that is aligned to 16.
  static_assert(alignof(CUtensorMap) >= 64, "operator new must align a map for the driver");
  const auto map = std::make_unique<CUtensorMap>();
  const CUresult result =
      encode(map.get(), spec.type, 2, const_cast<void*>(spec.data), size, pitch_bytes, box,
             every_element, CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_128B,
             // Two neighbouring boxes of K are one request to DRAM.
             CU_TENSOR_MAP_L2_PROMOTION_L2_256B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  if (result != CUDA_SUCCESS) {
    throw std::runtime_error("kernels/cuda/gemm/tensor_map.cpp: cuTensorMapEncodeTiled refuses " +
                             std::to_string(spec.rows) + " x " + std::to_string(spec.columns) +
                             " elements of " + std::to_string(spec.element_bytes) +
                             " bytes, boxes of " + std::to_string(spec.box_rows) +
                             " rows: CUresult " + std::to_string(result));
  }
  return *map;
}

}  // namespace roofproof::cuda
