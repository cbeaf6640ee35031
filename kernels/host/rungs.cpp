// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <atomic>
#include <cstring>

#include "kernels/host/model_workload.h"
#include "kernels/host/stream.h"
#include "kernels/host/weight_tensors.h"
#include "kernels/host/workloads.h"
#include "kernels/kernel_row.h"
#include "kernels/problem/step.h"

namespace roofproof::host {
namespace {

constexpr const char* sink = "sink.";

// What a rung has left in its sink is what the step in order has left, for the last layer and what
// follows it: these come last, and their inputs are the step's own.
Check same_as_in_order(const HostWorkload& workload, const std::vector<std::string>& names) {
  Comparison comparison;
  for (const std::string& name : names) {
    if (workload.download(sink + name, 0) != workload.download(name, 0)) {
      comparison.fail(name + " differs from what the step in order gives");
    }
  }
  return comparison.result();
}

class GemvOnly final : public ModelWorkload {
 public:
  GemvOnly(const Problem& problem, const Device& device, const Preparation& preparation)
      : ModelWorkload(problem, device, preparation, sink) {}

  std::string label() const override { return "gemv_only, " + ModelWorkload::label(); }
  double flop() const override { return rung_flop(Rung::gemv_only, problem()); }
  double bytes() const override { return rung_bytes(Rung::gemv_only, problem()); }

 private:
  void run(int copy) override {
    run_unordered(operations(copy), threads(), [](const Operation& operation, Share share) {
      if (operation.multiply) operation.multiply(share);
    });
  }

  Check compare() const override {
    return same_as_in_order(
        *this, {"products_qkv", "products_o", "products_gate_up", "products_down", "logits"});
  }
};

class Unordered final : public ModelWorkload {
 public:
  Unordered(const Problem& problem, const Device& device, const Preparation& preparation)
      : ModelWorkload(problem, device, preparation, sink) {}

  std::string label() const override { return "unordered, " + ModelWorkload::label(); }

 private:
  void run(int copy) override {
    run_unordered(operations(copy), threads(),
                  [](const Operation& operation, Share share) { operation.run(share); });
  }

  Check compare() const override {
    return same_as_in_order(*this, {"query", "partial", "attention", "middle", "gated",
                                    hidden_of(plan().shape.model.layers), "logits", "next_tokens"});
  }
};

// What is stored of the matrices, see Rung, as numbers that are added up.
class StreamOnly final : public ModelWorkload {
 public:
  StreamOnly(const Problem& problem, const Device& device, const Preparation& preparation)
      : ModelWorkload(problem, device, preparation, sink) {
    for (int copy = 0; copy < preparation.copies; ++copy) weights_.push_back(weights_of(copy));
    read_ = fastest_read(stream_kernels(), [&](const ReadPattern& pattern, int pass) {
      sum_of(pattern, pass % preparation.copies);
    });
  }

  std::string label() const override {
    return "stream_only, " + ModelWorkload::label() + ", " + read_.name;
  }
  double flop() const override { return rung_flop(Rung::stream_only, problem()); }
  double bytes() const override { return rung_bytes(Rung::stream_only, problem()); }

 private:
  struct Bytes {
    const std::byte* data;
    std::int64_t count;
  };

  // In the order in which a step reads them.
  std::vector<Bytes> weights_of(int copy) const {
    const LayerShape& shape = plan().shape;
    std::vector<Bytes> weights;
    const auto add = [&](const std::string& name, std::int64_t n, std::int64_t k) {
      std::vector<TensorSpec> specs;
      add_weights(specs, matrix_name(name), n, k, shape.weights);
      if (shape.weights == Precision::int8) specs.resize(1);  // without the row scales
      for (const TensorSpec& spec : specs) {
        weights.push_back({buffers().data(spec.name, copy), spec.count * element_bytes(spec.type)});
      }
    };
    for (std::int64_t layer = 0; layer < shape.model.layers; ++layer) {
      const std::string prefix = layer_prefix(layer % distinct());
      for (const Linear& matrix : layer_matrices(shape.model)) {
        add(prefix + std::string(matrix.name), matrix.n, matrix.k);
      }
    }
    add("lm_head", shape.model.vocab, shape.model.hidden);
    return weights;
  }

