// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <fmt/core.h>

#include "analysis/compare/against.h"
#include "analysis/report/report.h"
#include "analysis/summary/summary.h"
#include "analysis/terminal.h"
#include "bench/app.h"
#include "results/record/atomic_file.h"

namespace {

using namespace roofproof;

// r.json -> r.html; any other name keeps its ending, so that the result is never overwritten.
std::filesystem::path page_beside(std::filesystem::path result) {
  if (result.extension() == ".json") return result.replace_extension(".html");
  return result += ".html";
}

void summarise(const bench::Result& result) {
  const auto specs = analysis::SpecTable::load();
  analysis::Report report(specs);
  report.add(result.path.string(), result.record);
  write_file_atomically(page_beside(result.path), report.html());
  analysis::print_text("\n" + analysis::summary_text(result.record, result.path.string(), specs));
}

int print_against(const bench::Result& mine, const bench::Result& other) {
  const analysis::AgainstReport report = analysis::hold_against(mine.record, other.record);
  fmt::print("\nagainst {}\n{}", other.path.string(), report.text);
  return report.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run_app(argc, argv, bench::suite(), catalogue(), {summarise, print_against});
}
