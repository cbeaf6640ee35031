// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// How many blocks of a kernel a multiprocessor holds at once.
#pragma once

#include <cstddef>

#include "tests/ptx/runtime/played_device.h"

namespace roofproof::ptx::runtime {

// registers: per thread; 0: unknown, no limit. shared_bytes: of a block, static and dynamic.
// Units of allocation after the CUDA occupancy calculator, for compute capability 7.5 to 9.0: 256
// registers of a warp, warps in fours (of the multiprocessor's quarters), 128 bytes of shared
// memory (256 on 7.5).
int resident_blocks(const PlayedDevice& device, int threads, int registers,
                    std::size_t shared_bytes);

// Whether the registers of one multiprocessor suffice for one block.
bool registers_suffice(int threads, int registers);

}  // namespace roofproof::ptx::runtime
