// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include <algorithm>

#include "analysis/banner.h"
#include "analysis/claims/output.h"
#include "analysis/claims/table.h"
#include "analysis/quantity.h"
#include "analysis/text_table.h"

namespace roofproof::analysis {
namespace {

constexpr Verdict verdict_order[] = {Verdict::confirmed, Verdict::refuted, Verdict::inconclusive,
                                     Verdict::not_testable_here};

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

std::string same_law_words(const ClaimResult& result) {
  return result.same_law_on_this_cpu ? " (same law on this CPU)" : "";
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

std::string finding_words(const Finding& finding) {
  switch (finding.kind) {
    case FindingKind::own_arithmetic:
      return "! contradicted by its own arithmetic: " + finding.text;
    case FindingKind::datasheet:
      return "! " + finding.text;
    case FindingKind::note:
      break;
  }
  return "· " + finding.text;
}

std::string benchmark_words(const Comparison& comparison) {
  std::string text = "from ";
  for (std::size_t i = 0; i < comparison.benchmarks.size(); ++i) {
    text += (i == 0 ? "" : ", ") + comparison.benchmarks[i];
  }
  return text;
}

std::string claim_text(const ClaimResult& result) {
  const Claim& claim = *result.claim;
  std::string text = fmt::format("{} {}: {}{}\n", symbol(result.verdict), claim.id,
                                 words(result.verdict), same_law_words(result));
  text += wrapped(std::string(claim.statement), 4, 0);
  if (result.comparisons.empty() && !claim.unit.empty()) {
    text += wrapped(fmt::format("{}: {} claimed", claim.what,
                                claimed_text(claim.predicted, claim.tolerance, claim.unit)),
                    4, 2);
  }
  text += wrapped(tolerance_words(claim), 4, 2);
  text += wrapped("why: " + result.why, 4, 2);
  for (const Comparison& comparison : result.comparisons) {
    text += wrapped(comparison_words(comparison), 4, 2);
    if (!comparison.benchmarks.empty()) text += wrapped(benchmark_words(comparison), 6, 2);
  }
  for (const Finding& finding : result.findings) text += wrapped(finding_words(finding), 4, 2);
  return text;
}

}  // namespace

std::string_view symbol(Verdict verdict) {
  switch (verdict) {
    case Verdict::confirmed:
      return "✓";
    case Verdict::refuted:
      return "✗";
    case Verdict::inconclusive:
      return "?";
    case Verdict::not_testable_here:
      break;
  }
  return "·";
}

std::string count_verdicts(std::span<const ClaimResult> results) {
  std::string text;
  for (const Verdict verdict : verdict_order) {
    const auto count =
        std::count_if(results.begin(), results.end(),
                      [&](const ClaimResult& result) { return result.verdict == verdict; });
    text += fmt::format("{}{} {}", text.empty() ? "" : " · ", count, words(verdict));
  }
  return text;
}

std::string claimed_text(const Interval& claimed, double tolerance, std::string_view unit) {
  if (is_threshold(claimed, tolerance)) return "more than " + quantity_text(claimed.low, unit);
  return range_text(claimed, unit);
}

std::string claim_line(const ClaimResult& result) {
  std::string text =
      fmt::format("{} {:<{}}  ", symbol(result.verdict), result.claim->id, longest_id());
  const Comparison* comparison = result.deciding();
  if (!comparison || !comparison->found) return text + result.why;
  return text +
         fmt::format("{} claimed, {} {}{}",
                     claimed_text(comparison->predicted, comparison->tolerance, comparison->unit),
                     estimate_text(*comparison->found, comparison->unit),
                     comparison->measured ? "measured" : "computed", same_law_words(result));
}

std::string claims_text(std::span<const ClaimResult> results, std::span<const RunFile> runs) {
  std::string text;
  for (const RunFile& run : runs) {
    for (const std::string& banner : banners(*run.record, run.file)) text += banner + '\n';
  }
  for (const RunFile& run : runs) {
    text += fmt::format("{}: {}\n", run.file, run.record->device.name);
  }
  text += fmt::format("CLAIMS  {}\n", count_verdicts(results));
  for (const ClaimResult& result : results) text += '\n' + claim_text(result);
  return text;
}

}  // namespace roofproof::analysis
