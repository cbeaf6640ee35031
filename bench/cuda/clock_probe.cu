// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "bench/cuda/clock_probe.h"
#include "kernels/cuda/ptx/registers.cuh"

namespace roofproof::cuda {
namespace {

// SM ids may have gaps where units are switched off: room for more than any device has.
constexpr int slots = 512;

__global__ void read_counters(ClockReading* readings) {
  unsigned sm = 0;
  ClockReading reading;
  asm volatile("mov.u32 %0, %%smid;" : "=r"(sm));
  asm volatile("mov.u64 %0, %%clock64;" : "=l"(reading.cycles));
  reading.time_ns = ptx::globaltimer();
  if (sm < slots) readings[sm] = reading;
}

std::vector<ClockReading> download(const Buffer& buffer) {
  std::vector<ClockReading> readings(slots);
  ROOFPROOF_CUDA_CHECK(
      cudaMemcpy(readings.data(), buffer.data(), buffer.size(), cudaMemcpyDeviceToHost));
  return readings;
}

}  // namespace

std::optional<double> mean_clock_hz(const std::vector<ClockReading>& before,
                                    const std::vector<ClockReading>& after) {
  constexpr std::uint64_t least_ns = 1'000'000;
  std::vector<double> clocks_hz;
  for (std::size_t sm = 0; sm < std::min(before.size(), after.size()); ++sm) {
    if (before[sm].time_ns == 0 || after[sm].time_ns < before[sm].time_ns + least_ns) continue;
    if (after[sm].cycles <= before[sm].cycles) continue;
    const auto cycles = static_cast<double>(after[sm].cycles - before[sm].cycles);
    const auto time_ns = static_cast<double>(after[sm].time_ns - before[sm].time_ns);
    clocks_hz.push_back(cycles / time_ns * 1e9);
  }
  if (clocks_hz.empty()) return std::nullopt;
  const auto middle = clocks_hz.begin() + static_cast<std::ptrdiff_t>(clocks_hz.size() / 2);
  std::nth_element(clocks_hz.begin(), middle, clocks_hz.end());
  return *middle;
}

ClockProbe::ClockProbe(const Device& device)
    : processors_(device.processors),
      before_(slots * sizeof(ClockReading)),
      after_(slots * sizeof(ClockReading)) {}

void ClockProbe::read(cudaStream_t stream, Buffer& readings) {
  ROOFPROOF_CUDA_CHECK(cudaMemsetAsync(readings.data(), 0, readings.size(), stream));
  read_counters<<<processors_, 1, 0, stream>>>(readings.as<ClockReading>());
  ROOFPROOF_CUDA_CHECK_LAUNCH(read_counters);
}

void ClockProbe::start(cudaStream_t stream) { read(stream, before_); }
void ClockProbe::stop(cudaStream_t stream) { read(stream, after_); }

std::optional<double> ClockProbe::clock_hz() const {
  return mean_clock_hz(download(before_), download(after_));
}

}  // namespace roofproof::cuda
