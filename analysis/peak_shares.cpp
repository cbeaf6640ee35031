// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/peak_shares.h"

#include <stdexcept>

#include "analysis/predict.h"

namespace roofproof::analysis {
namespace {

// What bounds the series, and the clock that this ceiling follows.
struct Ceiling {
  std::optional<double> datasheet;
  std::optional<double> derived;
  std::optional<double> clock_max_hz;
  std::optional<double> clock_hz;
};

Ceiling compute_ceiling(const Series& series, const DeviceRecord& device,
                        const DevicePeaks& peaks) {
  const Arithmetic arithmetic = arithmetic_of(series.problem.op, series.problem.precision);
  Ceiling ceiling;
  ceiling.derived = peaks.peak_per_s(arithmetic);
  ceiling.clock_max_hz = device.sm_clock_max_hz;
  ceiling.clock_hz = series.mean(&Row::sm_clock_hz);
  return ceiling;
}

Ceiling memory_ceiling(const Series& series, const DeviceRecord& device, const DevicePeaks& peaks) {
  Ceiling ceiling;
  ceiling.derived = peaks.bytes_per_s;
  ceiling.clock_max_hz = device.memory_clock_max_hz;
  ceiling.clock_hz = series.mean(&Row::memory_clock_hz);
  return ceiling;
}

}  // namespace

Arithmetic arithmetic_of(Op op, Precision precision) {
  if (op != Op::peak && op != Op::gemm) return step_arithmetic(precision);
  switch (precision) {
    case Precision::fp32:
      return Arithmetic::fp32;
    case Precision::fp16:
    case Precision::w8a16:
    case Precision::w4a16:
      return Arithmetic::fp16;
    case Precision::int8:
      return Arithmetic::int8;
    case Precision::int4:
      return Arithmetic::int4;
  }
  throw std::logic_error("arithmetic_of: unknown precision");
}

const Figure& datasheet_ceiling(const GpuSpec& spec, Op op, Precision precision) {
  return is_arithmetic(op) ? spec.peak_per_s(arithmetic_of(op, precision))
                           : spec.memory_bandwidth_bytes_per_s;
}

PeakShares peak_shares(const Series& series, const DeviceRecord& device, const DevicePeaks& peaks) {
  const Problem& problem = series.problem;
  Ceiling ceiling = is_arithmetic(problem.op) ? compute_ceiling(series, device, peaks)
                                              : memory_ceiling(series, device, peaks);
  if (const GpuSpec* spec = peaks.whole()) {
    ceiling.datasheet = datasheet_ceiling(*spec, problem.op, problem.precision).value;
  }
  const double reached = estimate(rate(series)).value;
  PeakShares shares;
  if (ceiling.datasheet) shares.datasheet = reached / *ceiling.datasheet;
  if (ceiling.derived) {
    shares.derived = reached / *ceiling.derived;
    if (ceiling.clock_hz && ceiling.clock_max_hz) {
      shares.at_clock = *shares.derived * *ceiling.clock_max_hz / *ceiling.clock_hz;
    }
  }
  return shares;
}

}  // namespace roofproof::analysis
