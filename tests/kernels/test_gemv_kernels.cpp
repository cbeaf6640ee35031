// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The GEMV kernels themselves, run on the CPU (tests/simt) against double precision: what of them
// can be known without a GPU.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

#include "kernels/cuda/linear/pack.h"
#include "kernels/cuda/linear/rows.cuh"
#include "kernels/cuda/linear/skinny.cuh"
#include "kernels/cuda/linear/skinny_plan.h"
#include "kernels/cuda/linear/tiled.cuh"
#include "kernels/cuda/linear/tiled_plan.h"
#include "kernels/reference.h"

namespace roofproof::cuda::linear {
namespace {

// A small GPU of the kind that a variant is for.
Device small_device(Variant variant, int processors) {
  Device device;
  device.backend = Backend::cuda;
  device.processors = processors;
  switch (variant) {
    case Variant::simt:
    case Variant::mma_sm75:
      device.compute_capability = 75;
      device.shared_memory_per_block = 64 * 1024;
      break;
    case Variant::mma_sm80:
      device.compute_capability = 86;
      device.shared_memory_per_block = 99 * 1024;
      break;
    case Variant::bulk_sm90:
      device.compute_capability = 90;
      device.shared_memory_per_block = 227 * 1024;
      break;
  }
  return device;
}

template <class T>
double value_of(T x) {
  if constexpr (std::is_same_v<T, float>) {
    return x;
  } else {
    return to_float(x);
  }
}
template <class T>
T rounded(float x) {
  if constexpr (std::is_same_v<T, float>) {
    return x;
  } else {
    return to_float16(x);
  }
}

// Owns a problem's operands in host memory and runs it block by block.
template <Variant V, WeightFormat Format>
struct Case {
  using T = Activation<Format>;

  PackedShape shape;
  int batch;
  Device device;
  bool norm = false;

  RandomCanonical weights;
  std::vector<std::uint32_t> packed;
  std::vector<float> row_scales;
  std::vector<T> x;
  std::vector<T> norm_weights;
  std::vector<T> residual;
  std::vector<T> y;
  LinearJob job;

  Case(std::int64_t n, std::int64_t k, int sequences, int processors,
       std::int64_t pair_distance = 8)
      : shape{Format, n, k, pair_distance},
        batch(sequences),
        device(small_device(V, processors)),
        weights{{weight_bits(Format), static_cast<std::uint64_t>(k), input_stream(1, 'w', 0),
                 input_stream(1, 's', 0)}} {
    packed.resize(static_cast<std::size_t>(shape.bytes() / 4) + 4);
    for (std::int64_t i = 0; i < shape.bytes() / 4; ++i) {
      packed[static_cast<std::size_t>(i)] = packed_word(shape, weights, i);
    }
    for (std::int64_t i = 0; i < shape.row_scales(); ++i) {
      row_scales.push_back(packed_row_scale(shape, weights, i));
    }
    const InputStream input = input_stream(1, 'x', 0);
    for (int i = 0; i < batch * k; ++i) {
      x.push_back(rounded<T>(input.uniform(static_cast<std::uint64_t>(i))));
    }
    for (int i = 0; i < k; ++i) {
      norm_weights.push_back(rounded<T>(1 + input.uniform(static_cast<std::uint64_t>(i) + 7777)));
    }
    T poison;
    std::memset(&poison, 0xff, sizeof poison);
    y.assign(static_cast<std::size_t>(batch * n), poison);
    for (int i = 0; i < batch * n; ++i) {
      residual.push_back(rounded<T>(input.uniform(static_cast<std::uint64_t>(i) + 99)));
    }
    job.weights = reinterpret_cast<const unsigned char*>(packed.data());
    // 16-byte alignment, as device memory has.
    job.weights += (16 - reinterpret_cast<std::uintptr_t>(job.weights) % 16) % 16;
    std::memmove(const_cast<unsigned char*>(job.weights), packed.data(),
                 static_cast<std::size_t>(shape.bytes()));
    job.row_scales = row_scales.data();
    job.x = x.data();
    job.batch = batch;
    job.y = y.data();
    job.residual = residual.data();
    job.epsilon = 1e-5f;
  }

