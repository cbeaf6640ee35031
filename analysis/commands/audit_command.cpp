// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// roofproof audit: can a reported figure be true, and is it normal? By hand, or from the files of
// other tools.

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "analysis/audit/output.h"
#include "analysis/audit/readers.h"
#include "analysis/commands/command.h"
#include "analysis/commands/model_options.h"
#include "analysis/commands/validators.h"
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

// Whether an option was given that has a default.
struct Given {
  CLI::Option* batch;
  CLI::Option* context;
};

Stated stated_by(const Options& options, const Given& given) {
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
  if (given.batch->count() > 0) stated.batch = static_cast<double>(model.batch);
  if (given.context->count() > 0) stated.context = static_cast<double>(model.context);
  stated.prompt_tokens = options.input_len;
  stated.output_tokens = options.output_len;
  stated.engine = options.engine;
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

void run(const Options& options, const Given& given, Program& program) {
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
  const SpecTable specs = program.specs();
  if (!options.gpu.empty() && !options.gpu_bandwidth_gbs) specs.choose(options.gpu);
  const Stated stated = stated_by(options, given);
  const Judge judge(specs);
  std::vector<AuditedReport> reports;
  for (const std::string& file : options.files) {
    reports.push_back(audit(read_report(read_text_file(file), file), stated, judge));
  }
  if (!by_hand.figures.empty()) reports.push_back(audit(by_hand, stated, judge));
  if (options.json) {
    fmt::print("{}\n", print_json(audit_json(reports), 2));
  } else {
    fmt::print("{}", options.markdown ? audit_markdown(reports) : audit_text(reports));
  }
  const std::optional<double> min_share =
      options.min_share ? std::optional(*options.min_share / 100) : std::nullopt;
  program.exit_code = audit_exit_code(reports, min_share);
}

}  // namespace

void add_audit(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "audit", "Judge somebody's figure against the roof: impossible, typical, low?");
  auto options = std::make_shared<Options>();
  options->model.model = "";  // none unless it is given
  command->add_option("files", options->files,
                      "results of llama-bench (JSON, JSON lines, CSV, its table), vLLM's and "
                      "SGLang's benchmarks (JSON)");
  command
      ->add_option("--tokens-per-s", options->tokens_per_s,
                   "decode rate of all sequences of the batch")
      ->check(above_zero(1e9));
  command
      ->add_option("--bandwidth-gbs", options->bandwidth_gbs, "measured memory bandwidth in GB/s")
      ->check(above_zero(1e6));
  command
      ->add_option("--tflops", options->tflops,
                   "measured rate of matrix products in TFLOPS (TOPS); --math says of what")
      ->check(above_zero(1e6));
  command->add_option("--gpu", options->gpu,
                      "a GPU of `roofproof specs`, or any with --gpu-bandwidth-gbs");
  command->add_option("--gpus", options->gpus, "so many that serve a request together")
      ->check(CLI::Range(1, 1024));
  command
      ->add_option("--gpu-bandwidth-gbs", options->gpu_bandwidth_gbs,
                   "bandwidth of one GPU by its datasheet, where it is not in the table")
      ->check(above_zero(1e5));
  command->add_option("--gpu-tflops", options->gpu_tflops, "its peak in TFLOPS")
      ->check(above_zero(1e5));
  const ModelOptionHandles model = add_model_options(*command, options->model);
  command
      ->add_option("--parameters", options->parameters,
                   "instead of a model: number of weights, read once per token")
      ->check(above_zero(1e14))
      ->excludes(model.model);
  command
      ->add_option("--active", options->active,
                   "of them, those that a token reads: a mixture of experts")
      ->check(above_zero(1e14));
  command->add_option("--input-len", options->input_len, "prompt tokens of a request")
      ->check(above_zero(1e8));
  command->add_option("--output-len", options->output_len, "output tokens of a request")
      ->check(above_zero(1e8));
  command->add_option("--engine", options->engine,
                      "compare with published rows of this software, where there are some");
  command->add_flag(
      "--speculative", options->speculative,
      "a step may give several tokens: impossible is only what arithmetic alone rules out");
  command
      ->add_option("--min-share", options->min_share,
                   "exit with 1 where a figure is below so many % of the roof")
      ->check(above_zero(100));
  CLI::Option* json = command->add_flag("--json", options->json, "print one JSON object, SI units");
  command->add_flag("--markdown", options->markdown, "print tables of Markdown")->excludes(json);
  command->footer(
      "What a file says is taken from it; an option states what it lacks, or goes before it.\n"
      "Without a file: one user (--batch 1) on one GPU, unless said otherwise.\n"
      "Exit codes: 0; 1 impossible, contradictory or below --min-share; 2 bad input; 3 nothing "
      "could be told.\n\n"
      "Examples:\n"
      "  roofproof audit --gpu L4 --model qwen3-8b --weights int4 --tokens-per-s 62\n"
      "  roofproof audit --gpu A10G --bandwidth-gbs 300\n"
      "  roofproof audit --gpu L4 --tflops 39 --math fp16\n"
      "  roofproof audit llama-bench.json\n"
      "  roofproof audit vllm.json --gpu H100 --gpus 2 --model Qwen2.5-72B/config.json");
  const Given given = {command->get_option("--batch"), model.context};
  command->callback([options, given, &program] { run(*options, given, program); });
}

}  // namespace roofproof::analysis
