// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// roofproof audit: can a reported figure be true, and is it normal? By hand, or from the files of
// other tools.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "analysis/audit/output.h"
#include "analysis/audit/readers.h"
#include "analysis/commands/command.h"
#include "analysis/commands/model_options.h"
#include "analysis/commands/validators.h"
#include "analysis/engines/law.h"
#include "analysis/input_error.h"
#include "kernels/models/find.h"
#include "results/record/atomic_file.h"

namespace roofproof::analysis {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string gpu;
  std::optional<int> gpus;
  std::optional<double> gpu_bandwidth_gbs;
  std::optional<double> gpu_tflops;
  std::optional<double> tokens_per_s;
  std::optional<double> bandwidth_gbs;
  std::optional<double> tflops;
  ModelOptions model;
  std::optional<double> parameters;
  std::optional<double> active;
  std::optional<double> input_len;
  std::optional<double> output_len;
  std::string engine;
  bool speculative = false;
  std::optional<double> min_share;
  bool json = false;
  bool markdown = false;
};

const char* words(Quantity quantity) {
  switch (quantity) {
    case Quantity::decode_rate:
      return "a decode rate";
    case Quantity::step_time:
      return "a time per token";
    case Quantity::batch_time:
      return "the time of a batch";
    case Quantity::output_rate:
      return "the output rate of a run";
    case Quantity::prefill_rate:
      return "a prompt rate";
    case Quantity::bandwidth:
      return "a bandwidth";
    case Quantity::arithmetic:
      return "a rate of arithmetic";
  }
  return "";
}

constexpr unsigned of(Quantity quantity) { return 1U << static_cast<unsigned>(quantity); }
constexpr unsigned steps =
    of(Quantity::decode_rate) | of(Quantity::step_time) | of(Quantity::batch_time);
constexpr unsigned decode = steps | of(Quantity::output_rate);
constexpr unsigned inference = decode | of(Quantity::prefill_rate);

// The figures of which a verdict depends on an option; those that are not here say something of
// every figure.
struct Use {
  const char* option;
  unsigned quantities;
};
constexpr Use uses[] = {
    {"--gpus", inference},
    {"--gpu-bandwidth-gbs", decode | of(Quantity::bandwidth)},
    {"--gpu-tflops", inference | of(Quantity::arithmetic)},
    {"--model", inference},
    {"--weights", inference},
    {"--bits-per-weight", inference},
    {"--weight-bytes", inference},
    {"--parameters", inference},
    {"--active", inference},
    {"--kv", decode},
    {"--math", inference | of(Quantity::arithmetic)},
    {"--batch", decode},
    {"--context", inference},
    {"--input-len", of(Quantity::batch_time)},
    {"--output-len", of(Quantity::batch_time)},
    {"--engine", steps},
    {"--speculative", decode},
};

void refuse_unused(const CLI::App& command, const std::vector<ForeignReport>& reports) {
  unsigned asked = 0;
  std::set<std::string> what;
  for (const ForeignReport& report : reports) {
    for (const ReportedFigure& figure : report.figures) {
      asked |= of(figure.quantity);
      what.insert(words(figure.quantity));
    }
  }
  for (const Use& use : uses) {
    if ((use.quantities & asked) != 0 || command.count(use.option) == 0) continue;
    throw InputError(fmt::format("{} changes nothing here: what is judged is {}", use.option,
                                 fmt::join(what, " and ")));
  }
}

