// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// roofproof check: a run against floors and against its past.

#include <memory>

#include "analysis/check/check.h"
#include "analysis/commands/command.h"
#include "analysis/terminal.h"

namespace roofproof::analysis {
namespace {

struct Options {
  CheckRequest request;
  bool markdown = false;
  bool junit = false;
  bool json = false;
};

void run(const Options& options, Program& program) {
  const CheckReport report = check_files(options.request, program.specs());
  const auto form = options.json       ? check_json
                    : options.junit    ? check_junit
                    : options.markdown ? check_markdown
                                       : check_text;
  print_text(form(report));
  program.exit_code = report.exit_code();
}

}  // namespace

void add_check(CLI::App& app, Program& program) {
  CLI::App* command =
      app.add_subcommand("check", "Check a run against known floors and its own history");
  auto options = std::make_shared<Options>();
  command
      ->add_option(
          "NEW", options->request.files,
          "result file; a repeated run as second file confirms what the first one suspects")
      ->required();
  command
      ->add_option(
          "--history", options->request.history,
          "folder of earlier runs; the last 8 to 20 of the same GPU class and protocol count")
      ->type_name("DIR");
  command->add_flag("--strict", options->request.strict,
                    "exit with 1 unless every floor and every row of the baseline passes");
  CLI::Option* markdown = command->add_flag("--markdown", options->markdown,
                                            "print Markdown: the verdict, then tables");
  CLI::Option* junit =
      command
          ->add_flag("--junit", options->junit,
                     "print JUnit XML: regression = failure, inconclusive = error, "
                     "no floor or history = skipped")
          ->excludes(markdown);
  command->add_flag("--json", options->json, "print one JSON object, SI units")
      ->excludes(markdown)
      ->excludes(junit);
  command->footer(
      "Floors: 90 % of what was published for the same GPU, checked with the best result of each\n"
      "operation and precision (to list them: roofproof specs GPU). A result at a clock lowered "
      "by\n"
      "power, heat or a setting can pass, but not fail. A part of a GPU has no floors.\n"
      "History: a benchmark slower than the 99 % prediction limit, by more than 2 % and 0.5 us, "
      "is\n"
      "suspect (3). One comparison in 100 is a false alarm: with 40 benchmarks expect one false\n"
      "alarm in 3 runs. Slower in two runs is a regression (1). With fewer than 8 comparable runs\n"
      "there is no verdict (3).\n"
      "Exit codes: 0 memory and arithmetic were each checked against a floor or the history, and "
      "no\n"
      "check failed or was inconclusive; 1 below a floor or slower; 2 bad input; 3 inconclusive,\n"
      "with the missing data.\n"
      "JUnit: the case 'verdict' passes only if the exit code is 0.\n\n"
      "Examples:\n"
      "  roofproof check results/tesla-t4/new.json\n"
      "  roofproof check new.json --history results/tesla-t4\n"
      "  roofproof check new.json again.json --history results --json\n"
      "  roofproof check new.json --history results/tesla-t4 --junit > roofproof.xml");
  command->callback([options, &program] { run(*options, program); });
}

}  // namespace roofproof::analysis
