// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A sequence of launches, captured once and replayed with one call.
#pragma once

#include <cuda_runtime_api.h>

#include <memory>

#include "kernels/cuda/runtime/error.h"

namespace roofproof::cuda {

class Graph {
 public:
  // Captures what `enqueue()` puts on `stream`, which must not be the legacy default stream, and
  // makes it ready to launch. Its kernels must have been launched before, which loads them. When
  // `enqueue` throws, the capture is ended and the stream is as before.
  template <class Enqueue>
  static Graph capture(cudaStream_t stream, const Enqueue& enqueue) {
    ROOFPROOF_CUDA_CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    cudaGraph_t graph = nullptr;
    try {
      enqueue();
    } catch (...) {
      cudaStreamEndCapture(stream,
                           &graph);  // fails when the capture was invalidated: that is known
      cudaGetLastError();
      const std::unique_ptr<CUgraph_st, DestroyGraph> discarded(graph);
      throw;
    }
    ROOFPROOF_CUDA_CHECK(cudaStreamEndCapture(stream, &graph));
    Graph result;
    result.graph_.reset(graph);
    cudaGraphExec_t instance = nullptr;
    ROOFPROOF_CUDA_CHECK(cudaGraphInstantiate(&instance, graph, 0));
    result.instance_.reset(instance);
    return result;
  }

  // Moves the graph to the device ahead of its first launch.
  void upload(cudaStream_t stream) const {
    ROOFPROOF_CUDA_CHECK(cudaGraphUpload(instance_.get(), stream));
  }
  void launch(cudaStream_t stream) const {
    ROOFPROOF_CUDA_CHECK(cudaGraphLaunch(instance_.get(), stream));
  }

 private:
  Graph() = default;

  struct DestroyGraph {
    void operator()(cudaGraph_t graph) const noexcept {
      ROOFPROOF_CUDA_LOG_ERROR(cudaGraphDestroy(graph));
    }
  };
  struct DestroyInstance {
    void operator()(cudaGraphExec_t instance) const noexcept {
      ROOFPROOF_CUDA_LOG_ERROR(cudaGraphExecDestroy(instance));
    }
  };
  std::unique_ptr<CUgraph_st, DestroyGraph> graph_;
  std::unique_ptr<CUgraphExec_st, DestroyInstance> instance_;
};

}  // namespace roofproof::cuda
