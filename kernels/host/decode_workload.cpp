// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/float16.h"
#include "kernels/host/model_workload.h"
#include "kernels/host/weight_tensors.h"
#include "kernels/host/workloads.h"

namespace roofproof::host {
namespace {

class DecodeWorkload final : public ModelWorkload {
 public:
  DecodeWorkload(const Problem& problem, const Device& device, const Preparation& preparation)
      : ModelWorkload(problem, device, preparation, "") {}

 private:
  void run(int copy) override { run_in_order(operations(copy), threads()); }

  // The step has left the last layer's activations alone. So that each layer is seen, it is done
  // again layer after layer, and has to end as it did, bit for bit.
  Check compare() const override {
    const std::vector<std::byte> logits = download("logits", 0);
    const Step step(plan(), buffers(), 0, distinct(), in(), in());
    const std::int64_t layers = plan().shape.model.layers;
    const auto run_part = [&](const auto& add) {
      Operations operations;
      add(operations);
      run_in_order(operations, threads());
    };
    run_part([&](Operations& operations) { step.add_embedding(operations); });
    Check result = check_embedding();
    for (std::int64_t layer = 0; layer < layers; ++layer) {
      run_part([&](Operations& operations) { step.add_layer(operations, layer); });
      if (layer >= distinct() && layer != layers - 1) continue;
      result =
          worse(result, check_layer_tensors(plan().shape, buffers(), step.prefix(layer), 0,
                                            hidden_of(layer), hidden_of(layer + 1), preparation()));
    }
    run_part([&](Operations& operations) { step.add_head(operations); });
    result = worse(result, check_end());
    if (download("logits", 0) != logits) {
      Comparison different;
      different.fail("logits differ from those of layer after layer");
      result = worse(result, different.result());
    }
    return result;
  }

  Check check_embedding() const {
    const LayerShape& shape = plan().shape;
    const std::int64_t hidden = shape.model.hidden;
    const Element rows = stored_values(buffers(), hidden_of(0), hidden, shape.fp32());
    const InputStream table = buffers().input("embedding", 0);
    const auto* const tokens = buffers().as<std::int32_t>("tokens", 0);
    Comparison comparison;
    for (const auto& [sequence, i] : sample_positions(shape.batch, hidden, preparation().seed)) {
      const float value = table.uniform(static_cast<std::uint64_t>(tokens[sequence] * hidden + i));
      const float stored = shape.fp32() ? value : to_float(to_float16(value));
      comparison.add(
          [s = sequence, c = i] {
            return "embedding[" + std::to_string(s) + ", " + std::to_string(c) + "]";
          },
          rows(sequence, i), {static_cast<double>(stored), 0});
    }
    return comparison.result();
  }

  Check check_end() const {
    const LayerShape& shape = plan().shape;
    const Model& model = shape.model;
    const auto* const tokens = buffers().as<std::int32_t>("next_tokens", 0);
    return check_head(
        layer_case(shape, preparation().seed),
        weight_values(buffers(), matrix_name("lm_head"), 0, model.hidden, shape.weights),
        norm_values(buffers(), "final_norm", 0, shape.fp32()),
        {.hidden = stored_values(buffers(), hidden_of(model.layers), model.hidden, shape.fp32()),
         .logits = stored_values(buffers(), "logits", model.vocab, /*fp32=*/true),
         .token = [=](std::int64_t j) { return std::int64_t{tokens[j]}; }});
  }
};

}  // namespace

std::string decode_unsupported(std::string_view, const Problem& problem, const Device& device) {
  return model_unsupported(problem, device);
}

std::unique_ptr<Workload> prepare_decode(std::string_view, const Problem& problem,
                                         const Device& device, const Preparation& preparation) {
  return std::make_unique<DecodeWorkload>(problem, device, preparation);
}

}  // namespace roofproof::host
