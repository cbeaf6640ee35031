// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The clock of a backend: how long launches take, from outside the kernels.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "kernels/workload.h"

namespace roofproof::bench {

class Timer {
 public:
  virtual ~Timer() = default;

  // Where workloads are prepared and launched.
  virtual StreamHandle stream() const = 0;

  // Makes ready to time `launches` launches of the workload, from copy 0 on.
  virtual void prepare(Workload& workload, std::int64_t launches) = 0;

  // The same for launches that are timed one by one, each with cold caches. Throws std::logic_error
  // where the backend has no such way.
  virtual void prepare_alone(Workload& workload, std::int64_t launches);

  // Seconds that the prepared launches took together.
  virtual double launches_s() = 0;

  // Seconds of an empty launch, timed in the way that was prepared; empty where a launch costs
  // nothing that matters.
  virtual std::optional<double> empty_launch_s() { return std::nullopt; }

  // False where the device waited for the host during the last sample: the host's part of the
  // launches was timed too.
  virtual bool host_was_ahead() const { return true; }

  // The mean SM clock during the last sample; empty where it cannot be known.
  virtual std::optional<double> sm_clock_hz() const { return std::nullopt; }
};

// Steady clock around the calls.
std::unique_ptr<Timer> make_host_timer();

// CUDA events around launches on one stream; short kernels are replayed from a graph, so that the
// launch path of the host is not what is timed. One by one, each launch has events of its own and
// the device waits until they are enqueued.
std::unique_ptr<Timer> make_cuda_timer(const Device& device);

// Throws std::logic_error for a backend that this build lacks.
std::unique_ptr<Timer> make_timer(const Device& device);

}  // namespace roofproof::bench
