// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// How the GEMM and GEMV kernels of a run stand beside the library and beside older kernels, shape
// by shape and over all shapes of a kind: what tuning them is judged by.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "analysis/disturbance.h"
#include "analysis/statistics.h"
#include "analysis/text_table.h"
#include "results/record/record.h"

namespace roofproof {

// The geometric mean of several shapes' ratios, session by session, over the sessions that have all
// of them; nothing where there is none.
inline std::optional<analysis::Estimate> mean_ratio(
    const std::vector<analysis::SessionValues>& ratios) {
  analysis::SessionValues means;
  for (const auto& [session, first] : ratios.front()) {
    double logs = 0;
    std::size_t found = 0;
    for (const analysis::SessionValues& shape : ratios) {
      const auto ratio = shape.find(session);
      if (ratio == shape.end()) continue;
      logs += std::log(ratio->second);
      ++found;
    }
    if (found == ratios.size()) means[session] = std::exp(logs / static_cast<double>(found));
  }
  if (means.empty()) return std::nullopt;
  return analysis::estimate(means);
}

// One line per shape that was measured both by hand and by cuBLASLt, or by hand and by a kernel
// that was forced; below each kind its geometric mean. Rates in FLOP/s; brackets are 95 %
// intervals.
inline std::string gemm_ratios_text(const Record& record) {
  struct Case {
    analysis::SessionValues rates;
    std::string label;
    bool disturbed = false;
  };
  std::map<std::string, Case> cases;
  for (const Row& row : record.rows) {
    const bool product = row.problem.op == Op::gemm || row.problem.op == Op::gemv;
    if (!product || row.validity == Validity::suspect) continue;
    cases[row.name].rates[row.session] = row.flop_per_s();
    cases[row.name].label = row.label;
    if (analysis::is_disturbed(row)) cases[row.name].disturbed = true;
  }

  const auto ratio_text = [](const analysis::Estimate& ratio) {
    return ratio.interval ? fmt::format("{:.3f} [{:.3f}, {:.3f}]", ratio.value, ratio.interval->low,
                                        ratio.interval->high)
                          : fmt::format("{:.3f}", ratio.value);
  };
  const auto mark = [](bool disturbed) { return disturbed ? ", disturbed" : ""; };
  // Of the activations: a GEMV has as many as sequences.
  const auto rows_of = [](const Problem& problem) {
    return problem.op == Op::gemv ? problem.shape.batch : problem.shape.m;
  };
  struct Kind {
    analysis::TextTable table{"lrrrl"};
    std::vector<analysis::SessionValues> ratios;
    bool disturbed = false;
  };
  std::map<std::string, Kind> kinds;
  // The row over the one that it is held against, in the sessions that have both.
  const auto compare = [&](const std::string& kind, const Row& row, const Case& over,
                           const Case& under) {
    const std::optional<analysis::Estimate> ratio = analysis::paired_ratio(over.rates, under.rates);
    if (!ratio) return;
    analysis::SessionValues by_session;
    for (const auto& [session, rate] : over.rates) {
      const auto other = under.rates.find(session);
      if (other != under.rates.end()) by_session[session] = rate / other->second;
    }
    Kind& found = kinds[kind];
    found.ratios.push_back(by_session);
    const bool disturbed = over.disturbed || under.disturbed;
    found.disturbed = found.disturbed || disturbed;
    const Shape& shape = row.problem.shape;
    found.table.add({fmt::format("{} x {} x {}", rows_of(row.problem), shape.n, shape.k),
                     analysis::si_text(analysis::estimate(over.rates).value, "FLOP/s", 3),
                     analysis::si_text(analysis::estimate(under.rates).value, "FLOP/s", 3),
                     ratio_text(*ratio) + mark(disturbed), over.label});
  };
  for (const Row& row : record.rows) {
    const auto of = [&](Implementation implementation) {
      return cases.find(benchmark_name(row.problem, implementation));
    };
    const auto mine = cases.find(row.name);
    const auto by_hand = of(Implementation::hand);
    if (row.implementation != Implementation::hand || mine == cases.end()) continue;
    if (row.session != mine->second.rates.begin()->first) continue;  // once per case
    const std::string precision =
        (row.problem.op == Op::gemv ? "gemv " : "") + std::string(name(row.problem.precision));
    if (row.condition) {
      if (by_hand == cases.end()) continue;
      compare(precision + ", " + row.condition->substr(row.condition->find(':') + 1) +
                  " over the newest kernel",
              row, mine->second, by_hand->second);
    } else if (const auto library = of(Implementation::cublaslt); library != cases.end()) {
      const std::string rows = rows_of(row.problem) <= 64 ? ", up to 64 rows" : "";
      compare(precision + rows + ", hand over cublaslt", row, mine->second, library->second);
    }
  }

  std::string text;
  for (const auto& [kind, found] : kinds) {
    text += kind + "\n" + found.table.text(2);
    if (const auto mean = mean_ratio(found.ratios)) {
      text += "  geometric mean " + ratio_text(*mean) + mark(found.disturbed) + "\n";
    }
    text += "\n";
  }
  return text;
}

}  // namespace roofproof
