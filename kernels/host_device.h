// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Marks functions that the host compiler sees as plain C++ and nvcc compiles for both sides.
#pragma once

#ifdef __CUDACC__
#define ROOFPROOF_HOST_DEVICE __host__ __device__
#else
#define ROOFPROOF_HOST_DEVICE
#endif
