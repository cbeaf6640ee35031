// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Whole workloads of the CUDA backend on the CPU: host code, launches and kernels as they are, the
// CUDA runtime replaced by host memory (tests/simt/runtime). Each workload's own check, against the
// double-precision reference, is the test: what goes wrong between operations shows here.
#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "kernels/cuda/decode/model.h"
#include "kernels/cuda/decode/workload.h"
#include "kernels/cuda/gemm/workload.h"
#include "kernels/cuda/layer/workload.h"
#include "kernels/cuda/linear/workload.h"
#include "kernels/cuda/runtime/error.h"
#include "tests/kernels/naive.h"
#include "tests/kernels/packed_weights.h"
#include "tests/simt/ptx.h"

namespace roofproof::cuda {
namespace {

Device small_device(int capability) {
  Device device;
  device.backend = Backend::cuda;
  device.compute_capability = capability;
  device.processors = 3;
  device.last_level_cache_bytes = 1 << 20;
  device.memory_bytes = std::int64_t{4} << 30;
  device.shared_memory_per_block = (capability >= 90 ? 227 : capability >= 80 ? 99 : 64) * 1024;
  return device;
}

Problem step(Op op, const char* model, Precision precision, std::int64_t batch,
             std::int64_t context) {
  Problem problem{op, precision, {}};
  problem.shape.model = model;
  problem.shape.batch = batch;
  problem.shape.context = context;
  return problem;
}

void expect_ok(Workload& workload) {
  const Check check = workload.check(nullptr);
  EXPECT_TRUE(check.ok) << workload.label() << ": " << check.message;
  EXPECT_LT(check.worst, 1.0);
  EXPECT_TRUE(workload.guards_intact());
}

TEST(PackedWorkloads, Gemv) {
  ptx::mma_depth = 16;
  Problem gemv{Op::gemv, Precision::int4, {}};
  gemv.shape.n = 100;
  gemv.shape.k = 300;
  gemv.shape.batch = 5;
  expect_ok(*linear::prepare_linear("mma_sm80", gemv, small_device(80), {.copies = 2}));
  gemv.precision = Precision::int8;
  gemv.shape.batch = 1;
  expect_ok(*linear::prepare_linear("bulk_sm90", gemv, small_device(90), {.copies = 1}));
  gemv.precision = Precision::fp32;
  gemv.shape.batch = 3;
  expect_ok(*linear::prepare_linear("simt", gemv, small_device(75), {.copies = 1}));
}

// Launches overlap from Hopper on, where the driver's graphs know that.
TEST(PackedWorkloads, LaunchesOverlapWhereGpuAndDriverCan) {
  const auto overlaps = [](int capability, int driver) {
    fake_driver_version() = driver;
    Problem gemv{Op::gemv, Precision::fp32, {}};
    gemv.shape.n = 100;
    gemv.shape.k = 300;
    gemv.shape.batch = 1;
    const auto workload =
        linear::prepare_linear("simt", gemv, small_device(capability), {.copies = 1});
    fake_driver_version() = 13000;
    workload->launch(nullptr, 0);
    const bool dependent = fake_launches().back().dependent;
    fake_finish();
    return dependent;
  };
  EXPECT_TRUE(overlaps(90, 12030));
  EXPECT_TRUE(overlaps(120, 13000));
  EXPECT_FALSE(overlaps(90, 12020));
  EXPECT_FALSE(overlaps(89, 13000));
}

void expect_gemm(std::string_view kernel, Precision precision, std::int64_t m, std::int64_t n,
                 std::int64_t k, int capability, double alpha, double beta) {
  SCOPED_TRACE(testing::Message() << name(precision) << " m " << m << " n " << n << " k " << k);
  ptx::mma_depth = kernel == "mma_sm75" ? 8 : 16;
  Problem problem{Op::gemm, precision, {}};
  problem.shape.m = m;
  problem.shape.n = n;
  problem.shape.k = k;
  const Device device = small_device(capability);
  ASSERT_EQ(linear::linear_unsupported(kernel, problem, device), "");
  const auto workload =
      linear::prepare_linear(kernel, problem, device, {.copies = 2, .alpha = alpha, .beta = beta});
  expect_ok(*workload);
  if (beta != 0) return;
  // The other copy has other operands; the first is computed alike again.
  const auto first = workload->download("c", 0);
  workload->launch(nullptr, 1);
  EXPECT_NE(workload->download("c", 1), first);
  workload->launch(nullptr, 2);
  EXPECT_EQ(workload->download("c", 0), first);
  // All operands of the other copy are its own.
  workload->upload("a", 1, std::vector<std::byte>(static_cast<std::size_t>(m * k) * 2));
  workload->launch(nullptr, 1);
  EXPECT_EQ(workload->download("c", 1),
            std::vector<std::byte>(static_cast<std::size_t>(m * n) * 2));
}

TEST(PackedWorkloads, Gemm) {
  expect_gemm("bulk_sm90", Precision::w8a16, 70, 90, 130, 90, 0.5, -1);
  expect_gemm("mma_sm80", Precision::w4a16, 5, 90, 130, 80, 2, 1);
  expect_gemm("mma_sm75", Precision::w4a16, 300, 270, 256, 75, 1, 0);
  expect_gemm("mma_sm80", Precision::w8a16, 200, 513, 264, 86, 1, 0);
  expect_gemm("bulk_sm90", Precision::w4a16, 1, 1, 1, 90, 1, 0);
  expect_gemm("bulk_sm90", Precision::w4a16, 60, 520, 520, 90, 1, 0);  // 256 rows
}

// As test_gemv_gpu damages the weights of every row of the catalogue.
void expect_damage_found(std::string_view kernel, Precision precision, int capability) {
  SCOPED_TRACE(name(precision));
  Problem problem{Op::gemv, precision, {}};
  problem.shape.n = 64;
  problem.shape.k = 512;
  problem.shape.batch = 1;
  const auto workload =
      linear::prepare_linear(kernel, problem, small_device(capability), {.seed = 11});
  expect_ok(*workload);
  workload->upload("w", 0, linear::damaged(workload->download("w", 0)));
  EXPECT_FALSE(workload->check(nullptr).ok);
}

TEST(PackedWorkloads, WrongWeightsOfEveryFormatFailTheCheck) {
  ptx::mma_depth = 16;
  expect_damage_found("simt", Precision::fp32, 75);
  expect_damage_found("bulk_sm90", Precision::fp32, 90);
  for (const Precision precision : {Precision::fp16, Precision::int8, Precision::int4}) {
    expect_damage_found("mma_sm80", precision, 80);
  }
}

TEST(PackedWorkloads, AWrongWeightFailsTheCheck) {
  ptx::mma_depth = 16;
  Problem problem{Op::gemm, Precision::w8a16, {}};
  problem.shape.m = 20;
  problem.shape.n = 64;
  problem.shape.k = 128;
  const auto workload = linear::prepare_linear("mma_sm80", problem, small_device(80), {});
  auto weights = workload->download("b", 0);
  for (std::size_t i = 0; i < weights.size(); i += 16) weights[i] ^= std::byte{0x40};
  workload->upload("b", 0, weights);
  EXPECT_FALSE(workload->check(nullptr).ok);
}

// In the place of a library: the GEMM that it is asked for, in FP16.
class PlainGemm : public GemmLaunch {
 public:
  explicit PlainGemm(const GemmOperands& operands) : operands_(operands) {}

