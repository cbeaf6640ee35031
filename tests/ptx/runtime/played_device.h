// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The GPUs that can be played: PTX_SM = 75, 80, 86, 89 or 90. Figures are those of the board named,
// but with few SMs; the memory bus is as much narrower, so that a kernel that plans by bandwidth
// per SM plans as on the real board.
#pragma once

#include <cstddef>
#include <string>

namespace roofproof::ptx::runtime {

struct PlayedDevice {
  int compute_capability;
  const char* name;
  int real_multiprocessors;
  std::size_t shared_per_multiprocessor, shared_per_block_optin, shared_reserved_per_block;
  int threads_per_multiprocessor, blocks_per_multiprocessor;
  int clock_khz, memory_clock_khz, bus_bits;
  // Set from the environment.
  int multiprocessors = 4;
  std::size_t memory_bytes = std::size_t{8} << 30;
  int l2_bytes = 256 * 1024;
};

inline constexpr PlayedDevice known_devices[] = {
    {75, "Tesla T4", 40, 65536, 65536, 0, 1024, 16, 1590000, 5001000, 256},
    {80, "NVIDIA A100-SXM4-40GB", 108, 167936, 166912, 1024, 2048, 32, 1410000, 1215000, 5120},
    {86, "NVIDIA A10G", 80, 102400, 101376, 1024, 1536, 16, 1710000, 6251000, 384},
    {89, "NVIDIA L4", 58, 102400, 101376, 1024, 1536, 24, 2040000, 6251000, 192},
    {90, "NVIDIA H100 80GB HBM3", 132, 233472, 232448, 1024, 2048, 32, 1980000, 2619000, 5120},
};

}  // namespace roofproof::ptx::runtime
