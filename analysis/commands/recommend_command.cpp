// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// roofproof recommend: every GPU of the spec table for one decode.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>

#include "analysis/banner.h"
#include "analysis/commands/model_options.h"
#include "analysis/commands/read_results.h"
#include "analysis/input_error.h"
#include "analysis/recommend/recommend.h"
#include "analysis/terminal.h"
#include "kernels/models/find.h"

namespace roofproof::analysis {
namespace {

struct Options {
  ModelOptions model;
  std::vector<std::string> prices;
  std::vector<std::string> results;
  bool json = false;
};

// "g5.xlarge=1.006"
std::pair<std::string, double> parse_price(const std::string& text) {
  const std::size_t equals = text.rfind('=');
  double price = 0;
  if (equals != text.npos && equals > 0) {
    const char* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data() + equals + 1, end, price);
    if (error == std::errc() && last == end && price > 0 && std::isfinite(price)) {
      return {text.substr(0, equals), price};
    }
  }
  throw InputError("--price must be INSTANCE=USD_PER_HOUR, not '" + text + "'");
}

bool is_used(const std::string& file, const std::vector<Recommendation>& all) {
  return std::any_of(all.begin(), all.end(), [&](const Recommendation& one) {
    return std::find(one.files.begin(), one.files.end(), file) != one.files.end();
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
  RecommendRequest request = {.model = find_layout(options.model.model)};
  request.step = step_request(options.model, request.model);
  request.math = parse_math(options.model);
  for (const std::string& price : options.prices) request.usd_per_hour.insert(parse_price(price));
  const std::deque<ReadResult> files = read_results(options.results, program);
  std::vector<RunFile> runs;
  std::vector<std::string> notices = model_notes(request.model, request.step);
  for (const auto& [file, record] : files) {
    runs.push_back({file, &record});
    for (std::string& line : banners(record, file)) notices.push_back(std::move(line));
  }
  const SpecTable specs = program.specs();
  if (request.math) {
    const std::string without = gpus_without(*request.math, specs);
    if (!without.empty()) {
      notices.push_back(fmt::format("With no {}, counted in what engines multiply in there: {}.",
                                    name(*request.math), without));
    }
  }
  const std::vector<Recommendation> all = recommend(request, specs, runs, published_decodes());
  for (const ReadResult& result : files) {
    if (is_used(result.file, all)) continue;
    notices.push_back(
        fmt::format("! {} was not used: it has no undisturbed decode with {} weights of a GPU "
                    "listed here, or another file has a closer one",
                    result.file, request.step.weights.name));
  }
  const auto print = options.json ? recommend_json : recommend_text;
  print_text(print(request, all, check_article_choices(request, specs, all), notices));
}

}  // namespace

void add_recommend(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "recommend", "List GPUs for a model: does it fit, tokens/s, cost per million tokens");
  auto options = std::make_shared<Options>();
  add_model_options(*command, options->model);
  command
      ->add_option(
          "--price", options->prices,
          "price per hour as INSTANCE=USD or GPU=USD, instead of the one in the spec files")
      ->type_name("NAME=USD")
      ->expected(1)
      ->take_all();
  command->add_option(
      "RESULT", options->results,
      "result files or folders of them: use the efficiency measured there for their GPUs");
  command->add_flag("--json", options->json, "print one JSON object, SI units");
  command->footer(
      "tokens/s = datasheet roofline x efficiency. The efficiency is measured if a result of the "
      "GPU\n"
      "has these weights, else it is the range of published ones.\n\n"
      "Examples:\n"
      "  roofproof recommend --model mistral-7b --weights int4 --context 4096\n"
      "  roofproof recommend --model llama-2-70b --batch 32 --price p5.48xlarge=55.04\n"
      "  roofproof recommend --model path/to/config.json --weights fp8 --kv fp8\n"
      "  roofproof recommend --weights int8 --json results/tesla-t4/run.json");
  command->callback([options, &program] { run(*options, program); });
}

}  // namespace roofproof::analysis
