// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/commands/model_options.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <regex>
#include <system_error>

#include "analysis/commands/validators.h"
#include "analysis/input_error.h"
#include "kernels/models/find.h"
#include "kernels/models/lower.h"

namespace roofproof::analysis {
namespace {

// Less is no weight, more no format: a size in GB, or of another model.
constexpr double least_bits = 0.5;
constexpr double most_bits = 64;

WeightFormat checked(WeightFormat format, const char* option) {
  if (format.bits >= least_bits && format.bits <= most_bits) return format;
  throw InputError(
      fmt::format("{} gives {:.3g} bits per weight, which no format has", option, format.bits));
}

FileKind kind_of(const std::string& file) {
  const std::string name = lower(file);
  if (name.ends_with(".gguf")) return FileKind::gguf;
  return name.ends_with(".safetensors") ? FileKind::safetensors : FileKind::unknown;
}

// "model-00001-of-00004.safetensors": the whole is in that many files.
void refuse_shard(const std::string& file) {
  static const std::regex shard(R"(-\d+-of-0*(\d+)\.[^./]*$)");
  std::smatch match;
  if (std::regex_search(file, match, shard) && match[1] != "1") {
    throw InputError("--weight-bytes: '" + file + "' is one of " + match[1].str() +
                     " files; give the sum of their sizes in bytes");
  }
}

std::string arithmetic_names() {
  std::string names;
  for (const Arithmetic arithmetic : all_arithmetic) {
    names += (names.empty() ? "" : ", ") + std::string(name(arithmetic));
  }
  return names;
}

WeightFormat choose_format(const ModelOptions& options, const ModelLayout& layout) {
  if (!options.weights.empty()) return find_weight_format(options.weights);
  if (options.bits_per_weight) {
    return checked(average_format(*options.bits_per_weight), "--bits-per-weight");
  }
  if (const std::optional<double> bytes = weight_bytes(options)) {
    return checked(format_of_file(layout, *bytes, kind_of(options.weight_bytes)), "--weight-bytes");
  }
  if (!layout.why_not_stored.empty()) throw InputError(layout.why_not_stored);
  return layout.stored.value_or(WeightFormat::of(Precision::fp16));
}

}  // namespace

ModelOptionHandles add_model_options(CLI::App& command, ModelOptions& options) {
  std::string known;
  for (const std::string& name : model_names()) known += name + ", ";
  CLI::Option* model = command
                           .add_option("--model", options.model,
                                       known + "a config.json or a folder with one, or dimensions")
                           ->capture_default_str();
  CLI::Option* weights =
      command.add_option("--weights", options.weights,
                         weight_format_names() + " [as the config.json states it, else fp16]");
  CLI::Option* bits = command.add_option("--bits-per-weight", options.bits_per_weight,
                                         "average of all weights, instead of --weights");
  CLI::Option* bytes = command.add_option(
      "--weight-bytes", options.weight_bytes,
      "size of all weights in bytes, or the file whose size that is (GGUF, safetensors)");
  weights->check(not_empty())->excludes(bits)->excludes(bytes);
  bytes->check(not_empty());
  bits->excludes(bytes);
  CLI::Option* kv = command
                        .add_option("--kv", options.kv,
                                    "format of the KV cache: " + cache_format_names() +
                                        " [as the config.json states it, else fp16]")
                        ->check(not_empty());
  command
      .add_option("--math", options.math,
                  "what is multiplied in: " + arithmetic_names() +
                      " [bf16 and fp8 weights: their own where the GPU can; else fp16]; W8A8 is "
                      "int8 or fp8, W4A4 int4 or fp4")
      ->check(not_empty());
  command.add_option("--batch", options.batch, "sequences decoded together")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1000000}))
      ->capture_default_str();
  CLI::Option* context =
      command.add_option("--context", options.context, "tokens in the cache of each sequence")
          ->check(CLI::Range(std::int64_t{0}, std::int64_t{100000000}))
          ->capture_default_str();
  return {model, context, kv};
}

StepRequest step_request(const ModelOptions& options, const ModelLayout& layout) {
  const CacheFormat cache =
      options.kv.empty() ? layout.cache.value_or(CacheFormat{}) : find_cache_format(options.kv);
  return {choose_format(options, layout), cache, options.batch, options.context};
}

std::optional<Arithmetic> parse_math(const ModelOptions& options) {
  if (options.math.empty()) return std::nullopt;
  for (const Arithmetic arithmetic : all_arithmetic) {
    if (lower(options.math) == name(arithmetic)) return arithmetic;
  }
  throw InputError("--math must be one of " + arithmetic_names() + ", not '" + options.math + "'");
}

std::optional<double> weight_bytes(const ModelOptions& options) {
  const std::string& text = options.weight_bytes;
  if (text.empty()) return std::nullopt;
  double bytes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (error == std::errc() && end == text.data() + text.size()) return bytes;
  std::error_code failure;
  const std::uintmax_t size = std::filesystem::file_size(text, failure);
  if (failure) {
    throw InputError("--weight-bytes: '" + text +
                     "' is neither a number nor a file: " + failure.message());
  }
  refuse_shard(text);
  return static_cast<double>(size);
}

WeightFormat format_of_parameters(const ModelOptions& options, double parameters) {
  if (const std::optional<double> bytes = weight_bytes(options)) {
    return checked(average_format(*bytes * 8 / parameters), "--weight-bytes");
  }
  return choose_format(options, {});
}

std::vector<std::string> model_notes(const ModelLayout& layout, const StepRequest& request) {
  std::vector<std::string> notes;
  if (!layout.asked_for.empty()) {
    notes.push_back(fmt::format("'{}' is taken as {}.", layout.asked_for, layout.name));
  }
  if (!layout.assumed.empty()) notes.push_back("Counted " + layout.assumed + ".");
  if (layout.tied) {
    notes.push_back("Both vocabulary matrices are one (tied), counted once and read whole.");
  }
  if (layout.experts > 0 && request.batch > 1) {
    notes.push_back(
        fmt::format("Experts read per layer are the number expected if the {} tokens choose "
                    "independently and evenly.",
                    request.batch));
  }
  if (!layout.prediction_layers.empty()) {
    notes.push_back(fmt::format(
        "Prediction layers for further tokens, {:.2f} billion parameters, are in the file and not "
        "in the step.",
        static_cast<double>(elements(layout.prediction_layers)) / 1e9));
  }
  if (!layout.vision.empty()) {
    notes.push_back(fmt::format(
        "The encoder of images, {:.2f} billion parameters, is in memory and not in the step.",
        static_cast<double>(elements(layout.vision)) / 1e9));
  }
  std::int64_t windows = 0;
  std::int64_t window = 0;
  for (const Attention& layer : layout.attention) {
    if (layer.window == 0) continue;
    ++windows;
    window = layer.window;
  }
  if (windows > 0) {
    notes.push_back(fmt::format("{} of {} layers keep {} tokens, not the whole context.", windows,
                                layout.attention.size(), window));
  }
  return notes;
}

}  // namespace roofproof::analysis
