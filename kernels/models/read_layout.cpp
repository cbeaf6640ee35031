// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/models/read_layout.h"

#include <algorithm>

#include "kernels/models/families.h"
#include "kernels/models/fields.h"
#include "kernels/models/quantization.h"
#include "kernels/models/vision.h"
#include "results/record/record.h"

namespace roofproof {
namespace {

constexpr double most_parameters = 1e14;

// Fields that change what a model weighs or keeps. A family whose reader asks for none of them has
// no idea what they mean.
constexpr std::string_view structural_fields[] = {
    "num_experts",
    "num_local_experts",
    "n_routed_experts",
    "moe_num_experts",
    "num_experts_per_tok",
    "n_shared_experts",
    "moe_num_shared_experts",
    "moe_intermediate_size",
    "shared_expert_intermediate_size",
    "shared_intermediate_size",
    "first_k_dense_replace",
    "interleave_moe_layer_step",
    "moe_layers",
    "ffn_config",
    "kv_lora_rank",
    "q_lora_rank",
    "qk_rope_head_dim",
    "sliding_window",
    "attention_chunk_size",
    "layer_types",
    "attention_types",
    "num_nextn_predict_layers",
    "num_mtp_layers",
    "num_mtp_modules",
    "vision_config",
    "audio_config",
    "visual",
    "audio",
    "attention_head_type",
    "add_cross_attention",
    "text_config",
    "attention_bias",
    "mlp_bias",
    "use_bias",
    "use_qkv_bias",
    "qkv_bias",
    "use_qk_norm",
    "qk_layernorm",
    "lm_head_bias",
    "attn_config",
    "block_configs",
    "hybrid_override_pattern",
    "layers_block_type",
    "attn_layer_period",
    "full_attention_interval",
    "linear_num_key_heads",
    "linear_attn_config",
    "ssm_state_size",
    "state_size",
    "conv_kernel",
    "mamba_d_state",
    "mamba_num_heads",
    "cross_attention_layers",
    "is_encoder_decoder",
    "num_kv_shared_layers",
    "hidden_size_per_layer_input",
    "index_n_heads",
    "index_head_dim",
    "use_cla",
    "sparse_config",
};

// Parts of a name that no field of a plain dense family has.
constexpr std::string_view structural_words[] = {"mamba", "ssm", "expert", "moe",
                                                 "cross_attention"};

// What has such a word and is about training, or about which of the experts are selected.
constexpr std::string_view harmless_fields[] = {
    "moe_aux_loss_lambda", "moe_capacity",      "moe_gate",
    "moe_use_aux_free",    "moe_use_hard_gate", "moe_z_loss_lambda",
    "moe_dropout_prob",    "moe_router_dtype",  "moe_orthogonal_loss_lambda",
};

// Appends the weights of a model, part by part.
class Builder {
 public:
  // `tied`: what the whole says of the vocabulary matrices where `config`, its text, does not.
  Builder(const Config& config, const Family& family, std::optional<bool> tied)
      : config_(config),
        family_(family),
        tied_(config.flag("tie_word_embeddings").value_or(tied.value_or(family.tied))),
        sizes_(read_sizes(config, family)),
        routing_(read_routing(config, family, sizes_)),
        windows_(read_windows(config, family, sizes_.layers)) {}

  ModelLayout build() {
    ModelLayout layout;
    layout.heads = sizes_.heads;
    layout.kv_heads = family_.attention == AttentionKind::latent ? 0 : sizes_.kv_heads;
    layout.experts = routing_.experts;
    layout.experts_per_token = routing_.per_token;
    layout.hidden = sizes_.hidden;
    layout.tied = tied_;
    out_ = &layout.weights;
    if (!layout.tied) add("embed_tokens", Role::table, sizes_.vocab, sizes_.hidden);
    add_positions();
    if (family_.embedding_norm) add_norm("embed_norm");
    for (std::int64_t layer = 0; layer < sizes_.layers; ++layer) {
      add_layer(layer);
      Attention attention = attention_;
      attention.window = windows_[static_cast<std::size_t>(layer)].tokens;
      attention.chunked = windows_[static_cast<std::size_t>(layer)].chunked;
      layout.attention.push_back(attention);
    }
    add_norm("norm");
    add_linear("lm_head", sizes_.vocab, sizes_.hidden, holds(config_, family_.head_bias),
               Role::head);
    layout.activation_elements = 2 * sizes_.hidden + activations_ + sizes_.vocab;
    out_ = &layout.prediction_layers;
    add_prediction_layers();
    add_kernel_model(layout);
    return layout;
  }