Stated stated_by(const Options& options, const CLI::App& command, const SpecTable& specs) {
  Stated stated;
  stated.gpu = options.gpu;
  stated.gpus = options.gpus;
  if (options.gpu_bandwidth_gbs) stated.gpu_bytes_per_s = *options.gpu_bandwidth_gbs * 1e9;
  if (options.gpu_tflops) stated.gpu_flop_per_s = *options.gpu_tflops * 1e12;
  const ModelOptions& model = options.model;
  if (!model.model.empty()) stated.layout = find_layout(model.model);
  stated.parameters = options.parameters;
  stated.active = options.active;
  if (!model.weights.empty() || model.bits_per_weight || !model.weight_bytes.empty()) {
    stated.weights = [&model, parameters = options.parameters](const ModelLayout& layout) {
      return parameters ? format_of_parameters(model, *parameters)
                        : step_request(model, layout).weights;
    };
  }
  if (!model.kv.empty()) stated.cache = find_cache_format(model.kv);
  stated.math = parse_math(model);
  if (command.count("--batch") > 0) stated.batch = static_cast<double>(model.batch);
  if (command.count("--context") > 0) stated.context = static_cast<double>(model.context);
  stated.prompt_tokens = options.input_len;
  stated.output_tokens = options.output_len;
  if (!options.engine.empty()) {
    stated.engine = find_engine(scored_rates(engine_rates(), specs), options.engine);
  }
  stated.speculative = options.speculative;
  return stated;
}

// What is judged without a file: one user on one GPU, unless more is said.
ForeignReport report_by_hand(const Options& options) {
  ForeignReport report;
  report.tool = "by hand";
  const auto add = [&](std::optional<double> value, double scale, const char* label,
                       Quantity quantity) {
    if (!value) return;
    ReportedFigure figure;
    figure.label = label;
    figure.quantity = quantity;
    figure.value = *value * scale;
    figure.gpus = 1;
    figure.batch = 1;
    figure.context = 0;
    report.figures.push_back(std::move(figure));
  };
  add(options.tokens_per_s, 1, "decode", Quantity::decode_rate);
  add(options.bandwidth_gbs, 1e9, "bandwidth", Quantity::bandwidth);
  add(options.tflops, 1e12, "arithmetic", Quantity::arithmetic);
  return report;
}

void require_known(const Options& options, const SpecTable& specs) {
  if (options.gpu.empty() || options.gpu_bandwidth_gbs || options.gpu_tflops) return;
  try {
    specs.choose(options.gpu);
  } catch (const InputError& error) {
    throw InputError(std::string(error.what()) +
                     "; any other with its --gpu-bandwidth-gbs or --gpu-tflops");
  }
}

void run(const Options& options, const CLI::App& command, Program& program) {
  const ForeignReport by_hand = report_by_hand(options);
  if (options.files.empty() && by_hand.figures.empty()) {
    throw InputError(
        "give a file, or a figure: --tokens-per-s, --bandwidth-gbs or --tflops with --gpu");
  }
  if (!options.files.empty() && !by_hand.figures.empty()) {
    throw InputError(
        "--tokens-per-s, --bandwidth-gbs and --tflops are figures to judge and go without a file; "
        "what a GPU has that is not in the table is --gpu-bandwidth-gbs and --gpu-tflops");
  }
  std::vector<ForeignReport> reports;
  for (const std::string& file : options.files) {
    reports.push_back(read_report(read_text_file(file), file));
  }
  if (!by_hand.figures.empty()) reports.push_back(by_hand);
  refuse_unused(command, reports);
  const SpecTable specs = program.specs();
  require_known(options, specs);
  const Stated stated = stated_by(options, command, specs);
  const Judge judge(specs);
  std::vector<AuditedReport> audited;
  for (ForeignReport& report : reports) audited.push_back(audit(std::move(report), stated, judge));
  if (options.json) {
    fmt::print("{}\n", print_json(audit_json(audited), 2));
  } else {
    fmt::print("{}", options.markdown ? audit_markdown(audited) : audit_text(audited));
  }
  const std::optional<double> min_share =
      options.min_share ? std::optional(*options.min_share / 100) : std::nullopt;
  program.exit_code = audit_exit_code(audited, min_share);
}

