// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/audit/llama_bench.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <regex>

#include "analysis/audit/fields.h"
#include "analysis/audit/readers.h"
#include "kernels/models/lower.h"
#include "results/record/median.h"
#include "results/record/record.h"

namespace roofproof::analysis {
namespace {

constexpr double most_tokens = 1e8;

// Before the KV cache moved with its layers, two more "layers" stood for it (build 1275: 35 for
// 32).
constexpr double first_build_without = 1700;

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::string test_name(double prompt, double generated, double depth) {
  std::string name;
  if (prompt > 0) name += fmt::format("pp{:.0f}", prompt);
  if (generated > 0) name += fmt::format("{}tg{:.0f}", prompt > 0 ? "+" : "", generated);
  return depth > 0 ? fmt::format("{} @ d{:.0f}", name, depth) : name;
}

// Of a mixture of experts the name tells, and of some how much of it a token reads: "128B.A11B".
void read_experts(const std::string& names, ReportedFigure& figure) {
  static const std::regex mixture(R"(moe|\d+x\d+(\.\d+)?b|mixtral|gpt-?oss|deepseek|kimi|[.-]a\d)");
  static const std::regex active(R"([.-]a(\d{1,3}(\.\d{1,3})?)b)");
  const std::string low = lower(names.substr(0, 500));
  figure.has_experts = std::regex_search(low, mixture);
  std::smatch match;
  if (std::regex_search(low, match, active)) figure.active = std::stod(match[1]) * 1e9;
}

std::vector<std::string> split(const std::string& text, std::string_view separator) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + separator.size();
  }
  return parts;
}

// Of the GPUs of the machine those that -dev chose: "CUDA0", "CUDA1/CUDA0"; by default all. What is
// none of them ("RPC0" is another machine's) goes by its own name.
std::vector<std::string> chosen_gpus(const std::vector<std::string>& gpus,
                                     const std::string& devices) {
  if (devices.empty() || devices == "auto" || devices == "none" || gpus[0].empty()) return gpus;
  static const std::regex local(R"((CUDA|ROCm|Vulkan|SYCL)(\d{1,3}))");
  constexpr std::size_t most = 64;  // of devices, and of characters of a name
  std::vector<std::string> chosen;
  std::size_t locals = 0;
  for (const std::string& device : split(devices, "/")) {
    if (device.size() > most || chosen.size() == most) return gpus;
    std::smatch match;
    const bool is_local = std::regex_match(device, match, local);
    if (is_local && ++locals > gpus.size()) return gpus;  // one is named twice
    const std::size_t number = is_local ? std::stoul(match[2]) : gpus.size();
    chosen.push_back(number < gpus.size() ? gpus[number] : device);
  }
  return chosen;
}

// "NVIDIA GeForce RTX 4090, NVIDIA GeForce RTX 4090" is two of one; of different ones it is not
// said which computed.
void read_gpus(const Fields& fields, ReportedFigure& figure) {
  const std::string all = fields.text("gpu_info");
  const std::vector<std::string> names = chosen_gpus(split(all, ", "), fields.text("devices"));
  const bool are_same = std::equal(names.begin() + 1, names.end(), names.begin());
  const std::string mode = fields.text("split_mode");
  figure.gpu = are_same ? names[0] : fmt::format("{}", fmt::join(names, ", "));
  figure.gpus = are_same && mode != "none" ? static_cast<int>(names.size()) : 1;
  figure.take_turns = figure.gpus > 1 && mode != "row" && mode != "tensor";
  // Files before 2024 have no mode and split rows; a table leaves out the default.
  figure.may_share_steps = figure.take_turns && mode != "layer";
}

void check_samples(const Fields& fields, double tokens, ReportedFigure& figure) {
  const double rate = figure.value;
  const std::vector<double> rates = fields.numbers("samples_ts");
  const std::vector<double> times = fields.numbers("samples_ns");
  if (!rates.empty()) check_stated(figure, "avg_ts, the mean of samples_ts", rate, mean(rates));
  const std::optional<double> time = fields.positive("avg_ns");
  if (!times.empty() && time) {
    check_stated(figure, "avg_ns, the mean of samples_ns", *time, mean(times));
  }
  // A mean of rates is above the rate of the mean time by about the square of their spread.
  const double spread = fields.number("stddev_ts").value_or(0) / rate;
  if (time && tokens > 0) {
    check_stated(figure, "avg_ts, tokens / avg_ns", rate, tokens / *time * 1e9,
                 0.02 + 3 * spread * spread);
  }
  if (!(spread <= 0.5)) {
    figure.unfit.push_back(fmt::format("a spread of {:.0f} % is no measurement", 100 * spread));
  }
  if (rates.size() >= 3 && rates[0] < 0.85 * median(rates)) {
    figure.notes.push_back("The first sample is slower by far: warm-up, and in the mean.");
  }
}

