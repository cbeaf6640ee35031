// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/models/find.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "kernels/models/config.h"
#include "kernels/models/embedded.h"
#include "kernels/models/lower.h"
#include "kernels/models/read_layout.h"

namespace roofproof {
namespace {

// A file of models/data/: {"names": [...], "source": "...", "config": {...}}.
struct KnownModel {
  std::string name;  // of the file
  std::vector<std::string> others;
  std::string source;
  Config config;
};

const std::vector<KnownModel>& known_models() {
  static const std::vector<KnownModel> models = [] {
    std::vector<KnownModel> list;
    for (const EmbeddedFile& file : embedded_models()) {
      const Config root(file.bytes, std::string(file.name));
      std::optional<Config> config = root.object("config");
      if (!config) root.fail("config", "is missing");
      list.push_back({std::string(file.name.substr(0, file.name.rfind('.'))),
                      root.texts("names").value_or(std::vector<std::string>{}),
                      root.text("source").value_or(""), std::move(*config)});
    }
    return list;
  }();
  return models;
}

const KnownModel* find_known(std::string_view words) {
  const std::string wanted = lower(words.substr(words.rfind('/') + 1));
  const auto is_wanted = [&](const std::string& name) { return lower(name) == wanted; };
  for (const KnownModel& model : known_models()) {
    if (is_wanted(model.name) || std::ranges::any_of(model.others, is_wanted)) return &model;
  }
  return nullptr;
}

// What cannot be meant as a name.
bool is_path(std::string_view words) {
  return words.starts_with('.') || words.starts_with('/') || words.ends_with(".json");
}

ModelLayout by_dimensions(std::string_view words) {
  ModelLayout layout = layout_of(find_model(words));
  if (layout.name != "tiny") {
    layout.assumed =
        "by dimensions alone: a gated feed-forward block of three matrices, two vocabulary "
        "matrices that are not tied, no biases, every layer keeps the whole context; a "
        "config.json says what holds";
  }
  return layout;
}

// Names that kernels and result files have for a model of these dimensions.
std::string dimensions_text(const Model& model) {
  std::string text;
  for (const std::int64_t value : {model.layers, model.hidden, model.ffn, model.heads,
                                   model.kv_heads, model.head_dim, model.vocab}) {
    text += (text.empty() ? "" : "x") + std::to_string(value);
  }
  return text;
}

}  // namespace

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const KnownModel& model : known_models()) names.push_back(model.name);
  return names;
}

std::optional<ModelLayout> find_named_layout(std::string_view words) {
  const KnownModel* known = find_known(words);
  if (!known) return std::nullopt;
  ModelLayout layout = read_layout(known->config);
  layout.name = known->name;
  layout.source = known->source;
  if (words.find('/') != words.npos) layout.asked_for = words;
  return layout;
}

ModelLayout find_layout(std::string_view words) {
  std::error_code error;
  if (is_path(words) || std::filesystem::exists(words, error)) {
    const std::string path(words);
    const std::filesystem::path file(path);
    const bool is_folder = std::filesystem::is_directory(file, error);
    ModelLayout layout = read_layout(Config(read_config_text(path), path),
                                     find_format_file(is_folder ? file : file.parent_path()));
    layout.name = path;
    layout.source = path;
    return layout;
  }
  if (std::optional<ModelLayout> named = find_named_layout(words)) return *std::move(named);
  try {
    return by_dimensions(words);
  } catch (const std::invalid_argument& failure) {
    if (!words.empty() && std::isdigit(static_cast<unsigned char>(words.front())) != 0) throw;
    std::string names;
    for (const KnownModel& model : known_models()) names += model.name + ", ";
    throw std::invalid_argument("unknown model '" + std::string(words) + "'; known: " + names +
                                "a config.json or a folder with one, or dimensions: layers x "
                                "hidden x ffn x heads x kv heads x head dimension x vocabulary");
  }
}

std::optional<std::string> kernel_model_name(const ModelLayout& layout) {
  if (!layout.kernel_model) return std::nullopt;
  const std::string dimensions = dimensions_text(*layout.kernel_model);
  for (const Model& known : models()) {
    if (known.name == layout.name && dimensions_text(known) == dimensions) return known.name;
  }
  try {
    return find_model(dimensions).name;
  } catch (const std::invalid_argument&) {  // beyond their limits
    return std::nullopt;
  }
}

}  // namespace roofproof
