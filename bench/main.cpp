// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <fmt/core.h>

#include "analysis/against.h"
#include "analysis/summary.h"
#include "bench/app.h"

namespace {

using namespace roofproof;

void print_summary(const bench::Result& result) {
  const auto specs = analysis::SpecTable::load();
  fmt::print("\n{}", analysis::summary_text(result.record, result.path.string(), specs));
}

int print_against(const bench::Result& mine, const bench::Result& other) {
  const analysis::AgainstReport report = analysis::hold_against(mine.record, other.record);
  fmt::print("\nagainst {}\n{}", other.path.string(), report.text);
  return report.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_app(argc, argv, bench::suite(), catalogue(), {print_summary, print_against});
}
