// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/layer/layer.h"

#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <stdexcept>
#include <utility>

#include "kernels/cuda/layer/attention.h"
#include "kernels/cuda/layer/causal_attention.h"
#include "kernels/cuda/linear/device_pack.h"
#include "kernels/cuda/runtime/error.h"
#include "kernels/float16.h"
#include "kernels/quantize.h"

namespace roofproof::cuda::layer {
namespace {

using linear::Finish;

std::int64_t query_width(const Model& model) { return model.heads * model.head_dim; }

float norm_root(std::int64_t width) { return 1.0f / std::sqrt(static_cast<float>(width)); }

// The scales of INT4 have no tensor of their own: a stream that follows from the values'.
InputStream scales_of(InputStream values) { return {mix_bits(values.key)}; }

}  // namespace

PackedShape LayerShape::qkv() const {
  return {format, (model.heads + 2 * model.kv_heads) * model.head_dim, model.hidden,
          model.head_dim / 2};
}
PackedShape LayerShape::o() const { return {format, model.hidden, query_width(model)}; }
PackedShape LayerShape::gate_up() const { return {format, 2 * model.ffn, model.hidden, model.ffn}; }
PackedShape LayerShape::down() const { return {format, model.hidden, model.ffn}; }

std::string shape_unsupported(const LayerShape& shape) {
  if (shape.rows() < 1 || shape.context < 0) return "batch must be at least 1, context at least 0";
  const Model& model = shape.model;
  if (model.hidden % 8 != 0 || model.ffn % 8 != 0) return "rows are whole 16-byte vectors";
  if (model.heads % model.kv_heads != 0) return "query heads share key heads evenly";
  return attention_unsupported(static_cast<int>(model.head_dim));
}

const std::vector<Matrix>& matrices() {
  static const std::vector<Matrix> all = {{"qkv", &LayerShape::qkv},
                                          {"o", &LayerShape::o},
                                          {"gate_up", &LayerShape::gate_up},
                                          {"down", &LayerShape::down}};
  return all;
}

void add_matrix(std::vector<TensorSpec>& specs, const std::string& name, const PackedShape& shape,
                bool rotated) {
  specs.push_back({name, ElementType::uint8, shape.bytes(), Fill::poison, rotated});
  if (shape.row_scales() > 0) {
    specs.push_back(
        {name + "_scales", ElementType::fp32, shape.row_scales(), Fill::poison, rotated});
  }
}

std::vector<TensorSpec> layer_tensors(const LayerShape& shape, const std::string& prefix,
                                      bool rotated) {
  std::vector<TensorSpec> specs;
  for (const Matrix& matrix : matrices()) {
    add_matrix(specs, prefix + matrix.name, (shape.*matrix.shape)(), rotated);
  }
  for (const char* norm : {"attention_norm", "ffn_norm"}) {
    specs.push_back({prefix + norm, shape.activation(), shape.model.hidden, Fill::poison, rotated});
  }
  for (const char* cache : {"keys", "values"}) {
    specs.push_back(
        {prefix + cache, ElementType::fp16, shape.cache_values(), Fill::random, rotated});
  }
  return specs;
}

std::vector<TensorSpec> activation_tensors(const LayerShape& shape) {
  const auto values = [&](const char* name, std::int64_t columns) {
    return TensorSpec{name, shape.activation(), shape.rows() * columns, Fill::poison,
                      /*rotated=*/false};
  };
  return {values("query", query_width(shape.model)), values("attention", query_width(shape.model)),
          values("middle", shape.model.hidden), values("gated", shape.model.ffn)};
}

std::int64_t tensor_bytes(const std::vector<TensorSpec>& specs) {
  std::int64_t bytes = 0;
  for (const TensorSpec& spec : specs) bytes += device_bytes(spec);
  return bytes;
}

RandomWeights matrix_weights(const Tensors& tensors, const std::string& name, int copy,
                             const PackedShape& shape) {
  RandomWeights random;
  random.bits = weight_bits(shape.format);
  random.k = static_cast<std::uint64_t>(shape.k);
  random.values = tensors.input(name, copy);
  random.scales = scales_of(random.values);
  return random;
}

MatrixPointers matrix_pointers(const Tensors& tensors, const std::string& name, int copy,
                               const PackedShape& shape) {
  return {tensors.as<unsigned char>(name, copy),
          shape.row_scales() > 0 ? tensors.as<float>(name + "_scales", copy) : nullptr};
}

void fill_matrix(Tensors& tensors, const std::string& name, int copy, const PackedShape& shape,
                 cudaStream_t stream) {
  float* const row_scales =
      shape.row_scales() > 0 ? tensors.as<float>(name + "_scales", copy) : nullptr;
  linear::pack_random_weights(shape, matrix_weights(tensors, name, copy, shape),
                              tensors.data(name, copy), row_scales, stream);
}

void fill_norm(Tensors& tensors, const std::string& name, int copy, std::int64_t width, bool fp32) {
  const InputStream input = tensors.input(name, copy);
  const std::size_t size = fp32 ? 4 : 2;
  std::vector<std::byte> bytes(static_cast<std::size_t>(width) * size);
  for (std::int64_t i = 0; i < width; ++i) {
    const float value = random_norm_weight(input, static_cast<std::uint64_t>(i), norm_root(width));
    const std::uint16_t half = to_float16(value);
    std::memcpy(bytes.data() + static_cast<std::size_t>(i) * size,
                fp32 ? static_cast<const void*>(&value) : static_cast<const void*>(&half), size);
  }
  tensors.upload(name, copy, bytes);
}

std::function<double(std::int64_t)> norm_weights(const Tensors& tensors, const std::string& name,
                                                 int copy, std::int64_t width, bool fp32) {
  return [input = tensors.input(name, copy), root = norm_root(width), fp32](std::int64_t i) {
    const float value = random_norm_weight(input, static_cast<std::uint64_t>(i), root);
    return static_cast<double>(fp32 ? value : to_float(to_float16(value)));
  };
}

void fill_layer(Tensors& tensors, const std::string& prefix, int copy, const LayerShape& shape,
                cudaStream_t stream) {
  for (const Matrix& matrix : matrices()) {
    fill_matrix(tensors, prefix + matrix.name, copy, (shape.*matrix.shape)(), stream);
  }
  for (const char* norm : {"attention_norm", "ffn_norm"}) {
    fill_norm(tensors, prefix + norm, copy, shape.model.hidden, shape.fp32());
  }
}

LayerPointers layer_pointers(const Tensors& tensors, const std::string& prefix, int copy,
                             const LayerShape& shape) {
  LayerPointers layer;
  layer.qkv = matrix_pointers(tensors, prefix + "qkv", copy, shape.qkv());
  layer.o = matrix_pointers(tensors, prefix + "o", copy, shape.o());
  layer.gate_up = matrix_pointers(tensors, prefix + "gate_up", copy, shape.gate_up());
  layer.down = matrix_pointers(tensors, prefix + "down", copy, shape.down());
  layer.attention_norm = tensors.data(prefix + "attention_norm", copy);
  layer.ffn_norm = tensors.data(prefix + "ffn_norm", copy);
  layer.keys = tensors.data(prefix + "keys", copy);
  layer.values = tensors.data(prefix + "values", copy);
  return layer;
}

ActivationPointers activation_pointers(const Tensors& tensors) {
  return {tensors.data("query", 0), tensors.data("attention", 0), tensors.data("middle", 0),
          tensors.data("gated", 0)};
}

LayerPlan::LayerPlan(const LayerShape& shape, Variant variant, const Device& device)
    : shape_(shape),
      variant_(variant),
      dependent_attention_(device.compute_capability >= 90),
      qkv_(shape.qkv(), shape.rows(), /*norm=*/true, variant, device),
      o_(shape.o(), shape.rows(), /*norm=*/false, variant, device),
      gate_up_(shape.gate_up(), shape.rows(), /*norm=*/true, variant, device),
      down_(shape.down(), shape.rows(), /*norm=*/false, variant, device),
      linear_buffers_({}) {
  const Model& model = shape.model;
  attention_.batch = shape.batch;
  attention_.heads = static_cast<int>(model.heads);
  attention_.kv_heads = static_cast<int>(model.kv_heads);
  attention_.tokens = shape.cache_tokens();
  attention_.cache_tokens = shape.cache_tokens();
  attention_.scale =
      static_cast<float>(1 / (std::log(2.0) * std::sqrt(static_cast<double>(model.head_dim))));
  const auto dim = static_cast<int>(model.head_dim);
  if (shape.prefill()) {
    prepare_causal_attention(dim);
    return;
  }
  divide_attention(attention_, device.processors);
  prepare_attention(dim, shape.fp32());
}

void LayerPlan::allocate(const linear::LinearWorkspaceSize& linear, cudaStream_t stream) {
  linear::LinearWorkspaceSize size = linear;
  for (const LinearPlan* plan : {&qkv_, &o_, &gate_up_, &down_}) size.include(plan->workspace());
  linear_buffers_ = LinearBuffers(size);
  linear_buffers_.clear(stream);

  const auto dim = static_cast<int>(shape_.model.head_dim);
  attention_partial_ =
      Buffer(static_cast<std::size_t>(attention_partial_floats(attention_, dim)) * sizeof(float));
  attention_arrivals_ = Buffer(static_cast<std::size_t>(attention_.units()) * sizeof(unsigned));
  ROOFPROOF_CUDA_CHECK(
      cudaMemsetAsync(attention_arrivals_.data(), 0, attention_arrivals_.size(), stream));
  attention_.partial = attention_partial_.as<float>();
  attention_.arrivals = attention_arrivals_.as<unsigned>();

  std::vector<float> rotation;
  for (int token = shape_.context; token < shape_.cache_tokens(); ++token) {
    const std::vector<float> row = rotation_table(dim, token);
    rotation.insert(rotation.end(), row.begin(), row.end());
  }
  rotation_ = Buffer(rotation.size() * sizeof(float));
  ROOFPROOF_CUDA_CHECK(cudaMemcpyAsync(rotation_.data(), rotation.data(), rotation_.size(),
                                       cudaMemcpyHostToDevice, stream));
  ROOFPROOF_CUDA_CHECK(cudaStreamSynchronize(stream));
}

void LayerPlan::project(const LayerPointers& layer, const ActivationPointers& activations,
                        const void* input, bool dependent, cudaStream_t stream) const {
  const Model& model = shape_.model;
  LinearJob job;
  job.weights = layer.qkv.weights;
  job.row_scales = layer.qkv.row_scales;
  job.x = input;
  job.norm = layer.attention_norm;
  job.epsilon = static_cast<float>(norm_epsilon);
  job.finish = Finish::rotate;
  job.y = activations.query;
  job.attention.rotation = rotation_.as<float>();
  const std::int64_t first = shape_.context * model.head_dim;
  job.attention.keys = static_cast<Half*>(layer.keys) + first;
  job.attention.values = static_cast<Half*>(layer.values) + first;
  job.attention.rotation_step = shape_.prefill() ? static_cast<int>(model.head_dim) : 0;
  job.attention.cache_step =
      shape_.prefill() ? 1 : static_cast<int>(model.kv_heads) * shape_.cache_tokens();
  job.attention.heads = static_cast<int>(model.heads);
  job.attention.kv_heads = static_cast<int>(model.kv_heads);
  job.attention.head_dim = static_cast<int>(model.head_dim);
  job.attention.cache_tokens = shape_.cache_tokens();
  qkv_.launch(job, workspace(), dependent, stream);
}

void LayerPlan::attend(const LayerPointers& layer, const ActivationPointers& activations,
                       bool dependent, cudaStream_t stream) const {
  AttentionJob job = attention_;
  job.query = activations.query;
  job.keys = static_cast<const Half*>(layer.keys);
  job.values = static_cast<const Half*>(layer.values);
  job.y = activations.attention;
  const auto dim = static_cast<int>(shape_.model.head_dim);
  dependent = dependent && dependent_attention_;
  if (shape_.prefill()) {
    launch_causal_attention(job, dim, dependent, stream);
  } else {
    launch_attention(job, dim, shape_.fp32(), dependent, stream);
  }
}

void LayerPlan::add_attention(const LayerPointers& layer, const ActivationPointers& activations,
                              const void* input, bool dependent, cudaStream_t stream) const {
  LinearJob job;
  job.weights = layer.o.weights;
  job.row_scales = layer.o.row_scales;
  job.x = activations.attention;
  job.finish = Finish::add;
  job.residual = input;
  job.y = activations.middle;
  o_.launch(job, workspace(), dependent, stream);
}

void LayerPlan::gate(const LayerPointers& layer, const ActivationPointers& activations,
                     bool dependent, cudaStream_t stream) const {
  LinearJob job;
  job.weights = layer.gate_up.weights;
  job.row_scales = layer.gate_up.row_scales;
  job.x = activations.middle;
  job.norm = layer.ffn_norm;
  job.epsilon = static_cast<float>(norm_epsilon);
  job.finish = Finish::gate;
  job.y = activations.gated;
  gate_up_.launch(job, workspace(), dependent, stream);
}

void LayerPlan::add_ffn(const LayerPointers& layer, const ActivationPointers& activations,
                        void* output, bool dependent, cudaStream_t stream) const {
  LinearJob job;
  job.weights = layer.down.weights;
  job.row_scales = layer.down.row_scales;
  job.x = activations.gated;
  job.finish = Finish::add;
  job.residual = activations.middle;
  job.y = output;
  down_.launch(job, workspace(), dependent, stream);
}

void LayerPlan::launch(const LayerPointers& layer, const ActivationPointers& activations,
                       const void* input, void* output, bool dependent, cudaStream_t stream) const {
  project(layer, activations, input, dependent, stream);
  attend(layer, activations, dependent, stream);
  add_attention(layer, activations, input, dependent, stream);
  gate(layer, activations, dependent, stream);
  add_ffn(layer, activations, output, dependent, stream);
}

int LayerPlan::launches() const {
  return qkv_.launches() + 1 + o_.launches() + gate_up_.launches() + down_.launches();
}

std::string LayerPlan::label() const {
  return gate_up_.label() +
         (shape_.prefill() ? ", causal attention"
                           : ", attention split " + std::to_string(attention_.splits)) +
         ", " + std::to_string(launches()) + " launches";
}

std::map<std::string, double> step_counters(Precision weights, int launches) {
  std::map<std::string, double> counters = {{"kernel_launches", launches}};
  // A result file has no infinities: FP32 loses nothing.
  if (const double ratio_db = quantization_snr_db(weights); std::isfinite(ratio_db)) {
    counters["weight_snr_db"] = ratio_db;
  }
  return counters;
}

Element downloaded(const Tensors& tensors, const std::string& name, int copy, std::int64_t rows,
                   std::int64_t columns, bool fp32) {
  const std::int64_t count = rows * columns;
  if (fp32) {
    const auto values =
        std::make_shared<std::vector<float>>(tensors.download_range<float>(name, copy, 0, count));
    return [=](std::int64_t row, std::int64_t column) {
      return static_cast<double>(values->at(static_cast<std::size_t>(row * columns + column)));
    };
  }
  const auto values = std::make_shared<std::vector<std::uint16_t>>(
      tensors.download_range<std::uint16_t>(name, copy, 0, count));
  return [=](std::int64_t row, std::int64_t column) {
    return static_cast<double>(
        to_float(values->at(static_cast<std::size_t>(row * columns + column))));
  };
}

namespace {

// A cache is large and few of its heads are looked at: each is downloaded when it is asked for.
LayerActivations::Cache downloaded_cache(const LayerShape& shape, const Tensors& tensors,
                                         const std::string& name, int copy) {
  struct Heads {
    std::map<std::int64_t, std::vector<std::uint16_t>> known;
    // The last one asked for: of most, a million values are, one after another.
    std::int64_t last = -1;
    const std::uint16_t* values = nullptr;
  };
  const auto heads = std::make_shared<Heads>();
  const std::int64_t dim = shape.model.head_dim;
  const std::int64_t kv_heads = shape.model.kv_heads;
  const std::int64_t head_values = shape.cache_tokens() * dim;
  return
      [=, &tensors](std::int64_t sequence, std::int64_t head, std::int64_t token, std::int64_t i) {
        const std::int64_t key = sequence * kv_heads + head;
        if (key != heads->last) {
          const auto [at, fresh] = heads->known.try_emplace(key);
          if (fresh) {
            at->second =
                tensors.download_range<std::uint16_t>(name, copy, key * head_values, head_values);
          }
          heads->last = key;
          heads->values = at->second.data();
        }
        return static_cast<double>(to_float(heads->values[token * dim + i]));
      };
}

Element weight_values(const Tensors& tensors, const std::string& name, int copy,
                      const PackedShape& shape) {
  return
      [random = matrix_weights(tensors, name, copy, shape)](std::int64_t row, std::int64_t column) {
        return random.at(static_cast<std::uint64_t>(row), static_cast<std::uint64_t>(column));
      };
}

}  // namespace

Check check_layer_tensors(const LayerShape& shape, const Tensors& tensors,
                          const std::string& prefix, int copy, const std::string& input,
                          const std::string& output, std::uint64_t seed) {
  const Model& model = shape.model;
  LayerCase layer;
  layer.model = model;
  layer.batch = shape.batch;
  layer.context = shape.context;
  layer.new_tokens = shape.new_tokens;
  layer.fp32 = shape.fp32();
  layer.seed = seed;
  LayerWeights weights;
  weights.qkv = weight_values(tensors, prefix + "qkv", copy, shape.qkv());
  weights.o = weight_values(tensors, prefix + "o", copy, shape.o());
  weights.gate_up = weight_values(tensors, prefix + "gate_up", copy, shape.gate_up());
  weights.down = weight_values(tensors, prefix + "down", copy, shape.down());
  weights.attention_norm =
      norm_weights(tensors, prefix + "attention_norm", copy, model.hidden, shape.fp32());
  weights.ffn_norm = norm_weights(tensors, prefix + "ffn_norm", copy, model.hidden, shape.fp32());
  const auto rows = [&](const std::string& name, std::int64_t columns) {
    return downloaded(tensors, name, 0, shape.rows(), columns, shape.fp32());
  };
  LayerActivations activations;
  activations.input = rows(input, model.hidden);
  activations.query = rows("query", query_width(model));
  activations.keys = downloaded_cache(shape, tensors, prefix + "keys", copy);
  activations.values = downloaded_cache(shape, tensors, prefix + "values", copy);
  activations.attention = rows("attention", query_width(model));
  activations.middle = rows("middle", model.hidden);
  activations.gated = rows("gated", model.ffn);
  activations.output = rows(output, model.hidden);
  return check_layer(layer, weights, activations);
}

}  // namespace roofproof::cuda::layer
