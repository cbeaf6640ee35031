// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Every row of the catalogue on the GPU that PTX_SM names, each case a process of its own:
//
//   ptx_cases [--filter TEXT] [--full] [--list] [--jobs N] [--limit SECONDS]
//             [--executed FOLDER | --write-executed FOLDER]
//
// By default few small shapes, each in some mode of the PTX machine, on an H100 in `races` too, and
// every mode with some shape; --full: more shapes, each in every mode. --filter: cases in whose
// name, or row, the text stands.
// --executed: the rows that ran are those of FOLDER's file for this GPU, --write-executed makes it.
// Exit code 0: all right; 1: not; 2: bad usage.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "kernels/cuda/runtime/device.h"
#include "tests/ptx/cases/cases.h"
#include "tests/ptx/cases/covering.h"
#include "tests/ptx/cases/executed.h"
#include "tests/ptx/cases/processes.h"
#include "tests/ptx/runtime/control.h"

namespace {

using namespace roofproof;
using namespace roofproof::ptx::cases;

struct Options {
  std::string filter = {};
  bool full = false;
  bool list = false;
  int jobs = 1;
  double limit_s = 600;
  std::string executed = {};
  std::string write_executed = {};
};

// A case in a mode.
struct Planned {
  std::size_t row;
  const Case* shape;
  std::string_view mode;
};

// The covering arrays turn from one generation to the next, so that their pairs differ.
std::size_t turn_of(const Device& device) {
  constexpr int generations[] = {75, 80, 86, 89, 90};
  std::size_t turn = 0;
  for (const int generation : generations) turn += generation < device.compute_capability;
  return turn;
}

// An A10G and an L4 run what an A100 runs, the PTX of a few kernels apart: one pair of each row.
bool has_few_kernels_of_its_own(const Device& device) {
  return device.compute_capability == 86 || device.compute_capability == 89;
}

// An H100 runs the older GPUs' kernels too.
bool runs_all_kernels(const Device& device) { return device.compute_capability == 90; }

// {shape, mode} of the row, which is number `i`.
std::vector<std::pair<std::size_t, std::size_t>> pairs_of(const CaseRow& row, std::size_t i,
                                                          const Device& device, bool full) {
  const std::size_t shapes = row.cases.size();
  const std::size_t modes = ptx::runtime::modes().size();
  if (full) return all_pairs(shapes, modes);
  auto pairs = covering_pairs(shapes, modes, turn_of(device));
  if (row.one_mode || has_few_kernels_of_its_own(device)) return {pairs[i % pairs.size()]};
  // races finds the most; of the same code in many configurations enough are in it.
  if (runs_all_kernels(device) && row.of_catalogue) add_mode(pairs, shapes, modes - 1);
  return pairs;
}

std::vector<Planned> plan_of(const std::vector<CaseRow>& rows, const Device& device,
                             const Options& options) {
  const auto modes = ptx::runtime::modes();
  std::vector<Planned> plan;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const CaseRow& row = rows[i];
    if (row.cases.empty()) continue;
    const auto pairs = pairs_of(row, i, device, options.full);
    for (const auto& [shape, mode] : pairs) {
      const std::string name = row.name + ' ' + row.cases[shape].shape;
      if (name.find(options.filter) == std::string::npos) continue;
      plan.push_back({i, &row.cases[shape], modes[mode]});
    }
  }
  return plan;
}

struct RowResult {
  int passed = 0;
  int failed = 0;
  double cpu_time_s = 0;
};

// Prints each case as it ends: the covering array, with what came of it.
std::vector<RowResult> run(const std::vector<CaseRow>& rows, const std::vector<Planned>& plan,
                           const Options& options) {
  std::vector<std::function<std::string()>> tests;
  for (const Planned& planned : plan) {
    tests.push_back([&planned] {
      ptx::runtime::set_mode(planned.mode);
      return planned.shape->run();
    });
  }
  std::vector<RowResult> results(rows.size());
  run_in_processes(
      tests, options.jobs, options.limit_s, [&](std::size_t test, const Outcome& outcome) {
        const Planned& planned = plan[test];
        RowResult& result = results[planned.row];
        ++(outcome.message.empty() ? result.passed : result.failed);
        result.cpu_time_s += outcome.cpu_time_s;
        std::printf("%s  %-30s %-9.*s %6.2f s  %s  %s\n",
                    outcome.message.empty() ? "ok    " : "FAILED", rows[planned.row].name.c_str(),
                    static_cast<int>(planned.mode.size()), planned.mode.data(), outcome.cpu_time_s,
                    planned.shape->shape.c_str(), outcome.message.c_str());
        std::fflush(stdout);
      });
  return results;
}

