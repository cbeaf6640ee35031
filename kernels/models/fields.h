// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a family's fields of a config.json say: sizes, experts, windows. All throw RecordError,
// which names the field, where one is missing, out of bounds or contradicts another.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "kernels/models/config.h"
#include "kernels/models/families.h"

namespace roofproof {

// Within these no count overflows.
inline constexpr std::int64_t largest_size = std::int64_t{1} << 20;
inline constexpr std::int64_t largest_vocab = std::int64_t{1} << 24;
inline constexpr std::int64_t most_layers = 1024;

// What to do about a model that is not understood.
inline constexpr const char* way_out =
    "; state what it weighs with --parameters (--active, --weight-bytes), or, for a dense model, "
    "its dimensions";

struct Sizes {
  std::int64_t hidden = 0;
  std::int64_t layers = 0;
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t ffn = 0;
  std::int64_t vocab = 0;
};

// What routes tokens to experts, of the layers that have any.
struct Routing {
  std::int64_t experts = 0;  // 0: every layer is dense
  std::int64_t per_token = 0;
  std::int64_t width = 0;
  std::int64_t shared_width = 0;
  std::int64_t dense_width = 0;  // of the layers without
  std::function<bool(std::int64_t layer)> has_experts;
};

// Tokens that each layer attends to, and whether that window slides.
struct Window {
  std::int64_t tokens = 0;
  bool chunked = false;
};

// From 1 to `most`, under the first of its names that is there; `otherwise` 0: it must be stated.
std::int64_t required_size(const Config& config, std::initializer_list<std::string_view> names,
                           std::int64_t most, std::int64_t otherwise = 0);
// What a switch decides for this model.
bool holds(const Config& config, const Switch& decided);

Sizes read_sizes(const Config& config, const Family& family);
Routing read_routing(const Config& config, const Family& family, const Sizes& sizes);
std::vector<Window> read_windows(const Config& config, const Family& family, std::int64_t layers);

}  // namespace roofproof
