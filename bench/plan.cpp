// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/plan.h"

#include <regex>
#include <set>
#include <stdexcept>

namespace roofproof::bench {
namespace {

std::regex compile_filter(const std::string& filter) {
  try {
    return std::regex(filter, std::regex::ECMAScript);
  } catch (const std::regex_error& error) {
    throw std::invalid_argument("--filter '" + filter +
                                "' is not a regular expression: " + error.what());
  }
}

}  // namespace

std::vector<Case> make_plan(std::span<const SuiteRow> suite, const PlanOptions& options) {
  const std::regex filter = compile_filter(options.filter);
  std::vector<Case> cases;
  std::set<std::string> names;
  for (const SuiteRow& row : suite) {
    if (row.backend != options.backend || row.profile > options.profile) continue;
    for (const Shape& shape : row.shapes) {
      for (const Precision precision : row.precisions) {
        for (const Implementation implementation : row.implementations) {
          const Problem problem{row.op, precision, shape};
          Case planned{benchmark_name(problem, implementation), problem, implementation,
                       row.choice};
          if (!options.kernel.empty()) {
            if (implementation != Implementation::hand) continue;
            planned.kernel = options.kernel;
            planned.name += "/kernel:" + options.kernel;
          }
          if (!std::regex_search(planned.name, filter)) continue;
          if (names.insert(planned.name).second) cases.push_back(planned);
        }
      }
    }
  }
  return cases;
}

}  // namespace roofproof::bench
