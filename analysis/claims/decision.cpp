// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/claims/decision.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "analysis/claims/output.h"
#include "analysis/claims/table.h"
#include "analysis/quantity.h"

namespace roofproof::analysis {
namespace {

Interval allowed(const Interval& claimed, double tolerance) {
  return {claimed.low * (1 - tolerance), claimed.high * (1 + tolerance)};
}

bool within(double value, const Interval& range) {
  return range.low <= value && value <= range.high;
}

// What the claim's figures come to together: one that is off refutes it, one that is unclear keeps
// it from being confirmed.
Verdict combined(const std::vector<Comparison>& comparisons) {
  std::set<Verdict> seen;
  for (const Comparison& comparison : comparisons) {
    if (comparison.decides) seen.insert(comparison.verdict);
  }
  for (const Verdict verdict : {Verdict::refuted, Verdict::inconclusive, Verdict::confirmed}) {
    if (seen.contains(verdict)) return verdict;
  }
  return Verdict::not_testable_here;
}

std::string describe(const Comparison& comparison) {
  const std::string found = estimate_text(*comparison.found, comparison.unit);
  const std::string claimed =
      claimed_text(comparison.predicted, comparison.tolerance, comparison.unit);
  std::string text = comparison.what + ": " + claimed + " claimed, " + found;
  text += comparison.measured ? " measured" : " computed";
  if (!comparison.device.empty()) text += " on " + comparison.device;
  if (!comparison.disturbance.empty()) {
    text += "; it decides nothing: " + comparison.disturbance;
  } else if (comparison.verdict == Verdict::inconclusive) {
    text += comparison.found->interval
                ? ", and the interval crosses the edge of what is allowed"
                : fmt::format(", from {} of at least {} sessions: no interval, no verdict",
                              comparison.found->sessions, least_sessions_for_interval);
  }
  if (!comparison.remark.empty()) text += "; " + comparison.remark;
  return text;
}

// The sentence is that of the first figure with the verdict of the whole.
std::string explain(const ClaimResult& result, const std::vector<std::string>& missing) {
  if (const Comparison* comparison = result.deciding()) {
    if (comparison->found && comparison->verdict != Verdict::not_testable_here) {
      return describe(*comparison);
    }
    return comparison->remark;
  }
  if (!missing.empty()) return missing.front();
  return "no result file that could decide it; tested by: " + std::string(result.claim->tested_by);
}

}  // namespace

bool is_threshold(const Interval& claimed, double tolerance) {
  return tolerance == 0 && std::isinf(claimed.high);
}

Verdict judge(const Interval& claimed, double tolerance, const Estimate& found) {
  if (!found.interval) return Verdict::inconclusive;
  const Interval range = allowed(claimed, tolerance);
  if (within(found.interval->low, range) && within(found.interval->high, range) &&
      !(is_threshold(claimed, tolerance) && found.interval->low == range.low)) {
    return Verdict::confirmed;
  }
  if (found.interval->high < range.low || found.interval->low > range.high) {
    return Verdict::refuted;
  }
  return Verdict::inconclusive;
}

Decision::Decision(const Claim& claim) : claim_(claim) { result_.claim = &claim; }

Comparison Decision::make(std::span<const Run* const> runs, Measured measured) const {
  const Run& run = *runs.front();
  Comparison comparison;
  comparison.what = std::move(measured.what);
  comparison.unit = std::move(measured.unit);
  comparison.predicted = measured.predicted;
  comparison.tolerance = measured.tolerance.value_or(claim_.tolerance);
  comparison.found = measured.found;
  comparison.on_host = run.on_host();
  comparison.device = run.record().device.name;
  comparison.file = run.file;
  comparison.remark = std::move(measured.remark);
  for (const Series* series : measured.from) {
    comparison.benchmarks.push_back(series->name);
    for (const Run* from : runs) {
      if (comparison.disturbance.empty()) {
        comparison.disturbance = from->disturbance.of(series->problem);
      }
    }
  }
  return comparison;
}

void Decision::compare(const Run& run, Measured measured) {
  if (!measured.found) {
    missing(run, measured.what + ": its parts were never measured in the same session");
    return;
  }
  decide(make(std::array{&run}, std::move(measured)), run.no_verdict);
}

void Decision::compare(const Run& a, const Run& b, Measured measured) {
  Comparison comparison = make(std::array{&a, &b}, std::move(measured));
  comparison.device.clear();
  comparison.file += ", " + b.file;
  decide(std::move(comparison), a.no_verdict.empty() ? b.no_verdict : a.no_verdict);
}

void Decision::judge_measured(Comparison& comparison) {
  comparison.verdict = comparison.disturbance.empty()
                           ? judge(comparison.predicted, comparison.tolerance, *comparison.found)
                           : Verdict::inconclusive;
}

void Decision::decide(Comparison comparison, const std::string& no_verdict) {
  if (no_verdict.empty()) {
    judge_measured(comparison);
  } else {
    comparison.remark = no_verdict;
  }
  result_.comparisons.push_back(std::move(comparison));
}

void Decision::show(const Run& run, Measured measured) {
  if (!measured.found) return;
  Comparison comparison = make(std::array{&run}, std::move(measured));
  comparison.decides = false;
  if (run.no_verdict.empty()) judge_measured(comparison);
  result_.comparisons.push_back(std::move(comparison));
}

void Decision::compute(std::string what, std::string unit, Interval predicted, double value) {
  Comparison comparison;
  comparison.what = std::move(what);
  comparison.unit = std::move(unit);
  comparison.predicted = predicted;
  comparison.tolerance = claim_.tolerance;
  comparison.found = Estimate{value, std::nullopt, 0};
  comparison.measured = false;
  comparison.verdict =
      within(value, allowed(predicted, claim_.tolerance)) ? Verdict::confirmed : Verdict::refuted;
  result_.comparisons.push_back(std::move(comparison));
}

void Decision::require(const Run& run, Measured computed) {
  Comparison comparison = make(std::array{&run}, std::move(computed));
  comparison.measured = false;
  const bool holds =
      within(comparison.found->value, allowed(comparison.predicted, comparison.tolerance));
  comparison.decides = !holds && run.no_verdict.empty();
  comparison.verdict = holds ? Verdict::confirmed : Verdict::refuted;
  result_.comparisons.push_back(std::move(comparison));
}

void Decision::missing(const Run& run, std::string reason) {
  missing_.push_back(run.file + ": " + std::move(reason));
}

bool Decision::is_no_gpu(const Run& run) {
  if (run.on_host()) missing(run, "the claim follows from a GPU's ridge, this is a CPU");
  return run.on_host();
}

void Decision::find(FindingKind kind, std::string text) {
  result_.findings.push_back({kind, std::move(text)});
}

ClaimResult Decision::result() && {
  result_.verdict = combined(result_.comparisons);
  result_.why = explain(result_, missing_);
  if (result_.verdict != Verdict::not_testable_here) {
    for (const std::string& reason : missing_) find(FindingKind::note, "not decided: " + reason);
  }
  // Arithmetic beside them is no machine's.
  const auto decided = [](const Comparison& comparison) {
    return comparison.decides && comparison.measured &&
           comparison.verdict != Verdict::not_testable_here;
  };
  const auto& all = result_.comparisons;
  result_.same_law_on_this_cpu =
      std::any_of(all.begin(), all.end(), decided) &&
      std::all_of(all.begin(), all.end(), [&](const Comparison& comparison) {
        return !decided(comparison) || comparison.on_host;
      });
  return std::move(result_);
}

}  // namespace roofproof::analysis
