// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// roofproof dials: four answers from the measured step of one run.

#include <fmt/format.h>

#include <memory>

#include "analysis/banner.h"
#include "analysis/commands/command.h"
#include "analysis/commands/validators.h"
#include "analysis/dials/dials.h"
#include "analysis/terminal.h"

namespace roofproof::analysis {
namespace {

struct Options {
  std::string result;
  double time_per_token_ms = 1e3 * default_time_per_token_s;
  bool json = false;
};

void run(const Options& options) {
  const Record record = read_record(options.result);
  for (const std::string& line : banners(record, options.result)) {
    fmt::print(stderr, "{}\n", line);
  }
  const ResultsView view(record);
  const std::vector<Dial> all = dials(view, options.time_per_token_ms / 1e3);
  print_text((options.json ? dials_json : dials_text)(all, record.device.name));
}

}  // namespace

void add_dials(CLI::App& app, Program&) {
  CLI::App* command = app.add_subcommand(
      "dials", "Answer from a run: when drafts pay, when narrow weights stop, users, context");
  auto options = std::make_shared<Options>();
  command->add_option("RESULT", options->result, "a result file of bench_all")->required();
  command
      ->add_option("--time-per-token", options->time_per_token_ms,
                   "limit for each user in ms, for the largest batch")
      ->check(above_zero(1e6))
      ->capture_default_str();
  command->add_flag("--json", options->json, "print one JSON object, SI units");
  command->footer(
      "Brackets: 95 %, from the intervals of the measured times.\n\n"
      "Examples:\n"
      "  roofproof dials results/tesla-t4/run.json --time-per-token 30");
  command->callback([options] { run(*options); });
}

}  // namespace roofproof::analysis