  // `one_by_one`: the warps' sums of one tile are added before the next begins, as in plans where
  // there is no room for two.
  void run_skinny(bool reversed = false, bool one_by_one = false) {
    job.norm = norm ? norm_weights.data() : nullptr;
    auto plan = plan_skinny(shape, batch, norm, V, device);
    ASSERT_TRUE(plan.has_value());
    if (one_by_one) plan->phase_tiles = 1;
    plan->apply(job, shape);
    std::vector<float> partial(static_cast<std::size_t>(plan->partial_floats(shape, batch)),
                               std::nanf(""));
    std::vector<unsigned> arrivals(static_cast<std::size_t>(plan->arrivals(shape)), 0);
    job.partial = partial.data();
    job.arrivals = arrivals.data();
    ptx::mma_depth = V == Variant::mma_sm75 ? 8 : 16;
    const auto launch = [&](auto columns) {
      simt::launch(
          {static_cast<unsigned>(plan->grid()), 1, 1}, skinny_threads,
          static_cast<std::size_t>(plan->shared_bytes),
          [&] { skinny_kernel<V, Format, decltype(columns)::value>(job); }, reversed);
    };
    if constexpr (uses_tensor_cores(V, Format)) {
      plan->columns == 8 ? launch(std::integral_constant<int, 8>())
                         : launch(std::integral_constant<int, 16>());
    } else {
      if (plan->columns == 1) launch(std::integral_constant<int, 1>());
      if (plan->columns == 4) launch(std::integral_constant<int, 4>());
      if (plan->columns == 8) launch(std::integral_constant<int, 8>());
    }
    for (const unsigned count : arrivals) EXPECT_EQ(count, 0u);
  }

  // Tiled; the rows of X are made ready first where that is needed.
  void run_tiled(bool reversed = false, std::optional<TiledPlan> forced = {}) {
    const TiledPlan plan = forced ? *forced : plan_tiled(shape, batch, V, device);
    plan.apply(job, shape);
    job.x_stride = static_cast<int>((shape.k + 7) / 8 * 8);
    std::vector<uint4> rows(static_cast<std::size_t>(batch * job.x_stride / 8),
                            uint4{~0u, ~0u, ~0u, ~0u});
    const RowsJob rows_job{x.data(),     norm ? norm_weights.data() : nullptr,
                           rows.data(),  job.k,
                           job.x_stride, job.epsilon};
    simt::launch({static_cast<unsigned>(batch), 1, 1}, row_threads,
                 row_threads / warp_lanes * sizeof(float),
                 [&] { prepare_rows_kernel<T>(rows_job); });
    job.x = rows.data();
    std::vector<float> partial(static_cast<std::size_t>(plan.partial_floats()), std::nanf(""));
    std::vector<unsigned> arrivals(static_cast<std::size_t>(plan.arrivals()), 0);
    job.partial = partial.data();
    job.arrivals = arrivals.data();
    ptx::mma_depth = V == Variant::mma_sm75 ? 8 : 16;
    const auto launch = [&](auto config) {
      constexpr TiledSize size = tiled_size(decltype(config)::value);
      simt::launch(
          {static_cast<unsigned>(plan.grid()), 1, 1}, tiled_threads,
          static_cast<std::size_t>(plan.shared_bytes),
          [&] { tiled_kernel<V, Format, size.row_tiles, size.token_tiles>(job); }, reversed);
    };
    constexpr TiledConfig largest = largest_config(V, Format);
    switch (plan.config) {
      case TiledConfig::rows128_tokens32:
        launch(std::integral_constant<TiledConfig, TiledConfig::rows128_tokens32>());
        break;
      case TiledConfig::rows128_tokens64:
        launch(std::integral_constant<TiledConfig, TiledConfig::rows128_tokens64>());
        break;
      default:
        ASSERT_EQ(plan.config, largest);
        launch(std::integral_constant<TiledConfig, largest>());
    }
    for (const unsigned count : arrivals) EXPECT_EQ(count, 0u);
  }

  // The activation that the product sees.
  double input(std::int64_t sequence, std::int64_t column) const {
    const double value = value_of(x[static_cast<std::size_t>(sequence * shape.k + column)]);
    if (!norm) return value;
    double squares = 0;
    for (std::int64_t i = 0; i < shape.k; ++i) {
      squares += std::pow(value_of(x[static_cast<std::size_t>(sequence * shape.k + i)]), 2);
    }
    return value / std::sqrt(squares / static_cast<double>(shape.k) + 1e-5) *
           value_of(norm_weights[static_cast<std::size_t>(column)]);
  }

