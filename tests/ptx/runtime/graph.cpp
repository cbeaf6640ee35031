// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Graphs: made by capture alone, run as one operation of a stream.
#include <algorithm>
#include <random>

#include "tests/ptx/machine/machine.h"
#include "tests/ptx/runtime/settings.h"
#include "tests/ptx/runtime/stream.h"

struct CUgraph_st {
  std::shared_ptr<const std::vector<roofproof::ptx::runtime::Node>> nodes;
};
struct CUgraphExec_st {
  std::shared_ptr<const std::vector<roofproof::ptx::runtime::Node>> nodes;
  roofproof::ptx::runtime::OperationPtr last;  // launch of it
};

namespace roofproof::ptx::runtime {
namespace {

// Whether every node leads to one that the origin's next would follow.
bool all_joined(const std::vector<Node>& nodes, const std::set<std::size_t>& frontier) {
  std::vector<bool> joined(nodes.size());
  for (const std::size_t node : frontier) joined[node] = true;
  for (std::size_t node = nodes.size(); node-- > 0;) {
    if (!joined[node]) return false;
    for (const std::size_t before : nodes[node].after) joined[before] = true;
  }
  return true;
}

// Of those that may run: the first in the order of the calls, the last, or any.
std::size_t pick(const std::set<std::size_t>& ready, Order order, std::mt19937_64& random) {
  switch (order) {
    case Order::early:
      return *ready.begin();
    case Order::late:
      return *ready.rbegin();
    case Order::random:
      return *std::next(ready.begin(), static_cast<std::ptrdiff_t>(random() % ready.size()));
  }
  std::abort();
}

void run(const std::vector<Node>& nodes, Order order, std::mt19937_64 random) {
  std::vector<std::size_t> missing(nodes.size());
  std::vector<std::vector<std::size_t>> followers(nodes.size());
  std::set<std::size_t> ready;
  for (std::size_t node = 0; node < nodes.size(); ++node) {
    missing[node] = nodes[node].after.size();
    for (const std::size_t before : nodes[node].after) followers[before].push_back(node);
    if (missing[node] == 0) ready.insert(node);
  }
  while (!ready.empty()) {
    const std::size_t node = pick(ready, order, random);
    ready.erase(node);
    try {
      nodes[node].run();
    } catch (const std::exception& error) {
      throw Fault("node " + std::to_string(node) + ", " + nodes[node].what + ": " + error.what());
    }
    for (const std::size_t follower : followers[node]) {
      if (--missing[follower] == 0) ready.insert(follower);
    }
  }
}

}  // namespace
}  // namespace roofproof::ptx::runtime

using namespace roofproof::ptx::runtime;

extern "C" {

cudaError_t cudaStreamBeginCapture(cudaStream_t handle, cudaStreamCaptureMode mode) {
  return entry(__func__, [&] {
    if (mode != cudaStreamCaptureModeThreadLocal) {
      not_implemented("capture of another mode than ThreadLocal");
    }
    const cudaStream_t stream = find_stream(handle);
    if (stream == nullptr) return cudaErrorInvalidResourceHandle;
    if (is_legacy(stream)) return cudaErrorStreamCaptureUnsupported;
    if (stream->capture) return cudaErrorIllegalState;
    stream->capture = std::make_shared<Capture>();
    stream->capture->origin = stream;
    stream->capture->thread = std::this_thread::get_id();
    stream->capture->members.push_back(stream);
    stream->frontier.clear();
    stream->after_kernel = false;
    return cudaSuccess;
  });
}

cudaError_t cudaStreamEndCapture(cudaStream_t handle, cudaGraph_t* graph) {
  return entry(__func__, [&] {
    *graph = nullptr;
    const cudaStream_t stream = find_stream(handle);
    if (stream == nullptr) return cudaErrorInvalidResourceHandle;
    if (!stream->capture) return cudaErrorIllegalState;
    const std::shared_ptr<Capture> capture = stream->capture;
    if (capture->origin != stream) return cudaErrorStreamCaptureUnmatched;
    if (capture->thread != std::this_thread::get_id()) return cudaErrorStreamCaptureWrongThread;
    const bool joined = all_joined(capture->nodes, stream->frontier);
    for (const cudaStream_t member : capture->members) {
      member->capture = nullptr;
      member->frontier.clear();
      member->after_kernel = false;
    }
    capture->origin = nullptr;
    if (capture->broken) return cudaErrorStreamCaptureInvalidated;
    if (!joined) return cudaErrorStreamCaptureUnjoined;
    *graph = new CUgraph_st{std::make_shared<const std::vector<Node>>(std::move(capture->nodes))};
    return cudaSuccess;
  });
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  return entry(__func__, [&] {
    delete graph;
    return cudaSuccess;
  });
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* instance, cudaGraph_t graph,
                                 unsigned long long flags) {
  return entry(__func__, [&] {
    if (flags != 0) not_implemented("cudaGraphInstantiate with flags");
    *instance = new CUgraphExec_st{graph->nodes, nullptr};
    return cudaSuccess;
  });
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t instance) {
  return entry(__func__, [&] {
    delete instance;
    return cudaSuccess;
  });
}

cudaError_t cudaGraphUpload(cudaGraphExec_t, cudaStream_t handle) {
  return entry(__func__, [&] {
    return find_stream(handle) != nullptr ? unsafe_during_capture()
                                          : cudaErrorInvalidResourceHandle;
  });
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t instance, cudaStream_t handle) {
  return entry(__func__, [&] {
    const cudaStream_t stream = find_stream(handle);
    if (stream == nullptr) return cudaErrorInvalidResourceHandle;
    if (stream->capture) not_implemented("cudaGraphLaunch into a stream that is captured");
    stream->after_kernel = false;
    // A graph does not run beside itself.
    instance->last =
        enqueue(stream, "graph",
                [nodes = instance->nodes, order = settings().streams,
                 random = std::mt19937_64(settings().random())] { run(*nodes, order, random); },
                {instance->last});
    return cudaSuccess;
  });
}

}  // extern "C"
