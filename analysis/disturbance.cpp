// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/disturbance.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "results/record/row_reasons.h"

namespace roofproof::analysis {
namespace {

bool is_disturbed_headline(const Row& row) { return !row.condition && is_disturbed(row); }

struct Count {
  std::ptrdiff_t disturbed = 0;
  std::ptrdiff_t all = 0;

  bool too_many() const {
    return static_cast<double>(disturbed) > most_disturbed_share * static_cast<double>(all);
  }
};

Count count_rows(const Record& record) {
  const std::vector<Row>& rows = record.rows;
  return {std::count_if(rows.begin(), rows.end(), is_disturbed_headline),
          std::count_if(rows.begin(), rows.end(), [](const Row& row) { return !row.condition; })};
}

// "gemm/... at 123 % of the measured peak/..."; "" where it is not above it.
std::string above_roof(const Series* series, const Series* roof) {
  if (!series || !roof) return "";
  const std::optional<Estimate> share = paired_ratio(rate(*series), rate(*roof));
  if (!share) return "";
  const double least = share->interval ? share->interval->low : share->value;
  if (!(least > most_of_own_roof)) return "";
  return fmt::format("{} at {:.0f} % of {}, its own roof", series->name, 100 * share->value,
                     roof->name);
}

// Of GEMM on a CPU alone: that a GPU's peak loop bounds its libraries is not known of every GPU,
// and a CPU in peace may copy at 1.5 times the rate at which it reads.
std::string find_above_roof(const ResultsView& view) {
  if (view.record().device.backend != Backend::host) return "";
  for (const Problem& problem : view.problems(Op::gemm)) {
    const std::string found =
        above_roof(view.fastest(problem), view.best(Op::peak, loop_precision(view, problem)));
    if (!found.empty()) return found;
  }
  return "";
}

std::string find_of_run(const ResultsView& view) {
  const Count count = count_rows(view.record());
  if (count.too_many()) {
    return fmt::format("{} of {} rows of this run were disturbed", count.disturbed, count.all);
  }
  const std::string above = find_above_roof(view);
  return above.empty() ? "" : "this run was disturbed: " + above;
}

bool had_others(const Row& row) {
  return std::any_of(row.reasons.begin(), row.reasons.end(),
                     [](const std::string& reason) { return reason.starts_with(other_processes); });
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// "31 to 60 %" or "31 %", of the wall time that the threads of the disturbed rows had; "" where no
// row tells.
std::string shares_text(const Record& record) {
  std::vector<double> shares;
  for (const Row& row : record.rows) {
    if (!is_disturbed_headline(row) || !had_others(row) || !row.cpu_time_s) continue;
    shares.push_back(*row.cpu_time_s / mean(row.samples_s));
  }
  if (shares.empty()) return "";
  const auto [least, most] = std::minmax_element(shares.begin(), shares.end());
  const std::string low = fmt::format("{:.0f}", 100 * *least);
  const std::string high = fmt::format("{:.0f}", 100 * *most);
  return low == high ? low + " %" : low + " to " + high + " %";
}

}  // namespace

bool is_disturbed(const Row& row) { return row.validity == Validity::disturbed; }

bool is_disturbed(const Series& series) {
  return std::any_of(series.rows.begin(), series.rows.end(),
                     [](const Row* row) { return is_disturbed(*row); });
}

Disturbance::Disturbance(const ResultsView& view) : of_run_(find_of_run(view)) {
  for (const Row& row : view.record().rows) {
    if (!is_disturbed_headline(row)) continue;
    of_kind_.try_emplace(
        {row.problem.op, row.problem.precision},
        fmt::format("{} was disturbed: {}", row.name, fmt::join(row.reasons, "; ")));
  }
}

std::string Disturbance::of(const Kind& kind) const {
  if (!of_run_.empty()) return of_run_;
  const auto found = of_kind_.find(kind);
  return found == of_kind_.end() ? "" : found->second;
}

std::string Disturbance::mark(std::initializer_list<const Series*> from) const {
  const bool disturbed = std::any_of(from.begin(), from.end(), [&](const Series* series) {
    return series && !may_decide(*series);
  });
  return disturbed ? ", disturbed" : "";
}

std::string disturbance_banner(const Record& record, const std::string& file) {
  const ResultsView view(record);
  const std::string of_run = find_of_run(view);
  const Count count = count_rows(record);
  if (of_run.empty() && count.disturbed == 0) return "";
  std::string what = of_run;
  if (what.empty()) what = fmt::format("{} of {} rows were disturbed", count.disturbed, count.all);
  const std::string shares = shares_text(record);
  if (!shares.empty()) {
    what +=
        fmt::format("; other processes used the CPUs: the benchmark got {} of the time", shares);
  }
  return fmt::format("DISTURBED: {}: {}; no verdict uses {}: stop other programs and run again",
                     file, what, of_run.empty() ? "these rows" : "this run");
}

}  // namespace roofproof::analysis
