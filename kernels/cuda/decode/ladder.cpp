// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The rungs of the ladder beside the sweeps.
#include <map>
#include <optional>
#include <vector>

#include "kernels/cuda/decode/model_workload.h"
#include "kernels/cuda/decode/sweep.h"
#include "kernels/cuda/decode/sweep_workload.h"
#include "kernels/cuda/decode/tokens.h"
#include "kernels/cuda/decode/workload.h"
#include "kernels/cuda/runtime/error.h"
#include "kernels/cuda/runtime/event.h"
#include "kernels/cuda/runtime/overlap.h"
#include "kernels/kernel_row.h"
#include "kernels/problem/step.h"
#include "kernels/reference.h"

namespace roofproof::cuda::decode {
namespace {

linear::Variant newest_variant(const LayerShape& shape, const Device& device) {
  return sweep_variant(shape.format, device);
}

// Launches spread over streams, with workspaces of their own since they run at once.
class UnorderedWorkload final : public ModelWorkload {
 public:
  UnorderedWorkload(const Problem& problem, const Device& device, const Preparation& preparation,
                    std::int64_t distinct)
      : ModelWorkload(problem, device, preparation, distinct) {
    for (Lane& lane : lanes_) {
      lane.plan.emplace(shape_, distinct, newest_variant(shape_, device), device);
      lane.plan->allocate(capture_stream());
    }
    capture([&](int copy) { enqueue(copy); });
  }

  // The same launches in order.
  Check check(StreamHandle handle) override {
    const auto stream = static_cast<cudaStream_t>(handle);
    return with_guards(check_beginning(*lanes_[0].plan, shape_, tensors_, preparation_, stream),
                       stream);
  }

  std::string label() const override {
    return "unordered, " + std::to_string(lanes) + " streams, " + lanes_[0].plan->label();
  }

  std::map<std::string, double> counters() const override {
    return {{"kernel_launches", lanes_[0].plan->launches()},
            {"distinct_layers", static_cast<double>(distinct_)}};
  }

 private:
  static constexpr int lanes = 4;
  struct Lane {
    std::optional<StepPlan> plan;
    Stream stream;
    Event event;
  };

  void enqueue(int copy) {
    int turn = 0;
    const auto next = [&]() -> Lane& { return lanes_[turn++ % lanes]; };
    Event begin;
    begin.record(capture_stream());
    for (Lane& lane : lanes_) {
      ROOFPROOF_CUDA_CHECK(cudaStreamWaitEvent(lane.stream.get(), begin.get(), 0));
    }
    const auto run = [&](const auto& operation) {
      Lane& lane = next();
      operation(*lane.plan, lane.stream.get());
    };
    run([&](const StepPlan& plan, cudaStream_t stream) { plan.embed(tensors_, false, stream); });
    const auto activations = layer::activation_pointers(tensors_);
    for (std::int64_t i = 0; i < shape_.model.layers; ++i) {
      const auto pointers =
          layer::layer_pointers(tensors_, layer_prefix(i % distinct_), copy, shape_);
      const void* const input = tensors_.data(StepPlan::input_of(i), 0);
      void* const output = tensors_.data(StepPlan::input_of(i + 1), 0);
      run([&](const StepPlan& plan, cudaStream_t stream) {
        plan.layer_plan().project(pointers, activations, input, false, stream);
      });
      run([&](const StepPlan& plan, cudaStream_t stream) {
        plan.layer_plan().attend(pointers, activations, false, stream);
      });
      run([&](const StepPlan& plan, cudaStream_t stream) {
        plan.layer_plan().add_attention(pointers, activations, input, false, stream);
      });
      run([&](const StepPlan& plan, cudaStream_t stream) {
        plan.layer_plan().gate(pointers, activations, false, stream);
      });
      run([&](const StepPlan& plan, cudaStream_t stream) {
        plan.layer_plan().add_ffn(pointers, activations, output, false, stream);
      });
    }
    run([&](const StepPlan& plan, cudaStream_t stream) {
      plan.head(tensors_, copy, false, stream);
    });
    run([&](const StepPlan& plan, cudaStream_t stream) { plan.choose(tensors_, false, stream); });
    for (Lane& lane : lanes_) {
      lane.event.record(lane.stream.get());
      ROOFPROOF_CUDA_CHECK(cudaStreamWaitEvent(capture_stream(), lane.event.get(), 0));
    }
  }