 private:
  void add(const std::string& module, Role role, std::int64_t outputs, std::int64_t inputs = 1,
           std::int64_t experts = 0) {
    out_->push_back(
        {prefix_ + module, role, outputs, inputs, std::max<std::int64_t>(experts, 1), experts > 0});
  }

  void add_linear(const std::string& module, std::int64_t outputs, std::int64_t inputs, bool bias,
                  Role role = Role::linear, std::int64_t experts = 0) {
    add(module, role, outputs, inputs, experts);
    if (bias) add(module + ".bias", Role::vector, outputs, 1, experts);
  }

  void add_norm(const std::string& module) {
    if (family_.norm_vectors > 0) add(module, Role::vector, family_.norm_vectors * sizes_.hidden);
  }

  void add_positions() {
    if (!family_.positions) return;
    const std::int64_t rows =
        required_size(config_, {"n_positions", "max_position_embeddings"}, largest_vocab);
    add("embed_positions", Role::table, rows + family_.extra_positions, sizes_.hidden);
  }

  void add_layer(std::int64_t layer, bool is_dense = false) {
    prefix_ = "layers." + std::to_string(layer) + '.';
    if (family_.attention == AttentionKind::latent) {
      add_latent_attention();
    } else {
      add_attention();
    }
    for (int norm = 0; norm < layer_norms(); ++norm) add_norm("norm_" + std::to_string(norm));
    if (routing_.experts > 0 && !is_dense && routing_.has_experts(layer)) {
      add_experts();
    } else {
      add_block("mlp.", routing_.dense_width, holds(config_, family_.ffn_bias));
    }
    prefix_.clear();
  }

  // Blocks that compute attention and feed-forward side by side share a norm.
  int layer_norms() const {
    if (family_.kv == KvHeads::falcon) {
      const bool is_new = config_.flag("new_decoder_architecture").value_or(false);
      const std::int64_t parallel =
          config_.integer({"num_ln_in_parallel_attn"}, 1, 2).value_or(is_new ? 2 : 1);
      return config_.flag("parallel_attn").value_or(true) ? static_cast<int>(parallel) : 2;
    }
    return holds(config_, family_.shared_norm) ? 1 : family_.layer_norms;
  }

  void add_attention() {
    const std::int64_t query = sizes_.heads * sizes_.head_dim;
    const std::int64_t key = sizes_.kv_heads * sizes_.head_dim;
    const bool bias = holds(config_, family_.qkv_bias);
    add_linear("self_attn.q_proj", query, sizes_.hidden, bias);
    add_linear("self_attn.k_proj", key, sizes_.hidden, bias);
    add_linear("self_attn.v_proj", key, sizes_.hidden, bias);
    add_linear("self_attn.o_proj", sizes_.hidden, query, holds(config_, family_.out_bias));
    if (holds(config_, family_.qk_norm_if)) {
      const std::string module = "self_attn.qk_norm";
      if (family_.qk_norm == QkNorm::per_head) add(module, Role::vector, 2 * sizes_.head_dim);
      if (family_.qk_norm == QkNorm::whole) add(module, Role::vector, query + key);
    }
    if (family_.sinks) add("self_attn.sinks", Role::vector, sizes_.heads);
    attention_ = {.cached_elements = 2 * key, .multiply_adds = 2 * query};
    activations_ = 2 * query + 2 * key + 2 * widest();
  }