  Expected expected(std::int64_t sequence, std::int64_t row) const {
    MatrixProduct product;
    product.m = batch;
    product.n = shape.n;
    product.k = shape.k;
    std::vector<double> inputs;
    for (std::int64_t i = 0; i < shape.k; ++i)
      inputs.push_back(norm && i > 0 ? 0 : input(sequence, i));
    if (norm) {
      const double factor = inputs[0] / value_of(x[static_cast<std::size_t>(sequence * shape.k)]) /
                            value_of(norm_weights[0]);
      for (std::int64_t i = 0; i < shape.k; ++i) {
        inputs[static_cast<std::size_t>(i)] =
            value_of(x[static_cast<std::size_t>(sequence * shape.k + i)]) * factor *
            value_of(norm_weights[static_cast<std::size_t>(i)]);
      }
    }
    product.a = [inputs](std::int64_t, std::int64_t i) {
      return inputs[static_cast<std::size_t>(i)];
    };
    product.b = [this](std::int64_t r, std::int64_t c) {
      return weights.random.at(static_cast<std::uint64_t>(r), static_cast<std::uint64_t>(c));
    };
    product.output = Format == WeightFormat::fp32 ? ElementType::fp32 : ElementType::fp16;
    if (norm) product.operand_rounding = Format == WeightFormat::fp32 ? 0x1p-22 : 0x1p-11;
    return expected_product(product, sequence, row);
  }

