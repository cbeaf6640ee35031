// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Runs a thread block of a CUDA kernel on the CPU: every thread is a fiber, barriers and
// warp-collective instructions are rendezvous. One block at a time, one host thread. It shows what
// the kernel's source computes (indices, order, barriers that some thread misses), not what a GPU
// makes of races or of memory that is not yet visible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace simt {

struct Dim3 {
  unsigned x = 1;
  unsigned y = 1;
  unsigned z = 1;
};

// Of the running thread.
const Dim3& thread_index();
const Dim3& block_index();
const Dim3& block_dim();
const Dim3& grid_dim();
unsigned lane();
unsigned char* shared_memory();

// Rendezvous of all threads of the block, or of the running warp. Throws std::logic_error in
// launch() when some thread can never arrive.
void block_barrier();
void warp_barrier();

// Lets the other threads run: for loops that wait for what one of them does.
void pause();

// What each lane of the warp passed, by lane; a rendezvous. `bytes` at most 64. Valid until the
// caller's next collective.
const std::byte* warp_exchange(const void* mine, std::size_t bytes);
inline constexpr std::size_t exchange_stride = 64;

template <class T>
T from_lane(const std::byte* exchanged, unsigned lane) {
  T value;
  __builtin_memcpy(&value, exchanged + lane * exchange_stride, sizeof value);
  return value;
}

// Runs all blocks of a grid, the last one first where `reversed`. Threads per block: a multiple of
// 32. Shared memory starts as NaN, and a band behind it is checked. A thread may call it, too: then
// its own block goes on when that grid is through.
void launch(const Dim3& grid, unsigned threads, std::size_t shared_bytes,
            const std::function<void()>& kernel, bool reversed = false);

}  // namespace simt
