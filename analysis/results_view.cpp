// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/results_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace roofproof::analysis {
namespace {

// Arrays that are read over and over must exceed the cache by this, or a part of them stays in it.
constexpr double cache_multiple = 4;

// By name, in the order of the file; of each the sessions in order.
template <class Accept>
std::vector<Series> grouped(const Record& record, Accept&& accept) {
  std::vector<Series> all;
  std::map<std::string, std::size_t> positions;
  for (const Row& row : record.rows) {
    if (row.validity == Validity::suspect || !accept(row)) continue;
    const auto [position, is_new] = positions.emplace(row.name, all.size());
    if (is_new) all.push_back({row.name, row.problem, row.implementation, {}});
    all[position->second].rows.push_back(&row);
  }
  for (Series& series : all) {
    std::sort(series.rows.begin(), series.rows.end(),
              [](const Row* a, const Row* b) { return a->session < b->session; });
  }
  return all;
}

bool is_made_by(Implementation implementation, Maker maker) {
  return maker == Maker::any || (maker == Maker::library) == is_library(implementation);
}

bool exceeds_cache(const Series& series, const DeviceRecord& device) {
  if (!device.last_level_cache_bytes) return true;
  const double footprint = series.bytes() * series.rows.front()->copies.value_or(1);
  return footprint >= cache_multiple * static_cast<double>(*device.last_level_cache_bytes);
}

template <class Value>
SessionValues by_session(const Series& series, Value&& value) {
  SessionValues values;
  for (const Row* row : series.rows) values[row->session] = value(*row);
  return values;
}

template <class Accept>
const Series* highest(const std::vector<Series>& all, Accept&& accept) {
  const Series* best = nullptr;
  double best_rate = 0;
  for (const Series& series : all) {
    if (!accept(series)) continue;
    const double value = estimate(rate(series)).value;
    if (!best || value > best_rate) {
      best = &series;
      best_rate = value;
    }
  }
  return best;
}

// Why no row whose name is accepted has a figure.
template <class Accept>
std::string why_none(const Record& record, const std::string& what, Accept&& accept) {
  for (const Row& row : record.rows) {
    if (row.validity != Validity::suspect || row.condition || !accept(row.name)) continue;
    return fmt::format("{}: suspect: {}", row.name, fmt::join(row.reasons, "; "));
  }
  for (const NotMeasured& entry : record.not_measured) {
    if (accept(entry.name)) return entry.name + ": " + entry.reason;
  }
  const std::optional<std::string>& filter = record.protocol.filter;
  return fmt::format("no {} in this run{}", what, filter ? ", of --filter " + *filter : "");
}

}  // namespace

std::string Series::label() const {
  std::set<std::string> seen;
  std::string labels;
  for (const Row* row : rows) {
    if (row->label.empty() || !seen.insert(row->label).second) continue;
    labels += (labels.empty() ? "" : " | ") + row->label;
  }
  return labels;
}

SessionValues Series::time_s() const {
  return by_session(*this, [](const Row& row) { return row.time_s; });
}

SessionValues Series::flop_per_s() const {
  return by_session(*this, [](const Row& row) { return row.flop_per_s(); });
}

SessionValues Series::bytes_per_s() const {
  return by_session(*this, [](const Row& row) { return row.bytes_per_s(); });
}

std::optional<double> Series::mean(std::optional<double> Row::*field) const {
  double sum = 0;
  int count = 0;
  for (const Row* row : rows) {
    if (!(row->*field)) continue;
    sum += *(row->*field);
    ++count;
  }
  return count == 0 ? std::nullopt : std::optional(sum / count);
}

std::optional<double> Series::mean_extra(const std::string& counter) const {
  double sum = 0;
  int count = 0;
  for (const Row* row : rows) {
    const auto found = row->extra.find(counter);
    if (found == row->extra.end()) continue;
    sum += found->second;
    ++count;
  }
  return count == 0 ? std::nullopt : std::optional(sum / count);
}

SessionValues rate(const Series& series) {
  return is_arithmetic(series.problem.op) ? series.flop_per_s() : series.bytes_per_s();
}

