// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Families of models, by the model_type of their config.json: which parts their layers have, and
// what holds where a field is absent. A row is what the family's code in transformers builds
// (github.com/huggingface/transformers, src/transformers/models/<model_type>, version 5.24; of
// those that it does not have, the code beside the checkpoints).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace roofproof {

// What a field of true or false decides, and what holds where it is absent; without a key always.
struct Switch {
  const char* key = nullptr;
  bool otherwise = false;
};

// Norms of queries and keys: a vector of the head dimension each, one for all heads, or nothing to
// store.
enum class QkNorm { none, per_head, whole, weightless };

// Which layers attend to sliding_window tokens only, where layer_types does not say.
enum class Windows {
  none,
  all,
  all_but_every,  // the last of every so many layers attends to all
  late,           // from max_window_layers on, and only with use_sliding_window
  chunks,         // attention_chunk_size, those that no_rope_layers marks with 1
};

enum class AttentionKind {
  grouped,  // key and value heads, each shared by so many query heads
  latent,   // MLA (DeepSeek-V2, arXiv:2405.04434, 2.1)
};

// The key and value heads where num_key_value_heads is not what decides.
enum class KvHeads { stated, multi_query, falcon, chatglm, mpt };

// Layers for further tokens, which are in the file and not in the step.
enum class Prediction {
  none,
  deepseek,  // DeepSeek-V3's technical report, 2.2: a layer with both vocabulary matrices
  dense,     // ERNIE 4.5: a dense layer that has neither
};

struct Experts {
  std::int64_t count = 0;  // where no field states it; 0: the layers are dense then
  std::int64_t per_token = 0;
  bool shared_gate = false;      // a vector that weighs the shared expert
  bool correction_bias = false;  // a value per expert that balances their load
  bool biases = false;           // of the router and of the experts
  bool shared_always = false;    // one shared expert as wide as a routed one
};

struct Family {
  std::string_view type;
  // Its class as transformers or the checkpoints name it, and another that counts the same. The
  // first that a config.json states must be one of them.
  std::string_view architecture;
  std::string_view other_architecture = {};
  bool gated = true;     // three matrices in the feed-forward block, else two
  int norm_vectors = 1;  // weight; 2: weight and bias; 0: nothing to store
  int layer_norms = 2;
  Switch shared_norm = {};  // one norm, where attention and feed-forward are side by side
  Switch qkv_bias = {};
  Switch out_bias = {};
  Switch ffn_bias = {};
  Switch head_bias = {};
  QkNorm qk_norm = QkNorm::none;
  Switch qk_norm_if = {nullptr, true};
  bool tied = false;  // where tie_word_embeddings is absent
  bool positions = false;
  std::int64_t extra_positions = 0;
  bool embedding_norm = false;
  bool sinks = false;               // a value per head
  std::int64_t heads = 0;           // where no field states them; 0: it must be stated
  std::int64_t head_dim = 0;        // the same; 0: hidden / heads
  std::int64_t kv_heads = 0;        // the same; 0: as many as heads
  std::int64_t ffn_per_hidden = 0;  // the same; 0: it must be stated
  std::int64_t ffn_parts = 1;       // the width that is stated is of so many matrices together
  std::int64_t vocab = 0;           // the same; 0: it must be stated
  Windows windows = Windows::none;
  std::int64_t window = 0;  // where sliding_window is absent
  std::int64_t period = 0;  // of Windows::all_but_every
  AttentionKind attention = AttentionKind::grouped;
  KvHeads kv = KvHeads::stated;
  bool has_experts = false;
  bool nested_ffn = false;  // sizes of the feed-forward block are in ffn_config
  Prediction prediction = Prediction::none;
  Experts experts = {};
};

std::span<const Family> families();
// Case and `_` do not count: MPTForCausalLM is MptForCausalLM.
bool same_class(std::string_view a, std::string_view b);
// By model_type; where that is empty, by class. nullptr: not known.
const Family* find_family(std::string_view type, std::string_view architecture);

}  // namespace roofproof