  void launch(cudaStream_t) override {
    const auto* a = static_cast<const std::uint16_t*>(operands_.a);
    const auto* b = static_cast<const std::uint16_t*>(operands_.b);
    auto* c = static_cast<std::uint16_t*>(operands_.c);
    const std::int64_t k = operands_.k;
    for (std::int64_t i = 0; i < operands_.m; ++i) {
      for (std::int64_t j = 0; j < operands_.n; ++j) {
        double sum = 0;
        for (std::int64_t l = 0; l < k; ++l) {
          sum += naive::half_value(a[i * k + l]) * naive::half_value(b[j * k + l]);
        }
        c[i * operands_.n + j] = to_float16(static_cast<float>(sum));
      }
    }
  }
  std::string label() const override { return "plain"; }

 private:
  GemmOperands operands_;
};

// Weights are plain rows and rotate; x and y are the same for all copies, as those of the packed
// gemv are.
TEST(LibraryWorkloads, AGemvIsAGemmOfSoManyRowsWithHotActivations) {
  Problem gemv{Op::gemv, Precision::fp16, {}};
  gemv.shape.n = 70;
  gemv.shape.k = 300;
  gemv.shape.batch = 5;
  const Device device = small_device(80);
  std::vector<GemmOperands> asked;
  const auto workload = make_gemm_workload(
      gemv, device, {.copies = 2}, GemmFactory([&](const GemmOperands& operands, cudaStream_t) {
        asked.push_back(operands);
        return std::make_unique<PlainGemm>(operands);
      }));
  expect_ok(*workload);
  ASSERT_EQ(asked.size(), 2u);
  for (const GemmOperands& operands : asked) {
    EXPECT_EQ(operands.m, 5);
    EXPECT_EQ(operands.n, 70);
    EXPECT_EQ(operands.k, 300);
    EXPECT_EQ(operands.a, asked[0].a);
    EXPECT_EQ(operands.c, asked[0].c);
  }
  EXPECT_NE(asked[0].b, asked[1].b);
  EXPECT_EQ(workload->flop(), 2.0 * 5 * 70 * 300);
  EXPECT_EQ(workload->bytes(), 2.0 * (70 * 300 + 5 * (70 + 300)));

  for (const int copy : {0, 1}) {
    workload->launch(nullptr, copy);
    naive::expect_product(
        naive::doubles_of_halves(workload->download("y", copy)),
        naive::product(5, 70, 300, naive::doubles_of_halves(workload->download("x", copy)),
                       naive::doubles_of_halves(workload->download("w", copy))),
        300, true);
  }
  auto weights = workload->download("w", 0);
  for (std::size_t i = 1; i < weights.size(); i += 16) weights[i] ^= std::byte{0x40};
  workload->upload("w", 0, weights);
  EXPECT_FALSE(workload->check(nullptr).ok);
}

void expect_layer(std::string_view kernel, Precision precision, std::int64_t batch,
                  std::int64_t context, int capability, const char* model = "tiny") {
  SCOPED_TRACE(testing::Message() << name(precision) << " batch " << batch << " context "
                                  << context);
  ptx::mma_depth = kernel == "mma_sm75" ? 8 : 16;
  const Problem problem = step(Op::layer, model, precision, batch, context);
  ASSERT_EQ(layer::layer_unsupported(kernel, problem, small_device(capability)), "");
  const auto workload =
      layer::prepare_layer(kernel, problem, small_device(capability), {.seed = 5, .copies = 2});
  expect_ok(*workload);
  // The other copy, and again: nothing is left over from one launch to the next.
  const auto first = workload->download("output", 0);
  workload->launch(nullptr, 1);
  EXPECT_NE(workload->download("output", 0), first);
  workload->launch(nullptr, 2);
  EXPECT_EQ(workload->download("output", 0), first);
  // Norms are launches of their own from five sequences on; FP32 beyond 8 goes in groups.
  if (precision != Precision::fp32) {
    EXPECT_EQ(workload->counters().at("kernel_launches"), batch <= 4 ? 5 : 7);
  }
}

TEST(LayerWorkloads, Fp32OnCudaCores) {
  expect_layer("simt", Precision::fp32, 1, 0, 75);
  expect_layer("bulk_sm90", Precision::fp32, 3, 40, 90);
  expect_layer("simt", Precision::fp32, 11, 5, 80);  // in groups of 8
}
TEST(LayerWorkloads, Fp16) {
  expect_layer("mma_sm75", Precision::fp16, 3, 127, 75);
  expect_layer("bulk_sm90", Precision::fp16, 1, 1, 90);
  expect_layer("mma_sm80", Precision::fp16, 17, 30, 80);
}
TEST(LayerWorkloads, Int8) {
  expect_layer("mma_sm80", Precision::int8, 1, 300, 86);
  expect_layer("bulk_sm90", Precision::int8, 8, 64, 90);
}
TEST(LayerWorkloads, Int4) {
  expect_layer("bulk_sm90", Precision::int4, 1, 127, 90);
  expect_layer("mma_sm75", Precision::int4, 12, 3, 75);
  expect_layer("simt", Precision::int4, 2, 0, 75);
}

// Sizes that are no multiple of a tile or a unit, and batches of every kernel.
constexpr const char* ragged = "1x136x200x6x2x64x300";
TEST(LayerWorkloads, RaggedSizesAndLargeBatches) {
  expect_layer("simt", Precision::fp32, 3, 1, 75, ragged);
  expect_layer("mma_sm80", Precision::fp16, 64, 5, 86, ragged);
  expect_layer("bulk_sm90", Precision::fp16, 200, 1, 90, ragged);
  expect_layer("mma_sm75", Precision::int8, 200, 0, 75, ragged);
  expect_layer("bulk_sm90", Precision::int8, 17, 127, 90, ragged);
  expect_layer("mma_sm80", Precision::int4, 200, 3, 80, ragged);
  expect_layer("bulk_sm90", Precision::int4, 64, 1, 90, ragged);
}
TEST(LayerWorkloads, LongContext) {
  expect_layer("bulk_sm90", Precision::int4, 1, 4096, 90, ragged);
  expect_layer("mma_sm75", Precision::fp16, 3, 4096, 75, ragged);
}

TEST(LayerWorkloads, SaysWhatItCannotDo) {
  const auto reason = [](const char* model, std::int64_t batch, std::int64_t context) {
    return layer::layer_unsupported(
        "bulk_sm90", step(Op::layer, model, Precision::fp16, batch, context), small_device(90));
  };
  EXPECT_EQ(reason("tiny", 1, 0), "");
  EXPECT_NE(reason("1x128x128x2x2x32x100", 1, 0).find("heads of 64 or 128"), std::string::npos);
  EXPECT_NE(reason("1x100x128x2x2x64x100", 1, 0), "");
  EXPECT_NE(reason("llama-3-8b", 256, 8192).find(" bytes of the device's 4294967296"),
            std::string::npos);
}

TEST(LayerWorkloads, AWrongWeightFailsTheCheck) {
  ptx::mma_depth = 16;
  const auto workload = layer::prepare_layer(
      "mma_sm80", step(Op::layer, "tiny", Precision::int8, 1, 4), small_device(80), {.seed = 5});
  for (const char* tensor : {"qkv", "o", "gate_up", "down"}) {
    const auto weights = workload->download(tensor, 0);
    auto wrong = weights;
    for (std::size_t i = 0; i < wrong.size(); i += 16) wrong[i] ^= std::byte{0x40};
    workload->upload(tensor, 0, wrong);
    EXPECT_FALSE(workload->check(nullptr).ok) << tensor;
    workload->upload(tensor, 0, weights);
  }
  EXPECT_TRUE(workload->check(nullptr).ok);
}

// Prefill: the tokens of one sequence, in every format and by way of the kernels for few rows, for
// many, and for groups of rows.
void expect_prefill(std::string_view kernel, Precision precision, std::int64_t m, int capability,
                    const char* model) {
  SCOPED_TRACE(testing::Message() << name(precision) << " m " << m << " " << model);
  ptx::mma_depth = kernel == "mma_sm75" ? 8 : 16;
  Problem problem{Op::prefill, precision, {}};
  problem.shape.model = model;
  problem.shape.m = m;
  ASSERT_EQ(layer::layer_unsupported(kernel, problem, small_device(capability)), "");
  const auto workload =
      layer::prepare_layer(kernel, problem, small_device(capability), {.seed = 5, .copies = 2});
  expect_ok(*workload);
  EXPECT_EQ(workload->flop(), prefill_flop(find_model(model), m));
  EXPECT_EQ(workload->bytes(), prefill_bytes(find_model(model), precision, m));
  EXPECT_EQ(workload->label().find("causal") != std::string::npos, m > 1);
  const auto first = workload->download("output", 0);
  workload->launch(nullptr, 1);
  EXPECT_NE(workload->download("output", 0), first);
  workload->launch(nullptr, 2);
  EXPECT_EQ(workload->download("output", 0), first);
}

// Heads of 128, four of which share keys.
constexpr const char* wide = "1x256x136x4x1x128x300";
TEST(PrefillWorkloads, Fp16) {
  expect_prefill("mma_sm80", Precision::fp16, 150, 80, wide);
  expect_prefill("bulk_sm90", Precision::fp16, 65, 90, ragged);
  expect_prefill("mma_sm75", Precision::fp16, 3, 75, ragged);
  expect_prefill("simt", Precision::fp16, 11, 75, ragged);  // in groups of 8
}
TEST(PrefillWorkloads, Int8) {
  expect_prefill("bulk_sm90", Precision::int8, 33, 90, wide);
  expect_prefill("mma_sm75", Precision::int8, 130, 75, ragged);
  expect_prefill("mma_sm80", Precision::int8, 1, 86, ragged);
}
TEST(PrefillWorkloads, Int4) {
  expect_prefill("mma_sm80", Precision::int4, 200, 86, ragged);
  expect_prefill("bulk_sm90", Precision::int4, 17, 90, wide);
  expect_prefill("mma_sm75", Precision::int4, 40, 75, ragged);
}

TEST(PrefillWorkloads, SaysWhatItCannotDo) {
  const auto reason = [](Precision precision, const char* model, std::int64_t m) {
    Problem problem{Op::prefill, precision, {}};
    problem.shape.model = model;
    problem.shape.m = m;
    return layer::layer_unsupported("bulk_sm90", problem, small_device(90));
  };
  EXPECT_NE(reason(Precision::fp16, "1x128x128x2x2x32x100", 8).find("heads of 64 or 128"),
            std::string::npos);
  EXPECT_NE(reason(Precision::fp16, "tiny", 0), "");
  // 4096 tokens of Mistral: 285 MB of activations beside the weights.
  EXPECT_EQ(reason(Precision::fp16, "mistral-7b", 4096), "");
  EXPECT_NE(reason(Precision::fp16, "mistral-7b", 65536).find(" bytes of the device's 4294967296"),
            std::string::npos);
}

void expect_decode(std::string_view kernel, Precision precision, std::int64_t batch,
                   std::int64_t context, int capability, const char* model = "tiny") {
  SCOPED_TRACE(testing::Message() << name(precision) << " batch " << batch << " context "
                                  << context);
  ptx::mma_depth = kernel == "mma_sm75" ? 8 : 16;
  const Problem problem = step(Op::decode, model, precision, batch, context);
  ASSERT_EQ(decode::decode_unsupported(kernel, problem, small_device(capability)), "");
  const auto workload =
      decode::prepare_decode(kernel, problem, small_device(capability), {.seed = 9, .copies = 2});
  expect_ok(*workload);
  workload->launch(nullptr, 0);
  const auto first = workload->download("logits", 0);
  workload->launch(nullptr, 1);
  EXPECT_NE(workload->download("logits", 0), first);
  workload->launch(nullptr, 2);
  EXPECT_EQ(workload->download("logits", 0), first);
}

TEST(DecodeWorkloads, WholeStep) {
  expect_decode("simt", Precision::fp32, 1, 3, 75);
  expect_decode("bulk_sm90", Precision::fp16, 1, 0, 90);
  expect_decode("mma_sm80", Precision::int8, 3, 20, 80);
  expect_decode("bulk_sm90", Precision::int4, 1, 100, 90);
  expect_decode("mma_sm75", Precision::int4, 17, 2, 75);
}

// Odd sizes, three layers.
constexpr const char* small = "3x136x200x6x2x64x300";

// A matrix of exactly 16 pages has its guard bands on a 17th; a vector shares one.
TEST(DeviceBytes, ArePagesWhereTensorsAreLarge) {
  constexpr std::int64_t mib = 1 << 20;
  EXPECT_EQ(device_bytes({"o", ElementType::uint8, 32 * mib, Fill::poison}), 34 * mib);
  EXPECT_EQ(device_bytes({"norm", ElementType::fp16, 4096, Fill::poison}), 2 * 4096 + 2 * 16384);
}

// A GPU whose free memory holds `layers` of the model's.
class LittleMemory {
 public:
  LittleMemory(const Problem& problem, double layers) {
    const decode::MemoryNeed need = decode::memory_need(decode::shape_of(problem), 1);
    fake_free_bytes() = static_cast<std::size_t>(
        static_cast<double>(decode::free_bytes + need.fixed_bytes + need.head_bytes) +
        layers * static_cast<double>(need.layer_bytes));
  }
  ~LittleMemory() { fake_free_bytes() = before_; }

