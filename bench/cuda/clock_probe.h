// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The SM clock over a stretch of work, from the device's own counters: it exists where no
// management library answers, and it is the clock that the kernels really had.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/cuda/runtime/buffer.h"
#include "kernels/device.h"

namespace roofproof::cuda {

// What one SM's counters showed.
struct ClockReading {
  std::uint64_t cycles = 0;   // of this SM: clock64
  std::uint64_t time_ns = 0;  // of the device: globaltimer; 0 where no block ran on the SM
};

// Cycles over time, the median over the SMs that have both readings. Empty below 1 ms: globaltimer
// may advance in steps of a microsecond, which is 0.1 % of that. Cycles that stand still, as a
// virtual GPU's may, tell of no clock.
std::optional<double> mean_clock_hz(const std::vector<ClockReading>& before,
                                    const std::vector<ClockReading>& after);

class ClockProbe {
 public:
  explicit ClockProbe(const Device& device);

  // Reads the counters of every SM, in stream order: one block for each, a few microseconds.
  void start(cudaStream_t stream);
  void stop(cudaStream_t stream);

  // Between start() and stop(), once the stream has passed both.
  std::optional<double> clock_hz() const;

 private:
  void read(cudaStream_t stream, Buffer& readings);

  int processors_;
  Buffer before_;
  Buffer after_;
};

}  // namespace roofproof::cuda
