// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The tiled GEMM kernels themselves, run on the CPU (tests/simt): every tile configuration, tails,
// shared tiles, alpha and beta, against plain loops over whole numbers, so that results are exact.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "kernels/cuda/gemm/tiled/kernel.cuh"
#include "kernels/cuda/gemm/tiled/simt_math.cuh"
#include "kernels/cuda/gemm/tiled/tensor_math.cuh"
#include "tests/kernels/naive.h"

namespace roofproof::cuda {
namespace {

// Small whole numbers that differ from place to place.
int small_number(std::int64_t row, std::int64_t column, int salt) {
  return static_cast<int>((row * 7 + column * 13 + row * column % 5 + salt) % 9) - 4;
}

struct Fp32Elements {
  using Input = float;
  using Output = float;
  static Input input(int value) { return static_cast<float>(value); }
  static Output output(double value) { return static_cast<float>(value); }
  static constexpr Output poison = -12345.0f;
};
struct Fp16Elements {
  using Input = std::uint16_t;
  using Output = std::uint16_t;
  static Input input(int value) { return to_float16(static_cast<float>(value)); }
  static Output output(double value) { return to_float16(static_cast<float>(value)); }
  static constexpr Output poison = 0xffff;
};
struct Int8Elements {
  using Input = std::int8_t;
  using Output = std::int32_t;
  static Input input(int value) { return static_cast<std::int8_t>(value); }
  static Output output(double value) { return static_cast<std::int32_t>(value); }
  static constexpr Output poison = -123456789;
};

template <class Elements, class Math, Copying How, bool Aligned>
struct Kernel {
  using Tile = typename Math::Tile;
  using E = Elements;
  static constexpr int element_bytes = Math::element_bytes;
  static constexpr bool aligned = Aligned;
  static void run(const GemmArguments& arguments, bool reversed) {
    simt::launch(
        {static_cast<unsigned>(arguments.work.blocks)}, Tile::threads, Tile::shared_bytes,
        [&] { tiled_gemm_kernel<Math, How, Aligned>(arguments); }, reversed);
  }
};

struct Shape {
  int m;
  int n;
  int k;
};

struct Settings {
  float alpha = 1;
  float beta = 0;
  int raster_group = 2;
  // Blocks, and of how many tiles they share the steps; 0: one block per tile.
  int blocks = 0;
  int streamed_tiles = 0;
};

// Operands and result between bands of numbers that would show.
template <class T>
class Matrix {
 public:
  template <class Value>
  Matrix(int rows, int columns, T band, const Value& value)
      : columns_(columns),
        values_(2 * band_elements + static_cast<std::size_t>(rows) * columns, band),
        band_(band) {
    for (int i = 0; i < rows; ++i) {
      for (int j = 0; j < columns; ++j) {
        values_[band_elements + static_cast<std::size_t>(i) * columns + j] = value(i, j);
      }
    }
  }
  // 64-byte aligned, wherever the vector's own memory lies.
  T* data() {
    if (aligned_.empty()) {
      aligned_.resize(values_.size() + 64);
      const auto address = reinterpret_cast<std::uintptr_t>(aligned_.data());
      start_ = (64 - address % 64) % 64 / sizeof(T);
      std::copy(values_.begin(), values_.end(), aligned_.begin() + static_cast<long>(start_));
    }
    return aligned_.data() + start_ + band_elements;
  }
  T at(int i, int j) { return data()[static_cast<std::int64_t>(i) * columns_ + j]; }
  bool bands_intact() {
    const T* first = data() - band_elements;
    const T* last = first + values_.size();
    for (std::size_t i = 0; i < band_elements; ++i) {
      if (std::memcmp(first + i, &band_, sizeof(T)) != 0) return false;
      if (std::memcmp(last - 1 - i, &band_, sizeof(T)) != 0) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t band_elements = 4096 / sizeof(T);
  int columns_;
  std::vector<T> values_;
  T band_;
  std::vector<T> aligned_;
  std::size_t start_ = 0;
};

template <class K>
void expect_product(const Shape& shape, const Settings& settings) {
  using E = typename K::E;
  using Tile = typename K::Tile;
  using Input = typename E::Input;
  using Output = typename E::Output;
  const auto a_value = [](int i, int j) { return small_number(i, j, 1); };
  const auto b_value = [](int i, int j) { return small_number(i, j, 5); };
  const auto c_value = [](int i, int j) { return small_number(i, j, 3); };
  // All bits set: NaN, or -1.
  Input input_band;
  std::memset(&input_band, 0xff, sizeof input_band);
  Matrix<Input> a(shape.m, shape.k, input_band,
                  [&](int i, int j) { return E::input(a_value(i, j)); });
  Matrix<Input> b(shape.n, shape.k, input_band,
                  [&](int i, int j) { return E::input(b_value(i, j)); });
  Matrix<Output> c(shape.m, shape.n, E::poison, [&](int i, int j) {
    return settings.beta == 0 ? E::poison : E::output(c_value(i, j));
  });

  GemmArguments arguments{};
  arguments.a = reinterpret_cast<const std::byte*>(a.data());
  arguments.b = reinterpret_cast<const std::byte*>(b.data());
  arguments.c = c.data();
  arguments.m = shape.m;
  arguments.n = shape.n;
  arguments.row_bytes = shape.k * K::element_bytes;
  arguments.alpha = settings.alpha;
  arguments.beta = settings.beta;
  arguments.grid = {(shape.m + Tile::tile_m - 1) / Tile::tile_m,
                    (shape.n + Tile::tile_n - 1) / Tile::tile_n};
  arguments.raster_group = settings.raster_group;
  const int tiles = arguments.grid.count();
  arguments.work = {settings.blocks == 0 ? tiles : settings.blocks, tiles,
                    (arguments.row_bytes + Tile::row_bytes - 1) / Tile::row_bytes,
                    settings.streamed_tiles};
  const auto blocks = static_cast<std::size_t>(arguments.work.blocks);
  const float4 no_sum = {std::numeric_limits<float>::quiet_NaN(), 0, 0, 0};
  std::vector<float4> partials(blocks * Tile::tile_m * Tile::tile_n / 4, no_sum);
  std::vector<unsigned> flags(blocks, 0);
  arguments.partials = partials.data();
  arguments.flags = flags.data();

  simt::readable = {{a.data(), a.data() + shape.m * shape.k},
                    {b.data(), b.data() + shape.n * shape.k},
                    {c.data(), c.data() + shape.m * shape.n},
                    {partials.data(), partials.data() + partials.size()}};
  // Sums are all there when their block raises its flag, and nobody sees them before the flag.
  std::vector<float4> hidden(partials.size(), no_sum);
  const auto swap_sums = [&](const unsigned* flag) {
    const auto count = static_cast<long>(partials.size() / blocks);
    const auto first = (flag - flags.data()) * count;
    return std::swap_ranges(partials.begin() + first, partials.begin() + first + count,
                            hidden.begin() + first) -
           count;
  };
  ptx::flag_raised = [&](const unsigned* flag) {
    const auto sums = swap_sums(flag);
    EXPECT_TRUE(std::none_of(
        sums, sums + static_cast<long>(partials.size() / blocks),
        [&](const float4& sum) { return std::memcmp(&sum, &no_sum, sizeof sum) == 0; }));
  };
  ptx::flag_seen = swap_sums;
  // Where no block waits for another, any order must do.
  K::run(arguments, settings.streamed_tiles == 0);
  simt::readable.clear();
  ptx::flag_raised = ptx::flag_seen = nullptr;

  for (int i = 0; i < shape.m; ++i) {
    for (int j = 0; j < shape.n; ++j) {
      double sum = 0;
      for (int k = 0; k < shape.k; ++k) sum += a_value(i, k) * b_value(j, k);
      const Output expected =
          E::output(settings.alpha * sum +
                    (settings.beta == 0 ? 0.0 : settings.beta * double{1.0 * c_value(i, j)}));
      ASSERT_EQ(c.at(i, j), expected) << "c[" << i << ", " << j << "]";
    }
  }
  EXPECT_TRUE(c.bands_intact());
  for (const unsigned flag : flags) ASSERT_EQ(flag, 0u);
}

template <class K>
class TiledKernels : public testing::Test {
 protected:
  static constexpr int tile_m = K::Tile::tile_m;
  static constexpr int tile_n = K::Tile::tile_n;
  static constexpr int stages = K::Tile::stages;
  // The least number of elements of K that makes rows of whole chunks, or one.
  static constexpr int unit = K::aligned ? chunk_bytes / K::element_bytes : 1;
  static constexpr int stage = K::Tile::row_bytes / K::element_bytes;

  void run(const Shape& shape, const Settings& settings = {}) {
    for (const bool late : {false, true}) {
      ptx::late_copies = late;
      SCOPED_TRACE(testing::Message()
                   << shape.m << " x " << shape.n << " x " << shape.k << ", blocks "
                   << settings.blocks << (late ? ", copies late" : ", copies early"));
      expect_product<K>(shape, settings);
      ptx::late_copies = false;
      ptx::copy_groups.clear();
      if (this->HasFatalFailure()) return;
    }
  }
};

template <class Tile>
using Sm75Fp16 = TensorMath<Generation::sm75, Fp16, Tile>;
template <class Tile>
using Sm75Int8 = TensorMath<Generation::sm75, Int8, Tile>;
template <class Tile>
using Sm80Fp16 = TensorMath<Generation::sm80, Fp16, Tile>;
template <class Tile>
using Sm80Int8 = TensorMath<Generation::sm80, Int8, Tile>;

// One Kernel per row of tiles.h and precision.
template <class... Lists>
struct Join;
template <class... Kernels>
struct Join<testing::Types<Kernels...>> {
  using Types = testing::Types<Kernels...>;
};
template <class... Some, class... Others, class... Lists>
struct Join<testing::Types<Some...>, testing::Types<Others...>, Lists...>
    : Join<testing::Types<Some..., Others...>, Lists...> {};

template <class Elements, template <class> class Math, Copying How, class Aligned, class Unaligned>
struct Kernels;
template <class Elements, template <class> class Math, Copying How, class... Tiles,
          class... UnalignedTiles>
struct Kernels<Elements, Math, How, TileList<Tiles...>, TileList<UnalignedTiles...>> {
  using Types = testing::Types<Kernel<Elements, Math<Tiles>, How, true>...,
                               Kernel<Elements, Math<UnalignedTiles>, How, false>...>;
};

using AllKernels = Join<
    Kernels<Fp32Elements, SimtMath, Copying::async, SimtTiles, SimtUnalignedTiles>::Types,
    Kernels<Fp32Elements, SimtMath, Copying::staged, SimtSm75Tiles, SimtSm75UnalignedTiles>::Types,
    Kernels<Fp16Elements, Sm80Fp16, Copying::async, Sm80Tiles, Sm80UnalignedTiles>::Types,
    Kernels<Int8Elements, Sm80Int8, Copying::async, Sm80Tiles, Sm80UnalignedTiles>::Types,
    Kernels<Fp16Elements, Sm75Fp16, Copying::staged, Sm75Tiles, Sm75UnalignedTiles>::Types,
    Kernels<Int8Elements, Sm75Int8, Copying::staged, Sm75Tiles, Sm75UnalignedTiles>::Types>::Types;
TYPED_TEST_SUITE(TiledKernels, AllKernels);

TYPED_TEST(TiledKernels, OneElement) { this->run({1, 1, this->unit}); }

TYPED_TEST(TiledKernels, ExactlyOneTileAndOneStage) {
  this->run({this->tile_m, this->tile_n, this->stage});
}

TYPED_TEST(TiledKernels, EndsWithinATileAndWithinAStage) {
  // 8 and 4 columns more, odd ones, and fewer than a tile; stages until the ring has gone round.
  this->run({3, this->tile_n + 4, this->unit});
  this->run({this->tile_m + 3, this->tile_n + 8, this->stage * 2 + this->unit});
  this->run({this->tile_m - 1, this->tile_n + 5, this->stage * (this->stages + 1) + this->unit});
  this->run({5, this->tile_n - 2, this->stage * this->stages - this->unit});
}

TYPED_TEST(TiledKernels, ScalesAndAdds) {
  Settings settings;
  settings.alpha = 2;
  settings.beta = 3;
  this->run({this->tile_m - 3, this->tile_n + 8, this->stage}, settings);
  settings.alpha = -1;
  settings.beta = -2;
  this->run({7, this->tile_n - 1, this->unit}, settings);
}

TYPED_TEST(TiledKernels, BlocksTakeSeveralTilesInTurn) {
  Settings settings;
  settings.blocks = 2;
  this->run({2 * this->tile_m, 2 * this->tile_n - 8, this->stage + this->unit}, settings);
  // The next tile's first stages go to where the last ones of this have just been.
  settings.blocks = 1;
  this->run({5, 2 * this->tile_n, this->stage * this->stages + this->unit}, settings);
}

TYPED_TEST(TiledKernels, BlocksShareATile) {
  // One tile by 2 blocks, one stage each, and by 4; two of three tiles by 2 and by 5, the third
  // whole.
  Settings settings;
  settings.streamed_tiles = 1;
  settings.blocks = 2;
  this->run({3, this->tile_n, this->stage * 2}, settings);
  settings.blocks = 4;
  this->run({this->tile_m, this->tile_n - 8, this->stage * 6 + this->unit}, settings);
  settings.streamed_tiles = 2;
  for (const int blocks : {2, 5}) {
    settings.blocks = blocks;
    this->run({this->tile_m, 2 * this->tile_n + 8, this->stage * 3 - this->unit}, settings);
  }
}

}  // namespace
}  // namespace roofproof::cuda
