// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// roofproof baseline: which run a board is held to.

#include <fmt/format.h>

#include <memory>

#include "analysis/check/baseline.h"
#include "analysis/commands/command.h"

namespace roofproof::analysis {
namespace {

void accept(const std::string& result, const Program& program) {
  const Accepted accepted = accept_baseline(result, program.specs());
  fmt::print("{} is the baseline now{}, recorded in {}\n", result,
             accepted.before.empty() ? "" : fmt::format(" (before: {})", accepted.before),
             accepted.list.string());
}

}  // namespace

void add_baseline(CLI::App& app, Program& program) {
  CLI::App* command =
      app.add_subcommand("baseline", "Set the run that later runs are compared with");
  command->require_subcommand(1);
  CLI::App* accept_command =
      command->add_subcommand("accept", "Set a run as the baseline of its GPU class and protocol");
  auto result = std::make_shared<std::string>();
  accept_command->add_option("RESULT", *result, "a result file of bench_all")->required();
  accept_command->callback([result, &program] { accept(*result, program); });
  command->footer(
      "Only this command changes a baseline; a faster run does not. The file 'baseline' beside "
      "the\n"
      "result names it; `roofproof check --history` reads it there.\n\n"
      "Examples:\n"
      "  roofproof baseline accept results/tesla-t4/20261122T190400Z-3f2a.json");
}

}  // namespace roofproof::analysis
