// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The DRAM operations of the CUDA backend: read (sum), copy, triad over arrays of 4-byte elements.
#pragma once

#include <memory>
#include <string>

#include "kernels/device.h"
#include "kernels/problem/problem.h"
#include "kernels/workload.h"

namespace roofproof::cuda {

// A vector loop: 16-byte loads, all of a tile issued before its first store. Any GPU.
//   vector: as many blocks as are resident, each striding over the array;
//   vector_tiled: a block per tile, handed out by the hardware.
std::string vector_unsupported(const Problem& problem, const Device& device);
std::unique_ptr<Workload> prepare_vector(const Problem& problem, const Device& device,
                                         const Preparation& preparation);
std::unique_ptr<Workload> prepare_vector_tiled(const Problem& problem, const Device& device,
                                               const Preparation& preparation);

// A ring of bulk-asynchronous copies through shared memory. Compute capability 9.0 and newer.
std::string bulk_sm90_unsupported(const Problem& problem, const Device& device);
std::unique_ptr<Workload> prepare_bulk_sm90(const Problem& problem, const Device& device,
                                            const Preparation& preparation);

}  // namespace roofproof::cuda