  Lane lanes_[lanes];
};

// Launches of nothing: the blocks and threads that most of a step's launches have.
class LaunchesWorkload final : public CudaWorkload {
 public:
  LaunchesWorkload(const Problem& problem, const Device& device, const Preparation& preparation)
      : CudaWorkload(problem, device, preparation, {}),
        launches_(StepPlan(shape_of(problem), problem_layers(problem),
                           newest_variant(shape_of(problem), device), device)
                      .launches()),
        blocks_(device.processors),
        dependent_(launches_overlap(device.compute_capability)),
        counted_(sizeof(unsigned)),
        graph_(capture({})),
        counting_graph_(capture({counted_.as<unsigned>()})) {
    graph_.upload(stream_.get());
    stream_.synchronize();
  }

  bool capturable() const override { return false; }

  void launch(StreamHandle stream, std::int64_t) override {
    graph_.launch(static_cast<cudaStream_t>(stream));
  }

  // The same launches, counting: one that did not wait for the one before would lose counts.
  Check check(StreamHandle handle) override {
    const auto stream = static_cast<cudaStream_t>(handle);
    ROOFPROOF_CUDA_CHECK(cudaMemsetAsync(counted_.data(), 0, counted_.size(), stream));
    counting_graph_.launch(stream);
    ROOFPROOF_CUDA_CHECK(cudaStreamSynchronize(stream));
    unsigned counted = 0;
    ROOFPROOF_CUDA_CHECK(
        cudaMemcpy(&counted, counted_.data(), sizeof counted, cudaMemcpyDeviceToHost));
    Comparison comparison;
    comparison.add([] { return std::string("launches"); }, counted,
                   {static_cast<double>(launches_), 0});
    return comparison.result();
  }

  std::string label() const override {
    return "launches_only, " + std::to_string(launches_) + " launches of " +
           std::to_string(blocks_) + " blocks";
  }
  std::map<std::string, double> counters() const override {
    return {{"kernel_launches", launches_}};
  }
  double bytes() const override { return rung_bytes(Rung::launches_only, problem_); }
  double flop() const override { return rung_flop(Rung::launches_only, problem_); }

 private:
  static std::int64_t problem_layers(const Problem& problem) {
    return shape_of(problem).model.layers;
  }

  Graph capture(const EmptyJob& job) const {
    const auto enqueue = [&] {
      launch_empty(job, blocks_, linear::skinny_threads, dependent_, stream_.get());
    };
    enqueue();  // loads the kernel, which is nothing for a capture
    stream_.synchronize();
    return Graph::capture(stream_.get(), [&] {
      for (int i = 0; i < launches_; ++i) enqueue();
    });
  }

  int launches_;
  int blocks_;
  bool dependent_;
  Stream stream_;
  Buffer counted_;
  Graph graph_;
  Graph counting_graph_;
};

std::unique_ptr<Workload> prepare_unordered(const Problem& problem, const Device& device,
                                            const Preparation& preparation) {
  return std::make_unique<UnorderedWorkload>(problem, device, preparation,
                                             distinct_layers(problem, device, preparation));
}

std::unique_ptr<Workload> prepare_launches_only(const Problem& problem, const Device& device,
                                                const Preparation& preparation) {
  return std::make_unique<LaunchesWorkload>(problem, device, preparation);
}

constexpr struct {
  std::string_view kernel;
  std::unique_ptr<Workload> (*prepare)(const Problem&, const Device&, const Preparation&);
  bool sweeps;  // through all matrices in one launch
} rungs[] = {{"stream_only", prepare_stream_only, true},
             {"gemv_only", prepare_gemv_only, true},
             {"unordered", prepare_unordered, false},
             {"launches_only", prepare_launches_only, false}};

}  // namespace

std::string rung_unsupported(std::string_view kernel, const Problem& problem,
                             const Device& device) {
  if (problem.shape.batch != 1) return "the ladder is for batch 1";
  std::string reason = model_unsupported(problem, device);
  if (reason.empty() && row_of(rungs, kernel).sweeps) reason = sweep_unsupported(problem, device);
  return reason;
}

std::unique_ptr<Workload> prepare_rung(std::string_view kernel, const Problem& problem,
                                       const Device& device, const Preparation& preparation) {
  return row_of(rungs, kernel).prepare(problem, device, preparation);
}

}  // namespace roofproof::cuda::decode
