// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/measured_ceilings.h"

#include <fmt/format.h>

#include <cmath>

#include "analysis/disturbance.h"
#include "analysis/input_error.h"
#include "analysis/text_table.h"
#include "kernels/problem/step.h"

namespace roofproof::analysis {
namespace {

std::string measured_source(const Series& series, const std::string& mark) {
  return fmt::format("measured: {}, {}{}", series.name,
                     count_text(std::ssize(series.rows), "session"), mark);
}

// BF16 has FP16's rate on every GPU that has both, and is not measured; other formats are not.
std::optional<Precision> gemm_precision(Arithmetic arithmetic) {
  switch (arithmetic) {
    case Arithmetic::fp32:
      return Precision::fp32;
    case Arithmetic::fp16:
    case Arithmetic::bf16:
      return Precision::fp16;
    case Arithmetic::int8:
      return Precision::int8;
    default:
      return std::nullopt;
  }
}

// A rung that only launches, and how many kernels that is.
struct LaunchFloor {
  const Series* rung = nullptr;
  double launches = 0;
};

std::optional<LaunchFloor> launch_floor(const ResultsView& view, const ModelWorkload& workload) {
  std::optional<LaunchFloor> best;
  for (const Problem& problem : view.problems(Op::decode, *workload.weights.measured_as)) {
    const Series* rung = view.find_forced(problem, name(Rung::launches_only));
    const std::optional<double> launches = rung ? rung->mean_extra(launches_counter) : std::nullopt;
    if (!launches || !(*launches > 0)) continue;
    const bool same_model = problem.shape.model == workload.measured_as;
    if (!best || same_model) best = LaunchFloor{rung, *launches};
    if (same_model) break;
  }
  return best;
}

[[noreturn]] void refuse(const std::string& file, const std::string& what,
                         const std::string& reason) {
  throw InputError(
      fmt::format("{} has no {}: {}; with --gpu it is taken from a datasheet", file, what, reason));
}

}  // namespace

Ceilings measured_ceilings(const ResultsView& view, const std::string& file, Precision weights,
                           const GpuSpec* spec) {
  return measured_ceilings(view, file, step_arithmetic(weights), spec);
}

Ceilings measured_ceilings(const ResultsView& view, const std::string& file, Arithmetic arithmetic,
                           const GpuSpec* spec) {
  const DeviceRecord& device = view.record().device;
  const Disturbance disturbance(view);
  Ceilings ceilings;
  const auto source = [&](const Series& series) {
    const std::string mark = disturbance.mark({&series});
    ceilings.disturbed = ceilings.disturbed || !mark.empty();
    return measured_source(series, mark);
  };
  if (spec) ceilings = datasheet_ceilings(*spec, arithmetic);
  ceilings.device = device.name;
  ceilings.arithmetic = arithmetic;
  if (device.memory_bytes) {
    ceilings.memory_bytes = static_cast<double>(*device.memory_bytes);
    ceilings.memory_source = "reported by the device";
  }
  if (const Series* read = view.read_roof()) {
    ceilings.roofs.bytes_per_s = estimate(read->bytes_per_s()).value;
    ceilings.bandwidth_source = source(*read);
  } else if (!spec) {
    refuse(file, "measured read bandwidth", view.why_absent(Op::read, Precision::fp32));
  }
  const std::optional<Precision> precision = gemm_precision(arithmetic);
  const Series* gemm = precision ? view.gemm_roof(*precision) : nullptr;
  std::string remark;
  if (!gemm && device.backend == Backend::host && precision != Precision::fp32) {
    gemm = view.gemm_roof(Precision::fp32);
    ceilings.arithmetic = Arithmetic::fp32;
    remark = " (this CPU computes in FP32)";
  }
  if (gemm) {
    ceilings.roofs.flop_per_s = estimate(gemm->flop_per_s()).value;
    ceilings.compute_source = source(*gemm) + remark;
  } else if (!spec) {
    refuse(file, fmt::format("measured {} GEMM", name(arithmetic)),
           precision ? view.why_absent(Op::gemm, *precision) : "there is no such kernel");
  }
  return ceilings;
}

void add_measured_launches(const ResultsView& view, Ceilings& ceilings, ModelWorkload& workload) {
  if (workload.model.empty() || !workload.weights.measured_as) return;
  const std::optional<LaunchFloor> floor = launch_floor(view, workload);
  if (!floor) return;
  const Model measured = find_model(floor->rung->problem.shape.model);
  workload.launches =
      std::round(floor->launches * workload.layers / static_cast<double>(measured.layers));
  ceilings.launch_gap_s = estimate(floor->rung->time_s()).value / floor->launches;
  const std::string mark = Disturbance(view).mark({floor->rung});
  ceilings.launch_source = fmt::format("measured: {}, {:.0f} launches per step{}",
                                       floor->rung->name, floor->launches, mark);
  ceilings.disturbed = ceilings.disturbed || !mark.empty();
}

}  // namespace roofproof::analysis
