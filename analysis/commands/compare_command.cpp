// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// roofproof compare: runs side by side.

#include <memory>

#include "analysis/commands/command.h"
#include "analysis/compare/compare.h"
#include "analysis/compare/known.h"
#include "analysis/input_error.h"
#include "analysis/terminal.h"

namespace roofproof::analysis {
namespace {

struct Options {
  std::vector<std::string> results;
  std::vector<std::string> gpus;
  bool published = false;
  bool markdown = false;
  bool csv = false;
  bool json = false;
};

// How runs are printed, and how what is known of GPUs without a run.
struct Form {
  std::string (*runs)(const CompareResult&);
  std::string (*known)(const KnownTable&);
};

Form form_of(const Options& options) {
  if (options.markdown) return {compare_markdown, known_markdown};
  if (options.csv) return {compare_csv, known_csv};
  if (options.json) return {compare_json, known_json};
  return {compare_text, known_text};
}

void run(const Options& options, Program& program) {
  const SpecTable specs = program.specs();
  const Form form = form_of(options);
  if (!options.gpus.empty()) {
    print_text(form.known(known_figures(options.gpus, specs)));
    return;
  }
  if (options.results.empty()) {
    throw InputError("give result files, or --published --gpu T4,A10G,A100 without a run");
  }
  CompareResult result = compare_files(options.results, specs);
  if (options.published) add_published(result, published_rates(), specs);
  print_text(form.runs(result));
  if (result.passed_over) program.exit_code = ExitCode::bad_input;
}

}  // namespace

void add_compare(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "compare", "Compare runs side by side: one table per operation, one column per run");
  auto options = std::make_shared<Options>();
  CLI::Option* results = command->add_option(
      "RESULT", options->results,
      "result files, each a column; or folders, the latest run of each device there");
  CLI::Option* published =
      command->add_flag("--published", options->published,
                        "also show published figures of these GPUs, marked †, with sources");
  command
      ->add_option("--gpu", options->gpus,
                   "without a run: datasheet, predicted and published figures of these GPUs (names "
                   "as in `roofproof specs`); needs --published")
      ->delimiter(',')
      ->needs(published)
      ->excludes(results);
  CLI::Option* markdown =
      command->add_flag("--markdown", options->markdown, "print Markdown tables");
  CLI::Option* csv =
      command->add_flag("--csv", options->csv, "print CSV, one line per figure, SI units");
  CLI::Option* json = command->add_flag("--json", options->json, "print one JSON object, SI units");
  markdown->excludes(csv)->excludes(json);
  csv->excludes(json);
  command->footer(
      "Each figure has its 95 % interval, its share of four roofs (datasheet, device at maximum\n"
      "clock, device at the measured clock, measured) and its ratio to the first run that has "
      "it.\n\n"
      "Examples:\n"
      "  roofproof compare t4.json l4.json\n"
      "  roofproof compare results --markdown\n"
      "  roofproof compare t4.json --published\n"
      "  roofproof compare --published --gpu T4,A10G,A100\n"
      "  roofproof compare before.json after.json --csv");
  command->callback([options, &program] { run(*options, program); });
}

}  // namespace roofproof::analysis