 private:
  std::size_t before_ = fake_free_bytes();
};

// A step has each layer in it: other weights there make other logits.
void expect_used(Workload& workload, const std::string& layer) {
  workload.launch(nullptr, 0);
  const auto logits = workload.download("logits", 0);
  for (const char* matrix : {"qkv", "o", "gate_up", "down"}) {
    const auto weights = workload.download(layer + matrix, 0);
    auto others = weights;
    for (std::size_t i = 0; i < others.size(); i += 2) others[i] ^= std::byte{0x30};
    workload.upload(layer + matrix, 0, others);
    workload.launch(nullptr, 0);
    EXPECT_NE(workload.download("logits", 0), logits) << layer << matrix;
    workload.upload(layer + matrix, 0, weights);
  }
  workload.launch(nullptr, 0);
  EXPECT_EQ(workload.download("logits", 0), logits);
}

TEST(DecodeWorkloads, CyclesThroughTheLayersThatMemoryHolds) {
  ptx::mma_depth = 16;
  const Problem problem = step(Op::decode, small, Precision::int8, 2, 5);
  Device device = small_device(80);
  device.last_level_cache_bytes = 1;
  const auto prepare = [&] { return decode::prepare_decode("mma_sm80", problem, device, {}); };
  const auto all = prepare();
  expect_ok(*all);
  EXPECT_EQ(all->counters().at("distinct_layers"), 3);
  EXPECT_EQ(all->label().find("distinct"), std::string::npos);
  for (const char* layer : {"layer0.", "layer1.", "layer2."}) expect_used(*all, layer);
  {
    const LittleMemory memory(problem, 2.5);
    const auto two = prepare();
    expect_ok(*two);
    EXPECT_EQ(two->counters().at("distinct_layers"), 2);
    // Every step executes all layers, between embedding, LM head and argmax.
    EXPECT_EQ(two->counters().at("kernel_launches"), all->counters().at("kernel_launches"));
    EXPECT_EQ(two->counters().at("kernel_launches"), 1 + 3 * 5 + 1 + 1);
    EXPECT_NE(two->label().find("2 of 3"), std::string::npos) << two->label();
    for (const char* layer : {"layer0.", "layer1."}) expect_used(*two, layer);
  }
  {
    const LittleMemory memory(problem, 0.5);
    try {
      prepare();
      FAIL() << "half a layer is not enough";
    } catch (const CudaError& error) {
      EXPECT_EQ(error.code(), cudaErrorMemoryAllocation);
      EXPECT_NE(std::string(error.what()).find("bytes for 1 of 3 layers"), std::string::npos)
          << error.what();
    }
  }
}

TEST(DecodeWorkloads, SaysWithTheBytesWhatTheDeviceCannotHold) {
  const std::string reason = decode::decode_unsupported(
      "bulk_sm90", step(Op::decode, "mistral-7b", Precision::fp32, 256, 8192), small_device(90));
  EXPECT_NE(reason.find("bytes for 1 of 32 layers"), std::string::npos) << reason;
}

std::unique_ptr<Workload> prepare_rung(std::string_view rung, Precision precision) {
  return decode::prepare_rung(rung, step(Op::decode, small, precision, 1, 2), small_device(80), {});
}

TEST(DecodeWorkloads, RungsSayWhatTheyNeed) {
  ptx::mma_depth = 16;
  const Model model = find_model(small);
  double weights = static_cast<double>(lm_head(model).n * lm_head(model).k);
  double scales = 4 * static_cast<double>(lm_head(model).n);
  for (const Linear& linear : layer_linears(model)) {
    weights += 3 * static_cast<double>(linear.n * linear.k);
    scales += 3 * 4 * static_cast<double>(linear.n);
  }
  const auto stream = prepare_rung("stream_only", Precision::int8);
  EXPECT_EQ(stream->bytes(), weights);
  EXPECT_EQ(stream->flop(), 0);
  EXPECT_EQ(stream->counters().at("kernel_launches"), 1);
  const auto products = prepare_rung("gemv_only", Precision::int8);
  EXPECT_EQ(products->bytes(), weights + scales);
  EXPECT_EQ(products->flop(), 2 * weights);
  const auto unordered = prepare_rung("unordered", Precision::int8);
  EXPECT_EQ(unordered->bytes(), step_work(model, Precision::int8, 2).bytes(1));
  EXPECT_EQ(unordered->flop(), step_work(model, Precision::fp16, 2).flop(1));
  const auto launches = prepare_rung("launches_only", Precision::int8);
  EXPECT_EQ(launches->bytes(), 0);
  EXPECT_EQ(launches->flop(), 0);
  EXPECT_EQ(launches->counters().at("kernel_launches"),
            unordered->counters().at("kernel_launches"));
  EXPECT_EQ(launches->counters().at("kernel_launches"), 1 + 3 * 5 + 2);
}

void expect_rung(std::string_view rung, Precision precision, int capability) {
  ptx::mma_depth = capability < 80 ? 8 : 16;
  const Problem problem = step(Op::decode, small, precision, 1, 2);
  ASSERT_EQ(decode::rung_unsupported(rung, problem, small_device(capability)), "");
  const auto workload =
      decode::prepare_rung(rung, problem, small_device(capability), {.seed = 9, .copies = 2});
  expect_ok(*workload);
  workload->launch(nullptr, 1);
}

TEST(DecodeWorkloads, Ladder) {
  struct Case {
    int capability;
    Precision precision;
  };
  for (const Case& one :
       {Case{75, Precision::fp32}, Case{75, Precision::int8}, Case{80, Precision::fp16},
        Case{90, Precision::fp32}, Case{90, Precision::int4}}) {
    SCOPED_TRACE(testing::Message() << name(one.precision) << " " << one.capability);
    expect_rung("stream_only", one.precision, one.capability);
    expect_rung("gemv_only", one.precision, one.capability);
    expect_rung("launches_only", one.precision, one.capability);
  }
  expect_rung("unordered", Precision::int8, 90);
  EXPECT_NE(decode::rung_unsupported("stream_only", step(Op::decode, small, Precision::fp16, 2, 0),
                                     small_device(90)),
            "");
}

}  // namespace
}  // namespace roofproof::cuda
