// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// roofproof recommend: every GPU of the spec table for one decode.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>

#include "analysis/banner.h"
#include "analysis/commands/model_options.h"
#include "analysis/commands/read_results.h"
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

// "g5.xlarge=1.006"
std::pair<std::string, GivenPrice> parse_given(const std::string& text) {
  const std::size_t equals = text.rfind('=');
  if (equals != text.npos && equals > 0) {
    if (const std::optional<double> price =
            parse_price(std::string_view(text).substr(equals + 1))) {
      return {text.substr(0, equals), {*price, ""}};
    }
  }
  throw InputError("--price must be NAME=USD_PER_HOUR, not '" + text + "'");
}

// Those of the file, and in their place those of the command line.
GivenPrices given_prices(const Options& options, std::span<const Machine> machines,
                         const SpecTable& specs) {
  GivenPrices prices;
  if (!options.prices_file.empty()) {
    prices =
        parse_prices(read_text_file(options.prices_file), options.prices_file, machines, specs);
  }
  for (const std::string& text : options.prices) {
    auto [name, price] = parse_given(text);
    require_priceable(name, machines, specs);
    prices.insert_or_assign(std::move(name), std::move(price));
  }
  return prices;
}

void require_known_cloud(const std::string& cloud, std::span<const Machine> machines) {
  std::set<std::string> known;
  for (const Machine& machine : machines) known.insert(machine.provider);
  if (cloud.empty() || known.contains(cloud)) return;
  std::string names;
  for (const std::string& name : known) names += (names.empty() ? "" : ", ") + name;
  throw InputError("--cloud must be one of " + names + ", not '" + cloud + "'");
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
  request.prices = given_prices(options, known, specs);
  request.today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  const std::deque<ReadResult> files = read_results(options.results, program);
  std::vector<RunFile> runs;
  RecommendRemarks remarks = {.notices = model_notes(request.model, request.step),
                              .score = score_line(scored)};
  for (const auto& [file, record] : files) {
    runs.push_back({file, &record});
    for (std::string& line : banners(record, file)) remarks.notices.push_back(std::move(line));
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
    remarks.has_law = law.law.has_value();
  }
  const std::vector<Recommendation> all = recommend(request, specs, known, runs, scored.rates);
  for (const ReadResult& result : files) {
    if (is_used(result.file, all)) continue;
    remarks.notices.push_back(
        fmt::format("! {} was not used: it has no undisturbed decode with {} weights of a GPU "
                    "listed here, or another file has a closer one",
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
  command->add_option(
      "--engine", options->engine,
      "inference engine (vllm, ...): rank by what it is expected to reach [by the bound]");
  command->add_option("--cloud", options->cloud, "machines of aws, azure or gcp alone [of all]");
  command
      ->add_option("--price", options->prices,
                   "price per hour of a machine or of one GPU, instead of the listed one")
      ->type_name("NAME=USD")
      ->expected(1)
      ->take_all();
  command
      ->add_option("--prices", options->prices_file,
                   "file of such prices, a line each: NAME,USD_PER_HOUR or NAME,USD_PER_HOUR,DATE")
      ->type_name("FILE");
  command->add_option("RESULT", options->results,
                      "result files or folders of them: what our kernels reached on their GPUs");
  command->add_flag("--json", options->json, "print one JSON object, SI units");
  command->footer(
      "Offered are machines that exist, with the least GPUs that hold the model and share out its "
      "heads.\n\n"
      "Examples:\n"
      "  roofproof recommend --model llama-3-8b --weights bf16 --context 500 --engine vllm --cloud "
      "aws\n"
      "  roofproof recommend --model llama-2-70b --batch 32 --price p5.48xlarge=40\n"
      "  roofproof recommend --model path/to/config.json --weights fp8 --kv fp8 --prices ours.csv\n"
      "  roofproof recommend --weights int8 --json results/tesla-t4/run.json");
  command->callback([options, &program] { run(*options, program); });
}

}  // namespace roofproof::analysis
