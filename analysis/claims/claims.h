// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The article's claims, each with two verdicts: by arithmetic, from the article and the datasheets
// alone, and by measurement, from the runs at hand. One entry per claim, beside the functions that
// test it: what it says, the tolerance (fixed before any run) and how it is tested.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/spec.h"
#include "analysis/statistics.h"
#include "results/record/record.h"

namespace roofproof::analysis {

enum class Verdict {
  // By arithmetic.
  holds,
  contradicts_itself,
  contradicts_datasheet,
  nothing_to_compute,
  // By measurement on GPUs.
  confirmed,
  refuted,
  inconclusive,
  // By measurement of the same law on a CPU, which decides nothing about GPUs.
  agrees,
  differs,
  unclear,
  // Neither was measured.
  not_testable_here,
};
std::string_view name(Verdict verdict);     // "not_testable_here"
std::string_view words(Verdict verdict);    // of one claim: "contradicts itself"
std::string_view counted(Verdict verdict);  // behind a number: "contradict themselves"
std::string_view symbol(Verdict verdict);  // "✓", "✗", "?", of a CPU "=", "≠", "~", else "·"

// What arithmetic finds beside the figures that it computes.
enum class FindingKind {
  own_arithmetic,  // the article contradicts itself
  datasheet,       // a sourced figure says otherwise
  note,            // what a reader should know
};
std::string_view name(FindingKind kind);

struct Finding {
  FindingKind kind = FindingKind::note;
  std::string text;
};

// One figure that the claim predicts, and what was found.
struct Comparison {
  std::string what;
  std::string unit;               // of quantity_text()
  Interval predicted;             // by the claim; both ends the same for one figure
  double tolerance = 0;           // the claim holds in [low (1 - tolerance), high (1 + tolerance)]
  std::optional<Estimate> found;  // measured, or computed (then without sessions)
  bool measured = true;           // false: arithmetic
  bool decides = true;            // false: shown beside the figures that decide
  bool on_host = false;           // same law on a CPU
  std::string device;             // that was measured
  std::string file;               // that holds the measurement
  std::vector<std::string> benchmarks;
  std::string remark;
  std::string disturbance;  // why no verdict may follow from it; empty: one may
  Verdict verdict = Verdict::not_testable_here;
};

struct Claim;

struct ClaimResult {
  const Claim* claim = nullptr;
  Verdict by_arithmetic = Verdict::nothing_to_compute;
  std::string arithmetic;                            // one sentence; "": nothing to compute
  Verdict verdict = Verdict::not_testable_here;      // by measurement, on GPUs
  Verdict on_this_cpu = Verdict::not_testable_here;  // the same law
  std::string why;                                   // of the measurement, one sentence
  std::vector<Comparison> comparisons;
  std::vector<Finding> findings;

  // On GPUs; where none decided, on this CPU.
  Verdict measured() const;
  bool same_law_on_this_cpu() const;  // measured() is a CPU's
  // The comparison that measured() is from, else the one of the arithmetic; null where there is
  // none.
  const Comparison* deciding() const;
};

// A result file and its name.
struct RunFile {
  std::string file;
  const Record* record = nullptr;
};

// "Faster", "more": an open end without tolerance has to be exceeded; to reach it decides nothing.
bool is_threshold(const Interval& claimed, double tolerance);

// Inside the tolerance, outside it, or across its edge (or without an interval).
Verdict judge(const Interval& claimed, double tolerance, const Estimate& found);

// One result per claim, in the order of the table. Records and specs must outlive them.
std::vector<ClaimResult> decide_claims(std::span<const RunFile> runs, const SpecTable& specs);
// Of the claims about one GPU against another alone.
std::vector<ClaimResult> decide_claims_across(std::span<const RunFile> runs,
                                              const SpecTable& specs);

}  // namespace roofproof::analysis
