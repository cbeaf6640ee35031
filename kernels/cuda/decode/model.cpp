// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/decode/model.h"

#include <cstring>
#include <utility>

#include "kernels/cuda/decode/tokens.h"
#include "kernels/cuda/linear/workload.h"
#include "kernels/cuda/runtime/error.h"
#include "kernels/cuda/runtime/overlap.h"
#include "kernels/float16.h"

namespace roofproof::cuda::decode {
namespace {

// Attention's and split K's partial sums, rotation and counters: their exact sizes follow from
// plans that come later, and they are small beside a layer.
constexpr std::int64_t workspace_bytes = std::int64_t{64} << 20;

std::vector<TensorSpec> head_tensors(const LayerShape& shape) {
  std::vector<TensorSpec> specs;
  layer::add_matrix(specs, "lm_head", lm_head_shape(shape), /*rotated=*/true);
  specs.push_back({"final_norm", shape.activation(), shape.model.hidden, Fill::poison, true});
  return specs;
}

std::vector<TensorSpec> fixed_tensors(const LayerShape& shape) {
  const Model& model = shape.model;
  const std::int64_t hidden = shape.batch * model.hidden;
  std::vector<TensorSpec> specs = {
      {"embedding", shape.activation(), model.vocab * model.hidden, Fill::random, false},
      {"tokens", ElementType::int32, shape.batch, Fill::poison, false},
      {"hidden_a", shape.activation(), hidden, Fill::poison, false},
      {"hidden_b", shape.activation(), hidden, Fill::poison, false},
      {"logits", ElementType::fp32, shape.batch * model.vocab, Fill::poison, false},
      {"next_tokens", ElementType::int32, shape.batch, Fill::poison, false}};
  for (TensorSpec& spec : layer::activation_tensors(shape)) specs.push_back(std::move(spec));
  return specs;
}

}  // namespace

LayerShape shape_of(const Problem& problem) {
  LayerShape shape;
  shape.model = find_model(problem.shape.model);
  shape.format = linear::weight_format(problem.precision);
  shape.batch = static_cast<int>(problem.shape.batch);
  shape.context = static_cast<int>(problem.shape.context);
  return shape;
}

layer::PackedShape lm_head_shape(const LayerShape& shape) {
  return {shape.format, shape.model.vocab, shape.model.hidden};
}

MemoryNeed memory_need(const LayerShape& shape, int copies) {
  MemoryNeed need;
  need.layers = shape.model.layers;
  need.layer_bytes = layer::tensor_bytes(layer::layer_tensors(shape, "", true));
  need.head_bytes = layer::tensor_bytes(head_tensors(shape));
  need.fixed_bytes = layer::tensor_bytes(fixed_tensors(shape)) + workspace_bytes;
  need.copies = copies;
  return need;
}

std::string layer_prefix(std::int64_t resident) { return "layer" + std::to_string(resident) + "."; }

std::vector<TensorSpec> model_tensors(const LayerShape& shape, std::int64_t distinct) {
  std::vector<TensorSpec> specs = fixed_tensors(shape);
  for (TensorSpec& spec : head_tensors(shape)) specs.push_back(std::move(spec));
  for (std::int64_t i = 0; i < distinct; ++i) {
    for (TensorSpec& spec : layer::layer_tensors(shape, layer_prefix(i), /*rotated=*/true)) {
      specs.push_back(std::move(spec));
    }
  }
  return specs;
}

void fill_model(Tensors& tensors, const LayerShape& shape, std::int64_t distinct,
                const Preparation& preparation) {
  const auto stream = static_cast<cudaStream_t>(preparation.stream);
  for (int copy = 0; copy < preparation.copies; ++copy) {
    for (std::int64_t i = 0; i < distinct; ++i) {
      layer::fill_layer(tensors, layer_prefix(i), copy, shape, stream);
    }
    layer::fill_matrix(tensors, "lm_head", copy, lm_head_shape(shape), stream);
    layer::fill_norm(tensors, "final_norm", copy, shape.model.hidden, shape.fp32());
  }
  const InputStream random = tensors.input("tokens", 0);
  std::vector<std::byte> bytes(static_cast<std::size_t>(shape.batch) * sizeof(std::int32_t));
  for (int i = 0; i < shape.batch; ++i) {
    const auto token = static_cast<std::int32_t>(random.bits(static_cast<std::uint64_t>(i)) %
                                                 static_cast<std::uint32_t>(shape.model.vocab));
    std::memcpy(bytes.data() + static_cast<std::size_t>(i) * sizeof token, &token, sizeof token);
  }
  tensors.upload("tokens", 0, bytes);
  ROOFPROOF_CUDA_CHECK(cudaStreamSynchronize(stream));
}

StepPlan::StepPlan(const LayerShape& shape, std::int64_t distinct, linear::Variant variant,
                   const Device& device)
    : shape_(shape),
      distinct_(distinct),
      dependent_(launches_overlap(device.compute_capability)),
      layer_(shape, variant, device),
      head_(lm_head_shape(shape), shape.batch, /*norm=*/true, variant, device) {
  prepare_tokens();
}

void StepPlan::allocate(cudaStream_t stream) { layer_.allocate(head_.workspace(), stream); }

void StepPlan::embed(const Tensors& tensors, bool dependent, cudaStream_t stream) const {
  EmbedJob job;
  job.tokens = tensors.as<std::int32_t>("tokens", 0);
  job.table = tensors.data("embedding", 0);
  job.y = tensors.data(input_of(0), 0);
  job.row_vectors = static_cast<int>(shape_.model.hidden * (shape_.fp32() ? 4 : 2) / 16);
  launch_embed(job, shape_.batch, dependent && dependent_, stream);
}

void StepPlan::layer(const Tensors& tensors, int copy, std::int64_t layer, bool dependent,
                     cudaStream_t stream) const {
  layer_.launch(layer::layer_pointers(tensors, layer_prefix(resident(layer)), copy, shape_),
                layer::activation_pointers(tensors), tensors.data(input_of(layer), 0),
                tensors.data(input_of(layer + 1), 0), dependent, stream);
}

void StepPlan::head(const Tensors& tensors, int copy, bool dependent, cudaStream_t stream) const {
  const layer::MatrixPointers matrix =
      layer::matrix_pointers(tensors, "lm_head", copy, lm_head_shape(shape_));
  linear::LinearJob job;
  job.weights = matrix.weights;
  job.row_scales = matrix.row_scales;
  job.x = tensors.data(input_of(shape_.model.layers), 0);
  job.norm = tensors.data("final_norm", copy);
  job.epsilon = static_cast<float>(norm_epsilon);
  job.finish = linear::Finish::store_fp32;
  job.y = tensors.data("logits", 0);
  head_.launch(job, layer_.workspace(), dependent, stream);
}

void StepPlan::choose(const Tensors& tensors, bool dependent, cudaStream_t stream) const {
  ArgmaxJob job;
  job.logits = tensors.as<float>("logits", 0);
  job.tokens = tensors.as<std::int32_t>("next_tokens", 0);
  job.vocab = static_cast<int>(shape_.model.vocab);
  launch_argmax(job, shape_.batch, dependent && dependent_, stream);
}

void StepPlan::launch(const Tensors& tensors, int copy, cudaStream_t stream) const {
  embed(tensors, true, stream);
  for (std::int64_t i = 0; i < shape_.model.layers; ++i) layer(tensors, copy, i, true, stream);
  head(tensors, copy, true, stream);
  choose(tensors, true, stream);
}

int StepPlan::launches() const {
  return 1 + static_cast<int>(shape_.model.layers) * layer_.launches() + head_.launches() + 1;
}

std::string StepPlan::label() const {
  std::string text = layer_.label() + " per layer, " + std::to_string(launches()) + " in all";
  if (distinct_ < shape_.model.layers) {
    text += ", " + std::to_string(distinct_) + " of " + std::to_string(shape_.model.layers) +
            " layers distinct";
  }
  return text;
}

Check check_end(const LayerShape& shape, const Tensors& tensors, std::uint64_t seed) {
  const Model& model = shape.model;
  const auto tokens = tensors.download_range<std::int32_t>("tokens", 0, 0, shape.batch);
  const auto next = tensors.download_range<std::int32_t>("next_tokens", 0, 0, shape.batch);
  LayerCase head;
  head.model = model;
  head.batch = shape.batch;
  head.fp32 = shape.fp32();
  head.seed = seed;
  const RandomWeights weights = layer::matrix_weights(tensors, "lm_head", 0, lm_head_shape(shape));
  HeadActivations activations;
  activations.hidden = layer::downloaded(tensors, StepPlan::input_of(model.layers), 0, shape.batch,
                                         model.hidden, shape.fp32());
  activations.logits =
      layer::downloaded(tensors, "logits", 0, shape.batch, model.vocab, /*fp32=*/true);
  activations.token = [&](std::int64_t sequence) {
    return std::int64_t{next[static_cast<std::size_t>(sequence)]};
  };
  return check_head(
      head,
      [&](std::int64_t row, std::int64_t column) {
        return weights.at(static_cast<std::uint64_t>(row), static_cast<std::uint64_t>(column));
      },
      layer::norm_weights(tensors, "final_norm", 0, model.hidden, shape.fp32()), activations);
}

}  // namespace roofproof::cuda::decode
