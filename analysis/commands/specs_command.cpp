// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// roofproof specs: what is known of each GPU, from where, and whether it adds up.

#include <fmt/format.h>

#include <memory>
#include <string>

#include "analysis/commands/command.h"
#include "analysis/commands/specs_output.h"

namespace roofproof::analysis {
namespace {

struct Options {
  std::string gpu;
  bool json = false;
};

std::string shown(const Options& options, const SpecTable& specs) {
  if (options.gpu.empty()) return options.json ? overview_json(specs) : overview_text(specs);
  const GpuSpec& gpu = *specs.choose(options.gpu).gpu;
  return options.json ? gpu_json(gpu) : gpu_text(gpu);
}

}  // namespace

void add_specs(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "specs", "Show GPU specifications with sources, checked against SMs x clock x rate");
  auto options = std::make_shared<Options>();
  command->add_option("gpu", options->gpu, "a GPU; without it, all in one table");
  command->add_flag("--json", options->json, "print every figure as JSON, SI units");
  command->footer(
      "Statuses: verified (in the cited source; 'read' in JSON), derived (computed from that),\n"
      "unconfirmed (from memory or a third party), conflict (sources disagree), unknown,\n"
      "unsupported.\n\n"
      "Examples:\n"
      "  roofproof specs\n"
      "  roofproof specs H100\n"
      "  roofproof specs 'A100 80GB PCIe' --json\n"
      "  roofproof --specs my-gpus specs");
  command->callback([options, &program] { fmt::print("{}", shown(*options, program.specs())); });
}

}  // namespace roofproof::analysis
