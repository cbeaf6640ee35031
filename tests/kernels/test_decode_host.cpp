// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Layer, prefill, decode and its rungs on the host, on every instruction set of this CPU: what a
// step leaves behind against plain loops in double precision, operation by operation.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "kernels/catalogue.h"
#include "kernels/host/device.h"
#include "kernels/host/simd.h"
#include "kernels/problem/step.h"
#include "kernels/quantize.h"
#include "tests/kernels/naive.h"

namespace roofproof {
namespace {

using testing::HasSubstr;
using testing::Not;

// Named by dimensions: layers x hidden x ffn x heads x kv heads x head dimension x vocabulary.
constexpr const char* ragged = "2x37x53x3x1x6x41";
constexpr const char* grouped = "3x130x67x10x2x20x131";

struct Case {
  Op op;
  Precision precision;
  const char* model;
  std::int64_t batch;
  std::int64_t context;
  std::int64_t fresh = 1;  // new tokens of each sequence
};

Case prefill_case(Precision precision, const char* model, std::int64_t m) {
  return {Op::prefill, precision, model, 1, 0, m};
}

std::vector<Case> step_cases() {
  std::vector<Case> cases;
  for (const Op op : {Op::layer, Op::decode}) {
    for (const Precision precision :
         {Precision::fp32, Precision::fp16, Precision::int8, Precision::int4}) {
      for (const std::int64_t batch : {1, 3, 8, 17, 64, 200}) {
        cases.push_back({op, precision, ragged, batch, 1});
      }
      for (const std::int64_t batch : {1, 3}) {
        cases.push_back({op, precision, grouped, batch, 0});
        cases.push_back({op, precision, grouped, batch, 127});
      }
      cases.push_back({op, precision, ragged, 1, 4096});
      cases.push_back({op, precision, "tiny", 1, 127});
    }
  }
  for (const Precision precision :
       {Precision::fp32, Precision::fp16, Precision::int8, Precision::int4}) {
    for (const std::int64_t m : {1, 2, 3, 17, 127, 128, 300}) {
      cases.push_back(prefill_case(precision, ragged, m));
    }
    cases.push_back(prefill_case(precision, grouped, 70));
    cases.push_back(prefill_case(precision, "tiny", 5));
  }
  return cases;
}

Problem problem_of(const Case& step) {
  if (step.op == Op::prefill) {
    return {step.op, step.precision, {.m = step.fresh, .model = step.model}};
  }
  return {
      step.op, step.precision, {.batch = step.batch, .context = step.context, .model = step.model}};
}

const CatalogueEntry& entry_of(const Problem& problem, std::string_view kernel) {
  for (const CatalogueEntry* entry :
       candidates(catalogue(), problem, Implementation::hand, Backend::host)) {
    if (entry->kernel.name == kernel) return *entry;
  }
  throw std::out_of_range("no kernel " + std::string(kernel));
}

Device device_with(int threads) {
  Device device = host::describe_device();
  device.processors = threads;
  return device;
}

// Tensors of one copy as numbers.
class Values {
 public:
  Values(const Workload& workload, bool fp32) : workload_(workload), fp32_(fp32) {}

  std::vector<double> activations(const std::string& name) const {
    const auto bytes = workload_.download(name, 0);
    return fp32_ ? naive::doubles_of_floats(bytes) : naive::doubles_of_halves(bytes);
  }
  std::vector<double> halves(const std::string& name) const {
    return naive::doubles_of_halves(workload_.download(name, 0));
  }
  std::vector<double> floats(const std::string& name) const {
    return naive::doubles_of_floats(workload_.download(name, 0));
  }

  // W [n, k] of the canonical formats.
  std::vector<double> weights(const std::string& name, Precision precision, std::size_t k) const {
    const auto bytes = workload_.download(name, 0);
    if (precision == Precision::fp32) return naive::doubles_of_floats(bytes);
    if (precision == Precision::fp16) return naive::doubles_of_halves(bytes);
    std::vector<double> values;
    if (precision == Precision::int8) {
      const auto scales = floats(name + "_scales");
      const auto q = naive::elements<std::int8_t>(bytes);
      for (std::size_t i = 0; i < q.size(); ++i) values.push_back(scales[i / k] * q[i]);
      return values;
    }
    const auto scales = halves(name + "_scales");
    const std::size_t row_bytes = (k + 1) / 2;
    for (std::size_t row = 0; row < bytes.size() / row_bytes; ++row) {
      for (std::size_t i = 0; i < k; ++i) {
        const auto pair = static_cast<unsigned>(bytes[row * row_bytes + i / 2]);
        const int q = static_cast<int>(i % 2 == 0 ? pair % 16 : pair / 16) - 8;
        values.push_back(q * scales[row * ((k + 127) / 128) + i / 128]);
      }
    }
    return values;
  }