  // MLA: queries and the pair of keys and values each pass through a narrow vector; the latter and
  // the rotary part of the keys are what is cached.
  void add_latent_attention() {
    const std::int64_t kv_rank = required_size(config_, {"kv_lora_rank"}, largest_size);
    const std::int64_t rope = required_size(config_, {"qk_rope_head_dim"}, largest_size);
    const std::int64_t nope = required_size(config_, {"qk_nope_head_dim"}, largest_size);
    const std::int64_t value = required_size(config_, {"v_head_dim"}, largest_size);
    const std::int64_t query = sizes_.heads * (nope + rope);
    const auto query_rank = config_.integer({"q_lora_rank"}, 1, largest_size);
    if (config_.flag("attention_bias").value_or(false)) {
      config_.fail("attention_bias", "is not understood with kv_lora_rank");
    }
    if (query_rank) {
      add("self_attn.q_a_proj", Role::linear, *query_rank, sizes_.hidden);
      add("self_attn.q_a_norm", Role::vector, *query_rank);
      add("self_attn.q_b_proj", Role::linear, query, *query_rank);
    } else {
      add("self_attn.q_proj", Role::linear, query, sizes_.hidden);
    }
    add("self_attn.kv_a_proj_with_mqa", Role::linear, kv_rank + rope, sizes_.hidden);
    add("self_attn.kv_a_norm", Role::vector, kv_rank);
    add("self_attn.kv_b_proj", Role::linear, sizes_.heads * (nope + value), kv_rank);
    add("self_attn.o_proj", Role::linear, sizes_.hidden, sizes_.heads * value);
    attention_ = {.cached_elements = kv_rank + rope,
                  .multiply_adds = sizes_.heads * (2 * kv_rank + rope)};
    activations_ = 2 * query + kv_rank + rope + 2 * widest();
  }

  std::int64_t widest() const {
    return std::max(routing_.dense_width,
                    routing_.per_token * routing_.width + routing_.shared_width);
  }

  void add_block(const std::string& module, std::int64_t width, bool bias,
                 std::int64_t experts = 0) {
    if (family_.gated) {
      add_linear(module + "gate_proj", width, sizes_.hidden, bias, Role::linear, experts);
    }
    add_linear(module + "up_proj", width, sizes_.hidden, bias, Role::linear, experts);
    add_linear(module + "down_proj", sizes_.hidden, width, bias, Role::linear, experts);
  }

  void add_experts() {
    const Experts& experts = family_.experts;
    add_linear("mlp.gate", routing_.experts, sizes_.hidden, experts.biases, Role::router);
    if (experts.correction_bias) add("mlp.gate.correction", Role::vector, routing_.experts);
    add_block("mlp.experts.", routing_.width, experts.biases, routing_.experts);
    if (routing_.shared_width == 0) return;
    add_block("mlp.shared_expert.", routing_.shared_width, false);
    if (experts.shared_gate) add("mlp.shared_expert_gate", Role::router, 1, sizes_.hidden);
  }

  // A layer, the matrix that joins hidden state and embedding, and a norm of each; as DeepSeek-V3
  // stores them also the last norm and copies of both vocabulary matrices.
  void add_prediction_layers() {
    if (family_.prediction == Prediction::none) return;
    const bool is_dense = family_.prediction == Prediction::dense;
    const std::int64_t count =
        config_.integer({"num_nextn_predict_layers", "num_mtp_layers"}, 0, 64).value_or(0);
    for (std::int64_t i = 0; i < count; ++i) {
      add_layer(sizes_.layers + i, is_dense);
      prefix_ = "layers." + std::to_string(sizes_.layers + i) + '.';
      add("eh_proj", Role::router, sizes_.hidden, 2 * sizes_.hidden);
      for (const char* norm : {"enorm", "hnorm"}) add_norm(norm);
      if (!is_dense) {
        add_norm("shared_head.norm");
        add("embed_tokens", Role::table, sizes_.vocab, sizes_.hidden);
        add("shared_head.head", Role::head, sizes_.vocab, sizes_.hidden);
      }
      prefix_.clear();
    }
  }

  // Kernels run gated dense layers of one kind; what these have besides is said.
  void add_kernel_model(ModelLayout& layout) const {
    if (!family_.gated || family_.attention != AttentionKind::grouped || routing_.experts > 0) {
      return;
    }
    layout.kernel_model = Model{"",
                                sizes_.layers,
                                sizes_.hidden,
                                sizes_.ffn,
                                sizes_.heads,
                                sizes_.kv_heads,
                                sizes_.head_dim,
                                sizes_.vocab,
                                ""};
    std::int64_t vectors = 0;
    for (const Weights& weights : layout.weights) {
      if (weights.role == Role::vector) vectors += weights.elements();
    }
    const auto leave_out = [&](bool has, const char* what) {
      if (!has) return;
      layout.kernels_leave_out +=
          (layout.kernels_leave_out.empty() ? "" : ", ") + std::string(what);
    };
    leave_out(vectors != (2 * sizes_.layers + 1) * sizes_.hidden, "its biases and further norms");
    leave_out(layout.tied, "that both vocabulary matrices are one");
    leave_out(std::any_of(windows_.begin(), windows_.end(),
                          [](const Window& window) { return window.tokens > 0; }),
              "windows of attention");
  }

