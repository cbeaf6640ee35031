// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the driver's function is given for a tensor map, by a stand-in for it.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <stdexcept>

#include "kernels/cuda/gemm/tensor_map.h"

namespace roofproof::cuda {
namespace {

std::uintptr_t encoded_at = 0;
CUresult answer = CUDA_SUCCESS;

CUresult encode(CUtensorMap* map, CUtensorMapDataType type, cuuint32_t, void*,
                const cuuint64_t* size, const cuuint64_t*, const cuuint32_t*, const cuuint32_t*,
                CUtensorMapInterleave, CUtensorMapSwizzle, CUtensorMapL2promotion,
                CUtensorMapFloatOOBfill) {
  encoded_at = reinterpret_cast<std::uintptr_t>(map);
  map->opaque[0] = size[0];
  map->opaque[15] = static_cast<cuuint64_t>(type);
  return answer;
}

constexpr TensorMapSpec spec = {CU_TENSOR_MAP_DATA_TYPE_INT32, 4, nullptr, 127, 200, 64};

// Wherever a compiler makes room for the result: of a stack it is sure to be aligned to 16 bytes.
TEST(TensorMap, TheDriverGetsOneThatIsAligned) {
  alignas(128) std::byte room[128 + sizeof(CUtensorMap)];
  for (int offset = 0; offset < 128; offset += 16) {
    const auto* map = new (room + offset) CUtensorMap(encode_tensor_map(spec, encode));
    EXPECT_EQ(encoded_at % 64, 0u) << offset;
    EXPECT_EQ(map->opaque[0], 200u);
    EXPECT_EQ(map->opaque[15], static_cast<cuuint64_t>(CU_TENSOR_MAP_DATA_TYPE_INT32));
  }
}

TEST(TensorMap, ARefusalIsAnError) {
  answer = CUDA_ERROR_INVALID_VALUE;
  EXPECT_THROW(encode_tensor_map(spec, encode), std::runtime_error);
}

}  // namespace
}  // namespace roofproof::cuda
