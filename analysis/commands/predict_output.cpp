// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The two forms of a prediction.

#include <fmt/format.h>

#include <cmath>

#include "analysis/commands/predict_answer.h"
#include "analysis/quantity.h"
#include "analysis/text_table.h"
#include "results/record/json_text.h"

namespace roofproof::analysis {
namespace {

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

std::string head_text(const Answer& answer) {
  const ModelWorkload& workload = answer.workload;
  std::string text;
  for (const std::string& line : answer.banners) text += line + '\n';
  if (answer.gpus > 1) text += fmt::format("{} x ", answer.gpus);
  text +=
      fmt::format("{} · {} · {} weights · batch {} · context {}\n", answer.ceilings.device,
                  model_words(workload), weights_words(workload), workload.batch, workload.context);
  if (!answer.choice.others.empty()) {
    text += fmt::format("'{}' is taken as {}; other matches: {}\n", answer.asked_for,
                        answer.choice.gpu->name, other_names(answer.choice));
  }
  for (const std::string& note : answer.notes) text += note + '\n';
  if (answer.gpus > 1) text += "The links between the GPUs are left out: an upper bound.\n";
  return text;
}

bool is_peak_known(const Answer& answer) { return std::isfinite(answer.ceilings.roofs.flop_per_s); }

void add_ceilings(const Answer& answer, TextTable& table) {
  const Ceilings& ceilings = answer.ceilings;
  const char* ceiling = answer.from.empty() ? "peak" : "gemm";
  table.add({fmt::format("{} {}", ceiling, name(ceilings.arithmetic)),
             is_peak_known(answer) ? si_text(ceilings.roofs.flop_per_s, "FLOPS") : "-",
             ceilings.compute_source});
  table.add({"bandwidth", si_text(ceilings.roofs.bytes_per_s, "B/s"), ceilings.bandwidth_source});
  if (is_peak_known(answer)) {
    table.add(
        {"ridge", fmt::format("{:.1f} FLOP/byte", answer.prediction.ridge_flop_per_byte), ""});
  }
  table.add({"", "", ""});
}

void add_work(const Answer& answer, TextTable& table) {
  const ModelWorkload& workload = answer.workload;
  const Prediction& prediction = answer.prediction;
  if (workload.active_parameters < workload.parameters) {
    table.add({"parameters", fmt::format("{:.2f} billion", workload.parameters / 1e9),
               fmt::format("{:.2f} billion active: what one token passes through",
                           workload.active_parameters / 1e9)});
  }
  table.add({"weights", si_text(workload.weight_bytes, "B"), read_words(workload)});
  table.add({"KV cache", si_text(static_cast<double>(workload.batch) * workload.kv_bytes, "B"),
             fmt::format("{}, read and written per step", workload.cache.name)});
  table.add({"arithmetic", si_text(prediction.flop, "FLOP"), "per step"});
  table.add({"intensity", fmt::format("{:.3g} FLOP/byte", prediction.intensity_flop_per_byte),
             is_peak_known(answer)
                 ? fmt::format("{:.2g} % of the ridge", 100 * prediction.intensity_flop_per_byte /
                                                            prediction.ridge_flop_per_byte)
                 : ""});
  table.add({"", "", ""});
}

// "expected 48.3 tokens/s" and the range below it; one alone where there is no other.
void add_expected(const Answer& answer, TextTable& table) {
  if (!answer.expected) return;
  const auto& [tokens_per_s, range] = *answer.expected;
  const std::string source = answer.expected_source;
  if (tokens_per_s) table.add({"expected", fmt::format("{:.2f}", *tokens_per_s), source});
  if (!range) return;
  const std::string meaning = answer.from.empty()
                                  ? fmt::format("{:.0f} % range", 100 * nominal_coverage)
                                  : "95 % interval of the measured step";
  table.add({tokens_per_s ? "" : "expected",
             fmt::format("{} to {}", significant(range->low), significant(range->high)),
             tokens_per_s ? meaning : meaning + ", " + source});
}

void add_times(const Answer& answer, TextTable& table) {
  const ModelWorkload& workload = answer.workload;
  const Prediction& prediction = answer.prediction;
  table.add({"memory time", si_text(prediction.step.memory_s, "s"), ""});
  if (is_peak_known(answer)) {
    table.add({"compute time", si_text(prediction.step.compute_s, "s"), ""});
  }
  if (workload.launches > 0) {
    table.add(
        {"launch time", si_text(prediction.step.launch_s, "s"), answer.ceilings.launch_source});
  }
  table.add({"time per token", si_text(prediction.time_per_token_s, "s"),
             fmt::format("{}-bound", name(prediction.step.bound))});
  table.add({"tokens/s", fmt::format("{:.2f}", prediction.tokens_per_s),
             workload.batch > 1 ? "at most, for the whole batch" : "at most"});
  if (answer.by_datasheet) {
    table.add({"", fmt::format("{:.2f}", answer.by_datasheet->tokens_per_s),
               "predicted from the datasheet of the " + answer.choice.gpu->name});
  }
  add_expected(answer, table);
  if (is_peak_known(answer)) {
    const std::optional<double> crossover = first_compute_batch(prediction);
    table.add({"crossover", crossover ? fmt::format("batch {:.0f}", *crossover) : "never",
               crossover ? "compute-bound from this batch on"
                         : "always memory-bound: each sequence reads its own KV cache"});
  }
  table.add({"", "", ""});
}

void add_memory(const Answer& answer, TextTable& table) {
  const ModelWorkload& workload = answer.workload;
  const Prediction& prediction = answer.prediction;
  if (workload.file_weight_bytes > workload.resident_weight_bytes) {
    table.add(
        {"in the file", si_text(workload.file_weight_bytes, "B"), "with the prediction layers"});
  }
  const double cache_bytes = static_cast<double>(workload.batch) * workload.kv_cache_bytes;
  table.add({"in memory", si_text(prediction.memory_needed_bytes, "B"),
             workload.resident_is_known ? fmt::format("{} weights, {} KV cache, activations",
                                                      si_text(workload.resident_weight_bytes, "B"),
                                                      si_text(cache_bytes, "B"))
                                        : "at least"});
  if (!prediction.fits) return;
  const double memory_bytes = *answer.ceilings.memory_bytes;
  const double spare = memory_bytes - prediction.memory_needed_bytes;
  table.add({"", *prediction.fits ? "fits" : "does not fit",
             fmt::format("{} {} {} ({})", si_text(std::abs(spare), "B"),
                         *prediction.fits ? "free of" : "more than the available",
                         si_text(memory_bytes, "B"), answer.ceilings.memory_source)});
}

Json json_of(const Answer& answer) {
  if (!answer.expected) return nullptr;
  Json json;
  json["source"] = answer.expected_source;
  json["tokens_per_s"] = nullable(answer.expected->tokens_per_s);
  json["low"] = answer.expected->range ? Json(answer.expected->range->low) : Json(nullptr);
  json["high"] = answer.expected->range ? Json(answer.expected->range->high) : Json(nullptr);
  return json;
}

}  // namespace

std::string predict_text(const Answer& answer) {
  TextTable table("lll");
  add_ceilings(answer, table);
  add_work(answer, table);
  add_times(answer, table);
  add_memory(answer, table);
  return head_text(answer) + '\n' + table.text() + '\n' + answer.score + '\n';
}

std::string predict_json(const Answer& answer) {
  const auto& [asked_for, from, gpus, choice, banners, notes, synthetic, ceilings, workload,
               prediction, by_datasheet, expected, expected_source, score] = answer;
  const auto batch = static_cast<double>(workload.batch);
  const auto if_known = [&](double value) {
    return is_peak_known(answer) ? Json(value) : Json(nullptr);
  };
  Json json;
  json["gpu"] = ceilings.device;
  json["gpus"] = answer.gpus;
  json["notes"] = notes;
  json["asked_for"] = answer.asked_for.empty() ? Json(nullptr) : Json(answer.asked_for);
  json["from"] = answer.from.empty() ? Json(nullptr) : Json(answer.from);
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
  json["expected"] = json_of(answer);
  json["score"] = answer.score;
  return print_json(json, 2) + '\n';
}

}  // namespace roofproof::analysis
