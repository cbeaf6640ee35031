// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the parts of the emulated runtime share.
#pragma once

#include <cuda_runtime_api.h>

#include <functional>
#include <string>

namespace roofproof::ptx::runtime {

// Enqueues work of the host's own on a stream, as a library would enqueue a kernel; captured like
// one.
cudaError_t enqueue_host_work(cudaStream_t stream, std::string what, std::function<void()> work);

// The device allocation that holds [data, data + bytes), or false.
bool is_device_memory(const void* data, std::size_t bytes);

[[noreturn]] void not_implemented(const char* what);

}  // namespace roofproof::ptx::runtime
