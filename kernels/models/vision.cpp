// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/models/vision.h"

#include <algorithm>

namespace roofproof {
namespace {

constexpr std::int64_t largest = 1 << 20;

// A field of the encoder, or what its class in transformers has where it is absent.
std::int64_t size(const Config& vision, std::string_view key, std::int64_t otherwise) {
  return vision.integer({key}, 1, largest).value_or(otherwise);
}

Weights matrix(std::int64_t outputs, std::int64_t inputs, std::int64_t copies = 1) {
  return {"vision", Role::linear, outputs, inputs, copies};
}

Weights vector(std::int64_t elements, std::int64_t copies = 1) {
  return {"vision", Role::vector, elements, 1, copies};
}

void require_type(const Config& vision, std::string_view wanted) {
  const std::string type = vision.text("model_type").value_or(std::string(wanted));
  if (type != wanted) {
    vision.fail("model_type", "'" + type + "' is not understood beside this model; only " +
                                  std::string(wanted) + " is");
  }
}

// SigLIP's encoder without a head, and a projector: a norm and one matrix.
std::vector<Weights> read_gemma3(const Config&, const Config& vision, std::int64_t text_hidden) {
  require_type(vision, "siglip_vision_model");
  const std::int64_t hidden = size(vision, "hidden_size", 768);
  const std::int64_t ffn = size(vision, "intermediate_size", 3072);
  const std::int64_t layers = size(vision, "num_hidden_layers", 12);
  const std::int64_t patch = size(vision, "patch_size", 16);
  const std::int64_t patches = size(vision, "image_size", 224) / patch;
  return {matrix(hidden, 3 * patch * patch),
          vector(hidden),
          matrix(patches * patches, hidden),
          matrix(hidden, hidden, 4 * layers),
          vector(hidden, 4 * layers),
          matrix(hidden, ffn, 2 * layers),
          vector(ffn + hidden, layers),
          vector(4 * hidden, layers),
          vector(2 * hidden),
          vector(hidden),
          matrix(hidden, text_hidden)};
}

// Layers with biases, an adapter of two matrices, a projector of one.
std::vector<Weights> read_llama4(const Config&, const Config& vision, std::int64_t text_hidden) {
  require_type(vision, "llama4_vision_model");
  const std::int64_t hidden = size(vision, "hidden_size", 768);
  const std::int64_t ffn = size(vision, "intermediate_size", 5632);
  const std::int64_t layers = size(vision, "num_hidden_layers", 34);
  const std::int64_t patch = size(vision, "patch_size", 14);
  const std::int64_t patches = size(vision, "image_size", 448) / patch;
  const std::int64_t adapter_in = size(vision, "projector_input_dim", 4096);
  const std::int64_t adapter_out = size(vision, "projector_output_dim", 4096);
  return {matrix(hidden, 3 * patch * patch),
          vector(hidden),
          matrix(patches * patches + 1, hidden),
          vector(4 * hidden),
          matrix(hidden, hidden, 4 * layers),
          vector(hidden, 4 * layers),
          matrix(hidden, ffn, 2 * layers),
          vector(ffn + hidden, layers),
          vector(4 * hidden, layers),
          matrix(adapter_in, ffn),
          matrix(adapter_out, adapter_in),
          matrix(text_hidden, size(vision, "vision_output_dim", 4096))};
}

// Pixtral's encoder: gated blocks without biases; a norm, the matrix that merges patches, and two
// matrices into the text.
std::vector<Weights> read_mistral3(const Config& root, const Config& vision,
                                   std::int64_t text_hidden) {
  require_type(vision, "pixtral");
  const std::int64_t hidden = size(vision, "hidden_size", 1024);
  const std::int64_t ffn = size(vision, "intermediate_size", 4096);
  const std::int64_t layers = size(vision, "num_hidden_layers", 24);
  const std::int64_t patch = size(vision, "patch_size", 16);
  const std::int64_t merged = root.integer({"spatial_merge_size"}, 1, 64).value_or(2);
  std::vector<Weights> weights = {matrix(hidden, 3 * patch * patch),
                                  vector(hidden),
                                  matrix(hidden, hidden, 4 * layers),
                                  matrix(ffn, hidden, 3 * layers),
                                  vector(2 * hidden, layers),
                                  vector(hidden),
                                  matrix(hidden, merged * merged * hidden),
                                  matrix(text_hidden, hidden),
                                  matrix(text_hidden, text_hidden)};
  if (root.flag("multimodal_projector_bias").value_or(false)) {
    weights.push_back(vector(text_hidden, 2));
  }
  return weights;
}

// What the encoders of Qwen's VL models share: patches of two frames, layers with biases, and a
// merger that joins patches, of two matrices.
std::vector<Weights> qwen_encoder(const Config& vision, std::int64_t hidden, std::int64_t merged,
                                  std::int64_t text_hidden) {
  const std::int64_t depth = size(vision, "depth", 32);
  const std::int64_t patch = size(vision, "patch_size", 14);
  const std::int64_t frames = size(vision, "temporal_patch_size", 2);
  const std::int64_t joined = merged * merged * hidden;
  return {matrix(hidden, 3 * frames * patch * patch),
          matrix(hidden, hidden, 4 * depth),
          vector(hidden, 4 * depth),
          matrix(joined, joined),
          vector(joined),
          matrix(text_hidden, joined),
          vector(text_hidden)};
}

std::int64_t merge_size(const Config& vision) {
  return vision.integer({"spatial_merge_size"}, 1, 64).value_or(2);
}

std::vector<Weights> read_qwen2_vl(const Config&, const Config& vision, std::int64_t text_hidden) {
  require_type(vision, "qwen2_vl");
  const std::int64_t hidden = size(vision, "embed_dim", 1280);
  const std::int64_t depth = size(vision, "depth", 32);
  const std::int64_t ffn = vision.integer({"mlp_ratio"}, 1, 64).value_or(4) * hidden;
  std::vector<Weights> weights = qwen_encoder(vision, hidden, merge_size(vision), text_hidden);
  weights.push_back(matrix(ffn, hidden, 2 * depth));
  weights.push_back(vector(ffn + hidden, depth));
  weights.push_back(vector(4 * hidden, depth));  // two norms with biases
  weights.push_back(vector(2 * hidden));
  return weights;
}

// Gated blocks, and norms without biases.
std::vector<Weights> read_qwen2_5_vl(const Config&, const Config& vision,
                                     std::int64_t text_hidden) {
  require_type(vision, "qwen2_5_vl");
  const std::int64_t hidden = size(vision, "hidden_size", 1280);
  const std::int64_t depth = size(vision, "depth", 32);
  const std::int64_t ffn = size(vision, "intermediate_size", 3420);
  std::vector<Weights> weights = qwen_encoder(vision, hidden, merge_size(vision), text_hidden);
  weights.push_back(matrix(ffn, hidden, 3 * depth));
  weights.push_back(vector(2 * ffn + hidden, depth));
  weights.push_back(vector(2 * hidden, depth));
  weights.push_back(vector(hidden));
  return weights;
}

// Learned positions, and a merger more for each layer that the text also sees.
std::vector<Weights> read_qwen3_vl(const Config&, const Config& vision, std::int64_t text_hidden) {
  const std::int64_t hidden = size(vision, "hidden_size", 1152);
  const std::int64_t depth = size(vision, "depth", 27);
  const std::int64_t ffn = size(vision, "intermediate_size", 4304);
  const std::int64_t patch = size(vision, "patch_size", 16);
  const std::int64_t frames = size(vision, "temporal_patch_size", 2);
  const std::int64_t joined = merge_size(vision) * merge_size(vision) * hidden;
  const auto seen = vision.integers("deepstack_visual_indexes");
  const std::int64_t deep = seen ? static_cast<std::int64_t>(seen->size()) : 3;
  return {matrix(hidden, 3 * frames * patch * patch),
          vector(hidden),
          matrix(size(vision, "num_position_embeddings", 2304), hidden),
          matrix(hidden, hidden, 4 * depth),
          vector(hidden, 4 * depth),
          matrix(ffn, hidden, 2 * depth),
          vector(ffn + hidden, depth),
          vector(4 * hidden, depth),
          matrix(joined, joined, 1 + deep),
          vector(joined, 1 + deep),
          matrix(text_hidden, joined, 1 + deep),
          vector(text_hidden, 1 + deep),
          vector(2 * hidden),
          vector(2 * joined, deep)};
}

constexpr VisionFamily known[] = {
    {"gemma3", "Gemma3ForConditionalGeneration", "gemma3_text", "gemma3_text", read_gemma3},
    {"llama4", "Llama4ForConditionalGeneration", "llama4_text", "llama4_text", read_llama4},
    {"mistral3", "Mistral3ForConditionalGeneration", "mistral", "mistral", read_mistral3},
    {"qwen2_vl", "Qwen2VLForConditionalGeneration", "qwen2_vl_text", "qwen2", read_qwen2_vl},
    {"qwen2_5_vl", "Qwen2_5_VLForConditionalGeneration", "qwen2_5_vl_text", "qwen2",
     read_qwen2_5_vl},
    {"qwen3_vl", "Qwen3VLForConditionalGeneration", "qwen3_vl_text", "qwen3", read_qwen3_vl},
    {"qwen3_vl_moe", "Qwen3VLMoeForConditionalGeneration", "qwen3_vl_moe_text", "qwen3_moe",
     read_qwen3_vl}};

}  // namespace

const VisionFamily* find_vision_family(std::string_view type) {
  const auto found = std::find_if(std::begin(known), std::end(known),
                                  [&](const VisionFamily& family) { return family.type == type; });
  return found == std::end(known) ? nullptr : found;
}

}  // namespace roofproof
