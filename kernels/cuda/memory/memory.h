// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The DRAM operations of the CUDA backend: read (sum), copy, triad over arrays of 4-byte elements.
#pragma once

#include "kernels/workload.h"

namespace roofproof::cuda {

//   vector        16-byte loads, all of a tile issued before its first store; as many blocks as are
//                 resident, each striding over the array
//   vector_tiled  the same, a block per tile, handed out by the hardware
//   bulk_sm90     a ring of bulk-asynchronous copies through shared memory
Unsupported memory_unsupported;
Prepare prepare_memory;

}  // namespace roofproof::cuda
