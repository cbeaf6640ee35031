// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/models/fields.h"

#include <algorithm>
#include <optional>
#include <string>

namespace roofproof {
namespace {

constexpr std::int64_t most_heads = 1 << 16;
constexpr std::int64_t most_experts = 1 << 16;

std::int64_t read_kv_heads(const Config& config, const Family& family, std::int64_t heads) {
  const auto flag = [&](const char* key, bool otherwise) {
    return config.flag(key).value_or(otherwise);
  };
  const auto stated = [&](std::initializer_list<std::string_view> names) {
    const std::int64_t otherwise = family.kv_heads == 0 ? heads : family.kv_heads;
    return config.integer(names, 1, most_heads).value_or(otherwise);
  };
  switch (family.kv) {
    case KvHeads::stated:
      break;
    case KvHeads::multi_query:
      return flag("multi_query", true) ? 1 : heads;
    case KvHeads::falcon:  // some copies of Falcon-7B state a num_kv_heads that does not count
      if (flag("new_decoder_architecture", false)) break;
      return flag("multi_query", true) ? 1 : heads;
    case KvHeads::chatglm:
      return flag("multi_query_attention", false) ? stated({"multi_query_group_num"}) : heads;
    case KvHeads::mpt: {
      const std::optional<Config> attention = config.object("attn_config");
      if (!flag("no_bias", true)) config.fail("no_bias", "must be true");
      if (!attention) return heads;
      if (attention->flag("qk_ln").value_or(false)) attention->fail("qk_ln", "is not understood");
      // Without ALiBi MPT has a table of positions, which is not counted.
      if (!attention->flag("alibi").value_or(true)) attention->fail("alibi", "must be true");
      const std::string type = attention->text("attn_type").value_or("multihead_attention");
      if (type == "multiquery_attention") return 1;
      return attention->integer({"kv_n_heads"}, 1, most_heads).value_or(heads);
    }
  }
  return stated({"num_key_value_heads", "num_kv_heads", "n_head_kv"});
}

std::optional<Config> ffn_config(const Config& config, const Family& family) {
  std::optional<Config> nested = family.nested_ffn ? config.object("ffn_config") : std::nullopt;
  if (nested && !family.has_experts) {  // MPT has gated blocks and experts by other types
    const std::string type = nested->text("ffn_type").value_or("mptmlp");
    if (type != "mptmlp") nested->fail("ffn_type", "'" + type + "' is not understood" + way_out);
  }
  return nested;
}

}  // namespace

std::int64_t required_size(const Config& config, std::initializer_list<std::string_view> names,
                           std::int64_t most, std::int64_t otherwise) {
  const std::optional<std::int64_t> value = config.integer(names, 1, most);
  if (!value && otherwise == 0) config.fail(*names.begin(), "is missing");
  return value.value_or(otherwise);
}

bool holds(const Config& config, const Switch& decided) {
  return decided.key ? config.flag(decided.key).value_or(decided.otherwise) : decided.otherwise;
}

Sizes read_sizes(const Config& config, const Family& family) {
  Sizes sizes;
  sizes.hidden =
      required_size(config, {"hidden_size", "n_embd", "n_embed", "d_model"}, largest_size);
  sizes.layers = required_size(config, {"num_hidden_layers", "n_layer", "n_layers", "num_layers"},
                               most_layers);
  sizes.heads =
      required_size(config, {"num_attention_heads", "n_head", "n_heads"}, most_heads, family.heads);
  sizes.kv_heads = read_kv_heads(config, family, sizes.heads);
  const std::optional<std::int64_t> head_dim =
      config.integer({"head_dim", "attention_head_dim", "kv_channels"}, 1, largest_size);
  sizes.head_dim = head_dim.value_or(family.head_dim);
  if (sizes.head_dim == 0 && family.attention == AttentionKind::grouped) {
    if (sizes.hidden % sizes.heads != 0) {
      config.fail("hidden_size", "is no multiple of the heads, and no head_dim is stated");
    }
    sizes.head_dim = sizes.hidden / sizes.heads;
  }
  if (sizes.heads % sizes.kv_heads != 0) {
    config.fail("num_key_value_heads", std::to_string(sizes.kv_heads) +
                                           " does not divide the heads, " +
                                           std::to_string(sizes.heads));
  }
  const std::int64_t ratio =
      family.ffn_per_hidden == 0
          ? 0
          : config.integer({"expansion_ratio"}, 1, 64).value_or(family.ffn_per_hidden);
  const std::optional<Config> nested = ffn_config(config, family);
  sizes.ffn = required_size(nested ? *nested : config,
                            {"intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size"},
                            largest_size * 16, ratio * sizes.hidden) /
              family.ffn_parts;
  if (config.integer({"word_embed_proj_dim"}, 1, largest_size).value_or(sizes.hidden) !=
      sizes.hidden) {
    config.fail("word_embed_proj_dim", "other than the hidden size is not understood");
  }
  sizes.vocab =
      required_size(config, {"vocab_size", "padded_vocab_size"}, largest_vocab, family.vocab);
  return sizes;
}

Routing read_routing(const Config& whole, const Family& family, const Sizes& sizes) {
  Routing routing;
  routing.dense_width = sizes.ffn;
  if (!family.has_experts) return routing;
  const Experts& usual = family.experts;
  const std::optional<Config> nested = ffn_config(whole, family);
  const Config& config = nested ? *nested : whole;
  routing.experts =
      config
          .integer({"num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts"}, 1,
                   most_experts)
          .value_or(usual.count);
  const std::optional<std::int64_t> per_token = config.integer(
      {"num_experts_per_tok", "experts_per_token", "moe_top_k", "moe_k"}, 1, most_experts);
  if (routing.experts == 0) return routing;
  routing.per_token = per_token.value_or(usual.per_token);
  if (routing.per_token == 0) config.fail("num_experts_per_tok", "is missing");
  if (routing.per_token > routing.experts) {
    config.fail("num_experts_per_tok", std::to_string(routing.per_token) + " of " +
                                           std::to_string(routing.experts) + " experts");
  }
  routing.width = config.integer({"moe_intermediate_size"}, 1, largest_size).value_or(sizes.ffn);
  routing.dense_width =
      config.integer({"intermediate_size_mlp"}, 1, largest_size).value_or(sizes.ffn);
  const std::int64_t shared =
      config.integer({"n_shared_experts", "moe_num_shared_experts"}, 0, most_experts)
          .value_or(usual.shared_always ? 1 : 0);
  routing.shared_width =
      config
          .integer({"shared_expert_intermediate_size", "shared_intermediate_size"}, 0,
                   largest_size * 16)
          .value_or(shared * routing.width);
  const std::int64_t first =
      config.integer({"first_k_dense_replace", "moe_layer_start_index"}, 0, most_layers)
          .value_or(0);
  const std::int64_t step =
      config
          .integer({"decoder_sparse_step", "interleave_moe_layer_step", "moe_layer_interval"}, 1,
                   most_layers)
          .value_or(1);
  const std::int64_t every = config.integer({"moe_layer_freq"}, 1, most_layers).value_or(1);
  const auto listed = config.integers("moe_layers");
  const auto dense = config.integers("mlp_only_layers").value_or(std::vector<std::int64_t>{});
  const auto contains = [](const std::vector<std::int64_t>& list, std::int64_t layer) {
    return std::find(list.begin(), list.end(), layer) != list.end();
  };
  const std::int64_t stated_last =
      config.integer({"moe_layer_end_index"}, -1, most_layers).value_or(-1);
  const std::int64_t last = stated_last < 0 ? sizes.layers : stated_last;
  routing.has_experts = [=](std::int64_t layer) {
    if (listed) return contains(*listed, layer);
    return layer >= first && layer <= last && (layer + 1) % step == 0 && layer % every == 0 &&
           !contains(dense, layer);
  };
  return routing;
}

std::vector<Window> read_windows(const Config& config, const Family& family, std::int64_t layers) {
  constexpr std::int64_t longest = std::int64_t{1} << 40;
  std::vector<Window> windows(static_cast<std::size_t>(layers));
  Window sliding;
  Window chunk;
  if (family.windows != Windows::none && family.windows != Windows::chunks) {
    const std::int64_t otherwise = config.is_null("sliding_window") ? 0 : family.window;
    sliding.tokens = config.integer({"sliding_window"}, 0, longest).value_or(otherwise);
  }
  if (family.windows == Windows::late && !config.flag("use_sliding_window").value_or(false)) {
    sliding.tokens = 0;
  }
  if (family.windows == Windows::chunks) {
    chunk = {config.integer({"attention_chunk_size"}, 1, longest).value_or(8192), true};
  }
  if (const auto types = config.texts("layer_types")) {
    if (types->size() != windows.size()) {
      config.fail("layer_types", "has " + std::to_string(types->size()) + " entries for " +
                                     std::to_string(layers) + " layers");
    }
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const std::string& type = (*types)[i];
      if (type == "full_attention") continue;
      windows[i] = type == "sliding_attention"   ? sliding
                   : type == "chunked_attention" ? chunk
                                                 : Window{};
      if (windows[i].tokens == 0) {
        config.fail("layer_types", "'" + type + "' is not understood here" + way_out);
      }
    }
    return windows;
  }
  const auto set = [&](Window window, auto&& has) {
    for (std::int64_t i = 0; i < layers; ++i) {
      if (has(i)) windows[static_cast<std::size_t>(i)] = window;
    }
  };
  switch (family.windows) {
    case Windows::none:
      break;
    case Windows::all:
      set(sliding, [](std::int64_t) { return true; });
      break;
    case Windows::all_but_every: {
      const std::int64_t period =
          config.integer({"sliding_window_pattern"}, 1, most_layers).value_or(family.period);
      set(sliding, [=](std::int64_t i) { return (i + 1) % period != 0; });
      break;
    }
    case Windows::late: {
      const std::int64_t first =
          config.integer({"max_window_layers"}, 0, largest_size).value_or(28);
      set(sliding, [=](std::int64_t i) { return i >= first; });
      break;
    }
    case Windows::chunks: {
      const auto marks = config.integers("no_rope_layers").value_or(std::vector<std::int64_t>{});
      const std::int64_t interval =
          config.integer({"no_rope_layer_interval"}, 1, most_layers).value_or(4);
      if (!marks.empty() && marks.size() != windows.size()) {
        config.fail("no_rope_layers", "must have an entry per layer");
      }
      set(chunk, [&](std::int64_t i) {
        return marks.empty() ? (i + 1) % interval != 0 : marks[static_cast<std::size_t>(i)] == 1;
      });
      break;
    }
  }
  return windows;
}

}  // namespace roofproof