void read_offload(const Fields& fields, ReportedFigure& figure) {
  const std::string backends = fields.text("backends");
  if (backends == "CPU" || backends == "BLAS") figure.unfit.push_back("computed by the CPU");
  if (fields.text("devices") == "none") figure.unfit.push_back("computed by the CPU: -dev none");
  if (fields.flag("no_kv_offload")) figure.unfit.push_back("the KV cache is in the host's memory");
  if (fields.positive("n_cpu_moe")) figure.unfit.push_back("experts are in the host's memory");
  if (fields.text("n_gpu_layers") == "-1") return;
  const std::optional<double> layers = fields.number("n_gpu_layers");
  if (!layers || *layers >= 99) return;
  figure.gpu_layers = static_cast<std::int64_t>(*layers);
  const bool is_new = fields.number("build_number").value_or(0) >= first_build_without;
  figure.layers_beyond = is_new ? 1 : 3;
}

// ggml's blocks of 32 with their scales; K and V may differ.
std::optional<double> cache_bits(const Fields& fields) {
  constexpr std::pair<std::string_view, double> types[] = {
      {"f32", 32},   {"f16", 16}, {"bf16", 16},  {"q8_0", 8.5},  {"q5_1", 6},
      {"q5_0", 5.5}, {"q4_1", 5}, {"q4_0", 4.5}, {"iq4_nl", 4.5}};
  double bits = 0;
  for (const char* key : {"type_k", "type_v"}) {
    const std::string name = fields.text(key);
    const auto* type = std::ranges::find(types, name, &std::pair<std::string_view, double>::first);
    if (type == std::end(types)) return std::nullopt;
    bits += type->second / 2;
  }
  return bits;
}

double tokens_of(const Fields& fields, std::string_view key) {
  const double count = fields.number(key).value_or(0);
  if (!(count <= most_tokens)) fields.fail(key, "must be at most 1e8");
  return count;
}

ReportedFigure figure_of(const Fields& fields) {
  const double prompt = tokens_of(fields, "n_prompt");
  const double generated = tokens_of(fields, "n_gen");
  const double depth = tokens_of(fields, "n_depth");
  ReportedFigure figure;
  figure.label = test_name(prompt, generated, depth);
  figure.place = fields.place();
  figure.engine = "llama.cpp";
  figure.value = fields.needed("avg_ts");
  figure.quantity = generated > 0 ? Quantity::decode_rate : Quantity::prefill_rate;
  figure.batch = 1;
  figure.context = depth + (generated > 0 ? generated : prompt) / 2;
  if (prompt > 0) figure.prompt_tokens = prompt;
  if (prompt > 0 && generated > 0) figure.unfit.push_back("prefill and decode are in one figure");
  const std::string path = fields.text("model_filename");
  const std::string type = fields.text("model_type");
  figure.model = path.empty() ? type : path.substr(path.find_last_of("/\\") + 1);
  figure.weight_bytes = fields.positive("model_size");
  figure.parameters = fields.positive("model_n_params");
  figure.cache_bits = cache_bits(fields);
  read_experts(type + ' ' + figure.model, figure);
  read_gpus(fields, figure);
  check_samples(fields, prompt + generated, figure);
  read_offload(fields, figure);
  return figure;
}

}  // namespace

std::vector<ReportedFigure> llama_bench_figures(std::vector<PlacedRecord> records,
                                                const std::string& file) {
  std::vector<ReportedFigure> figures;
  for (PlacedRecord& placed : records) {
    // -1 is all of them, as text in CSV and in the table.
    ForeignJson& record = placed.record;
    if (record.contains("n_gpu_layers") && record["n_gpu_layers"].is_number() &&
        record["n_gpu_layers"] < 0) {
      record["n_gpu_layers"] = "-1";
    }
    figures.push_back(figure_of(Fields(record, file, placed.place)));
  }
  return figures;
}

std::vector<ReportedFigure> read_llama_bench_json(std::string_view text, const std::string& file) {
  return llama_bench_figures(json_records(text, file), file);
}

std::vector<ReportedFigure> read_llama_bench_csv(std::string_view text, const std::string& file) {
  return llama_bench_figures(csv_records(text, file), file);
}

}  // namespace roofproof::analysis
