// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/claims/claims.h"

#include <algorithm>
#include <utility>

#include "analysis/claims/table.h"
#include "kernels/problem/name_table.h"

namespace roofproof::analysis {
namespace {

constexpr NameTable<Verdict, 4> verdict_names = {
    {Verdict::confirmed, "confirmed"},
    {Verdict::refuted, "refuted"},
    {Verdict::inconclusive, "inconclusive"},
    {Verdict::not_testable_here, "not_testable_here"},
};

constexpr NameTable<FindingKind, 3> finding_names = {
    {FindingKind::own_arithmetic, "own_arithmetic"},
    {FindingKind::datasheet, "datasheet"},
    {FindingKind::note, "note"},
};

std::string why_no_verdict(const Record& record) {
  if (record.synthetic) return "synthetic: made-up figures decide nothing";
  return why_not_whole(record.device);
}

Evidence gather(std::span<const RunFile> runs, const SpecTable& specs) {
  Evidence evidence;
  evidence.specs = &specs;
  for (const RunFile& run : runs) {
    const ResultsView view(*run.record);
    evidence.runs.push_back({run.file, view, device_peaks(run.record->device, specs),
                             why_no_verdict(*run.record), Disturbance(view)});
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

std::string_view name(Verdict verdict) { return find_name(verdict_names, verdict); }

std::string_view words(Verdict verdict) {
  return verdict == Verdict::not_testable_here ? "not testable here" : name(verdict);
}

std::string_view name(FindingKind kind) { return find_name(finding_names, kind); }

const Comparison* ClaimResult::deciding() const {
  for (const Comparison& comparison : comparisons) {
    if (comparison.decides && comparison.verdict == verdict) return &comparison;
  }
  return nullptr;
}

bool ClaimResult::contradicts_itself() const {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.kind == FindingKind::own_arithmetic;
  });
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
