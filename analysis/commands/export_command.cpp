// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// roofproof export: a result in the form other tools follow over time.

#include <fmt/format.h>

#include <memory>

#include "analysis/banner.h"
#include "analysis/commands/command.h"
#include "analysis/export.h"
#include "analysis/input_error.h"

namespace roofproof::analysis {
namespace {

struct Options {
  std::string result;
  std::string format;
};

struct Format {
  std::string_view name;
  std::string (*text)(const ResultsView& view);
};
constexpr Format formats[] = {
    {"gbench", export_gbench}, {"bigger-is-better", export_bigger_is_better}, {"csv", export_csv}};

const Format& find_format(const std::string& wanted) {
  for (const Format& format : formats) {
    if (format.name == wanted) return format;
  }
  throw InputError("--format must be gbench, bigger-is-better or csv, not '" + wanted + "'");
}

void run(const Options& options) {
  const Format& format = find_format(options.format);
  const Record record = read_record(options.result);
  for (const std::string& line : banners(record, options.result)) {
    fmt::print(stderr, "{}\n", line);
  }
  const ResultsView view(record);
  if (exported_series(view).empty())
    throw InputError(options.result + " has no row to export that is valid and was not disturbed");
  fmt::print("{}", format.text(view));
}

}  // namespace

void add_export(CLI::App& app, Program&) {
  CLI::App* command =
      app.add_subcommand("export", "Convert a result for tools that track benchmarks over time");
  auto options = std::make_shared<Options>();
  command->add_option("RESULT", options->result, "a result file of bench_all")->required();
  command->add_option("--format", options->format, "gbench, bigger-is-better or csv")->required();
  command->footer(
      "One row per name, the mean over the sessions. Suspect, disturbed and non-headline rows "
      "(cold\n"
      "or hot cache, forced kernel) are skipped.\n\n"
      "Examples:\n"
      "  roofproof export --format gbench run.json > google-benchmark.json\n"
      "  roofproof export --format bigger-is-better run.json > output.json  # "
      "github-action-benchmark\n"
      "  roofproof export --format csv run.json");
  command->callback([options] { run(*options); });
}

}  // namespace roofproof::analysis