void add_figures(CLI::App& command, Options& options) {
  command.add_option("files", options.files,
                     "results of llama-bench (JSON, JSON lines, CSV, its table), vLLM's and "
                     "SGLang's benchmarks (JSON, what the serving benchmarks print)");
  command
      .add_option("--tokens-per-s", options.tokens_per_s,
                  "decode rate of all sequences of the batch")
      ->check(above_zero(1e9));
  command.add_option("--bandwidth-gbs", options.bandwidth_gbs, "measured memory bandwidth in GB/s")
      ->check(above_zero(1e6));
  command
      .add_option("--tflops", options.tflops,
                  "measured rate of matrix products in TFLOPS (TOPS); --math says of what")
      ->check(above_zero(1e6));
}

void add_gpu(CLI::App& command, Options& options) {
  command
      .add_option("--gpu", options.gpu,
                  "a GPU of `roofproof specs`, or any with --gpu-bandwidth-gbs, --gpu-tflops")
      ->check(not_empty());
  command.add_option("--gpus", options.gpus, "so many that serve a request together")
      ->check(CLI::Range(1, 1024));
  command
      .add_option("--gpu-bandwidth-gbs", options.gpu_bandwidth_gbs,
                  "bandwidth of one GPU by its datasheet, where it is not in the table")
      ->check(above_zero(1e5));
  command.add_option("--gpu-tflops", options.gpu_tflops, "its peak in TFLOPS")
      ->check(above_zero(1e5));
}

void add_model(CLI::App& command, Options& options) {
  options.model.model = "";  // none unless it is given
  const ModelOptionHandles model = add_model_options(command, options.model);
  model.model->check(not_empty());
  command
      .add_option("--parameters", options.parameters,
                  "instead of a model: number of weights, read once per token")
      ->check(above_zero(1e14))
      ->excludes(model.model)
      ->excludes(model.context)
      ->excludes(model.kv);
  command
      .add_option("--active", options.active,
                  "of them, those that a token reads: a mixture of experts")
      ->check(above_zero(1e14))
      ->excludes(model.model);
  command.add_option("--input-len", options.input_len, "prompt tokens of a request")
      ->check(above_zero(1e8))
      ->excludes(model.context);
  command.add_option("--output-len", options.output_len, "output tokens of a request")
      ->check(above_zero(1e8));
  command.add_flag("--speculative", options.speculative,
                   "a step may give several tokens: impossible is only what arithmetic alone rules "
                   "out");
}

constexpr const char* footer =
    "What a file says is taken from it; an option states what it lacks, or goes before it.\n"
    "Without a file: one user (--batch 1) on one GPU, unless said otherwise. An option on which no "
    "figure depends is refused.\n"
    "Exit codes: 0; 1 impossible, contradictory or below --min-share; 2 bad input; 3 nothing "
    "could be told.\n\n"
    "Examples:\n"
    "  roofproof audit --gpu L4 --model qwen3-8b --weights int4 --tokens-per-s 62\n"
    "  roofproof audit --gpu A10G --bandwidth-gbs 300\n"
    "  roofproof audit --gpu L4 --tflops 39 --math fp16\n"
    "  roofproof audit llama-bench.json\n"
    "  roofproof audit vllm.json --gpu H100 --gpus 2 --model Qwen2.5-72B/config.json";

}  // namespace

void add_audit(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "audit", "Judge somebody's figure against the roof: impossible, typical, low?");
  auto options = std::make_shared<Options>();
  add_figures(*command, *options);
  add_gpu(*command, *options);
  add_model(*command, *options);
  command
      ->add_option("--engine", options->engine, "compare with published rows of this engine alone")
      ->check(not_empty());
  command
      ->add_option("--min-share", options->min_share,
                   "exit with 1 where a figure is below so many % of the roof")
      ->check(above_zero(100));
  CLI::Option* json = command->add_flag("--json", options->json, "print one JSON object, SI units");
  command->add_flag("--markdown", options->markdown, "print tables of Markdown")->excludes(json);
  command->footer(footer);
  command->callback([options, command, &program] { run(*options, *command, program); });
}

}  // namespace roofproof::analysis
