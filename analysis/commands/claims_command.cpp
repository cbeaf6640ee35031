// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// roofproof claims: the article's claims against result files.

#include <fmt/format.h>

#include <memory>

#include "analysis/claims/output.h"
#include "analysis/commands/read_results.h"
#include "analysis/terminal.h"

namespace roofproof::analysis {
namespace {

struct Options {
  std::vector<std::string> results;
  bool json = false;
};

void run(const Options& options, Program& program) {
  const std::deque<ReadResult> files = read_results(options.results, program);
  std::vector<RunFile> runs;
  for (const ReadResult& result : files) runs.push_back({result.file, &result.record});
  const SpecTable specs = program.specs();
  const std::vector<ClaimResult> results = decide_claims(runs, specs);
  if (options.json) {
    fmt::print("{}", claims_json(results, runs));
  } else {
    print_text(claims_text(results, runs));
  }
}

}  // namespace

void add_claims(CLI::App& app, Program& program) {
  CLI::App* command =
      app.add_subcommand("claims", "Test the article's claims, by arithmetic and by measurement");
  auto options = std::make_shared<Options>();
  command->add_option(
      "RESULT", options->results,
      "result files of bench_all, or folders of them; without any, the verdicts by arithmetic");
  command->add_flag("--json", options->json,
                    "SI units, {\"claims\": [{\"id\", \"by_arithmetic\", \"verdict\", "
                    "\"on_this_cpu\", ...}]}; \"verdict\" is by measurement on GPUs");
  command->footer(
      "By arithmetic: from the article's figures and the datasheets. By measurement: on GPUs; a "
      "run\n"
      "of a CPU only says whether the same law agrees, differs or is unclear there. Claims about "
      "two\n"
      "GPUs need the results of both. Tolerances were fixed before any run.\n\n"
      "Examples:\n"
      "  roofproof claims\n"
      "  roofproof claims results/tesla-t4\n"
      "  roofproof claims t4.json a100.json --json");
  command->callback([options, &program] { run(*options, program); });
}

}  // namespace roofproof::analysis
