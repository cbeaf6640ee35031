// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The sub-commands of roofproof. Each is a file of its own that adds itself to the program's
// options; main.cpp lists them.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>

#include "analysis/spec.h"
#include "results/record/exit_code.h"

namespace roofproof::analysis {

// What the commands share.
struct Program {
  std::optional<std::filesystem::path> specs_folder;  // --specs
  int exit_code = ExitCode::fine;                     // what the command that ran sets

  SpecTable specs() const { return SpecTable::load(specs_folder); }
};

// Adds a sub-command. Its callback prints to standard output, throws on bad input, and sets
// program.exit_code where the end is not a plain success.
using AddCommand = void (*)(CLI::App& app, Program& program);

void add_audit(CLI::App& app, Program& program);
void add_baseline(CLI::App& app, Program& program);
void add_check(CLI::App& app, Program& program);
void add_claims(CLI::App& app, Program& program);
void add_compare(CLI::App& app, Program& program);
void add_dials(CLI::App& app, Program& program);
void add_export(CLI::App& app, Program& program);
void add_predict(CLI::App& app, Program& program);
void add_recommend(CLI::App& app, Program& program);
void add_report(CLI::App& app, Program& program);
void add_score(CLI::App& app, Program& program);
void add_specs(CLI::App& app, Program& program);

}  // namespace roofproof::analysis
