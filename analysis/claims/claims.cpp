// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/claims/claims.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "analysis/claims/table.h"
#include "kernels/problem/name_table.h"

namespace roofproof::analysis {
namespace {

struct VerdictWords {
  Verdict verdict;
  std::string_view name;
  std::string_view words;
  std::string_view counted;
  std::string_view symbol;
};
constexpr VerdictWords verdict_words[] = {
    {Verdict::holds, "holds", "holds", "hold", "✓"},
    {Verdict::contradicts_itself, "contradicts_itself", "contradicts itself",
     "contradict themselves", "✗"},
    {Verdict::contradicts_datasheet, "contradicts_datasheet", "contradicts the datasheet",
     "contradict a datasheet", "✗"},
    {Verdict::nothing_to_compute, "nothing_to_compute", "nothing to compute",
     "with nothing to compute", "·"},
    {Verdict::confirmed, "confirmed", "confirmed", "confirmed", "✓"},
    {Verdict::refuted, "refuted", "refuted", "refuted", "✗"},
    {Verdict::inconclusive, "inconclusive", "inconclusive", "inconclusive", "?"},
    {Verdict::agrees, "agrees", "agrees", "agree", "="},
    {Verdict::differs, "differs", "differs", "differ", "≠"},
    {Verdict::unclear, "unclear", "unclear", "unclear", "~"},
    {Verdict::not_testable_here, "not_testable_here", "not testable here", "not testable here",
     "·"},
};

const VerdictWords& row_of(Verdict verdict) {
  return *std::find_if(std::begin(verdict_words), std::end(verdict_words),
                       [&](const VerdictWords& row) { return row.verdict == verdict; });
}

constexpr NameTable<FindingKind, 3> finding_names = {
    {FindingKind::own_arithmetic, "own_arithmetic"},
    {FindingKind::datasheet, "datasheet"},
    {FindingKind::note, "note"},
};

Evidence gather(std::span<const RunFile> runs, const SpecTable& specs) {
  Evidence evidence;
  evidence.specs = &specs;
  for (const RunFile& run : runs) {
    const ResultsView view(*run.record);
    const DevicePeaks peaks = device_peaks(run.record->device, specs);
    evidence.runs.push_back(
        {run.file, view, peaks,
         run.record->synthetic ? "synthetic figures: no verdict" : peaks.why_not_whole,
         Disturbance(view)});
  }
  return evidence;
}

ClaimResult decide(const Claim& claim, const Evidence& evidence) {
  Decision decision(claim);
  if (claim.by_arithmetic) claim.by_arithmetic(*evidence.specs, decision);
  if (claim.on_run) {
    for (const Run& run : evidence.runs) claim.on_run(run, decision);
  }
  if (claim.across_runs) claim.across_runs(evidence, decision);
  return std::move(decision).result();
}

}  // namespace

std::string_view name(Verdict verdict) { return row_of(verdict).name; }
std::string_view words(Verdict verdict) { return row_of(verdict).words; }
std::string_view counted(Verdict verdict) { return row_of(verdict).counted; }
std::string_view symbol(Verdict verdict) { return row_of(verdict).symbol; }

std::string_view name(FindingKind kind) { return find_name(finding_names, kind); }

Verdict ClaimResult::measured() const {
  return verdict == Verdict::not_testable_here ? on_this_cpu : verdict;
}

bool ClaimResult::same_law_on_this_cpu() const {
  return verdict == Verdict::not_testable_here && on_this_cpu != Verdict::not_testable_here;
}

const Comparison* ClaimResult::deciding() const {
  for (const Verdict wanted : {measured(), by_arithmetic}) {
    for (const Comparison& comparison : comparisons) {
      if (comparison.decides && comparison.verdict == wanted) return &comparison;
    }
  }
  return nullptr;
}

std::vector<ClaimResult> decide_claims(std::span<const RunFile> runs, const SpecTable& specs) {
  const Evidence evidence = gather(runs, specs);
  std::vector<ClaimResult> results;
  for (const Claim& claim : claims_table()) results.push_back(decide(claim, evidence));
  return results;
}

std::vector<ClaimResult> decide_claims_across(std::span<const RunFile> runs,
                                              const SpecTable& specs) {
  const Evidence evidence = gather(runs, specs);
  std::vector<ClaimResult> results;
  for (const Claim& claim : claims_table()) {
    if (claim.across_runs) results.push_back(decide(claim, evidence));
  }
  return results;
}

}  // namespace roofproof::analysis