  void expect_product() const {
    for (std::int64_t sequence = 0; sequence < batch; ++sequence) {
      for (std::int64_t row = 0; row<shape.n; row += shape.n> 100 ? 7 : 1) {
        const Expected want = expected(sequence, row);
        const double got = value_of(y[static_cast<std::size_t>(sequence * shape.n + row)]);
        ASSERT_TRUE(std::abs(got - want.value) <= want.tolerance)
            << "y[" << sequence << ", " << row << "] = " << got << ", expected " << want.value
            << " +- " << want.tolerance;
      }
    }
  }
};

template <Variant V, WeightFormat Format>
void expect_products(std::initializer_list<int> batches) {
  struct Size {
    int n;
    int k;
    int processors;
  };
  for (const Size& size : {Size{1, 1, 3}, Size{40, 700, 2}, Size{97, 136, 4}, Size{16, 2100, 5}}) {
    for (const int batch : batches) {
      SCOPED_TRACE(testing::Message() << "n " << size.n << " k " << size.k << " batch " << batch);
      for (const bool late : {false, true}) {
        ptx::late_copies = late;
        Case<V, Format> gemv(size.n, size.k, batch, size.processors);
        gemv.run_skinny(late);
        gemv.expect_product();
      }
    }
  }
}

TEST(Skinny, CudaCoresMultiplyFp32) {
  expect_products<Variant::simt, WeightFormat::fp32>({1, 3, 8});
}
TEST(Skinny, CudaCoresMultiplyFp16) {
  expect_products<Variant::simt, WeightFormat::fp16>({1, 4, 5});
}
TEST(Skinny, CudaCoresMultiplyInt8) {
  expect_products<Variant::simt, WeightFormat::int8>({1, 3, 8});
}
TEST(Skinny, CudaCoresMultiplyInt4) {
  expect_products<Variant::simt, WeightFormat::int4>({1, 2, 8});
}
TEST(Skinny, TuringMultipliesFp16) {
  expect_products<Variant::mma_sm75, WeightFormat::fp16>({1, 9});
}
TEST(Skinny, TuringMultipliesInt8) {
  expect_products<Variant::mma_sm75, WeightFormat::int8>({3, 16});
}
TEST(Skinny, TuringMultipliesInt4) {
  expect_products<Variant::mma_sm75, WeightFormat::int4>({8, 12});
}
TEST(Skinny, AmpereMultipliesFp16) {
  expect_products<Variant::mma_sm80, WeightFormat::fp16>({1, 8, 16});
}
TEST(Skinny, AmpereMultipliesInt8) {
  expect_products<Variant::mma_sm80, WeightFormat::int8>({1, 3, 11});
}
TEST(Skinny, AmpereMultipliesInt4) {
  expect_products<Variant::mma_sm80, WeightFormat::int4>({1, 5, 16});
}
TEST(Skinny, HopperMultipliesFp32) {
  expect_products<Variant::bulk_sm90, WeightFormat::fp32>({1, 4, 8});
}
TEST(Skinny, HopperMultipliesFp16) {
  expect_products<Variant::bulk_sm90, WeightFormat::fp16>({1, 3, 16});
}
TEST(Skinny, HopperMultipliesInt8) {
  expect_products<Variant::bulk_sm90, WeightFormat::int8>({1, 8, 9});
}
TEST(Skinny, HopperMultipliesInt4) {
  expect_products<Variant::bulk_sm90, WeightFormat::int4>({1, 7, 16});
}

// Every config, with and without slices of K.
template <Variant V, WeightFormat Format>
void expect_tiled_products() {
  struct Size {
    int n;
    int k;
    int batch;
  };
  for (const Size& size :
       {Size{1, 1, 1}, Size{300, 520, 17}, Size{40, 1100, 70}, Size{257, 77, 130}}) {
    for (const TiledConfig config : {TiledConfig::rows128_tokens32, TiledConfig::rows128_tokens64,
                                     largest_config(V, Format)}) {
      for (const int slices : {1, 3}) {
        Case<V, Format> gemv(size.n, size.k, size.batch, 4);
        if (slices > gemv.shape.units()) continue;
        SCOPED_TRACE(testing::Message()
                     << "n " << size.n << " k " << size.k << " batch " << size.batch << " config "
                     << static_cast<int>(config) << " slices " << slices);
        ptx::late_copies = slices > 1;
        const TiledSize tile = tiled_size(config);
        TiledPlan plan;
        plan.config = config;
        plan.slices = slices;
        plan.blocks = (size.n + 128 * tile.row_tiles - 1) / (128 * tile.row_tiles) *
                      ((size.batch + 8 * tile.token_tiles - 1) / (8 * tile.token_tiles));
        plan.shared_bytes = std::max(stage_slots(V, Format, tile) * slot_bytes(V, Format, tile),
                                     8 * 16 * (std::min(8 * tile.token_tiles, 64) + 8) * 4);
        gemv.run_tiled(slices > 1, plan);
        gemv.expect_product();
      }
    }
  }
}

TEST(Tiled, TuringMultipliesFp16) {
  expect_tiled_products<Variant::mma_sm75, WeightFormat::fp16>();
}
TEST(Tiled, TuringMultipliesInt8) {
  expect_tiled_products<Variant::mma_sm75, WeightFormat::int8>();
}
TEST(Tiled, TuringMultipliesInt4) {
  expect_tiled_products<Variant::mma_sm75, WeightFormat::int4>();
}
TEST(Tiled, AmpereMultipliesFp16) {
  expect_tiled_products<Variant::mma_sm80, WeightFormat::fp16>();
}
TEST(Tiled, AmpereMultipliesInt8) {
  expect_tiled_products<Variant::mma_sm80, WeightFormat::int8>();
}
TEST(Tiled, AmpereMultipliesInt4) {
  expect_tiled_products<Variant::mma_sm80, WeightFormat::int4>();
}
TEST(Tiled, HopperMultipliesInt4) {
  expect_tiled_products<Variant::bulk_sm90, WeightFormat::int4>();
}

// A norm before the product: fused by the skinny kernels, with and without slices of K, and a
// kernel of its own before the tiled one.
TEST(Norm, IsFusedForFewSequences) {
  ptx::late_copies = false;
  const auto expect = [](auto gemv) {
    gemv.norm = true;
    gemv.run_skinny();
    gemv.expect_product();
  };
  expect(Case<Variant::simt, WeightFormat::fp32>(20, 304, 3, 2));
  expect(Case<Variant::simt, WeightFormat::int4>(20, 1000, 1, 7));
  expect(Case<Variant::mma_sm75, WeightFormat::fp16>(33, 72, 2, 2));
  expect(Case<Variant::mma_sm80, WeightFormat::int8>(16, 2048, 4, 9));
  expect(Case<Variant::bulk_sm90, WeightFormat::int4>(48, 4096, 4, 5));
}

TEST(Norm, ComesBeforeTiles) {
  ptx::late_copies = true;
  Case<Variant::mma_sm80, WeightFormat::int4> gemv(140, 513, 40, 4);
  gemv.norm = true;
  gemv.run_tiled();
  gemv.expect_product();
}

TEST(Skinny, AddsTheSumsOfOneTileBeforeTheNext) {
  const auto expect = [](auto gemv) {
    gemv.run_skinny(false, /*one_by_one=*/true);
    EXPECT_GE(gemv.job.tiles, 3 * gemv.job.blocks);
    gemv.expect_product();
  };
  expect(Case<Variant::mma_sm75, WeightFormat::int4>(97, 300, 16, 2));
  expect(Case<Variant::bulk_sm90, WeightFormat::fp16>(97, 136, 9, 2));
  expect(Case<Variant::simt, WeightFormat::fp32>(97, 136, 3, 2));
}

// Each block has the squares of all columns to add, whatever its slice.
TEST(Norm, IsFusedWhereKIsCut) {
  const auto expect = [](auto gemv) {
    gemv.norm = true;
    gemv.run_skinny();
    EXPECT_GT(gemv.job.slices, 1);
    gemv.expect_product();
  };
  expect(Case<Variant::bulk_sm90, WeightFormat::fp16>(17, 8192, 3, 20));
  expect(Case<Variant::bulk_sm90, WeightFormat::fp32>(5, 8192, 4, 20));
  expect(Case<Variant::mma_sm75, WeightFormat::fp16>(16, 8192, 2, 10));
  expect(Case<Variant::mma_sm80, WeightFormat::int8>(16, 6144, 4, 9));
  expect(Case<Variant::simt, WeightFormat::fp32>(20, 4096, 1, 7));
}

// Slices by the plan itself: few rows, many processors.
TEST(Skinny, CutsKWhereRowsAreFew) {
  for (const bool reversed : {false, true}) {
    Case<Variant::bulk_sm90, WeightFormat::fp16> gemv(17, 14336, 5, 20);
    gemv.run_skinny(reversed);
    EXPECT_GT(gemv.job.slices, 1);
    gemv.expect_product();
  }
}

double silu(double x) { return x / (1 + std::exp(-x)); }

template <class Gemv>
void expect_near(const Gemv& gemv, std::size_t i, double want, double slack) {
  const double got = value_of(gemv.y[i]);
  ASSERT_TRUE(std::abs(got - want) <= slack + 0x1p-10 * std::abs(want))
      << "output " << i << " is " << got << ", expected " << want;
}

// What follows the sums, by way of the skinny and of the tiled kernel.
template <class Gemv, class Expect>
void expect_finish(std::int64_t n, std::int64_t k, std::int64_t distance, Finish finish,
                   const Expect& expect) {
  for (const bool tiled : {false, true}) {
    SCOPED_TRACE(tiled ? "tiled" : "skinny");
    Gemv gemv(n, k, 9, 3, distance);
    gemv.job.finish = finish;
    gemv.job.alpha = 0.5f;
    gemv.job.beta = -2;
    if (finish == Finish::scale_add) gemv.y = gemv.residual;
    gemv.job.y = gemv.y.data();
    tiled ? gemv.run_tiled() : gemv.run_skinny();
    expect(gemv);
  }
}

using Int4Case = Case<Variant::mma_sm80, WeightFormat::int4>;
using Int8Case = Case<Variant::bulk_sm90, WeightFormat::int8>;

TEST(Finish, AddsTheResidual) {
  expect_finish<Int8Case>(37, 200, 8, Finish::add, [](const Int8Case& gemv) {
    for (int b = 0; b < 9; ++b) {
      for (int row = 0; row < 37; ++row) {
        const auto at = static_cast<std::size_t>(b * 37 + row);
        expect_near(gemv, at, gemv.expected(b, row).value + value_of(gemv.residual[at]), 1e-3);
      }
    }
  });
}

TEST(Finish, ScalesAndAddsWhatWasThere) {
  expect_finish<Int4Case>(37, 200, 8, Finish::scale_add, [](const Int4Case& gemv) {
    for (int b = 0; b < 9; ++b) {
      for (int row = 0; row < 37; ++row) {
        const auto at = static_cast<std::size_t>(b * 37 + row);
        expect_near(gemv, at, 0.5 * gemv.expected(b, row).value - 2 * value_of(gemv.residual[at]),
                    2e-3);
      }
    }
  });
}

TEST(Finish, GatesOneHalfWithTheOther) {
  expect_finish<Int4Case>(2 * 21, 260, 21, Finish::gate, [](const Int4Case& gemv) {
    for (int b = 0; b < 9; ++b) {
      for (int j = 0; j < 21; ++j) {
        const double gate = gemv.expected(b, j).value;
        const double up = gemv.expected(b, j + 21).value;
        expect_near(gemv, static_cast<std::size_t>(b * 21 + j), silu(gate) * up, 1e-3);
      }
    }
  });
}

// The newest token of each of nine sequences, or (`prefill`) nine tokens of one.
void expect_rotation(bool prefill) {
  constexpr int heads = 3;
  constexpr int kv_heads = 2;
  constexpr int dim = 32;
  constexpr int tokens = 12;
  constexpr int position = 3;  // of the first
  constexpr int rows = (heads + 2 * kv_heads) * dim;
  for (const bool tiled : {false, true}) {
    SCOPED_TRACE(tiled ? "tiled" : "skinny");
    Int8Case gemv(rows, 96, 9, 3, dim / 2);
    const auto angle_of = [&](int b, int pair) { return 0.3 * pair * (prefill ? b + 1 : 1); };
    std::vector<float> rotation;
    for (int b = 0; b < (prefill ? 9 : 1); ++b) {
      for (int i = 0; i < dim / 2; ++i) {
        rotation.push_back(static_cast<float>(std::cos(angle_of(b, i))));
        rotation.push_back(static_cast<float>(std::sin(angle_of(b, i))));
      }
    }
    std::vector<Half> keys((prefill ? 1 : 9) * kv_heads * tokens * dim, 0xffff);
    std::vector<Half> values = keys;
    gemv.job.finish = Finish::rotate;
    AttentionRows& attention = gemv.job.attention;
    attention.rotation = rotation.data();
    attention.keys = keys.data() + position * dim;
    attention.values = values.data() + position * dim;
    attention.rotation_step = prefill ? dim : 0;
    attention.cache_step = prefill ? 1 : kv_heads * tokens;
    attention.heads = heads;
    attention.kv_heads = kv_heads;
    attention.head_dim = dim;
    attention.cache_tokens = tokens;
    tiled ? gemv.run_tiled() : gemv.run_skinny();
    const auto rotated = [&](int b, int head, int i) {
      const int pair = i % (dim / 2);
      const double first = gemv.expected(b, head * dim + pair).value;
      const double second = gemv.expected(b, head * dim + pair + dim / 2).value;
      const double angle = angle_of(b, pair);
      return i < dim / 2 ? first * std::cos(angle) - second * std::sin(angle)
                         : second * std::cos(angle) + first * std::sin(angle);
    };
    std::size_t written = 0;
    for (int b = 0; b < 9; ++b) {
      for (int i = 0; i < dim; ++i) {
        for (int head = 0; head < heads; ++head) {
          expect_near(gemv, static_cast<std::size_t>((b * heads + head) * dim + i),
                      rotated(b, head, i), 1e-3);
        }
        for (int head = 0; head < kv_heads; ++head) {
          const int cached =
              prefill ? head * tokens + position + b : (b * kv_heads + head) * tokens + position;
          const auto at = static_cast<std::size_t>(cached * dim + i);
          EXPECT_NEAR(to_float(keys[at]), rotated(b, heads + head, i), 2e-2);
          EXPECT_NEAR(to_float(values[at]),
                      gemv.expected(b, (heads + kv_heads + head) * dim + i).value, 2e-2);
          ++written;
        }
      }
    }
    EXPECT_EQ(std::count(keys.begin(), keys.end(), 0xffff),
              static_cast<std::ptrdiff_t>(keys.size() - written));
    EXPECT_EQ(std::count(values.begin(), values.end(), 0xffff),
              static_cast<std::ptrdiff_t>(values.size() - written));
  }
}
TEST(Finish, RotatesQueriesAndKeysAndFilesKeysAndValues) { expect_rotation(/*prefill=*/false); }
TEST(Finish, RotatesAndFilesTheTokensOfOneSequence) { expect_rotation(/*prefill=*/true); }

}  // namespace
}  // namespace roofproof::cuda::linear
