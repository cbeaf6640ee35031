// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The one function of the driver that the project calls, and how it is found.
#include <cuda.h>

#include <cstring>

#include "tests/ptx/machine/machine.h"
#include "tests/ptx/runtime/runtime.h"

namespace roofproof::ptx::runtime {
namespace {

constexpr std::uint64_t element_bytes[] = {1, 2, 4, 4, 8, 8, 2,
                                           4, 8, 2, 4, 4, 4};  // of CUtensorMapDataType

CUresult refuse_map(const char* why) {
  refuse(cudaErrorInvalidValue, "cuTensorMapEncodeTiled: %s", why);
  return CUDA_ERROR_INVALID_VALUE;
}

CUresult encode_tiled(CUtensorMap* map, CUtensorMapDataType type, cuuint32_t rank, void* address,
                      const cuuint64_t* dims, const cuuint64_t* strides, const cuuint32_t* box,
                      const cuuint32_t* element_strides, CUtensorMapInterleave interleave,
                      CUtensorMapSwizzle swizzle, CUtensorMapL2promotion promotion,
                      CUtensorMapFloatOOBfill fill) {
  if (interleave != CU_TENSOR_MAP_INTERLEAVE_NONE) not_implemented("an interleaved tensor map");
  if (swizzle > CU_TENSOR_MAP_SWIZZLE_128B) not_implemented("a swizzle of atoms");
  if (map == nullptr || address == nullptr) return refuse_map("no map or no address");
  if (rank < 1 || rank > 5) return refuse_map("rank");
  TensorMapRequest request = {};
  request.data_type = type;
  request.rank = static_cast<int>(rank);
  request.address = address;
  for (cuuint32_t i = 0; i < rank; ++i) {
    request.dims[i] = dims[i];
    request.box[i] = box[i];
    request.element_strides[i] = element_strides[i];
  }
  // Strides may be permuted, overlap or be 0 (of a dimension of 1): drivers take them.
  for (cuuint32_t i = 0; i + 1 < rank; ++i) request.strides[i] = strides[i];
  request.interleave = interleave;
  request.swizzle = swizzle;
  request.promotion = promotion;
  request.fill = fill;
  try {
    encode_tensor_map(map, request);
  } catch (const Fault& fault) {
    return refuse_map(fault.what());
  }
  std::uint64_t extent = dims[0] * element_bytes[type];
  for (cuuint32_t i = 0; i + 1 < rank; ++i) extent += strides[i] * (dims[i + 1] - 1);
  if (!is_device_memory(address, extent)) {
    return refuse_map("the tensor does not lie within one allocation of the device");
  }
  return CUDA_SUCCESS;
}

}  // namespace
}  // namespace roofproof::ptx::runtime

using namespace roofproof::ptx::runtime;

extern "C" cudaError_t cudaGetDriverEntryPointByVersion(const char* symbol, void** function,
                                                        unsigned version, unsigned long long flags,
                                                        cudaDriverEntryPointQueryResult* result) {
  return entry(__func__, [&] {
    if (std::strcmp(symbol, "cuTensorMapEncodeTiled") != 0 || version < 12000 ||
        flags != cudaEnableDefault) {
      not_implemented(symbol);
    }
    *function = reinterpret_cast<void*>(&encode_tiled);
    *result = cudaDriverEntryPointSuccess;
    return cudaSuccess;
  });
}
