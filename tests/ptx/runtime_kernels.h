// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Kernels of test_cudart, for cudaLaunchKernel.
#pragma once

namespace roofproof::ptx {

extern const void* const affine;          // (int* x, int factor, int summand), 1 thread: x = x *
                                          // factor + summand
extern const void* const copy_one;        // (int* to, const int* from), 1 thread
extern const void* const static_40000;    // (int* to), 40000 bytes of static shared memory
extern const void* const dynamic_shared;  // (int* to, int words): writes and sums that many words
                                          // of dynamic shared memory
extern const void* const at_most_64;      // (int* to), __launch_bounds__(64)
extern const void* const many_registers;  // (float* x), more than 64 registers
extern const void* const cluster_rank;    // (int* to), on 9.0: its rank in the cluster, by block

}  // namespace roofproof::ptx
