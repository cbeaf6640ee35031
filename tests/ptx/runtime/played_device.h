// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The GPUs that can be played. Figures are those of the board named, but with few multiprocessors,
// so that persistent kernels take several tiles each; the memory bus is as much narrower, so that a
// kernel that plans by bandwidth per multiprocessor plans as on the real board.
#pragma once

#include <cstddef>

namespace roofproof::ptx::runtime {

struct PlayedDevice {
  int compute_capability;
  const char* name;
  int multiprocessors, real_multiprocessors;
  // CUDA C++ Programming Guide, "Compute Capabilities"; bytes.
  std::size_t shared_per_multiprocessor, shared_per_block_optin, shared_reserved_per_block;
  int threads_per_multiprocessor, blocks_per_multiprocessor;
  int clock_khz, memory_clock_khz, real_bus_bits;
  bool ecc;

  int bus_bits() const {
    const int bits = real_bus_bits * multiprocessors / real_multiprocessors;
    return bits < 8 ? 8 : bits;
  }
};

inline constexpr PlayedDevice played_devices[] = {
    {75, "Tesla T4", 4, 40, 65536, 65536, 0, 1024, 16, 1590000, 5001000, 256, false},
    {80, "NVIDIA A100-SXM4-40GB", 4, 108, 167936, 166912, 1024, 2048, 32, 1410000, 1215000, 5120,
     true},
    {86, "NVIDIA A10G", 4, 80, 102400, 101376, 1024, 1536, 16, 1710000, 6251000, 384, false},
    {89, "NVIDIA L4", 4, 58, 102400, 101376, 1024, 1536, 24, 2040000, 6251000, 192, false},
    // A cluster of 8 blocks, one on each multiprocessor, fits.
    {90, "NVIDIA H100 80GB HBM3", 8, 132, 233472, 232448, 1024, 2048, 32, 1980000, 2619000, 5120,
     true},
};

// Of every one of them. A small memory and cache, so that copies that rotate through them are few.
inline constexpr std::size_t memory_bytes = std::size_t{8} << 30;
inline constexpr int l2_bytes = 256 * 1024;
inline constexpr std::size_t default_shared_per_block = 48 * 1024;  // static, or without opting in
inline constexpr int registers_per_multiprocessor = 65536;          // and per block
inline constexpr int largest_block = 1024;

}  // namespace roofproof::ptx::runtime