  // A thread's share of one tensor; what does not fill a word belongs to the last one.
  std::uint32_t sum_share(const ReadPattern& pattern, Bytes bytes, int thread) const {
    constexpr std::int64_t page_words = 1024;
    const std::int64_t words = bytes.count / 4;
    const Share share = share_of(words, page_words, thread, threads());
    const auto* const values = reinterpret_cast<const std::uint32_t*>(bytes.data);
    std::uint32_t sum = pattern.sum(values + share.begin, share.size());
    if (thread == threads() - 1) {
      std::uint32_t rest = 0;
      std::memcpy(&rest, bytes.data + 4 * words, static_cast<std::size_t>(bytes.count - 4 * words));
      sum += rest;
    }
    return sum;
  }

  std::uint32_t sum_of(const ReadPattern& pattern, int copy) const {
    std::atomic<std::uint32_t> total = 0;
    parallel_shares(threads(), threads(), 1, [&](Share thread) {
      std::uint32_t sum = 0;
      for (std::int64_t i = thread.begin; i < thread.end; ++i) {
        for (const Bytes& bytes : weights_[static_cast<std::size_t>(copy)]) {
          sum += sum_share(pattern, bytes, static_cast<int>(i));
        }
      }
      total += sum;
    });
    return total;
  }

  void run(int copy) override { sum_ = sum_of(read_, copy); }

  Check compare() const override {
    std::uint32_t expected = 0;
    for (const Bytes& bytes : weights_[0]) {
      for (std::int64_t i = 0; i < bytes.count; ++i) {
        expected += static_cast<std::uint32_t>(bytes.data[i]) << (i % 4 * 8);
      }
    }
    Comparison comparison;
    comparison.add([] { return std::string("sum of all weights"); }, sum_,
                   {static_cast<double>(expected), 0});
    return comparison.result();
  }

  std::vector<std::vector<Bytes>> weights_;  // of each copy
  ReadPattern read_;
  std::uint32_t sum_ = 0;
};

class LaunchesOnly final : public ModelWorkload {
 public:
  LaunchesOnly(const Problem& problem, const Device& device, const Preparation& preparation)
      : ModelWorkload(problem, device, preparation, sink),
        visits_(static_cast<std::size_t>(threads())) {}

  std::string label() const override { return "launches_only, " + ModelWorkload::label(); }
  double flop() const override { return rung_flop(Rung::launches_only, problem()); }
  double bytes() const override { return rung_bytes(Rung::launches_only, problem()); }

 private:
  // Each thread counts for itself.
  struct alignas(64) Visits {
    std::int64_t count = 0;
  };

  void run(int copy) override {
    for (const Operation& operation : operations(copy)) {
      if (!operation.is_parallel()) continue;
      parallel_shares(threads(), threads(), 1, [&](Share thread) {
        ++visits_[static_cast<std::size_t>(thread.begin)].count;
      });
    }
    ++runs_;
  }

  Check compare() const override {
    Comparison comparison;
    const std::int64_t expected = runs_ * parallel_regions(operations(0));
    for (const Visits& visits : visits_) {
      comparison.add([] { return std::string("regions that a thread has seen"); },
                     static_cast<double>(visits.count), {static_cast<double>(expected), 0});
    }
    return comparison.result();
  }

  std::vector<Visits> visits_;
  std::int64_t runs_ = 0;
};

template <class Rung>
std::unique_ptr<Workload> make(const Problem& problem, const Device& device,
                               const Preparation& preparation) {
  return std::make_unique<Rung>(problem, device, preparation);
}
constexpr struct {
  std::string_view kernel;
  std::unique_ptr<Workload> (*prepare)(const Problem&, const Device&, const Preparation&);
} rungs[] = {{"stream_only", make<StreamOnly>},
             {"gemv_only", make<GemvOnly>},
             {"unordered", make<Unordered>},
             {"launches_only", make<LaunchesOnly>}};

}  // namespace

std::string rung_unsupported(std::string_view, const Problem& problem, const Device& device) {
  if (problem.shape.batch != 1) return "the ladder is one of a single sequence";
  return model_unsupported(problem, device);
}

std::unique_ptr<Workload> prepare_rung(std::string_view kernel, const Problem& problem,
                                       const Device& device, const Preparation& preparation) {
  return row_of(rungs, kernel).prepare(problem, device, preparation);
}

}  // namespace roofproof::host
