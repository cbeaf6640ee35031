// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/decode/sweep_workload.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <stdexcept>
#include <vector>

#include "kernels/cuda/decode/model_workload.h"
#include "kernels/cuda/decode/sweep.h"
#include "kernels/cuda/runtime/error.h"
#include "kernels/float16.h"
#include "kernels/problem/step.h"
#include "kernels/reference.h"

namespace roofproof::cuda::decode {
namespace {

std::int64_t widest_input(const Model& model) {
  return std::max({model.hidden, model.ffn, model.heads * model.head_dim});
}

class SweepWorkload final : public ModelWorkload {
 public:
  SweepWorkload(const Problem& problem, const Device& device, const Preparation& preparation,
                std::int64_t distinct, bool multiply)
      : ModelWorkload(problem, device, preparation, distinct),
        multiply_(multiply),
        variant_(sweep_variant(shape_.format, device)),
        plan_(plan_sweep(shape_.format, widest_input(shape_.model), variant_, device)) {
    prepare_sweep(plan_, shape_.format, variant_, multiply_);
    const std::int64_t value = shape_.fp32() ? 4 : 2;
    x_ = Buffer(static_cast<std::size_t>(widest_input(shape_.model) * value));
    // Any activations will do, as long as they are numbers: those of a norm.
    std::vector<std::byte> x;
    while (static_cast<std::int64_t>(x.size()) < widest_input(shape_.model) * value) {
      const auto norm = tensors_.download("final_norm", 0);
      x.insert(x.end(), norm.begin(), norm.end());
    }
    copy_to_device(x_.data(), x.data(), x_.size());
    folded_ = Buffer(static_cast<std::size_t>(plan_.blocks) * linear::skinny_threads * 4);
    scratch_ = Buffer(static_cast<std::size_t>(widest_output() * value));
    outputs_ = Buffer(static_cast<std::size_t>(shape_.model.vocab * value));
    for (int copy = 0; copy < preparation.copies; ++copy) {
      const std::vector<SweepMatrix> matrices = matrices_of_step(copy);
      tables_.emplace_back(matrices.size() * sizeof(SweepMatrix));
      copy_to_device(tables_.back().data(), matrices.data(), tables_.back().size());
      count_ = static_cast<int>(matrices.size());
    }
    capture([&](int copy) {
      launch_sweep(plan_, job(copy), shape_.format, variant_, multiply_, capture_stream());
    });
  }

  // Streamed: the words add up to what a plain reader finds. Multiplied: the LM head's outputs are
  // the product.
  Check check(StreamHandle handle) override {
    const auto stream = static_cast<cudaStream_t>(handle);
    ROOFPROOF_CUDA_CHECK(cudaMemsetAsync(outputs_.data(), 0xff, outputs_.size(), stream));
    launch(handle, 0);
    ROOFPROOF_CUDA_CHECK(cudaStreamSynchronize(stream));
    return with_guards(multiply_ ? check_products() : check_words(stream), stream);
  }

  std::string label() const override {
    return std::string(multiply_ ? "gemv_only " : "stream_only ") + linear::name(variant_) +
           ", 1 launch";
  }

  std::map<std::string, double> counters() const override {
    return {{"kernel_launches", 1}, {"distinct_layers", static_cast<double>(distinct_)}};
  }

  double bytes() const override { return rung_bytes(rung(), problem_); }
  double flop() const override { return rung_flop(rung(), problem_); }

 private:
  Rung rung() const { return multiply_ ? Rung::gemv_only : Rung::stream_only; }

  std::int64_t widest_output() const {
    return std::max({shape_.qkv().n, shape_.gate_up().n, shape_.down().n});
  }

  SweepMatrix sweep_matrix(const std::string& name, int copy, const layer::PackedShape& shape) {
    const layer::MatrixPointers pointers = layer::matrix_pointers(tensors_, name, copy, shape);
    SweepMatrix matrix;
    matrix.weights = pointers.weights;
    matrix.row_scales = pointers.row_scales;
    matrix.y = scratch_.data();
    matrix.n = static_cast<int>(shape.n);
    matrix.tiles = static_cast<int>(shape.tiles());
    matrix.units = static_cast<int>(shape.units());
    return matrix;
  }

  std::vector<SweepMatrix> matrices_of_step(int copy) {
    std::vector<SweepMatrix> matrices;
    for (std::int64_t i = 0; i < shape_.model.layers; ++i) {
      for (const layer::Matrix& matrix : layer::matrices()) {
        matrices.push_back(sweep_matrix(layer_prefix(i % distinct_) + matrix.name, copy,
                                        (shape_.*matrix.shape)()));
      }
    }
    matrices.push_back(sweep_matrix("lm_head", copy, lm_head_shape(shape_)));
    matrices.back().y = outputs_.data();
    return matrices;
  }

