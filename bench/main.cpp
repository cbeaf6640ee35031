// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <fmt/core.h>

#include "analysis/summary.h"
#include "bench/app.h"
#include "results/exit_code.h"

namespace {

using namespace roofproof;

void print_summary(const bench::Result& result) {
  const auto specs = analysis::SpecTable::load();
  fmt::print("\n{}", analysis::summary_text(result.record, result.path.string(), specs));
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Reports reports{print_summary, [](const bench::Result&, const bench::Result&) {
                                 return ExitCode::inconclusive;
                               }};
  return bench::run_app(argc, argv, bench::suite(), catalogue(), reports);
}