void print_table(const Device& device, const std::vector<CaseRow>& rows,
                 const std::vector<Planned>& plan, const std::vector<RowResult>& results,
                 const Options& options) {
  const auto modes = ptx::runtime::modes();
  std::vector<std::map<std::string_view, int>> counts(rows.size() + 1);  // the last: all rows
  for (const Planned& planned : plan) {
    ++counts[planned.row][planned.mode];
    ++counts.back()[planned.mode];
  }
  RowResult sum;
  const auto print_row = [&](const char* name, std::map<std::string_view, int>& row,
                             const RowResult& result) {
    std::printf("%-30s", name);
    for (const std::string_view mode : modes) {
      std::printf(" %*d", static_cast<int>(mode.size()), row[mode]);
    }
    std::printf(" %6d %6d %7.1f\n", result.passed, result.failed, result.cpu_time_s);
  };
  std::printf("\n%-30s", device.name.c_str());
  for (const std::string_view mode : modes) {
    std::printf(" %.*s", static_cast<int>(mode.size()), mode.data());
  }
  std::printf(" passed failed core s\n");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].name.find(options.filter) == std::string::npos && counts[i].empty()) continue;
    if (rows[i].cases.empty()) {
      std::printf("%-30s not here: %s\n", rows[i].name.c_str(), rows[i].unsupported.c_str());
      continue;
    }
    print_row(rows[i].name.c_str(), counts[i], results[i]);
    sum.passed += results[i].passed;
    sum.failed += results[i].failed;
    sum.cpu_time_s += results[i].cpu_time_s;
  }
  print_row("all", counts.back(), sum);
}

// "gemm/fp16/mma_sm80" of each row of the catalogue whose cases were all right.
std::vector<std::string> executed_rows(const std::vector<CaseRow>& rows,
                                       const std::vector<RowResult>& results) {
  std::vector<std::string> executed;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].of_catalogue || results[i].passed == 0 || results[i].failed > 0) continue;
    executed.push_back(rows[i].name);
  }
  return executed;
}

int run_all(const Options& options) {
  const Device device = cuda::describe(0);
  if (!options.list) ptx::runtime::preload();
  const std::vector<CaseRow> rows = case_rows(device, options.full ? Extent::full : Extent::brief);
  const std::vector<Planned> plan = plan_of(rows, device, options);
  if (options.list) {
    for (const Planned& planned : plan) {
      std::printf("%-30s %-9.*s %s\n", rows[planned.row].name.c_str(),
                  static_cast<int>(planned.mode.size()), planned.mode.data(),
                  planned.shape->shape.c_str());
    }
    return 0;
  }
  const std::vector<RowResult> results = run(rows, plan, options);
  print_table(device, rows, plan, results, options);
  bool failed = plan.empty();
  for (const RowResult& result : results) failed = failed || result.failed > 0;
  const std::vector<std::string> executed = executed_rows(rows, results);
  if (!options.write_executed.empty() && !failed) {
    write_rows(executed_file(options.write_executed, device.name), executed);
  }
  if (!options.executed.empty()) {
    const std::filesystem::path file = executed_file(options.executed, device.name);
    const std::string difference = difference_to_file(file, executed);
    failed = failed || !difference.empty();
    if (!difference.empty()) {
      std::printf("%s is not what was executed (ptx_cases --write-executed %s rewrites it):\n%s",
                  file.c_str(), options.executed.c_str(), difference.c_str());
    }
  }
  return failed ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Executes every row of the catalogue on the PTX machine"};
  app.add_option("--filter", options.filter);
  app.add_flag("--full", options.full);
  app.add_flag("--list", options.list);
  app.add_option("--jobs", options.jobs)->check(CLI::Range(1, 256));
  app.add_option("--limit", options.limit_s)->check(CLI::Range(1.0, 86400.0));
  app.add_option("--executed", options.executed);
  app.add_option("--write-executed", options.write_executed);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  try {
    return run_all(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ptx_cases: %s\n", error.what());
    return 1;
  }
}
