// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/claims/decision.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <iterator>
#include <set>
#include <utility>

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

// What a verdict is called where a CPU was measured.
constexpr std::pair<Verdict, Verdict> same_law[] = {{Verdict::confirmed, Verdict::agrees},
                                                    {Verdict::refuted, Verdict::differs},
                                                    {Verdict::inconclusive, Verdict::unclear}};

Verdict on_cpu(Verdict verdict) {
  return std::find_if(std::begin(same_law), std::end(same_law),
                      [&](const auto& row) { return row.first == verdict; })
      ->second;
}

// What figures come to together, the gravest first: one that is off refutes the claim, one that is
// unclear keeps it from being confirmed.
Verdict combined(const std::vector<Comparison>& comparisons, std::initializer_list<Verdict> gravest,
                 Verdict none) {
  std::set<Verdict> seen;
  for (const Comparison& comparison : comparisons) {
    if (comparison.decides) seen.insert(comparison.verdict);
  }
  for (const Verdict verdict : gravest) {
    if (seen.contains(verdict)) return verdict;
  }
  return none;
}

constexpr std::pair<FindingKind, Verdict> contradictions[] = {
    {FindingKind::own_arithmetic, Verdict::contradicts_itself},
    {FindingKind::datasheet, Verdict::contradicts_datasheet}};

std::string describe(const Comparison& comparison) {
  const std::string found = estimate_text(*comparison.found, comparison.unit);
  const std::string claimed =
      claimed_text(comparison.predicted, comparison.tolerance, comparison.unit);
  std::string text = comparison.what + ": " + claimed + " claimed, " + found;
  text += comparison.measured ? " measured" : " computed";
  if (!comparison.device.empty()) text += " on " + comparison.device;
  if (!comparison.disturbance.empty()) {
    text += "; no verdict: " + comparison.disturbance;
  } else if (comparison.verdict == Verdict::inconclusive ||
             comparison.verdict == Verdict::unclear) {
    text += comparison.found->interval
                ? ", and the interval crosses the limit of the tolerance"
                : fmt::format(", from {} sessions, at least {} are needed for a verdict",
                              comparison.found->sessions, least_sessions_for_interval);
  }
  if (!comparison.remark.empty()) text += "; " + comparison.remark;
  return text;
}

// The sentence of the first contradiction, else that of the first figure with the verdict.
void judge_arithmetic(ClaimResult& result) {
  result.by_arithmetic = combined(result.comparisons, {Verdict::contradicts_itself, Verdict::holds},
                                  Verdict::nothing_to_compute);
  for (const Comparison& comparison : result.comparisons) {
    if (comparison.verdict != result.by_arithmetic) continue;
    result.arithmetic = describe(comparison);
    break;
  }
  for (const auto& [kind, verdict] : contradictions) {
    for (const Finding& finding : result.findings) {
      if (finding.kind != kind) continue;
      result.by_arithmetic = verdict;
      result.arithmetic = finding.text;
      return;
    }
  }
}

// The sentence is that of the first figure with the verdict of the whole.
std::string explain(const ClaimResult& result, const std::vector<std::string>& missing) {
  const Comparison* comparison = result.deciding();
  if (comparison && result.measured() != Verdict::not_testable_here) return describe(*comparison);
  if (comparison && comparison->measured) return comparison->remark;
  if (!missing.empty()) return missing.front();
  return "tested by " + std::string(result.claim->tested_by);
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
  const Verdict verdict = comparison.disturbance.empty()
                              ? judge(comparison.predicted, comparison.tolerance, *comparison.found)
                              : Verdict::inconclusive;
  comparison.verdict = comparison.on_host ? on_cpu(verdict) : verdict;
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
  comparison.verdict = within(value, allowed(predicted, claim_.tolerance))
                           ? Verdict::holds
                           : Verdict::contradicts_itself;
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
  judge_arithmetic(result_);
  result_.verdict =
      combined(result_.comparisons, {Verdict::refuted, Verdict::inconclusive, Verdict::confirmed},
               Verdict::not_testable_here);
  result_.on_this_cpu =
      combined(result_.comparisons, {Verdict::differs, Verdict::unclear, Verdict::agrees},
               Verdict::not_testable_here);
  result_.why = explain(result_, missing_);
  if (result_.measured() != Verdict::not_testable_here) {
    for (const std::string& reason : missing_) find(FindingKind::note, "not decided: " + reason);
  }
  return std::move(result_);
}

}  // namespace roofproof::analysis
