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
  CLI::App* command = app.add_subcommand(
      "check", "Is a run what its GPU can do, and what it was? Exits 1 where not");
  auto options = std::make_shared<Options>();
  command
      ->add_option("NEW", options->request.files,
                   "a result file; a second one, measured anew, confirms what the first suspects")
      ->required();
  command
      ->add_option("--history", options->request.history,
                   "folder of earlier runs: the last 8 to 20 of the same GPU class and protocol")
      ->type_name("DIR");
  command->add_flag("--strict", options->request.strict,
                    "every floor of the board and every row of the baseline must hold: else 1");
  CLI::Option* markdown = command->add_flag("--markdown", options->markdown,
                                            "headed by the verdict, tables of Markdown");
  CLI::Option* junit = command
                           ->add_flag("--junit", options->junit,
                                      "JUnit XML: worse is a failure, inconclusive an error, "
                                      "without a yardstick skipped")
                           ->excludes(markdown);
  command->add_flag("--json", options->json, "SI units, one object")
      ->excludes(markdown)
      ->excludes(junit);
  command->footer(
      "Floors: nine tenths of what was published for the same GPU, held against the best of each\n"
      "operation and precision (roofproof specs GPU shows them). What was measured at a clock "
      "that\n"
      "power, heat or a setting held may pass and cannot fail. A part of a GPU has none.\n"
      "History: slower than the 99 % prediction limit, by more than 2 % and 0.5 us, is a suspicion "
      "(3):\nby chance one in 100 comparisons, which a table of 40 benchmarks meets in one run of "
      "three. Slower in\ntwo runs is a regression (1). Fewer than 8 comparable runs decide nothing "
      "(3).\n"
      "Exit codes: 0 memory and arithmetic were each held against a floor or the past, and nothing "
      "is\nworse or unclear; 1 below a floor or slower; 2 bad input; 3 inconclusive, with what was "
      "missing.\n"
      "JUnit: the case 'verdict' passes where the exit code is 0, and nowhere else.\n\n"
      "Examples:\n"
      "  roofproof check results/tesla-t4/new.json\n"
      "  roofproof check new.json --history results/tesla-t4\n"
      "  roofproof check new.json again.json --history results --json\n"
      "  roofproof check new.json --history results/tesla-t4 --junit > roofproof.xml");
  command->callback([options, &program] { run(*options, program); });
}

}  // namespace roofproof::analysis
