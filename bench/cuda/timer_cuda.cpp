// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <cuda_runtime_api.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>

#include "bench/cuda/clock_probe.h"
#include "bench/cuda/gate.h"
#include "bench/cuda/isolation.h"
#include "bench/session/timer.h"
#include "kernels/cuda/runtime/event.h"
#include "kernels/cuda/runtime/graph.h"
#include "kernels/cuda/runtime/stream.h"

namespace roofproof::bench {
namespace {

// Enqueueing one kernel costs the host a few microseconds; above this many seconds per launch the
// device never waits for it, and plain launches are timed.
constexpr double graph_below_s = 100e-6;

// A graph of more kernels than this is replayed instead of made longer: a second of launches of 10
// us would take seconds to instantiate and be a hundred thousand nodes in memory.
constexpr std::int64_t most_graph_launches = 4096;

// So many plain launches are all enqueued before the device begins. Of more it waits for the first
// ones: they might not fit in the stream's queue, and a host that is held up by a full one opens no
// gate.
constexpr std::int64_t most_held_launches = 500;
constexpr std::int64_t first_launches = 64;

// Attempts at a sample: where the device gave up waiting at the gate, the host was timed.
constexpr int most_attempts = 3;

// Enqueues launches, each the next of its kind.
using Enqueue = std::function<void(cudaStream_t stream)>;

class CudaTimer : public Timer {
 public:
  explicit CudaTimer(const Device& device)
      : select_(device.ordinal), device_(device), clock_(device) {
    // Loads the kernels of the gate and the clock, which may not happen while the device waits.
    gate_.hold(stream_.get());
    gate_.release();
    clock_.start(stream_.get());
    clock_.stop(stream_.get());
    stream_.synchronize();
  }

  StreamHandle stream() const override { return stream_.get(); }

  void prepare(Workload& workload, std::int64_t launches) override {
    work_ = together(launches_of(workload), launches, launches > 1 && workload.capturable());
  }

  void prepare_alone(Workload& workload, std::int64_t launches) override {
    work_ = alone(launches_of(workload), launches);
  }

  double launches_s() override { return time_s(work_); }

  std::optional<double> empty_launch_s() override {
    constexpr std::int64_t launches = 200;
    std::optional<double>& known_s = work_.alone ? empty_alone_s_ : empty_together_s_;
    if (!known_s) {
      const Work nothing = work_.alone ? alone(cuda::Isolation::launch_nothing, launches)
                                       : together(cuda::Isolation::launch_nothing, launches, true);
      time_s(nothing);
      known_s = time_s(nothing) / launches;
    }
    return known_s;
  }

  bool host_was_ahead() const override { return host_was_ahead_; }

  std::optional<double> sm_clock_hz() const override { return clock_.clock_hz(); }

 private:
  // What a sample enqueues.
  struct Work {
    Enqueue launch;
    bool alone = false;
    std::int64_t replays = 0;  // of the graph, and what is launched beside it
    std::int64_t plain_launches = 0;
    std::optional<cuda::Graph> graph;
  };

  Enqueue launches_of(Workload& workload) {
    return [this, &workload](cudaStream_t stream) { workload.launch(stream, next_++); };
  }

  Work together(Enqueue launch, std::int64_t launches, bool capturable) {
    Work work{std::move(launch), false, 0, launches, std::nullopt};
    if (capturable && once_s(work) < graph_below_s) {
      work.replays = (launches + most_graph_launches - 1) / most_graph_launches;
      const std::int64_t graph_launches = launches / work.replays;
      work.plain_launches = launches - work.replays * graph_launches;  // fewer than replays
      work.graph =
          cuda::Graph::capture(stream_.get(), [&] { enqueue(work.launch, graph_launches); });
      work.graph->upload(stream_.get());
    }
    stream_.synchronize();
    return work;
  }

  Work alone(Enqueue launch, std::int64_t launches) {
    if (!isolation_) isolation_.emplace(device_);
    launch(stream_.get());  // loads the kernel, which a device that waits would not let happen
    isolation_->displace_caches(stream_.get());
    stream_.synchronize();
    return {std::move(launch), true, 0, launches, std::nullopt};
  }

  void enqueue(const Enqueue& launch, std::int64_t launches) {
    for (std::int64_t i = 0; i < launches; ++i) launch(stream_.get());
  }

  double time_s(const Work& work) { return work.alone ? one_by_one_s(work) : together_s(work); }

  // Times what enqueues behind the gate, until the device has waited at it.
  template <class Time>
  double gated_s(const Time& time) {
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
      const double time_s = time();
      if (!gate_.was_given_up()) return time_s;
    }
    throw std::runtime_error("launches took the host longer than the device waits for them");
  }

  double together_s(const Work& work) {
    const std::int64_t count = work.replays + work.plain_launches;
    // One replay is many launches.
    const std::int64_t held =
        work.replays > 0 ? 1 : (count <= most_held_launches ? count : first_launches);
    return gated_s([&] {
      gate_.hold(stream_.get());
      clock_.start(stream_.get());
      start_.record(stream_.get());
      for (std::int64_t i = 0; i < count; ++i) {
        if (i == held) gate_.release();
        if (i < work.replays) {
          work.graph->launch(stream_.get());
        } else {
          work.launch(stream_.get());
        }
      }
      stop_.record(stream_.get());
      host_was_ahead_ = held == count || !stop_.passed();
      gate_.release();
      clock_.stop(stream_.get());
      stream_.synchronize();
      return cuda::elapsed_s(start_, stop_);
    });
  }

  double one_by_one_s(const Work& work) {
    double sum_s = 0;
    host_was_ahead_ = true;  // of each launch, or it is not timed
    clock_.start(stream_.get());
    for (std::int64_t i = 0; i < work.plain_launches; ++i) sum_s += one_alone_s(work.launch);
    clock_.stop(stream_.get());
    stream_.synchronize();
    return sum_s;
  }

  double one_alone_s(const Enqueue& launch) {
    return gated_s([&] {
      isolation_->displace_caches(stream_.get());
      gate_.hold(stream_.get());
      start_.record(stream_.get());
      launch(stream_.get());
      stop_.record(stream_.get());
      gate_.release();
      return cuda::elapsed_s(start_, stop_);
    });
  }

  // A rough time of one launch: the shortest of some, since the host may be held up between the
  // events. The launch before them loads the kernel.
  double once_s(const Work& work) {
    work.launch(stream_.get());
    double shortest_s = std::numeric_limits<double>::infinity();
    for (int i = 0; i < 5; ++i) {
      start_.record(stream_.get());
      work.launch(stream_.get());
      stop_.record(stream_.get());
      shortest_s = std::min(shortest_s, cuda::elapsed_s(start_, stop_));
    }
    return shortest_s;
  }

  // First of the members: the others are created on the device that it selects.
  struct SelectDevice {
    explicit SelectDevice(int ordinal) { ROOFPROOF_CUDA_CHECK(cudaSetDevice(ordinal)); }
  };
  SelectDevice select_;
  Device device_;
  cuda::ClockProbe clock_;
  cuda::Stream stream_;
  cuda::Event start_;
  cuda::Event stop_;
  cuda::Gate gate_;
  Work work_;
  std::int64_t next_ = 0;
  bool host_was_ahead_ = true;
  std::optional<cuda::Isolation> isolation_;
  std::optional<double> empty_alone_s_;
  std::optional<double> empty_together_s_;
};

}  // namespace

std::unique_ptr<Timer> make_cuda_timer(const Device& device) {
  return std::make_unique<CudaTimer>(device);
}

}  // namespace roofproof::bench
