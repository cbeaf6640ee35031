// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/models/quantization.h"

#include <algorithm>
#include <span>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

namespace roofproof {
namespace {

// `*` in the pattern stands for any characters, none included.
bool glob(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

// "model.layers.3.mlp" and "language_model.model.layers.3.mlp" are "layers.3.mlp" here.
std::string_view without_root(std::string_view name) {
  const std::size_t layers = name.find("layers.");
  return layers == std::string_view::npos ? name : name.substr(layers);
}

// Of regular expressions what such lists use: "\." and ".*", and the anchors.
std::string glob_of_regex(std::string_view regex) {
  std::string pattern;
  if (regex.starts_with('^')) regex.remove_prefix(1);
  const bool anchored = regex.ends_with('$');
  if (anchored) regex.remove_suffix(1);
  for (std::size_t i = 0; i < regex.size(); ++i) {
    if (regex.substr(i, 2) == ".*" || regex.substr(i, 2) == "\\.") {
      pattern += regex[i] == '.' ? '*' : '.';
      ++i;
    } else if (std::string_view("()[]{}|+?*\\").find(regex[i]) != std::string_view::npos) {
      throw std::invalid_argument("'re:" + std::string(regex) +
                                  "' is a regular expression that is not understood");
    } else {
      pattern += regex[i];
    }
  }
  return anchored ? pattern : pattern + '*';
}

constexpr const char* state_the_format =
    " is not understood; state the format with --weights, --bits-per-weight or --weight-bytes";

// Where any of them says something, some weights are stored otherwise than what is read here says.
constexpr std::string_view other_formats[] = {
    "compression_config",  // compressed-tensors before it was quantization_config
    "quantization",        // MLX
};
constexpr std::string_view other_settings[] = {
    "dynamic",  // GPTQModel: formats by module
    "lm_head",  // GPTQModel, AutoRound: the LM head is quantised too
};

void refuse(const Config& config, std::span<const std::string_view> keys) {
  if (const std::optional<std::string> key = config.ignored(keys, {}, {})) {
    config.fail(*key, std::string("what it says") + state_the_format);
  }
}

// What a checkpoint stores beside its quantised weights, by quant_method. All but MXFP4 leave the
// LM head, tables and norms as they were.
struct Method {
  std::string_view name;
  WeightFormat (*read)(const Config& config);
};

WeightFormat checkpoint_format(std::string name, Element element, double bits, Scale scale) {
  return {.name = std::move(name),
          .element = element,
          .bits = bits,
          .scale = scale,
          .covers = Covers::linears};
}

constexpr std::int64_t largest_group = 1 << 20;

// Weights that share a scale along the inputs; -1: the whole row.
std::int64_t group_size(const Config& config, std::int64_t otherwise) {
  const std::int64_t size =
      config.integer({"group_size", "q_group_size"}, -1, largest_group).value_or(otherwise);
  return size < 0 ? 0 : size;
}

std::int64_t weight_bits_of(const Config& config, std::initializer_list<std::string_view> names) {
  const std::optional<std::int64_t> bits = config.integer(names, 2, 8);
  if (!bits) config.fail(*names.begin(), "is missing");
  return *bits;
}

std::string groups_text(std::string_view method, std::int64_t bits, std::int64_t group) {
  return std::string(method) + ", " + std::to_string(bits) + " bits" +
         (group == 0 ? "" : ", groups of " + std::to_string(group));
}

Element integer_element(std::int64_t bits) {
  return bits == 8 ? Element::int8 : bits == 4 ? Element::int4 : Element::mixed;
}

// Per group a FP16 scale and a zero of as many bits as a weight (AutoAWQ's GEMM layout).
WeightFormat read_awq(const Config& config) {
  const std::int64_t bits = weight_bits_of(config, {"bits", "w_bit"});
  const std::int64_t group = group_size(config, 128);
  return checkpoint_format(groups_text("awq", bits, group), integer_element(bits),
                           static_cast<double>(bits),
                           {.inputs = group, .bits = 16 + static_cast<double>(bits)});
}

// As AWQ, and the group of each input as an int32 (AutoGPTQ's g_idx).
WeightFormat read_gptq(const Config& config) {
  WeightFormat format = read_awq(config);
  format.name.replace(0, 3, "gptq");
  format.bits_per_input = 32;
  return format;
}

// Outputs and inputs that share a scale.
std::pair<std::int64_t, std::int64_t> block_of(const Config& config, const char* key) {
  const auto block = config.integers(key).value_or(std::vector<std::int64_t>{});
  const auto is_size = [](std::int64_t size) { return size >= 1 && size <= largest_group; };
  if (block.size() != 2 || !is_size(block.front()) || !is_size(block.back())) {
    config.fail(key, "must be two sizes of a block");
  }
  return {block.front(), block.back()};
}

// Blocks with a FP32 scale (DeepSeek-V3's technical report, 3.3), or one scale per matrix.
WeightFormat read_fp8(const Config& config) {
  if (!config.has("weight_block_size")) return checkpoint_format("fp8", Element::fp8, 8, {});
  const auto [outputs, inputs] = block_of(config, "weight_block_size");
  return checkpoint_format(
      "fp8, blocks of " + std::to_string(outputs) + " x " + std::to_string(inputs), Element::fp8, 8,
      {.outputs = outputs, .inputs = inputs, .bits = 32});
}

// One FP32 scale per row.
WeightFormat read_fbgemm_fp8(const Config&) {
  return checkpoint_format("fp8, a scale per row", Element::fp8, 8, {.bits = 32});
}

// OCP Microscaling Formats 1.0: 32 values share one byte. gpt-oss stores its experts so.
WeightFormat read_mxfp4(const Config&) {
  return {.name = "mxfp4 experts",
          .element = Element::fp4,
          .bits = 4,
          .scale = {.inputs = 32, .bits = 8},
          .covers = Covers::experts};
}

// 4 bits: per 64 weights a FP32 maximum, or with double quantisation (QLoRA, arXiv:2305.14314, 3)
// 8 bits and a FP32 for each 256 of those. 8 bits: a FP32 per row (arXiv:2208.07339).
WeightFormat read_bitsandbytes(const Config& config) {
  const bool is_8 = config.flag("load_in_8bit").value_or(false);
  if (is_8 == config.flag("load_in_4bit").value_or(false)) {
    config.fail("load_in_4bit", "or load_in_8bit must be true, and not both");
  }
  if (is_8) return checkpoint_format("bitsandbytes, int8", Element::int8, 8, {.bits = 32});
  const bool is_double = config.flag("bnb_4bit_use_double_quant").value_or(false);
  return checkpoint_format("bitsandbytes, 4 bits", Element::int4, 4,
                           {.inputs = 64, .bits = is_double ? 8 + 32.0 / 256 : 32});
}

// FP8 with one scale per matrix, or NVFP4. Its other algorithms are of several formats at once.
WeightFormat read_modelopt(const Config& config) {
  const std::string algorithm = config.text("quant_algo").value_or("");
  if (algorithm == "FP8") return checkpoint_format("modelopt, fp8", Element::fp8, 8, {});
  if (algorithm == "NVFP4" || algorithm == "W4A16_NVFP4") {
    return checkpoint_format("modelopt, nvfp4", Element::fp4, 4,
                             {.inputs = group_size(config, 16), .bits = 8});
  }
  config.fail("quant_algo", "'" + algorithm + "'" + state_the_format);
}

// One group of "Linear" targets; integers or floats of 4 or 8 bits. Scales are of 16 bits, those of
// FP4 of 8 (its format mxfp4-pack-quantized or nvfp4-pack-quantized).
WeightFormat read_compressed_tensors(const Config& config) {
  const std::optional<Config> sparsity = config.object("sparsity_config");
  const std::string sparse = sparsity ? sparsity->text("format").value_or("dense") : "dense";
  if (sparse != "dense") sparsity->fail("format", "'" + sparse + "'" + state_the_format);
  const std::optional<Config> groups = config.object("config_groups");
  const std::optional<Config> group = groups ? groups->object("group_0") : std::nullopt;
  const std::optional<Config> weights = group ? group->object("weights") : std::nullopt;
  if (!weights || groups->has("group_1")) {
    config.fail("config_groups", "must have one group, group_0, with weights");
  }
  if (group->texts("targets") != std::vector<std::string>{"Linear"}) {
    group->fail("targets", "must be [\"Linear\"]");
  }
  const std::int64_t bits = weight_bits_of(*weights, {"num_bits"});
  const bool is_float = weights->text("type").value_or("int") == "float";
  if (bits != 8 && bits != 4) weights->fail("num_bits", "is not understood");
  const std::string strategy = weights->text("strategy").value_or("tensor");
  const bool is_fp4 = is_float && bits == 4;
  const bool has_groups = strategy == "group" || (is_fp4 && strategy == "tensor_group");
  if (is_fp4 && !has_groups) weights->fail("strategy", "of FP4 must be group or tensor_group");
  const Element element = is_fp4 ? Element::fp4 : is_float ? Element::fp8 : integer_element(bits);
  const std::string name = "compressed-tensors, " + std::string(is_float ? "fp" : "int") +
                           std::to_string(bits) + ", a scale per " + strategy;
  const bool has_zero = !is_float && !weights->flag("symmetric").value_or(true);
  const auto with = [&](Scale scale) {
    if (has_zero && scale.bits > 0) scale.bits += static_cast<double>(bits);
    return checkpoint_format(name, element, static_cast<double>(bits), scale);
  };
  if (strategy == "tensor") return with({});
  if (strategy == "channel") return with({.bits = 16});
  if (has_groups) {
    return with({.inputs = group_size(*weights, is_fp4 ? 16 : 128), .bits = is_fp4 ? 8.0 : 16.0});
  }
  if (strategy == "block") {
    const auto [outputs, inputs] = block_of(*weights, "block_structure");
    return with({.outputs = outputs, .inputs = inputs, .bits = 16});
  }
  weights->fail("strategy", "'" + strategy + "' is not understood");
}

constexpr Method methods[] = {
    {"awq", read_awq},
    {"gptq", read_gptq},
    {"fp8", read_fp8},
    {"fbgemm_fp8", read_fbgemm_fp8},
    {"mxfp4", read_mxfp4},
    {"bitsandbytes", read_bitsandbytes},
    {"compressed-tensors", read_compressed_tensors},
    {"modelopt", read_modelopt},
    {"modelopt_fp4", read_modelopt},
};

WeightFormat read_quantization(const Config& config, std::string_view method_of_file) {
  refuse(config, other_settings);
  const std::string name = config.text("quant_method").value_or(std::string(method_of_file));
  for (const Method& method : methods) {
    if (name == method.name) return method.read(config);
  }
  std::string known;
  for (const Method& method : methods)
    known += (known.empty() ? "" : ", ") + std::string(method.name);
  config.fail("quant_method", "'" + name + "'" + state_the_format + " (known: " + known + ")");
}

// The lists of modules that stay plain, by their names in the formats above.
void mark_kept(const Config& config, ModelLayout& layout) {
  for (const char* key : {"modules_to_not_convert", "ignore", "ignored_layers",
                          "llm_int8_skip_modules", "exclude_modules"}) {
    const std::optional<std::vector<std::string>> entries = config.texts(key);
    if (!entries) continue;
    try {
      const ModuleList list(*entries);
      for (std::vector<Weights>* part : {&layout.weights, &layout.prediction_layers}) {
        for (Weights& weights : *part) weights.kept = weights.kept || list.names(weights.module);
      }
    } catch (const std::invalid_argument& error) {
      config.fail(key, error.what());
    }
  }
}

// 8 bits are FP8 where they are a float. Other schemes of the cache are the engine's choice.
std::optional<CacheFormat> read_cache(const Config& config) {
  if (config.text("kv_cache_quant_algo") == "FP8") return find_cache_format("fp8");
  const std::optional<Config> scheme = config.object("kv_cache_scheme");
  if (!scheme || scheme->integer({"num_bits"}, 1, 16) != 8) return std::nullopt;
  return find_cache_format(scheme->text("type") == "float" ? "fp8" : "int8");
}

constexpr std::pair<std::string_view, std::string_view> types[] = {
    {"float32", "fp32"}, {"float16", "fp16"}, {"bfloat16", "bf16"}};

}  // namespace

ModuleList::ModuleList(const std::vector<std::string>& entries) {
  constexpr std::size_t most_patterns = 64;
  for (const std::string& entry : entries) {
    // Encoders of images have layers too; no format of a checkpoint reaches them here.
    if (entry.find("vision") != entry.npos || entry.find("visual") != entry.npos) continue;
    if (entry.starts_with("re:")) {
      patterns_.push_back(glob_of_regex(entry.substr(3)));
    } else if (entry.find('*') != entry.npos) {
      patterns_.push_back(std::string(without_root(entry)) + '*');
    } else {
      parts_.emplace(without_root(entry));
    }
  }
  if (patterns_.size() > most_patterns) throw std::invalid_argument("has more than 64 patterns");
}

bool ModuleList::names(std::string_view module) const {
  for (std::size_t begin = 0; begin != module.npos; begin = module.find('.', begin + 1)) {
    const std::size_t first = begin == 0 ? 0 : begin + 1;
    for (std::size_t end = module.find('.', first);; end = module.find('.', end + 1)) {
      if (parts_.contains(module.substr(first, end - first))) return true;
      if (end == module.npos) break;
    }
  }
  return std::any_of(patterns_.begin(), patterns_.end(), [&](const std::string& pattern) {
    return glob(without_root(pattern), module) || glob(pattern, module);
  });
}

// By tool: Model Optimizer, AutoGPTQ and AutoAWQ before transformers had quantization_config.
struct KnownFile {
  std::string_view name;
  std::string_view object;  // of it that is the quantization_config; empty: all of it
  std::string_view method;
};
constexpr KnownFile known_files[] = {
    {"hf_quant_config.json", "quantization", "modelopt"},
    {"quantize_config.json", "", "gptq"},
    {"quant_config.json", "", "awq"},
};

std::optional<FormatFile> find_format_file(const std::filesystem::path& folder) {
  for (const KnownFile& known : known_files) {
    const std::filesystem::path file = folder / known.name;
    std::error_code error;
    if (!std::filesystem::exists(file, error)) continue;
    const Config root(read_config_text(file), file.string());
    if (known.object.empty()) return FormatFile{root, known.method};
    const std::optional<Config> object = root.object(known.object);
    if (!object) root.fail(known.object, "is missing");
    return FormatFile{*object, known.method};
  }
  return std::nullopt;
}

void read_formats(const Config& root, const std::optional<FormatFile>& beside,
                  ModelLayout& layout) {
  refuse(root, other_formats);
  std::optional<FormatFile> stated = beside;
  if (const std::optional<Config> own = root.object("quantization_config")) stated = {*own, ""};
  if (stated) {
    layout.stored = read_quantization(stated->config, stated->method);
    layout.cache = read_cache(stated->config);
    if (layout.stored->covers == Covers::linears) mark_kept(stated->config, layout);
    return;
  }
  const std::optional<Config> text = root.object("text_config");
  const auto type_by = [&](const char* key) {
    const std::optional<std::string> of_root = root.text(key);
    return of_root || !text ? of_root : text->text(key);
  };
  const std::optional<std::string> older = type_by("torch_dtype");
  const std::optional<std::string> newer = type_by("dtype");
  if (older && newer && *older != *newer) {
    root.fail("dtype", "contradicts torch_dtype, '" + *older + "'");
  }
  const std::optional<std::string> type = older ? older : newer;
  if (!type) return;
  for (const auto& [theirs, ours] : types) {
    if (*type == theirs) layout.stored = find_weight_format(ours);
  }
  if (!layout.stored)
    root.fail(older ? "torch_dtype" : "dtype", "'" + *type + "'" + state_the_format);
}

}  // namespace roofproof
