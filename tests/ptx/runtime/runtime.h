// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What all parts of the runtime share: one mutex over its state, the context that a fault ends, and
// the frame of an entry point.
#pragma once

#include <cuda_runtime_api.h>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <type_traits>

namespace roofproof::ptx::runtime {

using Lock = std::unique_lock<std::mutex>;

struct Context {
  std::mutex mutex;                  // over all state of the runtime
  std::condition_variable changed;   // something was enqueued, wanted or done
  cudaError_t sticky = cudaSuccess;  // once set, every call returns it
  bool used = false;                 // the program has called CUDA
  std::uint64_t time_ns = 0;         // of the device: it goes on with what is executed, see below
};
Context& context();

// What it takes, whatever the machine that plays it is busy with: about as long as it really does.
constexpr std::uint64_t warp_instruction_ns = 100, host_work_ns = 1'000'000, event_ns = 1000;

// What a library's launch takes the host: outside a graph no work of it lasts less.
constexpr std::uint64_t host_launch_ns = 5000;

// Ends the process: the program asks for something of CUDA that is left out here.
[[noreturn]] void not_implemented(const char* what);

// One line on stderr that says why a call is refused; returns the code.
[[gnu::format(printf, 2, 3)]] cudaError_t refuse(cudaError_t code, const char* format, ...);

// Keeps an error for cudaGetLastError of this thread; returns it.
cudaError_t remember(cudaError_t code);

// With PTX_TRACE=1, one line on stderr.
[[gnu::format(printf, 1, 2)]] void trace(const char* format, ...);

// An entry point of CUDA: body(lock) or body() runs under the lock, and not at all once the context
// is lost; its error is remembered.
template <class Body>
cudaError_t entry(const char* name, const Body& body) {
  Lock lock(context().mutex);
  context().used = true;
  trace("%s", name);
  if (context().sticky != cudaSuccess) return context().sticky;
  if constexpr (std::is_invocable_v<Body, Lock&>) {
    return remember(body(lock));
  } else {
    return remember(body());
  }
}

// The two below take the lock: they are for other libraries than the runtime, and for operations.

// Enqueues work of the host's own on a stream, as a library would enqueue a kernel; captured like
// one. A std::exception that it throws is a fault.
cudaError_t enqueue_host_work(cudaStream_t stream, std::string what, std::function<void()> work,
                              std::uint64_t time_ns = host_work_ns);

// Whether [data, data + bytes) lies within one allocation of the device.
bool is_device_memory(const void* data, std::size_t bytes);

}  // namespace roofproof::ptx::runtime
