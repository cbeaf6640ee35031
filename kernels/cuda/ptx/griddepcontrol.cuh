// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Programmatic dependent launch (CUDA C++ Programming Guide): a kernel launched with that attribute
// may start while the one before it in the stream is still finishing. Without the attribute, and
// before sm_90, both functions do nothing.
#pragma once

namespace roofproof::cuda::ptx {

// Until the kernel before this one has ended and what it wrote can be read. In every thread, before
// it touches global memory.
__device__ __forceinline__ void griddepcontrol_wait() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

// The next kernel may start as soon as all blocks of this one have come here and there is room.
__device__ __forceinline__ void griddepcontrol_launch_dependents() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

}  // namespace roofproof::cuda::ptx
