// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Descriptions of matrices for the tensor memory accelerator of sm_90 (tma.h).
#pragma once

#include <cuda.h>
#include <cudaTypedefs.h>

#include <cstdint>

namespace roofproof::cuda {

// A row-major matrix without padding between rows, read or written in boxes of `box_rows` rows (at
// most 256) of 128 bytes, in shared memory with the 128-byte swizzle (swizzle.h). `data` and the
// row pitch must be multiples of 16 bytes. FLOAT16, UINT8 and INT32 have been thought of.
struct TensorMapSpec {
  CUtensorMapDataType type;
  int element_bytes;
  const void* data;
  std::int64_t rows;
  std::int64_t columns;
  int box_rows;
};

// Throws std::runtime_error where the driver has no tensor maps or refuses this one. The driver's
// function is found at run time, so that nothing links against libcuda.
CUtensorMap make_tensor_map(const TensorMapSpec& spec);

// The same by a given function of the driver's kind.
CUtensorMap encode_tensor_map(const TensorMapSpec& spec, PFN_cuTensorMapEncodeTiled_v12000 encode);

}  // namespace roofproof::cuda
