// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Holds a stream back while the host enqueues what is to run without a gap.
#pragma once

#include <cuda_runtime_api.h>

namespace roofproof::cuda {

// Keeps the stream busy for that long with one thread, which waits. It ends by itself, whatever the
// host does.
void hold(double time_s, cudaStream_t stream);

}  // namespace roofproof::cuda
