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
#include "analysis/input_error.h"
#include "analysis/measured_ceilings.h"
#include "analysis/predict.h"
#include "analysis/text_table.h"
#include "kernels/models/find.h"
#include "results/record/json_text.h"

namespace roofproof::analysis {
namespace {

struct Options {
  std::string gpu;
  std::string from;
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

// What is printed: the prediction, and beside one from a run the datasheet's.
struct Answer {
  SpecChoice choice = {nullptr, {}};  // the GPU asked for, or the one that the run is of
  std::vector<std::string> banners;
  std::vector<std::string> notes;
  bool synthetic = false;
  Ceilings ceilings;
  ModelWorkload workload;
  Prediction prediction;
  std::optional<Prediction> by_datasheet;
};

// Each GPU computes whole heads.
void require_divisible_heads(const ModelLayout& layout, int gpus) {
  const auto refuse = [&](std::int64_t heads, const char* what) {
    throw InputError(fmt::format("--gpus {}: {} has {} {}heads, which {} GPUs cannot share evenly",
                                 gpus, layout.name, heads, what, gpus));
  };
  if (layout.heads % gpus != 0) refuse(layout.heads, "");
  const std::int64_t kv = layout.kv_heads;
  if (kv > 0 && kv % gpus != 0 && gpus % kv != 0) refuse(kv, "key and value ");
}

// Where they share out the heads of each layer; one latent vector serves all heads.
std::int64_t holders_of_a_key(const ModelLayout& layout, int gpus) {
  const std::int64_t kv = std::max<std::int64_t>(layout.kv_heads, 1);
  return gpus > kv ? gpus / kv : 1;
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
  require_divisible_heads(layout, options.gpus);
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

Answer answer_from_datasheet(const Options& options, const SpecTable& specs) {
  Answer answer;
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
  Answer answer;
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
  return answer;
}

std::string model_words(const ModelWorkload& workload) {
  const std::string size = fmt::format("{:.2f} billion parameters", workload.parameters / 1e9);
  return workload.model.empty() ? size : workload.model + ", " + size;
}

std::string weights_words(const ModelWorkload& workload) {
  const WeightFormat& weights = workload.weights;
  return weights.element == Element::mixed ? fmt::format("{:.3g}-bit", weights.bits) : weights.name;
}

// "fp16, read once per step", and of a mixture of experts how many.
std::string read_words(const ModelWorkload& workload) {
  const std::string words = weights_words(workload) + ", read once per step";
  if (workload.experts == 0) return words;
  return fmt::format("{}: {:.4g} of {:.0f} experts per layer", words, workload.experts_read,
                     workload.experts);
}

std::string other_names(const SpecChoice& choice) {
  std::string names;
  for (const GpuSpec* other : choice.others) names += (names.empty() ? "" : ", ") + other->name;
  return names;
}

std::string device_words(const Options& options, const Ceilings& ceilings) {
  return options.gpus == 1 ? ceilings.device
                           : fmt::format("{} x {}", options.gpus, ceilings.device);
}

void print_text(const Options& options, const Answer& answer) {
  const auto& [choice, notices, notes, synthetic, ceilings, workload, prediction, by_datasheet] =
      answer;
  for (const std::string& line : notices) fmt::print("{}\n", line);
  const auto batch = static_cast<double>(workload.batch);
  const bool is_peak_known = std::isfinite(ceilings.roofs.flop_per_s);
  fmt::print("{} · {} · {} weights · batch {} · context {}\n", device_words(options, ceilings),
             model_words(workload), weights_words(workload), workload.batch, workload.context);
  if (!choice.others.empty()) {
    fmt::print("'{}' is taken as {}; other matches: {}\n", options.gpu, choice.gpu->name,
               other_names(choice));
  }
  for (const std::string& note : notes) fmt::print("{}\n", note);
  if (options.gpus > 1) fmt::print("The links between the GPUs are left out: an upper bound.\n");
  const std::string_view arithmetic = name(ceilings.arithmetic);
  TextTable table("lll");
  const char* ceiling = options.from.empty() ? "peak" : "gemm";
  table.add({fmt::format("{} {}", ceiling, arithmetic),
             is_peak_known ? si_text(ceilings.roofs.flop_per_s, "FLOPS") : "-",
             ceilings.compute_source});
  table.add({"bandwidth", si_text(ceilings.roofs.bytes_per_s, "B/s"), ceilings.bandwidth_source});
  if (is_peak_known) {
    table.add({"ridge", fmt::format("{:.1f} FLOP/byte", prediction.ridge_flop_per_byte), ""});
  }
  table.add({"", "", ""});
  if (workload.active_parameters < workload.parameters) {
    table.add({"parameters", fmt::format("{:.2f} billion", workload.parameters / 1e9),
               fmt::format("{:.2f} billion active: what one token passes through",
                           workload.active_parameters / 1e9)});
  }
  table.add({"weights", si_text(workload.weight_bytes, "B"), read_words(workload)});
  table.add({"KV cache", si_text(batch * workload.kv_bytes, "B"),
             fmt::format("{}, read and written per step", workload.cache.name)});
  table.add({"arithmetic", si_text(prediction.flop, "FLOP"), "per step"});
  table.add({"intensity", fmt::format("{:.3g} FLOP/byte", prediction.intensity_flop_per_byte),
             is_peak_known
                 ? fmt::format("{:.2g} % of the ridge", 100 * prediction.intensity_flop_per_byte /
                                                            prediction.ridge_flop_per_byte)
                 : ""});
  table.add({"", "", ""});
  table.add({"memory time", si_text(prediction.step.memory_s, "s"), ""});
  if (is_peak_known) table.add({"compute time", si_text(prediction.step.compute_s, "s"), ""});
  if (workload.launches > 0) {
    table.add({"launch time", si_text(prediction.step.launch_s, "s"), ceilings.launch_source});
  }
  table.add({"time per token", si_text(prediction.time_per_token_s, "s"),
             fmt::format("{}-bound", name(prediction.step.bound))});
  table.add({"tokens/s", fmt::format("{:.2f}", prediction.tokens_per_s),
             workload.batch > 1 ? "for the whole batch" : ""});
  if (by_datasheet) {
    table.add({"", fmt::format("{:.2f}", by_datasheet->tokens_per_s),
               "predicted from the datasheet of the " + choice.gpu->name});
  }
  const std::optional<double> crossover = first_compute_batch(prediction);
  if (is_peak_known) {
    table.add({"crossover", crossover ? fmt::format("batch {:.0f}", *crossover) : "never",
               crossover ? "compute-bound from this batch on"
                         : "always memory-bound: each sequence reads its own KV cache"});
  }
  table.add({"", "", ""});
  if (workload.file_weight_bytes > workload.resident_weight_bytes) {
    table.add(
        {"in the file", si_text(workload.file_weight_bytes, "B"), "with the prediction layers"});
  }
  table.add({"in memory", si_text(prediction.memory_needed_bytes, "B"),
             workload.resident_is_known ? fmt::format("{} weights, {} KV cache, activations",
                                                      si_text(workload.resident_weight_bytes, "B"),
                                                      si_text(batch * workload.kv_cache_bytes, "B"))
                                        : "at least"});
  if (prediction.fits) {
    const double spare = *ceilings.memory_bytes - prediction.memory_needed_bytes;
    table.add({"", *prediction.fits ? "fits" : "does not fit",
               fmt::format("{} {} {} ({})", si_text(std::abs(spare), "B"),
                           *prediction.fits ? "free of" : "more than the available",
                           si_text(*ceilings.memory_bytes, "B"), ceilings.memory_source)});
  }
  fmt::print("\n{}", table.text());
}

void print_json_text(const Options& options, const Answer& answer) {
  const auto& [choice, notices, notes, synthetic, ceilings, workload, prediction, by_datasheet] =
      answer;
  const auto batch = static_cast<double>(workload.batch);
  const bool is_peak_known = std::isfinite(ceilings.roofs.flop_per_s);
  const auto if_known = [&](double value) { return is_peak_known ? Json(value) : Json(nullptr); };
  Json json;
  json["gpu"] = ceilings.device;
  json["gpus"] = options.gpus;
  json["notes"] = notes;
  json["asked_for"] = options.gpu.empty() ? Json(nullptr) : Json(options.gpu);
  json["from"] = options.from.empty() ? Json(nullptr) : Json(options.from);
  json["synthetic"] = synthetic;
  json["also_known"] = Json::array();
  for (const GpuSpec* other : choice.others) json["also_known"].push_back(other->name);
  json["model"] = workload.model.empty() ? Json(nullptr) : Json(workload.model);
  json["parameters"] = workload.parameters;
  json["active_parameters"] = workload.active_parameters;
  json["weights"] = workload.weights.name;
  json["bits_per_weight"] = workload.weights.bits;
  json["kv"] = workload.cache.name;
  json["batch"] = workload.batch;
  json["context"] = workload.context;
  json["arithmetic"] = name(ceilings.arithmetic);
  json["peak_flop_per_s"] = if_known(ceilings.roofs.flop_per_s);
  json["peak_source"] = ceilings.compute_source;
  json["bandwidth_bytes_per_s"] = ceilings.roofs.bytes_per_s;
  json["bandwidth_source"] = ceilings.bandwidth_source;
  json["ridge_flop_per_byte"] = if_known(prediction.ridge_flop_per_byte);
  json["experts"] = workload.experts;
  json["experts_read"] = workload.experts_read;
  json["weight_bytes"] = workload.weight_bytes;
  json["embedding_bytes"] = batch * workload.embedding_bytes;
  json["kv_bytes"] = batch * workload.kv_bytes;
  json["bytes"] = prediction.bytes;
  json["flop"] = prediction.flop;
  json["intensity_flop_per_byte"] = prediction.intensity_flop_per_byte;
  json["memory_time_s"] = prediction.step.memory_s;
  json["compute_time_s"] = prediction.step.compute_s;
  json["launch_time_s"] = prediction.step.launch_s;
  json["disturbed"] = ceilings.disturbed;
  json["launch_source"] =
      ceilings.launch_source.empty() ? Json(nullptr) : Json(ceilings.launch_source);
  json["bound"] = name(prediction.step.bound);
  json["time_per_token_s"] = prediction.time_per_token_s;
  json["tokens_per_s"] = prediction.tokens_per_s;
  json["tokens_per_s_by_datasheet"] =
      by_datasheet ? Json(by_datasheet->tokens_per_s) : Json(nullptr);
  const std::optional<double> crossover = first_compute_batch(prediction);
  json["crossover_batch"] = nullable(crossover);
  json["resident_weight_bytes"] = workload.resident_weight_bytes;
  json["file_weight_bytes"] = workload.file_weight_bytes;
  json["kv_cache_bytes"] = batch * workload.kv_cache_bytes;
  json["activation_bytes"] = batch * workload.activation_bytes;
  json["memory_needed_bytes"] = prediction.memory_needed_bytes;
  json["memory_bytes"] = nullable(ceilings.memory_bytes);
  json["memory_source"] = ceilings.memory_source;
  json["fits"] = nullable(prediction.fits);
  fmt::print("{}\n", print_json(json, 2));
}

void run(const Options& options, const Program& program) {
  if (options.gpu.empty() && options.from.empty() && !options.bandwidth_gbs) {
    throw InputError("--gpu is required unless --from gives a run, or --bandwidth-gbs a bandwidth");
  }
  if (options.bandwidth_gbs)
    require_positive(*options.bandwidth_gbs, most_bandwidth_gbs, "--bandwidth-gbs");
  if (options.tflops) require_positive(*options.tflops, most_tflops, "--tflops");
  const SpecTable specs = program.specs();
  const Answer answer = options.from.empty() ? answer_from_datasheet(options, specs)
                                             : answer_from_run(options, specs);
  (options.json ? print_json_text : print_text)(options, answer);
}

}  // namespace

void add_predict(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "predict", "Predict time per token and tokens/s of a decode step from the roofline");
  auto options = std::make_shared<Options>();
  command->add_option("--gpu", options->gpu,
                      "a GPU of `roofproof specs`, or any with --bandwidth-gbs");
  CLI::Option* from = command->add_option(
      "--from", options->from,
      "result file: use its measured ceilings; with --gpu, missing ones come from the datasheet");
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
  parameters->excludes(model.model)->excludes(model.context)->excludes(model.kv);
  command->footer(
      "Time per token is the time of one decode step; tokens/s counts all sequences of the "
      "batch.\n\n"
      "Examples:\n"
      "  roofproof predict --gpu T4 --weights int8\n"
      "  roofproof predict --gpu A100 --model llama-2-13b --batch 16 --context 4096\n"
      "  roofproof predict --from results/tesla-t4/run.json --model llama-2-13b --weights int4\n"
      "  roofproof predict --gpu H100 --gpus 8 --model path/to/config.json --kv fp8 --batch 64\n"
      "  roofproof predict --gpu L40S --model llama-3-8b --weight-bytes model-Q4_K_M.gguf\n"
      "  roofproof predict --gpu T4 --parameters 7e9 --bandwidth-gbs 300 --json");
  command->callback([options, &program] { run(*options, program); });
}

}  // namespace roofproof::analysis
