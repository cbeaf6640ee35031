// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// roofproof predict: one decode step of a model on a GPU, by the roofline alone: under the ceilings
// of a datasheet, or under those that a run measured.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>

#include "analysis/banner.h"
#include "analysis/commands/command.h"
#include "analysis/commands/model_options.h"
#include "analysis/commands/predict_answer.h"
#include "analysis/commands/validators.h"
#include "analysis/engines/score.h"
#include "analysis/input_error.h"
#include "analysis/measured_ceilings.h"
#include "analysis/measured_law.h"
#include "analysis/predict.h"
#include "analysis/terminal.h"
#include "kernels/models/find.h"
#include "results/record/json_text.h"

namespace roofproof::analysis {
namespace {

struct Options {
  std::string gpu;
  std::string from;
  std::string engine;
  ModelOptions model;
  std::optional<double> parameters;
  std::optional<double> active;
  std::optional<double> bandwidth_gbs;
  std::optional<double> tflops;
  int gpus = 1;
  bool json = false;
};

// More is a number in other units: B/s, FLOP/s.
constexpr double most_bandwidth_gbs = 1e5;
constexpr double most_tflops = 1e5;
constexpr double most_parameters = 1e14;

void require_positive(double value, double most, const char* option) {
  if (!(value > 0 && value <= most)) {
    throw InputError(
        fmt::format("{} must be a positive number up to {:g}, not {}", option, most, value));
  }
}

void count_workload(const Options& options, Answer& answer) {
  const ModelOptions& model = options.model;
  if (options.parameters) {
    require_positive(*options.parameters, most_parameters, "--parameters");
    if (options.active) {
      require_positive(*options.active, most_parameters, "--active");
      if (*options.active > *options.parameters) {
        throw InputError("--active must not be more than --parameters");
      }
    } else {
      answer.notes.push_back(
          "Every parameter is read for every token. Whether that is all that has to be in memory "
          "is not known: of a mixture of experts give all as --parameters, and those that a token "
          "reads as --active.");
    }
    answer.workload =
        count_parameters(*options.parameters, options.active,
                         format_of_parameters(model, *options.parameters), model.batch);
    return;
  }
  const ModelLayout layout = find_layout(model.model);
  if (const std::string why = why_heads_do_not_divide(layout, options.gpus); !why.empty()) {
    throw InputError(fmt::format("--gpus {}: {}", options.gpus, why));
  }
  if (const std::int64_t holders = holders_of_a_key(layout, options.gpus); holders > 1) {
    answer.notes.push_back(fmt::format(
        "The KV cache counts once; GPUs that share out heads hold each key {} times.", holders));
  }
  const StepRequest request = step_request(model, layout);
  answer.workload = count_model(layout, request);
  for (std::string& note : model_notes(layout, request)) answer.notes.push_back(std::move(note));
}

// The ceilings of a GPU that is known by its figures alone.
Ceilings given_ceilings(const Options& options, const WeightFormat& weights) {
  const Arithmetic usual = weights.element == Element::fp32 ? Arithmetic::fp32 : Arithmetic::fp16;
  Ceilings ceilings;
  ceilings.device = options.gpu.empty() ? fmt::format("a GPU of {:g} GB/s", *options.bandwidth_gbs)
                                        : options.gpu + " (not in the table)";
  ceilings.arithmetic = parse_math(options.model).value_or(usual);
  ceilings.roofs.flop_per_s = std::numeric_limits<double>::infinity();
  ceilings.compute_source = "not given";
  return ceilings;
}

void set_given(const Options& options, Ceilings& ceilings) {
  if (options.bandwidth_gbs) {
    ceilings.roofs.bytes_per_s = *options.bandwidth_gbs * 1e9;
    ceilings.bandwidth_source = "given with --bandwidth-gbs";
  }
  if (options.tflops) {
    ceilings.roofs.flop_per_s = *options.tflops * 1e12;
    ceilings.compute_source = "given with --tflops";
  }
}

// What engines multiply the weights in, or what was asked for; says what the GPU lacks.
Arithmetic choose_arithmetic(const Options& options, const GpuSpec& gpu, Answer& answer) {
  const Element element = answer.workload.weights.element;
  if (const std::optional<Arithmetic> asked = parse_math(options.model)) {
    if (gpu.supports(*asked)) return *asked;
    throw InputError(fmt::format("--math {}: the {} does not have it", name(*asked), gpu.name));
  }
  if (element == Element::bf16 && !gpu.supports(Arithmetic::bf16)) {
    answer.notes.push_back(fmt::format(
        "The {} has no BF16: the weights are as many bytes in FP16, in which it multiplies.",
        gpu.name));
  }
  if (element == Element::fp8 && !gpu.supports(Arithmetic::fp8)) {
    answer.notes.push_back(fmt::format(
        "The {} has no FP8: the weights are expanded and multiplied in FP16.", gpu.name));
  }
  return step_arithmetic(answer.workload.weights, gpu);
}

// As SpecTable::choose(); nullptr where the GPU is not in the table but its bandwidth is given.
SpecChoice choose_gpu(const Options& options, const SpecTable& specs) {
  if (options.gpu.empty()) return {nullptr, {}};
  try {
    return specs.choose(options.gpu);
  } catch (const InputError& error) {
    if (options.bandwidth_gbs) return {nullptr, {}};
    throw InputError(std::string(error.what()) +
                     ". Of a GPU that is not there --bandwidth-gbs (and --tflops) is enough, or "
                     "a spec file with --specs");
  }
}

// A bound that holds only for engines that use a format to save bytes alone.
bool is_bound_by_expansion(const Options& options, const Answer& answer) {
  const WeightFormat& weights = answer.workload.weights;
  return answer.prediction.step.bound == Bound::compute && options.model.math.empty() &&
         !options.tflops && answer.ceilings.arithmetic == Arithmetic::fp16 && weights.bits < 16;
}

// What the engine that is asked for reaches, by the rates that others published of it.
void expect_of_engine(const Options& options, const Score& scored, Answer& answer) {
  const EngineLaw law = engine_law(scored.rates, find_engine(scored.rates, options.engine));
  const Expected expected = expect(law, answer.prediction, answer.workload, options.gpus);
  answer.expected_source = law_words(law);
  answer.expected = expected;
  if (!answer.prediction.fits.value_or(true)) {
    answer.notes.push_back(
        fmt::format("The step does not fit in memory: nothing is expected of {}.", law.engine));
    return;
  }
  const std::vector<std::string> beyond = beyond_words(law, answer.workload);
  answer.notes.insert(answer.notes.end(), beyond.begin(), beyond.end());
  if (!law.law && expected.range) {
    answer.notes.push_back(fmt::format(
        "Rates of {} are of fewer than {} boards: the range is that of all engines' shares of the "
        "roofline.",
        law.engine, least_boards));
  }
  if (options.gpus > 1 && expected.tokens_per_s) {
    answer.notes.push_back(
        "On several GPUs the rate expected of the engine is an upper bound too.");
  } else if (options.gpus > 1 && beyond.empty()) {
    answer.notes.push_back("Of several GPUs no range is known.");
  }
}

// What our kernels reach, by the run.
void expect_of_kernels(const ResultsView& view, Answer& answer) {
  if (answer.gpus > 1 || !answer.prediction.fits.value_or(true)) return;
  std::optional<MeasuredExpected> found =
      expect_measured(view, answer.ceilings, answer.workload, answer.prediction);
  if (!found) return;
  answer.expected = found->tokens;
  answer.expected_source = std::move(found->source);
}

Answer answer_from_datasheet(const Options& options, const SpecTable& specs) {
  Answer answer = {.asked_for = options.gpu, .gpus = options.gpus};
  count_workload(options, answer);
  answer.choice = choose_gpu(options, specs);
  if (answer.choice.gpu) {
    const Arithmetic arithmetic = choose_arithmetic(options, *answer.choice.gpu, answer);
    answer.ceilings = datasheet_ceilings(*answer.choice.gpu, arithmetic);
  } else {
    answer.ceilings = given_ceilings(options, answer.workload.weights);
  }
  set_given(options, answer.ceilings);
  if (std::isinf(answer.ceilings.roofs.flop_per_s)) {
    answer.notes.push_back(fmt::format(
        "No {} peak is known: arithmetic is left out, which can only make this higher. --tflops "
        "states one, --bandwidth-gbs another bandwidth.",
        name(answer.ceilings.arithmetic)));
  }
  answer.ceilings = times(answer.ceilings, options.gpus);
  answer.prediction = predict(answer.ceilings, answer.workload);
  if (is_bound_by_expansion(options, answer)) {
    answer.notes.push_back(
        "Bound by FP16 arithmetic, to which these weights are expanded. An engine that multiplies "
        "in a narrower format is bound by that: --math states it.");
  }
  return answer;
}

Answer answer_from_run(const Options& options, const SpecTable& specs) {
  const Record record = read_record(options.from);
  const ResultsView view(record);
  Answer answer = {.asked_for = options.gpu, .from = options.from, .gpus = options.gpus};
  answer.banners = banners(record, options.from);
  answer.synthetic = record.synthetic;
  count_workload(options, answer);
  const GpuSpec* measured = specs.match_device(record.device).whole();
  if (!options.gpu.empty()) {
    answer.choice = specs.choose(options.gpu);
    if (answer.choice.gpu != measured) {
      throw InputError(fmt::format("{} was measured on {}, not on the {}", options.from,
                                   record.device.name, answer.choice.gpu->name));
    }
  }
  const bool is_fp32 = answer.workload.weights.element == Element::fp32;
  const Arithmetic arithmetic =
      parse_math(options.model).value_or(is_fp32 ? Arithmetic::fp32 : Arithmetic::fp16);
  answer.ceilings = measured_ceilings(view, options.from, arithmetic, answer.choice.gpu);
  answer.ceilings = times(answer.ceilings, options.gpus);
  answer.choice.gpu = measured;
  if (answer.choice.gpu) {
    answer.by_datasheet = predict(
        times(datasheet_ceilings(*answer.choice.gpu, arithmetic), options.gpus), answer.workload);
  }
  add_measured_launches(view, answer.ceilings, answer.workload);
  answer.prediction = predict(answer.ceilings, answer.workload);
  expect_of_kernels(view, answer);
  return answer;
}

void run(const Options& options, const Program& program) {
  if (options.gpu.empty() && options.from.empty() && !options.bandwidth_gbs) {
    throw InputError("--gpu is required unless --from gives a run, or --bandwidth-gbs a bandwidth");
  }
  if (options.bandwidth_gbs)
    require_positive(*options.bandwidth_gbs, most_bandwidth_gbs, "--bandwidth-gbs");
  if (options.tflops) require_positive(*options.tflops, most_tflops, "--tflops");
  const SpecTable specs = program.specs();
  Answer answer = options.from.empty() ? answer_from_datasheet(options, specs)
                                       : answer_from_run(options, specs);
  const Score scored = score(engine_rates(), SpecTable::load(), machines());
  if (!options.engine.empty()) expect_of_engine(options, scored, answer);
  answer.score = score_line(scored);
  print_text((options.json ? predict_json : predict_text)(answer));
}

}  // namespace

void add_predict(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "predict", "Predict time per token and tokens/s of a decode step from the roofline");
  auto options = std::make_shared<Options>();
  command
      ->add_option("--gpu", options->gpu, "a GPU of `roofproof specs`, or any with --bandwidth-gbs")
      ->check(not_empty());
  CLI::Option* from = command->add_option(
      "--from", options->from,
      "result file: use its measured ceilings; with --gpu, missing ones come from the datasheet");
  from->check(not_empty());
  CLI::Option* engine = command->add_option(
      "--engine", options->engine,
      "inference engine (vllm, ...): what it is expected to reach, by rates that others published");
  engine->check(not_empty())->excludes(from);
  const ModelOptionHandles model = add_model_options(*command, options->model);
  CLI::Option* parameters = command->add_option(
      "--parameters", options->parameters,
      "instead of a model: number of weights, read once per token; no scales, no KV cache");
  command
      ->add_option("--active", options->active,
                   "of --parameters, those that a token reads: a mixture of experts")
      ->needs(parameters);
  command->add_option("--gpus", options->gpus, "so many of the GPU, which exchange nothing")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command
      ->add_option("--bandwidth-gbs", options->bandwidth_gbs,
                   "memory bandwidth in GB/s, instead of the datasheet's")
      ->excludes(from);
  command
      ->add_option("--tflops", options->tflops,
                   "peak of the arithmetic in TFLOPS (TOPS), instead of the datasheet's")
      ->excludes(from);
  command->add_flag("--json", options->json, "print one JSON object, SI units");
  parameters->excludes(model.model)->excludes(model.context)->excludes(model.kv)->excludes(engine);
  command->footer(
      "Time per token is the time of one decode step; tokens/s counts all sequences of the "
      "batch.\n\n"
      "Examples:\n"
      "  roofproof predict --gpu T4 --weights int8\n"
      "  roofproof predict --gpu A100 --model llama-2-13b --batch 16 --context 4096\n"
      "  roofproof predict --from results/tesla-t4/run.json --model llama-2-13b --weights int4\n"
      "  roofproof predict --gpu H100 --gpus 8 --model path/to/config.json --kv fp8 --batch 64\n"
      "  roofproof predict --gpu L40S --model llama-3-8b --weight-bytes model-Q4_K_M.gguf\n"
      "  roofproof predict --gpu L40S --model llama-3-8b --weights bf16 --engine vllm\n"
      "  roofproof predict --gpu T4 --parameters 7e9 --bandwidth-gbs 300 --json");
  command->callback([options, &program] { run(*options, program); });
}

}  // namespace roofproof::analysis
