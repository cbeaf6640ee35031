// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What decode and its rungs share: a model in the memory of a GPU, and graphs of what is launched
// of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/cuda/decode/model.h"
#include "kernels/cuda/runtime/graph.h"
#include "kernels/cuda/runtime/stream.h"
#include "kernels/cuda/workload.h"

namespace roofproof::cuda::decode {

// Why the model cannot be run, or the device cannot hold it; empty where they can. What is free now
// is known when a workload is prepared; before that, the device's whole memory is the bound.
std::string model_unsupported(const Problem& problem, const Device& device);

// How many distinct layers the memory that is free now holds. Throws CudaError (out of memory) that
// says the bytes.
std::int64_t distinct_layers(const Problem& problem, const Device& device,
                             const Preparation& preparation);

// Holds the embedding rows and the first layer, run alone, against the reference: later layers
// overwrite everything but the last one's own tensors.
Check check_beginning(const StepPlan& plan, const LayerShape& shape, Tensors& tensors,
                      const Preparation& preparation, cudaStream_t stream);

// Graphs are built by who derives from this.
class ModelWorkload : public CudaWorkload {
 public:
  bool capturable() const override { return false; }

  void launch(StreamHandle stream, std::int64_t i) override {
    graphs_[static_cast<std::size_t>(i) % graphs_.size()].launch(static_cast<cudaStream_t>(stream));
  }

 protected:
  ModelWorkload(const Problem& problem, const Device& device, const Preparation& preparation,
                std::int64_t distinct)
      : CudaWorkload(problem, device, preparation, model_tensors(shape_of(problem), distinct)),
        shape_(shape_of(problem)),
        distinct_(distinct) {
    fill_model(tensors_, shape_, distinct_, preparation);
  }

  // One graph per copy of what `enqueue(copy)` puts on capture_stream(), which is run once before:
  // a kernel is loaded when it is first launched, and loading is nothing for a capture.
  template <class Enqueue>
  void capture(const Enqueue& enqueue) {
    enqueue(0);
    capture_stream_.synchronize();
    for (int copy = 0; copy < preparation_.copies; ++copy) {
      graphs_.push_back(Graph::capture(capture_stream_.get(), [&] { enqueue(copy); }));
      graphs_.back().upload(capture_stream_.get());
    }
    capture_stream_.synchronize();
  }
  cudaStream_t capture_stream() const { return capture_stream_.get(); }

  LayerShape shape_;
  std::int64_t distinct_;

 private:
  Stream capture_stream_;
  std::vector<Graph> graphs_;
};

}  // namespace roofproof::cuda::decode
