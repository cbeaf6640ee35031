// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Programmatic dependent launch (CUDA C++ Programming Guide): a kernel launched with that attribute
// may start while the one before it in the stream is still finishing, and sets up its barriers in
// the meantime. Without the attribute both functions do nothing. Device code for sm_90.
#pragma once

namespace roofproof::cuda {

// Until the previous kernel is complete and what it wrote is visible. In every thread, before it
// touches global memory.
__device__ __forceinline__ void wait_for_previous_grid() {
  asm volatile("griddepcontrol.wait;" ::: "memory");
}

// The next kernel may start as soon as all blocks of this one have come here and there is room.
__device__ __forceinline__ void let_next_grid_start() {
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
}

}  // namespace roofproof::cuda