  SweepJob job(int copy) const {
    SweepJob job = plan_.job;
    job.matrices = tables_[static_cast<std::size_t>(copy)].as<SweepMatrix>();
    job.count = count_;
    job.x = x_.data();
    job.folded = folded_.as<std::uint32_t>();
    return job;
  }

  Check check_words(cudaStream_t stream) {
    const Buffer expected(sizeof(std::uint32_t));
    ROOFPROOF_CUDA_CHECK(cudaMemsetAsync(expected.data(), 0, expected.size(), stream));
    const auto fold = [&](const std::string& name, const layer::PackedShape& shape) {
      fold_words(tensors_.data(name, 0), shape.bytes() / 4, expected.as<std::uint32_t>(), stream);
    };
    for (std::int64_t i = 0; i < shape_.model.layers; ++i) {
      for (const layer::Matrix& matrix : layer::matrices()) {
        fold(layer_prefix(i % distinct_) + matrix.name, (shape_.*matrix.shape)());
      }
    }
    fold("lm_head", lm_head_shape(shape_));
    std::uint32_t wanted = 0;
    std::vector<std::uint32_t> words(folded_.size() / sizeof(std::uint32_t));
    ROOFPROOF_CUDA_CHECK(cudaStreamSynchronize(stream));
    ROOFPROOF_CUDA_CHECK(
        cudaMemcpy(&wanted, expected.data(), sizeof wanted, cudaMemcpyDeviceToHost));
    ROOFPROOF_CUDA_CHECK(
        cudaMemcpy(words.data(), folded_.data(), folded_.size(), cudaMemcpyDeviceToHost));
    std::uint32_t got = 0;
    for (const std::uint32_t word : words) got += word;
    Comparison comparison;
    comparison.add([] { return std::string("the sum of all words"); }, got,
                   {static_cast<double>(wanted), 0});
    return comparison.result();
  }

  Check check_products() {
    const Model& model = shape_.model;
    const auto norm = layer::norm_weights(tensors_, "final_norm", 0, model.hidden, shape_.fp32());
    const RandomWeights weights =
        layer::matrix_weights(tensors_, "lm_head", 0, lm_head_shape(shape_));
    MatrixProduct product;
    product.m = 1;
    product.n = model.vocab;
    product.k = model.hidden;
    product.a = [&](std::int64_t, std::int64_t k) { return norm(k); };
    product.b = [&](std::int64_t row, std::int64_t k) {
      return weights.at(static_cast<std::uint64_t>(row), static_cast<std::uint64_t>(k));
    };
    product.output = shape_.activation();
    std::vector<std::byte> y(outputs_.size());
    ROOFPROOF_CUDA_CHECK(cudaMemcpy(y.data(), outputs_.data(), y.size(), cudaMemcpyDeviceToHost));
    return check_product(product, "logits", preparation_.seed,
                         [&](std::int64_t, std::int64_t row) -> double {
                           if (shape_.fp32()) {
                             float value;
                             std::memcpy(&value, y.data() + 4 * row, sizeof value);
                             return value;
                           }
                           std::uint16_t value;
                           std::memcpy(&value, y.data() + 2 * row, sizeof value);
                           return to_float(value);
                         });
  }

  bool multiply_;
  linear::Variant variant_;
  SweepPlan plan_;
  Buffer x_;
  Buffer folded_;
  Buffer scratch_;              // outputs of all layers' matrices, over one another
  Buffer outputs_;              // the LM head's
  std::vector<Buffer> tables_;  // one per copy
  int count_ = 0;
};

}  // namespace

std::string sweep_unsupported(const Problem& problem, const Device& device) {
  const LayerShape shape = shape_of(problem);
  try {
    plan_sweep(shape.format, widest_input(shape.model), sweep_variant(shape.format, device),
               device);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return {};
}

std::unique_ptr<Workload> prepare_stream_only(const Problem& problem, const Device& device,
                                              const Preparation& preparation) {
  return std::make_unique<SweepWorkload>(problem, device, preparation,
                                         distinct_layers(problem, device, preparation),
                                         /*multiply=*/false);
}

std::unique_ptr<Workload> prepare_gemv_only(const Problem& problem, const Device& device,
                                            const Preparation& preparation) {
  return std::make_unique<SweepWorkload>(problem, device, preparation,
                                         distinct_layers(problem, device, preparation),
                                         /*multiply=*/true);
}

}  // namespace roofproof::cuda::decode
