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
  fmt::print("{} is the baseline now{}, says {}\n", result,
             accepted.before.empty() ? "" : fmt::format(" (before: {})", accepted.before),
             accepted.list.string());
}

}  // namespace

void add_baseline(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand("baseline", "Pins the run that later ones are held to");
  command->require_subcommand(1);
  CLI::App* accept_command = command->add_subcommand(
      "accept", "Makes a run the baseline of its GPU class and protocol in its folder");
  auto result = std::make_shared<std::string>();
  accept_command->add_option("RESULT", *result, "a result file of bench_all")->required();
  accept_command->callback([result, &program] { accept(*result, program); });
  command->footer(
      "A baseline changes by this command alone, never because a run was faster. The file "
      "'baseline'\nbeside the result names it; `roofproof check --history` finds it there.\n\n"
      "Examples:\n"
      "  roofproof baseline accept results/tesla-t4/20261122T190400Z-3f2a.json");
}

}  // namespace roofproof::analysis
