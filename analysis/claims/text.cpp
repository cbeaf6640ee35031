// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "analysis/banner.h"
#include "analysis/claims/output.h"
#include "analysis/claims/table.h"
#include "analysis/quantity.h"
#include "analysis/text_table.h"

namespace roofproof::analysis {
namespace {

constexpr std::size_t line_width = 100;

std::size_t longest_id() {
  std::size_t longest = 0;
  for (const Claim& claim : claims_table()) longest = std::max(longest, claim.id.size());
  return longest;
}

// Breaks at blanks; lines after the first are indented further.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t hang) {
  std::string result(indent, ' ');
  std::size_t column = indent;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    const bool first = begin == 0;
    if (!first && column + 1 + display_width(word) > line_width) {
      result += '\n' + std::string(indent + hang, ' ');
      column = indent + hang;
    } else if (!first) {
      result += ' ';
      ++column;
    }
    result += word;
    column += display_width(word);
    begin = end + 1;
  }
  return result + '\n';
}

std::string tolerance_words(const Claim& claim) {
  const std::string amount =
      claim.tolerance > 0 ? fmt::format("± {:.3g} %", 100 * claim.tolerance) : "none";
  return fmt::format("tolerance {}: {}", amount, claim.tolerance_reason);
}

std::string comparison_words(const Comparison& comparison) {
  std::string text =
      fmt::format("{} {}: {} claimed, {} {}", symbol(comparison.verdict), comparison.what,
                  claimed_text(comparison.predicted, comparison.tolerance, comparison.unit),
                  estimate_text(*comparison.found, comparison.unit),
                  comparison.measured ? "measured" : "computed");
  if (!comparison.device.empty()) text += " on " + comparison.device;
  if (!comparison.decides) text += " (does not decide)";
  return text;
}

std::string benchmark_words(const Comparison& comparison) {
  std::string text = "from ";
  for (std::size_t i = 0; i < comparison.benchmarks.size(); ++i) {
    text += (i == 0 ? "" : ", ") + comparison.benchmarks[i];
  }
  return text;
}

std::string sentence(std::string_view head, const std::string& reason) {
  return reason.empty() ? std::string(head) : fmt::format("{}: {}", head, reason);
}

// Where a CPU was measured the reason is its own.
std::string measurement_lines(const ClaimResult& result) {
  const bool on_cpu = result.same_law_on_this_cpu();
  std::string text =
      wrapped(fmt::format("{} by measurement: {}", symbol(result.verdict),
                          sentence(measurement_words(result), on_cpu ? "" : result.why)),
              2, 2);
  if (on_cpu) {
    text += wrapped(fmt::format("{} same law on this CPU: {}", symbol(result.on_this_cpu),
                                sentence(words(result.on_this_cpu), result.why)),
                    2, 2);
  }
  return text;
}

// The figures: those that need no run, or those that do.
std::string comparison_lines(const ClaimResult& result, bool of_runs) {
  std::string text;
  for (const Comparison& comparison : result.comparisons) {
    if (comparison.file.empty() == of_runs) continue;
    text += wrapped(comparison_words(comparison), 4, 2);
    if (!comparison.benchmarks.empty()) text += wrapped(benchmark_words(comparison), 6, 2);
  }
  return text;
}

std::string claim_text(const ClaimResult& result) {
  const Claim& claim = *result.claim;
  std::string text = fmt::format("{}\n", claim.id) + wrapped(std::string(claim.statement), 2, 0);
  // Where it holds the figures below say why.
  const std::string why = result.by_arithmetic == Verdict::holds ? "" : result.arithmetic;
  text += wrapped(fmt::format("{} by arithmetic: {}", symbol(result.by_arithmetic),
                              sentence(words(result.by_arithmetic), why)),
                  2, 2);
  text +=
      comparison_lines(result, false) + measurement_lines(result) + comparison_lines(result, true);
  for (const Finding& finding : result.findings) {
    if (finding.text != result.arithmetic) text += wrapped("· " + finding.text, 4, 2);
  }
  return text + wrapped(tolerance_words(claim), 4, 2);
}

// "6 agree, 2 differ", of the verdicts that `of` tells of the claims; those that none has are left
// out, "" where none is left.
std::string counts(std::span<const ClaimResult> results, Verdict ClaimResult::*of,
                   std::initializer_list<Verdict> verdicts) {
  std::string text;
  for (const Verdict verdict : verdicts) {
    const auto count =
        std::count_if(results.begin(), results.end(),
                      [&](const ClaimResult& result) { return result.*of == verdict; });
    if (count == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, counted(verdict));
  }
  return text;
}

}  // namespace

std::string arithmetic_headline(std::span<const ClaimResult> results) {
  return counts(results, &ClaimResult::by_arithmetic,
                {Verdict::holds, Verdict::contradicts_itself, Verdict::contradicts_datasheet,
                 Verdict::nothing_to_compute});
}

std::string measurement_headline(std::span<const ClaimResult> results) {
  const auto decided = std::count_if(results.begin(), results.end(), [](const ClaimResult& result) {
    return result.verdict == Verdict::confirmed || result.verdict == Verdict::refuted;
  });
  const std::string on_gpus = counts(results, &ClaimResult::verdict,
                                     {Verdict::confirmed, Verdict::refuted, Verdict::inconclusive});
  const std::string on_cpu = counts(results, &ClaimResult::on_this_cpu,
                                    {Verdict::agrees, Verdict::differs, Verdict::unclear});
  std::string text = sentence(fmt::format("{} decided on a GPU", decided), on_gpus);
  if (!on_cpu.empty()) text += "; same law on this CPU: " + on_cpu;
  return text;
}

std::string claims_headline(std::span<const ClaimResult> results) {
  return fmt::format("CLAIMS  by arithmetic: {}\n        by measurement: {}\n",
                     arithmetic_headline(results), measurement_headline(results));
}

std::string measurement_words(const ClaimResult& result) {
  if (result.verdict != Verdict::not_testable_here) return std::string(words(result.verdict));
  return result.claim->needs.empty() ? "nothing to measure"
                                     : "needs " + std::string(result.claim->needs);
}

std::string claimed_text(const Interval& claimed, double tolerance, std::string_view unit) {
  if (is_threshold(claimed, tolerance)) return "more than " + quantity_text(claimed.low, unit);
  return range_text(claimed, unit);
}

std::string claim_line(const ClaimResult& result) {
  std::string text =
      fmt::format("{} {:<{}}  ", symbol(result.measured()), result.claim->id, longest_id());
  if (result.measured() == Verdict::not_testable_here) return text + measurement_words(result);
  const Comparison* comparison = result.deciding();
  return text +
         fmt::format("{} claimed, {} {}{}",
                     claimed_text(comparison->predicted, comparison->tolerance, comparison->unit),
                     estimate_text(*comparison->found, comparison->unit),
                     comparison->measured ? "measured" : "computed",
                     result.same_law_on_this_cpu() ? " on this CPU" : "");
}

std::string claims_text(std::span<const ClaimResult> results, std::span<const RunFile> runs) {
  std::string text;
  for (const RunFile& run : runs) {
    for (const std::string& banner : banners(*run.record, run.file)) text += banner + '\n';
  }
  for (const RunFile& run : runs) {
    text += fmt::format("{}: {}\n", run.file, run.record->device.name);
  }
  text += claims_headline(results);
  for (const ClaimResult& result : results) text += '\n' + claim_text(result);
  return text;
}

}  // namespace roofproof::analysis
