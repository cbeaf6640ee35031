// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// roofproof report: runs as a page to look at.

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "analysis/commands/read_results.h"
#include "analysis/report/report.h"
#include "analysis/terminal.h"
#include "results/record/atomic_file.h"

namespace roofproof::analysis {
namespace {

struct Options {
  std::vector<std::string> results;
  std::string out;
  bool json = false;
};

void run(const Options& options, Program& program) {
  const SpecTable specs = program.specs();
  Report report(specs);
  for_each_result(options.results, program, [&](const std::string& file, Record&& record) {
    report.add(file, std::move(record));
  });
  if (options.json) {
    print_text(report.json());
    return;
  }
  write_file_atomically(options.out, report.html());
  fmt::print("wrote {}\n", options.out);
}

}  // namespace

void add_report(CLI::App& app, Program& program) {
  CLI::App* command =
      app.add_subcommand("report", "Write runs as one HTML page: charts, claims and conditions");
  auto options = std::make_shared<Options>();
  command
      ->add_option("RESULT", options->results,
                   "result files, or folders of them; of each device the latest run is shown in "
                   "full, the others over time")
      ->required();
  CLI::Option* out =
      command->add_option("-o,--out", options->out, "the page")->type_name("FILE.html");
  command->add_flag("--json", options->json, "print the data of the page instead, as JSON")
      ->excludes(out);
  command->footer(
      "The page is one file that needs no network. Claims about two GPUs need the results of "
      "both.\n\n"
      "Examples:\n"
      "  roofproof report results/tesla-t4/*.json -o t4.html\n"
      "  roofproof report results -o all.html\n"
      "  roofproof report results --json");
  command->callback([options, &program] {
    if (options->out.empty() && !options->json) throw CLI::RequiredError("--out or --json");
    run(*options, program);
  });
}

}  // namespace roofproof::analysis
