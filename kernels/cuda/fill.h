// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Fills device memory with the random inputs of kernels/inputs.h and kernels/weights.h, bit for bit
// what the host recomputes, and writes and checks guard bands. Everything is enqueued on `stream`.
// C++17, so that .cu files may include it.
#pragma once

#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/inputs.h"

namespace roofproof::cuda {

// data[i] = a random value at index i of `input`: [-1, 1) in FP32, the same rounded to FP16, or all
// values of the integer types.
void fill_random(float* data, std::int64_t count, InputStream input, cudaStream_t stream);
void fill_random(__half* data, std::int64_t count, InputStream input, cudaStream_t stream);
void fill_random(std::int8_t* data, std::int64_t count, InputStream input, cudaStream_t stream);
void fill_random(std::uint8_t* data, std::int64_t count, InputStream input, cudaStream_t stream);
void fill_random(std::uint32_t* data, std::int64_t count, InputStream input, cudaStream_t stream);

// A guard band: bytes whose value follows from their address offset and `salt`. Whatever aligned
// FP32 or FP16 number is read from it is NaN, so that a kernel that uses what it reads beyond its
// operand shows that in its output; and as each tensor has a salt of its own, copying from one band
// to another shows as well. `first` and `last` are offsets from `base`, which is 4-byte aligned.
void fill_guard(std::byte* base, std::int64_t first, std::int64_t last, std::uint64_t salt,
                cudaStream_t stream);
// Adds to *damaged the number of bytes that are no longer what fill_guard() wrote.
void count_damage(const std::byte* base, std::int64_t first, std::int64_t last, std::uint64_t salt,
                  unsigned* damaged, cudaStream_t stream);

}  // namespace roofproof::cuda
