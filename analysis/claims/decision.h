// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the files of claims/ share: the evidence at hand, and the gathering of a verdict from it.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <vector>

#include "analysis/claims/claims.h"
#include "analysis/disturbance.h"
#include "analysis/results_view.h"
#include "analysis/spec.h"

namespace roofproof::analysis {

inline constexpr double unlimited = std::numeric_limits<double>::infinity();

// A result file ready to be asked.
struct Run {
  std::string file;
  ResultsView view;
  DevicePeaks peaks;
  std::string no_verdict;  // why nothing may be decided from it; empty: it may
  Disturbance disturbance;

  const Record& record() const { return view.record(); }
  bool on_host() const { return record().device.backend == Backend::host; }
  const GpuSpec* spec() const { return peaks.spec; }
};

struct Evidence {
  std::vector<Run> runs;
  const SpecTable* specs = nullptr;
};

// A figure on its way to become a Comparison.
struct Measured {
  std::string what;
  std::string unit;
  Interval predicted;
  std::optional<Estimate> found;
  std::vector<const Series*> from;
  std::string remark = {};
  std::optional<double> tolerance = {};  // another than the claim's
};

// Gathers what a claim's functions find and turns it into a result.
class Decision {
 public:
  explicit Decision(const Claim& claim);

  // A measured figure that decides, of one run or of two, or that is only shown.
  void compare(const Run& run, Measured measured);
  void compare(const Run& a, const Run& b, Measured measured);
  void show(const Run& run, Measured measured);
  // A figure that needs no measurement.
  void compute(std::string what, std::string unit, Interval predicted, double value);
  // As above, of the device that was measured: decides only against the claim.
  void require(const Run& run, Measured computed);
  // Why a run cannot decide.
  void missing(const Run& run, std::string reason);
  // For claims that follow from a GPU's ridge, of which a CPU has a tenth: true where the run is of
  // a CPU, and then missing() is told.
  bool is_no_gpu(const Run& run);
  void find(FindingKind kind, std::string text);

  ClaimResult result() &&;

 private:
  Comparison make(std::span<const Run* const> runs, Measured measured) const;
  void decide(Comparison comparison, const std::string& no_verdict);
  static void judge_measured(Comparison& comparison);

  const Claim& claim_;
  ClaimResult result_;
  std::vector<std::string> missing_;
};

}  // namespace roofproof::analysis
