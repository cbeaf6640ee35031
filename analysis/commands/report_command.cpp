// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// roofproof report: runs as a page to look at.

#include <fmt/format.h>

#include <memory>

#include "analysis/commands/command.h"
#include "analysis/input_error.h"
#include "analysis/report.h"
#include "analysis/result_files.h"
#include "results/atomic_file.h"

namespace roofproof::analysis {
namespace {

struct Options {
  std::vector<std::string> results;
  std::string out;
};

void add_folder(const std::string& folder, Report& report) {
  for (const std::string& file : result_files_below(folder)) {
    try {
      report.add(file, read_record(file));
    } catch (const RecordError& error) {
      fmt::print(stderr, "passed over: {}\n", error.what());
    }
  }
}

void run(const Options& options, const Program& program) {
  const SpecTable specs = program.specs();
  Report report(specs);
  for (const std::string& path : options.results) {
    if (std::filesystem::is_directory(path)) {
      add_folder(path, report);
    } else {
      report.add(path, read_record(path));
    }
  }
  if (report.empty()) throw InputError("no result file in " + options.results.front());
  write_file_atomically(options.out, report.html());
  fmt::print("wrote {}\n", options.out);
}

}  // namespace

void add_report(CLI::App& app, Program& program) {
  CLI::App* command =
      app.add_subcommand("report", "Runs as one page to look at: charts, claims and conditions");
  auto options = std::make_shared<Options>();
  command
      ->add_option("RESULT", options->results,
                   "result files, or folders of them; of each device the latest run is shown in "
                   "full, the others over time")
      ->required();
  command->add_option("-o,--out", options->out, "the page")->required()->type_name("FILE.html");
  command->footer(
      "The page is one file that needs no network. Claims about two GPUs need the results of "
      "both.\n\n"
      "Examples:\n"
      "  roofproof report results/tesla-t4/*.json -o t4.html\n"
      "  roofproof report results -o all.html");
  command->callback([options, &program] { run(*options, program); });
}

}  // namespace roofproof::analysis