 private:
  const Workload& workload_;
  bool fp32_;
};

// Of magnitudes around 1: FP16 rounds the inputs and the result of each operation.
void expect_near(const std::vector<double>& got, const std::vector<double>& expected, bool fp32,
                 const std::string& what) {
  ASSERT_EQ(got.size(), expected.size()) << what;
  double largest = 0;
  for (const double value : expected) largest = std::max(largest, std::abs(value));
  const double tolerance = (fp32 ? 4e-6 : 4e-3) * std::max(largest, 0.1);
  for (std::size_t i = 0; i < got.size(); ++i) {
    // Not EXPECT_LE: NaN must fail.
    ASSERT_TRUE(std::abs(got[i] - expected[i]) <= tolerance)
        << what << "[" << i << "] is " << got[i] << ", expected " << expected[i];
  }
}

std::vector<double> normalised(const std::vector<double>& x, const std::vector<double>& norm) {
  std::vector<double> out;
  const std::size_t width = norm.size();
  for (std::size_t row = 0; row < x.size() / width; ++row) {
    double squares = 0;
    for (std::size_t i = 0; i < width; ++i) squares += std::pow(x[row * width + i], 2);
    const double root = std::sqrt(squares / static_cast<double>(width) + 1e-5);
    for (std::size_t i = 0; i < width; ++i) out.push_back(x[row * width + i] / root * norm[i]);
  }
  return out;
}

// A layer's operations, each from the stored inputs.
void expect_layer(const Case& step, const Values& values, const std::string& prefix,
                  const std::string& input_name, const std::string& output_name) {
  const Model model = find_model(step.model);
  const auto size = [](std::int64_t value) { return static_cast<std::size_t>(value); };
  const std::size_t fresh = size(step.fresh), tokens = size(step.batch) * fresh,
                    hidden = size(model.hidden), ffn = size(model.ffn), heads = size(model.heads),
                    kv_heads = size(model.kv_heads), dim = size(model.head_dim),
                    cached = size(step.context) + fresh;
  const auto sequence = [&](std::size_t token) { return token / fresh; };
  const auto position = [&](std::size_t token) { return size(step.context) + token % fresh; };
  const bool fp32 = step.precision == Precision::fp32;
  const auto times = [&](const std::string& matrix, const std::vector<double>& x, std::size_t n) {
    const std::size_t k = x.size() / tokens;
    return naive::product(tokens, n, k, x, values.weights(prefix + matrix, step.precision, k))
        .values;
  };

  const auto input = values.activations(input_name);
  const auto query = values.activations("query");
  const auto keys = values.halves(prefix + "keys");
  const auto cached_values = values.halves(prefix + "values");
  const std::size_t rows = (heads + 2 * kv_heads) * dim;
  const auto qkv =
      times("qkv", normalised(input, values.activations(prefix + "attention_norm")), rows);
  std::vector<double> queries, newest_keys, newest_values, stored_keys, stored_values;
  for (std::size_t j = 0; j < tokens; ++j) {
    for (std::size_t row = 0; row < rows; ++row) {
      const std::size_t i = row % dim % (dim / 2);
      const double angle =
          static_cast<double>(position(j)) *
          std::pow(10000.0, -2.0 * static_cast<double>(i) / static_cast<double>(dim));
      const bool second = row % dim >= dim / 2;
      const double own = qkv[j * rows + row];
      const double other = qkv[j * rows + (second ? row - dim / 2 : row + dim / 2)];
      const double turned = own * std::cos(angle) + (second ? other : -other) * std::sin(angle);
      if (row < heads * dim) {
        queries.push_back(turned);
        continue;
      }
      const std::size_t of_kv = row - heads * dim;
      const std::size_t kv_head = of_kv / dim % kv_heads;
      const std::size_t at =
          ((sequence(j) * kv_heads + kv_head) * cached + position(j)) * dim + row % dim;
      if (of_kv < kv_heads * dim) {
        newest_keys.push_back(turned);
        stored_keys.push_back(keys[at]);
      } else {
        newest_values.push_back(own);
        stored_values.push_back(cached_values[at]);
      }
    }
  }
  expect_near(query, queries, fp32, "query");
  expect_near(stored_keys, newest_keys, false, "keys");
  expect_near(stored_values, newest_values, false, "values");

  std::vector<double> attention;
  for (std::size_t j = 0; j < tokens; ++j) {
    for (std::size_t head = 0; head < heads; ++head) {
      const std::size_t first = (sequence(j) * kv_heads + head / (heads / kv_heads)) * cached * dim;
      std::vector<double> sums(dim, 0);
      double total = 0;
      for (std::size_t token = 0; token <= position(j); ++token) {
        double score = 0;
        for (std::size_t i = 0; i < dim; ++i) {
          score += query[(j * heads + head) * dim + i] * keys[first + token * dim + i];
        }
        const double p = std::exp(score / std::sqrt(static_cast<double>(dim)));
        total += p;
        for (std::size_t i = 0; i < dim; ++i) sums[i] += p * cached_values[first + token * dim + i];
      }
      for (const double sum : sums) attention.push_back(sum / total);
    }
  }
  expect_near(values.activations("attention"), attention, fp32, "attention");

  const auto middle = values.activations("middle");
  auto sums = times("o", values.activations("attention"), hidden);
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += input[i];
  expect_near(middle, sums, fp32, "middle");

  const auto gate_up =
      times("gate_up", normalised(middle, values.activations(prefix + "ffn_norm")), 2 * ffn);
  std::vector<double> gated;
  for (std::size_t j = 0; j < tokens; ++j) {
    for (std::size_t i = 0; i < ffn; ++i) {
      const double gate = gate_up[2 * j * ffn + i];
      gated.push_back(gate / (1 + std::exp(-gate)) * gate_up[(2 * j + 1) * ffn + i]);
    }
  }
  expect_near(values.activations("gated"), gated, fp32, "gated");

  sums = times("down", values.activations("gated"), hidden);
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += middle[i];
  expect_near(values.activations(output_name), sums, fp32, output_name);
}

// The last layer, then the head; what earlier layers left is overwritten, their kernels are the
// same, and each is held against the reference by the workload's own check.
void expect_step(const Case& step, const Workload& workload) {
  const Model model = find_model(step.model);
  const bool fp32 = step.precision == Precision::fp32;
  const Values values(workload, fp32);
  if (step.op != Op::decode) return expect_layer(step, values, "", "input", "output");
  const bool even = model.layers % 2 == 0;
  const std::string output = even ? "hidden_a" : "hidden_b";
  expect_layer(step, values, "layer" + std::to_string(model.layers - 1) + ".",
               even ? "hidden_b" : "hidden_a", output);
  const auto vocab = static_cast<std::size_t>(model.vocab);
  const auto logits = values.floats("logits");
  expect_near(
      logits,
      naive::product(
          static_cast<std::size_t>(step.batch), vocab, static_cast<std::size_t>(model.hidden),
          normalised(values.activations(output), values.activations("final_norm")),
          values.weights("lm_head", step.precision, static_cast<std::size_t>(model.hidden)))
          .values,
      fp32, "logits");
  const auto next = naive::elements<std::int32_t>(workload.download("next_tokens", 0));
  for (std::size_t j = 0; j < next.size(); ++j) {
    const auto first = logits.begin() + static_cast<std::ptrdiff_t>(j * vocab);
    EXPECT_EQ(next[j], std::max_element(first, first + model.vocab) - first) << j;
  }
}

class HostStep : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { host::use_simd_target(GetParam()); }
  void TearDown() override { host::use_simd_target(""); }
};

TEST_P(HostStep, ComputesWhatPlainLoopsDo) {
  int threads = 0;
  for (const Case& step : step_cases()) {
    const Problem problem = problem_of(step);
    threads = threads % 5 + 1;
    SCOPED_TRACE(benchmark_name(problem, Implementation::hand) + " threads " +
                 std::to_string(threads));
    const CatalogueEntry& entry = entry_of(problem, "highway");
    const Device device = device_with(threads);
    ASSERT_EQ(entry.unsupported(problem, device), "");
    const auto workload = entry.prepare(problem, device, {.seed = 7, .copies = 2});
    workload->launch(nullptr, 1);
    workload->launch(nullptr, 2);
    ASSERT_NO_FATAL_FAILURE(expect_step(step, *workload));
    EXPECT_TRUE(workload->guards_intact());
    const Check check = workload->check(nullptr);
    EXPECT_TRUE(check.ok) << check.message;
    EXPECT_LE(check.worst, 1);
    EXPECT_EQ(workload->bytes(), compulsory_bytes(problem));
    EXPECT_EQ(workload->flop(), flop(problem));
    EXPECT_THAT(workload->label(), HasSubstr(GetParam()));
  }
}

TEST_P(HostStep, TwoRunsAreBitwiseEqual) {
  for (const Precision precision :
       {Precision::fp32, Precision::fp16, Precision::int8, Precision::int4}) {
    for (const std::int64_t batch : {1, 17}) {
      const Problem problem = problem_of({Op::decode, precision, grouped, batch, 200});
      const CatalogueEntry& entry = entry_of(problem, "highway");
      const auto first = entry.prepare(problem, device_with(3), {.seed = 5});
      const auto second = entry.prepare(problem, device_with(3), {.seed = 5});
      first->launch(nullptr, 0);
      second->launch(nullptr, 0);
      second->launch(nullptr, 1);
      for (const char* tensor : {"logits", "hidden_a", "hidden_b", "layer2.keys", "next_tokens"}) {
        EXPECT_EQ(first->download(tensor, 0), second->download(tensor, 0)) << tensor;
      }
    }
  }
}

TEST_P(HostStep, TwoRunsOfPrefillAreBitwiseEqual) {
  for (const Precision precision :
       {Precision::fp32, Precision::fp16, Precision::int8, Precision::int4}) {
    const Problem problem = problem_of(prefill_case(precision, grouped, 150));
    const CatalogueEntry& entry = entry_of(problem, "highway");
    const auto first = entry.prepare(problem, device_with(3), {.seed = 5});
    const auto second = entry.prepare(problem, device_with(3), {.seed = 5});
    first->launch(nullptr, 0);
    second->launch(nullptr, 0);
    second->launch(nullptr, 1);
    for (const char* tensor : {"keys", "values", "attention", "output"}) {
      EXPECT_EQ(first->download(tensor, 0), second->download(tensor, 0)) << tensor;
    }
  }
}

// Every value of an operand, in both nibbles of INT4, changed by much: the check must see it.
void expect_found(Workload& workload, const std::string& operand, Precision precision) {
  const auto right = workload.download(operand, 0);
  auto wrong = right;
  const std::size_t element = precision == Precision::fp32                             ? 4
                              : precision == Precision::fp16 || operand == "embedding" ? 2
                                                                                       : 1;
  for (std::size_t i = element - 1; i < wrong.size(); i += element) {
    wrong[i] ^= precision == Precision::int4 && element == 1 ? std::byte{0x88} : std::byte{0x80};
  }
  workload.upload(operand, 0, wrong);
  EXPECT_FALSE(workload.check(nullptr).ok) << operand << " " << name(precision);
  workload.upload(operand, 0, right);
  EXPECT_TRUE(workload.check(nullptr).ok) << operand << " " << name(precision);
}

// Each operand that a step reads.
TEST_P(HostStep, AWrongOperandIsFoundByTheCheck) {
  for (const Precision precision :
       {Precision::fp32, Precision::fp16, Precision::int8, Precision::int4}) {
    const auto prepared = [&](const Case& step) {
      const Problem problem = problem_of(step);
      return entry_of(problem, "highway").prepare(problem, device_with(2), {.seed = 3});
    };
    const auto decode = prepared({Op::decode, precision, ragged, 3, 5});
    for (const char* operand :
         {"layer0.qkv", "layer0.o", "layer1.gate_up", "layer1.down", "lm_head", "embedding"}) {
      expect_found(*decode, operand, precision);
    }
    const auto prefill = prepared(prefill_case(precision, ragged, 9));
    for (const char* operand : {"qkv", "o", "gate_up", "down"}) {
      expect_found(*prefill, operand, precision);
    }
  }
}

TEST_P(HostStep, RungsDoTheirPartOfTheWork) {
  for (const char* model : {ragged, grouped, "tiny"}) {
    for (const Precision precision :
         {Precision::fp32, Precision::fp16, Precision::int8, Precision::int4}) {
      const Problem problem = problem_of({Op::decode, precision, model, 1, 130});
      for (const char* rung : {"stream_only", "gemv_only", "unordered", "launches_only"}) {
        for (const int threads : {1, 3}) {
          SCOPED_TRACE(std::string(model) + " " + rung + " " + std::to_string(threads));
          const CatalogueEntry& entry = entry_of(problem, rung);
          EXPECT_TRUE(entry.rung);
          const auto workload =
              entry.prepare(problem, device_with(threads), {.seed = 3, .copies = 2});
          workload->launch(nullptr, 1);
          const Check check = workload->check(nullptr);
          EXPECT_TRUE(check.ok) << check.message;
          EXPECT_TRUE(workload->guards_intact());
          EXPECT_THAT(workload->label(), HasSubstr(rung));
          EXPECT_EQ(workload->bytes(), rung_bytes(*parse_name<Rung>(rung), problem));
          EXPECT_EQ(workload->flop(), rung_flop(*parse_name<Rung>(rung), problem));
        }
      }
    }
  }
}

// The operand of a rung is changed after it was prepared: what it computes is no longer the step's.
TEST_P(HostStep, ARungThatComputesSomethingElseIsFound) {
  const Problem problem = problem_of({Op::decode, Precision::fp16, ragged, 1, 5});
  for (const char* rung : {"gemv_only", "unordered"}) {
    const auto workload = entry_of(problem, rung).prepare(problem, device_with(2), {.seed = 3});
    for (const char* operand : {"layer1.qkv", "layer1.down", "lm_head"}) {
      const auto right = workload->download(operand, 0);
      auto wrong = right;
      for (std::size_t i = 1; i < wrong.size(); i += 2) wrong[i] ^= std::byte{0x80};
      workload->upload(operand, 0, wrong);
      EXPECT_FALSE(workload->check(nullptr).ok) << rung << " " << operand;
      workload->upload(operand, 0, right);
      EXPECT_TRUE(workload->check(nullptr).ok) << rung << " " << operand;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Simd, HostStep, testing::ValuesIn(host::simd_targets()),
                         [](const auto& simd) { return simd.param; });

TEST(HostStepCounters, TellRegionsLayersAndSignalToNoise) {
  const auto counters_of = [](Op op, Precision precision, std::int64_t batch,
                              const char* kernel = "highway") {
    const Problem problem = problem_of({op, precision, "tiny", batch, 0});
    return entry_of(problem, kernel).prepare(problem, device_with(2), {})->counters();
  };
  // Per layer the projections, attention, output, gate and down; then the LM head.
  EXPECT_EQ(counters_of(Op::layer, Precision::int8, 1).at("kernel_launches"), 5);
  EXPECT_EQ(counters_of(Op::decode, Precision::int8, 1).at("kernel_launches"), 2 * 5 + 1);
  // And what is done for each sequence: the embedding, 4 per layer, final norm, argmax.
  EXPECT_EQ(counters_of(Op::decode, Precision::int8, 2).at("kernel_launches"), 2 * 9 + 4);
  EXPECT_EQ(counters_of(Op::decode, Precision::int8, 1).at("distinct_layers"), 2);
  const Problem prefill = problem_of(prefill_case(Precision::int8, "tiny", 5));
  EXPECT_EQ(entry_of(prefill, "highway")
                .prepare(prefill, device_with(2), {})
                ->counters()
                .at("kernel_launches"),
            9);
  EXPECT_EQ(counters_of(Op::decode, Precision::int4, 1, "unordered").at("weight_snr_db"),
            quantization_snr_db(Precision::int4));
  EXPECT_EQ(counters_of(Op::decode, Precision::fp32, 1).count("weight_snr_db"), 0u);
}

TEST(HostStepMemory, KeepsFewerLayersOrSaysWhatDoesNotFit) {
  const Problem problem = problem_of({Op::decode, Precision::fp16, "mistral-7b", 1, 0});
  Device device = host::describe_device();
  const CatalogueEntry& entry = entry_of(problem, "highway");
  device.memory_bytes = std::int64_t{2} << 30;
  EXPECT_EQ(entry.unsupported(problem, device), "");
  device.memory_bytes = std::int64_t{1} << 29;
  EXPECT_THAT(entry.unsupported(problem, device), HasSubstr("536870912 bytes"));
  device.memory_bytes = std::int64_t{2} << 30;
  EXPECT_THAT(
      entry.unsupported(problem_of({Op::decode, Precision::fp16, "mistral-7b", 64, 32768}), device),
      Not(testing::IsEmpty()));
  EXPECT_THAT(entry.unsupported(problem_of({Op::decode, Precision::fp16, "tiny", 257, 0}), device),
              HasSubstr("256"));
  const auto reason_of_prefill = [&](std::int64_t m) {
    const Problem prefill = problem_of(prefill_case(Precision::fp16, "tiny", m));
    return entry_of(prefill, "highway").unsupported(prefill, device);
  };
  EXPECT_EQ(reason_of_prefill(4096), "");
  EXPECT_THAT(reason_of_prefill(0), HasSubstr("m must be at least 1"));
  EXPECT_THAT(entry_of(problem, "gemv_only")
                  .unsupported(problem_of({Op::decode, Precision::fp16, "tiny", 2, 0}), device),
              HasSubstr("single sequence"));
}

}  // namespace
}  // namespace roofproof
