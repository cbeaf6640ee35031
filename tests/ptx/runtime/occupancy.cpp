// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/ptx/runtime/occupancy.h"

#include <algorithm>

namespace roofproof::ptx::runtime {
namespace {

constexpr int warp = 32, quarters = 4, register_unit = 256;

template <class T>
T round_up(T value, T unit) {
  return (value + unit - 1) / unit * unit;
}

int warps_by_registers(int registers) {
  const int per_warp = round_up(registers * warp, register_unit);
  return registers_per_multiprocessor / quarters / per_warp * quarters;
}

}  // namespace

int resident_blocks(const PlayedDevice& device, int threads, int registers,
                    std::size_t shared_bytes) {
  const int warps = round_up(threads, warp) / warp;
  int blocks =
      std::min(device.blocks_per_multiprocessor, device.threads_per_multiprocessor / warp / warps);
  const std::size_t unit = device.compute_capability < 80 ? 256 : 128;
  const std::size_t shared = round_up(shared_bytes + device.shared_reserved_per_block, unit);
  if (shared > 0) {
    blocks = std::min(blocks, static_cast<int>(device.shared_per_multiprocessor / shared));
  }
  if (registers > 0) blocks = std::min(blocks, warps_by_registers(registers) / warps);
  return blocks;
}

bool registers_suffice(int threads, int registers) {
  const int warps = round_up(threads, warp) / warp;
  return registers == 0 || warps <= warps_by_registers(registers);
}

}  // namespace roofproof::ptx::runtime