ResultsView::ResultsView(const Record& record)
    : record_(&record),
      series_(grouped(record, [](const Row& row) { return !row.condition; })),
      conditioned_(grouped(record, [](const Row& row) { return row.condition.has_value(); })) {}

const Series* ResultsView::find(const Problem& problem, Implementation implementation) const {
  const auto found = std::find_if(series_.begin(), series_.end(), [&](const Series& series) {
    return series.problem == problem && series.implementation == implementation;
  });
  return found == series_.end() ? nullptr : &*found;
}

const Series* ResultsView::find_forced(const Problem& problem, std::string_view kernel) const {
  const std::string condition = "kernel:" + std::string(kernel);
  const auto found =
      std::find_if(conditioned_.begin(), conditioned_.end(), [&](const Series& series) {
        return series.problem == problem && series.rows.front()->condition == condition;
      });
  return found == conditioned_.end() ? nullptr : &*found;
}

const Series* ResultsView::fastest(const Problem& problem, Maker maker) const {
  return highest(series_, [&](const Series& series) {
    return series.problem == problem && is_made_by(series.implementation, maker);
  });
}

const Series* ResultsView::best(Op op, Precision precision, Maker maker) const {
  return highest(series_, [&](const Series& series) {
    return series.problem.op == op && series.problem.precision == precision &&
           is_made_by(series.implementation, maker);
  });
}

std::vector<Problem> ResultsView::problems(Op op) const {
  std::vector<Problem> result;
  for (const Series& series : series_) {
    const Problem& problem = series.problem;
    if (problem.op == op && std::find(result.begin(), result.end(), problem) == result.end()) {
      result.push_back(problem);
    }
  }
  return result;
}

std::vector<Problem> ResultsView::problems(Op op, Precision precision) const {
  std::vector<Problem> result = problems(op);
  std::erase_if(result, [&](const Problem& problem) { return problem.precision != precision; });
  return result;
}

const Series* ResultsView::memory_roof(Op op) const {
  return highest(series_, [&](const Series& series) {
    return series.problem.op == op && exceeds_cache(series, record_->device);
  });
}

std::string ResultsView::why_absent(Op op, Precision precision) const {
  const std::string kind = std::string(name(op)) + '/' + std::string(name(precision)) + '/';
  return why_none(*record_, kind + "...",
                  [&](const std::string& name) { return name.starts_with(kind); });
}

std::string ResultsView::why_absent(const std::string& name) const {
  return why_none(*record_, name, [&](const std::string& other) { return other == name; });
}

std::optional<Estimate> share_of_read(const ResultsView& view, const Series& series) {
  const Series* read = view.read_roof();
  if (!read) return std::nullopt;
  return paired_ratio(series.bytes_per_s(), read->bytes_per_s());
}

Precision step_gemm(const ResultsView& view, Precision weights) {
  const bool host = view.record().device.backend == Backend::host;
  return host || weights == Precision::fp32 ? Precision::fp32 : Precision::fp16;
}

Precision loop_precision(const ResultsView& view, const Problem& problem) {
  const Precision precision = problem.precision;
  const bool expanded =
      problem.op == Op::prefill || precision == Precision::w8a16 || precision == Precision::w4a16;
  return expanded ? step_gemm(view, precision) : precision;
}

const Series* compute_roof(const ResultsView& view, Precision precision) {
  return highest(view.series(), [&](const Series& series) {
    const Op op = series.problem.op;
    return (op == Op::peak || op == Op::gemm) && loop_precision(view, series.problem) == precision;
  });
}

RoofPosition roof_position(const Estimate& share) {
  if (share.interval && share.interval->high < memory_bound_share) return RoofPosition::off;
  return share.value < memory_bound_share ? RoofPosition::unclear : RoofPosition::on;
}

std::string roof_words(RoofPosition position, const DeviceRecord& device) {
  if (position == RoofPosition::on) return "";
  const std::string words =
      device.backend == Backend::host ? "compute-bound on this CPU" : "below the memory roof";
  return position == RoofPosition::off ? words : "unclear whether " + words;
}

}  // namespace roofproof::analysis
