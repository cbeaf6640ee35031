// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// One thread's share of the streams through memory: sum, copy, triad.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

namespace roofproof::host {

// A way to read all of an array: in one piece or in several side by side, with or without asking
// for what lies ahead. Which is fastest is a matter of the memory, and of the day.
struct ReadPattern {
  const char* name;
  // Sum of values[0 .. count) modulo 2^32.
  std::uint32_t (*sum)(const std::uint32_t* values, std::int64_t count);
};

// Arrays are 64-byte aligned. `around_caches`: write with non-temporal stores, which do not read
// the line that they overwrite; pays where the output does not stay in a cache.
struct StreamKernels {
  const char* simd;  // Highway's name of the instruction set

  std::array<ReadPattern, 6> reads;
  // c = a
  void (*copy)(float* c, const float* a, std::int64_t count, bool around_caches);
  // c = a + factor b
  void (*triad)(float* c, const float* a, const float* b, float factor, std::int64_t count,
                bool around_caches);
};

// For the best instruction set of this CPU.
StreamKernels stream_kernels();

// The pattern with the shortest of a few passes. read(pattern, pass) reads all of an array, of
// another one in each pass where there are several.
ReadPattern fastest_read(const StreamKernels& kernels,
                         const std::function<void(const ReadPattern& pattern, int pass)>& read);

}  // namespace roofproof::host
