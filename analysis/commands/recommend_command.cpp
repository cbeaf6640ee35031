// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// roofproof recommend: every GPU of the spec table for one decode.

#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>

#include "analysis/banner.h"
#include "analysis/commands/model_options.h"
#include "analysis/commands/read_results.h"
#include "analysis/commands/validators.h"
#include "analysis/engines/score.h"
#include "analysis/input_error.h"
#include "analysis/recommend/recommend.h"
#include "analysis/terminal.h"
#include "kernels/models/find.h"
#include "results/record/atomic_file.h"

namespace roofproof::analysis {
namespace {

struct Options {
  ModelOptions model;
  std::string engine;
  std::string cloud;
  std::vector<std::string> prices;
  std::string prices_file;
  std::vector<std::string> results;
  bool json = false;
};

// Those of the file, and in their place those of the command line.
GivenPrices given_prices(const Options& options, std::span<const Machine> machines,
                         const SpecTable& specs, std::chrono::sys_days today) {
  GivenPrices prices;
  try {
    prices = parse_prices(options.prices, machines, specs);
  } catch (const InputError& error) {
    throw InputError(std::string("--price: ") + error.what());
  }
  if (!options.prices_file.empty()) {
    prices.merge(parse_prices(read_text_file(options.prices_file), options.prices_file, machines,
                              specs, today));
  }
  return prices;
}

void require_known_cloud(const std::string& cloud, std::span<const Machine> machines) {
  std::set<std::string> known;
  for (const Machine& machine : machines) known.insert(machine.provider);
  if (cloud.empty() || known.contains(cloud)) return;
  throw InputError(
      fmt::format("--cloud must be one of {}, not '{}'", fmt::join(known, ", "), cloud));
}

void append(const std::vector<std::string>& lines, std::vector<std::string>& notices) {
  notices.insert(notices.end(), lines.begin(), lines.end());
}

bool is_used(const std::string& file, const std::vector<Recommendation>& all) {
  return std::any_of(all.begin(), all.end(), [&](const Recommendation& one) {
    return one.measured && one.measured->file == file;
  });
}

// Each GPU that cannot multiply in what was asked for.
std::string gpus_without(Arithmetic arithmetic, const SpecTable& specs) {
  std::string names;
  for (const GpuSpec& gpu : specs.gpus()) {
    if (gpu.supports(arithmetic)) continue;
    names += (names.empty() ? "" : ", ") + gpu.name;
  }
  return names;
}

void run(const Options& options, Program& program) {
  const SpecTable specs = program.specs();
  const std::vector<Machine> known = machines();
  require_known_cloud(options.cloud, known);
  const Score scored = score(engine_rates(), SpecTable::load(), known);
  RecommendRequest request = {.model = find_layout(options.model.model)};
  request.step = step_request(options.model, request.model);
  request.math = parse_math(options.model);
  if (!options.engine.empty()) request.engine = find_engine(scored.rates, options.engine);
  request.cloud = options.cloud;
  request.today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  request.prices = given_prices(options, known, specs, request.today);
  const std::deque<ReadResult> files = read_results(options.results, program);
  std::vector<RunFile> runs;
  RecommendRemarks remarks = {.notices = model_notes(request.model, request.step),
                              .score = score_line(scored)};
  for (const auto& [file, record] : files) {
    runs.push_back({file, &record});
    append(banners(record, file), remarks.notices);
  }
  if (request.math) {
    const std::string without = gpus_without(*request.math, specs);
    if (!without.empty()) {
      remarks.notices.push_back(
          fmt::format("With no {}, counted in what engines multiply in there: {}.",
                      name(*request.math), without));
    }
  }
  if (!request.engine.empty()) {
    const EngineLaw law = engine_law(scored.rates, request.engine);
    remarks.law = law_words(law);
    append(beyond_words(law, count_model(request.model, request.step)), remarks.notices);
  }
  append(unused_prices(request, specs, known), remarks.notices);
  const std::vector<Recommendation> all = recommend(request, specs, known, runs, scored.rates);
  for (const ReadResult& result : files) {
    if (is_used(result.file, all)) continue;
    remarks.notices.push_back(
        fmt::format("! {} was not used: it has no undisturbed decode with {} weights of a GPU "
                    "listed here that holds the model, or another file has a closer one",
                    result.file, request.step.weights.name));
  }
  const auto print = options.json ? recommend_json : recommend_text;
  print_text(print(request, all, check_article_choices(request, specs, all), remarks));
}

}  // namespace

void add_recommend(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "recommend", "List machines for a model: does it fit, tokens/s, cost per million tokens");
  auto options = std::make_shared<Options>();
  add_model_options(*command, options->model);
  command
      ->add_option(
          "--engine", options->engine,
          "inference engine (vllm, ...): rank by what it is expected to reach [by the bound]")
      ->check(not_empty());
  command->add_option("--cloud", options->cloud, "machines of aws, azure or gcp alone [of all]")
      ->check(not_empty());
  command
      ->add_option(
          "--price", options->prices,
          "price per hour of a machine, or of one GPU by the name of its board: where one of "
          "them holds the model, listed prices of the board do not count")
      ->type_name("NAME=USD")
      ->expected(1)
      ->take_all();
  command
      ->add_option("--prices", options->prices_file,
                   "file of such prices, a line each: NAME,USD_PER_HOUR or NAME,USD_PER_HOUR,DATE")
      ->type_name("FILE")
      ->check(not_empty());
  command->add_option("RESULT", options->results,
                      "result files or folders of them: what our kernels reached on their GPUs");
  command->add_flag("--json", options->json, "print one JSON object, SI units");
  command->footer(
      "Offered are machines that exist, with the number of GPUs per copy of the model that holds "
      "it,\nshares out its heads and costs least.\n\n"
      "Examples:\n"
      "  roofproof recommend --model llama-3-8b --weights bf16 --context 500 --engine vllm --cloud "
      "aws\n"
      "  roofproof recommend --model llama-2-70b --batch 8 --price 'H100 SXM5=2' --price "
      "p4d.24xlarge=18\n"
      "  roofproof recommend --model path/to/config.json --weights fp8 --kv fp8 --prices ours.csv\n"
      "  roofproof recommend --weights int8 --json results/tesla-t4/run.json");
  command->callback([options, &program] { run(*options, program); });
}

}  // namespace roofproof::analysis
