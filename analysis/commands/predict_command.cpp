// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// roofproof predict: one decode step of a model on a GPU, by the roofline alone: under the ceilings
// of a datasheet, or under those that a run measured.

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <string>

#include "analysis/banner.h"
#include "analysis/commands/command.h"
#include "analysis/input_error.h"
#include "analysis/measured_ceilings.h"
#include "analysis/predict.h"
#include "analysis/text_table.h"
#include "results/record/json_text.h"

namespace roofproof::analysis {
namespace {

struct Options {
  std::string gpu;
  std::string from;
  std::string model = "mistral-7b";
  std::optional<double> parameters;
  std::string weights = "fp16";
  std::optional<double> bandwidth_gbs;
  std::int64_t batch = 1;
  std::int64_t context = 0;
  bool json = false;
};

Precision parse_weights(const std::string& text) {
  const std::optional<Precision> precision = parse_precision(text);
  if (!precision || *precision == Precision::w8a16 || *precision == Precision::w4a16) {
    throw InputError("--weights must be fp32, fp16, int8 or int4, not '" + text + "'");
  }
  return *precision;
}

void require_positive(double value, const char* option) {
  if (!(value > 0) || !std::isfinite(value)) {
    throw InputError(fmt::format("{} must be a positive number, not {}", option, value));
  }
}

ModelWorkload count_workload(const Options& options) {
  const Precision weights = parse_weights(options.weights);
  if (!options.parameters) {
    return count_model(find_model(options.model), weights, options.batch, options.context);
  }
  require_positive(*options.parameters, "--parameters");
  return count_parameters(*options.parameters, weights, options.batch);
}

// What is printed: the prediction, and beside one from a run the datasheet's.
struct Answer {
  SpecChoice choice = {nullptr, {}};  // the GPU asked for, or the one that the run is of
  std::vector<std::string> banners;
  bool synthetic = false;
  Ceilings ceilings;
  ModelWorkload workload;
  Prediction prediction;
  std::optional<Prediction> by_datasheet;
};

void set_bandwidth(const Options& options, Ceilings& ceilings) {
  if (!options.bandwidth_gbs) return;
  require_positive(*options.bandwidth_gbs, "--bandwidth-gbs");
  ceilings.roofs.bytes_per_s = *options.bandwidth_gbs * 1e9;
  ceilings.bandwidth_source = "given with --bandwidth-gbs";
}

Answer answer_from_datasheet(const Options& options, const SpecTable& specs) {
  Answer answer;
  answer.choice = specs.choose(options.gpu);
  answer.workload = count_workload(options);
  answer.ceilings = datasheet_ceilings(*answer.choice.gpu, answer.workload.weights);
  set_bandwidth(options, answer.ceilings);
  answer.prediction = predict(answer.ceilings, answer.workload);
  return answer;
}

Answer answer_from_run(const Options& options, const SpecTable& specs) {
  const Record record = read_record(options.from);
  const ResultsView view(record);
  Answer answer;
  answer.banners = banners(record, options.from);
  answer.synthetic = record.synthetic;
  answer.workload = count_workload(options);
  const Precision weights = answer.workload.weights;
  const GpuSpec* measured = specs.match_device(record.device).whole();
  if (!options.gpu.empty()) {
    answer.choice = specs.choose(options.gpu);
    if (answer.choice.gpu != measured) {
      throw InputError(fmt::format("{} was measured on {}, not on the {}", options.from,
                                   record.device.name, answer.choice.gpu->name));
    }
  }
  answer.ceilings = measured_ceilings(view, options.from, weights, answer.choice.gpu);
  answer.choice.gpu = measured;
  if (answer.choice.gpu) {
    answer.by_datasheet = predict(datasheet_ceilings(*answer.choice.gpu, weights), answer.workload);
  }
  add_measured_launches(view, answer.ceilings, answer.workload);
  answer.prediction = predict(answer.ceilings, answer.workload);
  return answer;
}

std::string model_words(const ModelWorkload& workload) {
  const std::string size = fmt::format("{:.2f} billion parameters", workload.parameters / 1e9);
  return workload.model.empty() ? size : workload.model + ", " + size;
}

// Batches are whole: the first at which computing takes longer than reading.
std::optional<double> first_compute_batch(const Prediction& prediction) {
  if (!prediction.crossover_batch) return std::nullopt;
  return std::floor(*prediction.crossover_batch) + 1;
}

std::string other_names(const SpecChoice& choice) {
  std::string names;
  for (const GpuSpec* other : choice.others) names += (names.empty() ? "" : ", ") + other->name;
  return names;
}

void print_text(const Options& options, const Answer& answer) {
  const auto& [choice, notices, synthetic, ceilings, workload, prediction, by_datasheet] = answer;
  for (const std::string& line : notices) fmt::print("{}\n", line);
  const auto batch = static_cast<double>(workload.batch);
  fmt::print("{} · {} · {} weights · batch {} · context {}\n", ceilings.device,
             model_words(workload), name(workload.weights), workload.batch, workload.context);
  if (!choice.others.empty()) {
    fmt::print("'{}' is taken as {}; other matches: {}\n", options.gpu, choice.gpu->name,
               other_names(choice));
  }
  const std::string_view arithmetic = name(ceilings.arithmetic);
  TextTable table("lll");
  const char* ceiling = options.from.empty() ? "peak" : "gemm";
  table.add({fmt::format("{} {}", ceiling, arithmetic), si_text(ceilings.roofs.flop_per_s, "FLOPS"),
             ceilings.compute_source});
  table.add({"bandwidth", si_text(ceilings.roofs.bytes_per_s, "B/s"), ceilings.bandwidth_source});
  table.add({"ridge", fmt::format("{:.1f} FLOP/byte", prediction.ridge_flop_per_byte), ""});
  table.add({"", "", ""});
  table.add({"weights", si_text(workload.weight_bytes, "B"), "read once per step"});
  table.add({"KV cache", si_text(batch * workload.kv_bytes, "B"), "read and written per step"});
  table.add({"arithmetic", si_text(prediction.flop, "FLOP"), "per step"});
  table.add({"intensity", fmt::format("{:.3g} FLOP/byte", prediction.intensity_flop_per_byte),
             fmt::format("{:.2g} % of the ridge", 100 * prediction.intensity_flop_per_byte /
                                                      prediction.ridge_flop_per_byte)});
  table.add({"", "", ""});
  table.add({"memory time", si_text(prediction.step.memory_s, "s"), ""});
  table.add({"compute time", si_text(prediction.step.compute_s, "s"), ""});
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
  table.add({"crossover", crossover ? fmt::format("batch {:.0f}", *crossover) : "never",
             crossover ? "compute-bound from this batch on"
                       : "always memory-bound: each sequence reads its own KV cache"});
  table.add({"", "", ""});
  table.add({"in memory", si_text(prediction.memory_needed_bytes, "B"),
             "weights, KV cache, activations"});
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
  const auto& [choice, notices, synthetic, ceilings, workload, prediction, by_datasheet] = answer;
  const auto batch = static_cast<double>(workload.batch);
  Json json;
  json["gpu"] = ceilings.device;
  json["asked_for"] = options.gpu.empty() ? Json(nullptr) : Json(options.gpu);
  json["from"] = options.from.empty() ? Json(nullptr) : Json(options.from);
  json["synthetic"] = synthetic;
  json["also_known"] = Json::array();
  for (const GpuSpec* other : choice.others) json["also_known"].push_back(other->name);
  json["model"] = workload.model.empty() ? Json(nullptr) : Json(workload.model);
  json["parameters"] = workload.parameters;
  json["weights"] = name(workload.weights);
  json["batch"] = workload.batch;
  json["context"] = workload.context;
  json["arithmetic"] = name(ceilings.arithmetic);
  json["peak_flop_per_s"] = ceilings.roofs.flop_per_s;
  json["peak_source"] = ceilings.compute_source;
  json["bandwidth_bytes_per_s"] = ceilings.roofs.bytes_per_s;
  json["bandwidth_source"] = ceilings.bandwidth_source;
  json["ridge_flop_per_byte"] = prediction.ridge_flop_per_byte;
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
  json["kv_cache_bytes"] = batch * workload.kv_cache_bytes;
  json["activation_bytes"] = batch * workload.activation_bytes;
  json["memory_needed_bytes"] = prediction.memory_needed_bytes;
  json["memory_bytes"] = nullable(ceilings.memory_bytes);
  json["memory_source"] = ceilings.memory_source;
  json["fits"] = nullable(prediction.fits);
  fmt::print("{}\n", print_json(json, 2));
}

void run(const Options& options, const Program& program) {
  if (options.gpu.empty() && options.from.empty()) {
    throw InputError("--gpu is required unless --from gives a run");
  }
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
  std::string known_models;
  for (const Model& known : models()) {
    known_models += (known_models.empty() ? "" : ", ") + std::string(known.name);
  }
  command->add_option("--gpu", options->gpu, "a GPU of `roofproof specs`");
  CLI::Option* from = command->add_option(
      "--from", options->from,
      "result file: use its measured ceilings; with --gpu, missing ones come from the datasheet");
  CLI::Option* model =
      command->add_option("--model", options->model, known_models + ", or dimensions")
          ->capture_default_str();
  CLI::Option* parameters = command->add_option(
      "--parameters", options->parameters,
      "instead of a model: number of weights, read once per token; no scales, no KV cache");
  command->add_option("--weights", options->weights, "fp32, fp16, int8 or int4")
      ->capture_default_str();
  command
      ->add_option("--bandwidth-gbs", options->bandwidth_gbs,
                   "memory bandwidth in GB/s, instead of the datasheet's")
      ->excludes(from);
  command->add_option("--batch", options->batch, "sequences decoded together")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1000000}))
      ->capture_default_str();
  CLI::Option* context =
      command->add_option("--context", options->context, "tokens in the cache of each sequence")
          ->check(CLI::Range(std::int64_t{0}, std::int64_t{100000000}))
          ->capture_default_str();
  command->add_flag("--json", options->json, "print one JSON object, SI units");
  parameters->excludes(model)->excludes(context);
  command->footer(
      "Time per token is the time of one decode step; tokens/s counts all sequences of the "
      "batch.\n\n"
      "Examples:\n"
      "  roofproof predict --gpu T4 --weights int8\n"
      "  roofproof predict --gpu A100 --model llama-2-13b --batch 16 --context 4096\n"
      "  roofproof predict --from results/tesla-t4/run.json --model llama-2-13b --weights int4\n"
      "  roofproof predict --gpu T4 --parameters 7e9 --bandwidth-gbs 300 --json");
  command->callback([options, &program] { run(*options, program); });
}

}  // namespace roofproof::analysis
