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

// One case each; "": the kernel is chosen when the case is measured.
std::vector<std::string_view> kernels_of(const SuiteRow& row, Implementation implementation,
                                         const PlanOptions& options) {
  if (options.kernel.empty()) {
    return row.varied.kernels.empty() ? std::vector<std::string_view>{""} : row.varied.kernels;
  }
  // --kernel replaces the kernel of plain rows: a row that names its kernels, or other caches, has
  // a condition already, and a name has only one.
  const bool forced = implementation == Implementation::hand && row.varied.kernels.empty() &&
                      row.varied.caches.front() == Caches::rotated;
  return forced ? std::vector<std::string_view>{options.kernel} : std::vector<std::string_view>{};
}

}  // namespace

std::string Case::condition() const {
  if (!kernel.empty()) return "kernel:" + kernel;
  return caches == Caches::cold ? "cache:cold" : caches == Caches::hot ? "cache:hot" : "";
}

std::vector<Case> make_plan(std::span<const SuiteRow> suite, const PlanOptions& options) {
  const std::regex filter = compile_filter(options.filter);
  std::vector<Case> cases;
  std::set<std::string> names;
  for (const SuiteRow& row : suite) {
    if (row.backend != options.backend || row.profile > options.profile) continue;
    for (Shape shape : row.shapes) {
      if (options.without_models && !shape.model.empty()) continue;
      if (!options.model.empty() && !shape.model.empty()) shape.model = options.model;
      for (const Precision precision : row.precisions) {
        for (const Implementation implementation : row.implementations) {
          const Problem problem{row.op, precision, shape};
          for (const std::string_view kernel : kernels_of(row, implementation, options)) {
            for (const Caches caches : row.varied.caches) {
              Case planned{benchmark_name(problem, implementation),
                           problem,
                           implementation,
                           row.varied.choice,
                           std::string(kernel),
                           caches};
              if (!planned.condition().empty()) planned.name += "/" + planned.condition();
              if (!std::regex_search(planned.name, filter)) continue;
              if (names.insert(planned.name).second) cases.push_back(planned);
            }
          }
        }
      }
    }
  }
  return cases;
}

}  // namespace roofproof::bench