  const Config& config_;
  const Family& family_;
  bool tied_;
  Sizes sizes_;
  Routing routing_;
  std::vector<Window> windows_;
  std::vector<Weights>* out_ = nullptr;
  std::string prefix_;
  Attention attention_;
  std::int64_t activations_ = 0;
};

std::string known_types() {
  std::string names;
  for (const Family& family : families()) {
    names += (names.empty() ? "" : ", ") + std::string(family.type);
  }
  return names;
}

std::string first_architecture(const Config& config) {
  const auto classes = config.texts("architectures");
  return classes && !classes->empty() ? classes->front() : "";
}

// Another class of the family has other weights: no LM head, or a head for scores.
void require_class(const Config& config, const std::string& stated, const std::string& type,
                   std::string_view known, std::string_view other) {
  if (stated.empty() || same_class(stated, known) || same_class(stated, other)) return;
  config.fail("architectures", "'" + stated + "' is not understood for model_type '" + type +
                                   "', only " + std::string(known) + way_out);
}

const Family& family_of(const Config& config, const std::string& type,
                        const std::string& architecture) {
  if (const Family* family = find_family(type, architecture)) return *family;
  if (type.empty() && architecture.empty()) {
    config.fail("model_type",
                "is missing: what the other fields mean is not known" + std::string(way_out));
  }
  config.fail(type.empty() ? "architectures" : "model_type",
              "'" + (type.empty() ? architecture : type) +
                  "' is not understood, and nothing is counted by guess (known: " + known_types() +
                  ")" + way_out);
}

// The whole count as a double first: a product of sizes within their limits may not fit.
void refuse_too_large(const Config& config, const ModelLayout& layout) {
  double sum = 0;
  for (const std::vector<Weights>* part :
       {&layout.weights, &layout.prediction_layers, &layout.vision}) {
    for (const Weights& weights : *part) {
      sum += static_cast<double>(weights.outputs) * static_cast<double>(weights.inputs) *
             static_cast<double>(weights.copies);
    }
  }
  if (!(sum <= most_parameters)) config.fail("hidden_size", "and the others make it too large");
}

ModelLayout read_text(const Config& config, const Family& family, std::optional<bool> tied) {
  ModelLayout layout = Builder(config, family, tied).build();
  refuse_too_large(config, layout);
  if (const auto field = config.ignored(structural_fields, structural_words, harmless_fields)) {
    config.fail(*field,
                "is not understood for model_type '" + std::string(family.type) + "'" + way_out);
  }
  return layout;
}

}  // namespace

ModelLayout read_layout(const Config& root, const std::optional<FormatFile>& beside) {
  const std::string type = root.text("model_type").value_or("");
  const std::string architecture = first_architecture(root);
  ModelLayout layout;
  if (const VisionFamily* both = find_vision_family(type)) {
    require_class(root, architecture, type, both->architecture, "");
    const std::optional<Config> vision = root.object("vision_config");
    const std::optional<Config> inner = root.object("text_config");
    const Config& text = inner ? *inner : root;
    const std::string stated = inner ? text.text("model_type").value_or("") : "";
    const bool is_usual = stated.empty() || stated == both->inner_type;
    const std::string text_type = is_usual ? std::string(both->text_type) : stated;
    layout = read_text(text, family_of(text, text_type, ""), root.flag("tie_word_embeddings"));
    if (vision) {
      layout.vision = both->read(root, *vision, layout.hidden);
      refuse_too_large(*vision, layout);
    }
  } else {
    const Family& family = family_of(root, type, architecture);
    require_class(root, architecture, type, family.architecture, family.other_architecture);
    layout = read_text(root, family, std::nullopt);
  }
  // Whoever states a format needs none that is understood.
  try {
    read_formats(root, beside, layout);
  } catch (const RecordError& error) {
    layout.stored.reset();
    layout.why_not_stored = error.what();
  }
  return layout;
}

}  // namespace roofproof
