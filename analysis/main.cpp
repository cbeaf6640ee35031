// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// roofproof: what a run means.

#include <fmt/format.h>
#include <malloc.h>

#include <cstdio>
#include <exception>

#include "analysis/commands/command.h"
#include "results/record/printable.h"

namespace {

using namespace roofproof::analysis;
using roofproof::ExitCode;

// In the order in which --help shows them.
constexpr AddCommand commands[] = {
    add_predict,   add_audit, add_claims, add_compare, add_check,  add_baseline,
    add_recommend, add_dials, add_score,  add_report,  add_export, add_specs,
};

// Hundreds of results are read one after another, each into the memory of the one before. Handing
// it back to the kernel in between, as malloc does by default, took 40 % of the time.
void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
}

bool is_stdout_lost() { return std::fflush(stdout) != 0 || std::ferror(stdout) != 0; }

int complain(const char* what) {
  fmt::print(stderr, "roofproof: {}\n", roofproof::printable(what));
  return ExitCode::bad_input;
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  CLI::App app("Tests how close a GPU comes to its roofline.", "roofproof");
  app.require_subcommand(0, 1);
  app.fallthrough();
  app.set_version_flag("--version", ROOFPROOF_VERSION);
  app.footer("For options and examples: roofproof COMMAND --help");
  Program program;
  app.add_option("--specs", program.specs_folder,
                 "folder of GPU spec files that replace and extend the built-in ones")
      ->envname("ROOFPROOF_SPECS")
      ->type_name("DIR");
  for (const AddCommand add : commands) add(app, program);
  try {
    app.parse(argc, argv);
    if (app.get_subcommands().empty()) {
      fmt::print(stderr, "{}", app.help());
      return ExitCode::bad_input;
    }
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? ExitCode::fine : ExitCode::bad_input;
  } catch (const std::exception& error) {
    if (is_stdout_lost()) return complain("standard output cannot be written");
    return complain(error.what());
  }
  if (is_stdout_lost()) return complain("standard output cannot be written");
  return program.exit_code;
}
