// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <cuda_runtime_api.h>

#include <optional>

#include "bench/timer.h"
#include "kernels/cuda/clock_probe.h"
#include "kernels/cuda/event.h"
#include "kernels/cuda/graph.h"
#include "kernels/cuda/hold.h"
#include "kernels/cuda/stream.h"

namespace roofproof::bench {
namespace {

// Enqueueing one kernel costs the host a few microseconds; above this many seconds per launch the
// device never waits for it, and plain launches are timed.
constexpr double graph_below_s = 100e-6;

// A graph of more kernels than this is replayed instead of made longer: a second of launches of 10
// us would take seconds to instantiate and be a hundred thousand nodes in memory.
constexpr std::int64_t most_graph_launches = 4096;

// The device is held back before a batch until its launches, or its first graph, have been
// enqueued: else the host's part of the launch is timed too. Untuned: a graph is taken to cost the
// host 0.25 us per kernel.
constexpr double hold_s = 200e-6;
constexpr double hold_per_graph_launch_s = 0.25e-6;

class CudaTimer : public Timer {
 public:
  explicit CudaTimer(const Device& device) : select_(device.ordinal), clock_(device) {}

  StreamHandle stream() const override { return stream_.get(); }

  void prepare(Workload& workload, std::int64_t launches) override {
    workload_ = &workload;
    replays_ = 0;
    graph_launches_ = 0;
    plain_launches_ = launches;
    graph_.reset();
    if (launches > 1 && workload.capturable() && once_s() < graph_below_s) {
      replays_ = (launches + most_graph_launches - 1) / most_graph_launches;
      graph_launches_ = launches / replays_;
      plain_launches_ = launches - replays_ * graph_launches_;  // fewer than there are replays
      graph_ = cuda::Graph::capture(stream_.get(), [&] { enqueue(graph_launches_); });
      graph_->upload(stream_.get());
    }
    stream_.synchronize();
  }

  double batch_s() override {
    cuda::hold(hold_s + static_cast<double>(graph_launches_) * hold_per_graph_launch_s,
               stream_.get());
    clock_.start(stream_.get());
    start_.record(stream_.get());
    for (std::int64_t i = 0; i < replays_; ++i) graph_->launch(stream_.get());
    enqueue(plain_launches_);
    stop_.record(stream_.get());
    clock_.stop(stream_.get());
    stream_.synchronize();
    return cuda::elapsed_s(start_, stop_);
  }

  std::optional<double> sm_clock_hz() const override { return clock_.clock_hz(); }

 private:
  void enqueue(std::int64_t launches) {
    for (std::int64_t i = 0; i < launches; ++i) workload_->launch(stream_.get(), next_++);
  }

  // A rough time of one launch; the first of it loads the kernel.
  double once_s() {
    workload_->launch(stream_.get(), next_++);
    start_.record(stream_.get());
    workload_->launch(stream_.get(), next_++);
    stop_.record(stream_.get());
    return cuda::elapsed_s(start_, stop_);
  }

  // First of the members: the others are created on the device that it selects.
  struct SelectDevice {
    explicit SelectDevice(int ordinal) { ROOFPROOF_CUDA_CHECK(cudaSetDevice(ordinal)); }
  };
  SelectDevice select_;
  cuda::ClockProbe clock_;
  cuda::Stream stream_;
  cuda::Event start_;
  cuda::Event stop_;
  Workload* workload_ = nullptr;
  std::int64_t replays_ = 0;  // of the graph, which has so many launches
  std::int64_t graph_launches_ = 0;
  std::int64_t plain_launches_ = 0;  // beside it
  std::int64_t next_ = 0;
  std::optional<cuda::Graph> graph_;
};

}  // namespace

std::unique_ptr<Timer> make_cuda_timer(const Device& device) {
  return std::make_unique<CudaTimer>(device);
}

}  // namespace roofproof::bench
