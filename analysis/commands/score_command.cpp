// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// roofproof score: predictions against what others published.

#include <memory>

#include "analysis/commands/command.h"
#include "analysis/engines/score.h"
#include "analysis/terminal.h"

namespace roofproof::analysis {

void add_score(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "score", "Hold predictions against published rates: bound, error, coverage, rank of cost");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "print one JSON object, SI units");
  command->footer(
      "Each rate is predicted by the law that the rates of other boards give. The rates, with "
      "their "
      "sources:\nresults/published/.\n\n"
      "Examples:\n"
      "  roofproof score\n"
      "  roofproof score --json");
  command->callback([json, &program] {
    const Score result = score(engine_rates(), program.specs(), machines());
    print_text(*json ? score_json(result) : score_text(result));
  });
}

}  // namespace roofproof::analysis
