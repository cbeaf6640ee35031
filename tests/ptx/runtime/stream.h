// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Streams, and the operations that are enqueued on them. Everything runs on one thread, one
// operation at a time, in an order that the rules of streams, events and the legacy default stream
// allow; settings().streams says which of them. The caller of any of these holds the lock.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/ptx/runtime/runtime.h"

namespace roofproof::ptx::runtime {

struct Operation {
  std::string what;
  std::function<void()> run;  // empty: it only stands between others
  std::vector<std::shared_ptr<Operation>> after;
  std::uint64_t turn = 0;  // of the call that enqueued it
  bool done = false;
};
using OperationPtr = std::shared_ptr<Operation>;

// An operation of a graph; `after` are indices of others, all smaller.
struct Node {
  std::string what;
  std::function<void()> run;
  std::vector<std::size_t> after;
};

// What one or more streams record instead of running it.
struct Capture {
  cudaStream_t origin = nullptr;  // null once it has ended
  std::thread::id thread;         // that began it
  std::vector<Node> nodes;
  std::vector<cudaStream_t> members;
  bool broken = false;
};

}  // namespace roofproof::ptx::runtime

struct CUstream_st {
  bool blocking = true;    // waits for the legacy stream, and that for it
  bool destroyed = false;  // by the program; it goes once its queue is empty
  // The last thing enqueued is a kernel that is not known to have ended: what a dependent launch
  // may overlap.
  bool after_kernel = false;
  std::deque<roofproof::ptx::runtime::OperationPtr> queue;  // not yet done
  roofproof::ptx::runtime::OperationPtr tail;               // last enqueued
  std::shared_ptr<roofproof::ptx::runtime::Capture> capture;
  std::set<std::size_t> frontier;  // while captured: the nodes that the next one follows
};

namespace roofproof::ptx::runtime {

// The stream of a handle; null: there is none.
cudaStream_t find_stream(cudaStream_t handle);
bool is_legacy(cudaStream_t stream);

// Puts it at the end of a stream that is not being captured.
OperationPtr enqueue(cudaStream_t stream, std::string what, std::function<void()> run,
                     const std::vector<OperationPtr>& after = {});

// Puts it at the end of a stream, or of what the stream captures.
cudaError_t enqueue_or_capture(cudaStream_t stream, std::string what, std::function<void()> run);

// Waits until it is done; null: at once. What faults is done as well.
void wait_for(Lock& lock, const OperationPtr& operation);
void wait_for_all(Lock& lock);

// What a capture of mode ThreadLocal forbids the thread that began it, for instance to wait.
cudaError_t unsafe_during_capture();

}  // namespace roofproof::ptx::runtime
