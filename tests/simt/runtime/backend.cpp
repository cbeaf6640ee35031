// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The parts of the CUDA backend's ground that are not plain C++: fills, and errors that cannot be.

#include <cuda_fp16.h>

#include <cstddef>
#include <stdexcept>
#include <string>

#include "kernels/cuda/fill.h"
#include "kernels/cuda/runtime/error.h"
#include "kernels/weights.h"

namespace roofproof::cuda {
namespace {

template <class T, class Value>
void fill(T* data, std::int64_t count, const Value& value) {
  fake_finish();
  for (std::int64_t i = 0; i < count; ++i) data[i] = value(static_cast<std::uint64_t>(i));
}

std::byte guard(std::int64_t offset, std::uint64_t salt) {
  return static_cast<std::byte>(mix_bits(salt + static_cast<std::uint64_t>(offset)));
}

}  // namespace

void check(cudaError_t code, const char* expression, const char* file, int line) {
  if (code != cudaSuccess) {
    throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + " " + expression);
  }
}
void log_error(cudaError_t code, const char* expression, const char* file, int line) noexcept {
  check(code, expression, file, line);
}

void fill_random(float* data, std::int64_t count, InputStream input, cudaStream_t) {
  fill(data, count, [&](std::uint64_t i) { return input.uniform(i); });
}
void fill_random(__half* data, std::int64_t count, InputStream input, cudaStream_t) {
  fill(data, count, [&](std::uint64_t i) { return __half{to_float16(input.uniform(i))}; });
}
void fill_random(std::int8_t* data, std::int64_t count, InputStream input, cudaStream_t) {
  fill(data, count, [&](std::uint64_t i) { return input.int8(i); });
}
void fill_random(std::uint8_t* data, std::int64_t count, InputStream input, cudaStream_t) {
  fill(data, count, [&](std::uint64_t i) { return random_int4_pair(input, i); });
}
void fill_random(std::uint32_t* data, std::int64_t count, InputStream input, cudaStream_t) {
  fill(data, count, [&](std::uint64_t i) { return input.bits(i); });
}

void fill_guard(std::byte* base, std::int64_t first, std::int64_t last, std::uint64_t salt,
                cudaStream_t) {
  fake_finish();
  for (std::int64_t i = first; i < last; ++i) base[i] = guard(i, salt);
}
void count_damage(const std::byte* base, std::int64_t first, std::int64_t last, std::uint64_t salt,
                  unsigned* damaged, cudaStream_t) {
  fake_finish();
  for (std::int64_t i = first; i < last; ++i) *damaged += base[i] != guard(i, salt);
}

}  // namespace roofproof::cuda
