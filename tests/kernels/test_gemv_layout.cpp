// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The packed weight layout of the CUDA backend, the bit tricks that read it, and how the kernels
// are divided over a GPU: all of it arithmetic, checked without one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "kernels/cuda/linear/activations.cuh"
#include "kernels/cuda/linear/dequantize.cuh"
#include "kernels/cuda/linear/pack.h"
#include "kernels/cuda/linear/skinny_plan.h"
#include "kernels/cuda/linear/tiled_plan.h"
#include "kernels/quantize.h"
#include "tests/kernels/packed_weights.h"

namespace roofproof::cuda::linear {
namespace {

constexpr WeightFormat formats[] = {WeightFormat::fp32, WeightFormat::fp16, WeightFormat::int8,
                                    WeightFormat::int4};

// Weights in memory, row-major, as packed_word() asks for them.
struct Canonical {
  std::int64_t k = 0;
  std::vector<std::uint8_t> values;  // floats, FP16 bits, INT8, or INT4 pairs
  std::vector<std::uint8_t> scales;  // int8: float [n]; int4: FP16 bits [n, ceil(k / 128)]

  std::uint32_t bits(WeightFormat format, std::int64_t row, std::int64_t column) const {
    if (format == WeightFormat::int4) {
      const std::uint8_t pair = values[static_cast<std::size_t>(row * ((k + 1) / 2) + column / 2)];
      return column % 2 == 0 ? pair & 15 : pair >> 4;
    }
    const std::size_t size = static_cast<std::size_t>(format) / 8;
    std::uint32_t stored = 0;
    std::memcpy(&stored, values.data() + static_cast<std::size_t>(row * k + column) * size, size);
    return stored;
  }
  std::uint16_t group_scale(std::int64_t row, std::int64_t group) const {
    std::uint16_t scale = 0;
    std::memcpy(&scale, scales.data() + 2 * (row * ((k + 127) / 128) + group), 2);
    return scale;
  }
  float row_scale(std::int64_t row) const {
    float scale = 0;
    std::memcpy(&scale, scales.data() + 4 * row, 4);
    return scale;
  }
};

std::vector<std::uint8_t> packed_bytes(const PackedShape& shape, const Canonical& weights) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(shape.bytes()));
  for (std::int64_t i = 0; i < shape.bytes() / 4; ++i) {
    const std::uint32_t word = packed_word(shape, weights, i);
    std::memcpy(bytes.data() + 4 * i, &word, 4);
  }
  return bytes;
}

// Every weight different from its neighbours, the INT4 nibble that an odd K leaves over included.
Canonical canonical(WeightFormat format, std::int64_t n, std::int64_t k) {
  Canonical result{.k = k};
  const InputStream random = input_stream(7, static_cast<std::uint64_t>(format), 0);
  const std::int64_t bytes =
      format == WeightFormat::int4 ? n * ((k + 1) / 2) : n * k * static_cast<int>(format) / 8;
  for (std::int64_t i = 0; i < bytes; ++i) {
    result.values.push_back(
        static_cast<std::uint8_t>(random.bits(static_cast<std::uint64_t>(i)) >> 8));
  }
  const std::int64_t scale_bytes = format == WeightFormat::int8   ? 4 * n
                                   : format == WeightFormat::int4 ? 2 * n * ((k + 127) / 128)
                                                                  : 0;
  for (std::int64_t i = 0; i < scale_bytes; ++i) {
    result.scales.push_back(
        static_cast<std::uint8_t>(random.bits(static_cast<std::uint64_t>(i) + 1000000) >> 16));
  }
  return result;
}

TEST(PackedLayout, UnpacksExactly) {
  struct Size {
    std::int64_t n;
    std::int64_t k;
    std::int64_t distance;
  };
  for (const WeightFormat format : formats) {
    for (const Size& size : {Size{1, 1, 8}, Size{16, 256, 8}, Size{37, 519, 8}, Size{256, 130, 64},
                             Size{44, 300, 22}, Size{8, 64, 1}}) {
      SCOPED_TRACE(testing::Message() << "bits " << static_cast<int>(format) << " n " << size.n
                                      << " k " << size.k << " distance " << size.distance);
      const PackedShape shape{format, size.n, size.k, size.distance};
      const Canonical weights = canonical(format, size.n, size.k);
      const std::vector<std::uint8_t> packed = packed_bytes(shape, weights);
      const std::int64_t tile_bytes = shape.units() * (format == WeightFormat::int4 ? 2112 : 2048);
      // What no weight occupies has to be zero weights: remember what is occupied.
      std::vector<bool> used(packed.size() * 8, false);
      for (std::int64_t row = 0; row < size.n; ++row) {
        const auto [tile, r] = tile_row(row, size.distance);
        for (std::int64_t column = 0; column < size.k; ++column) {
          const Field field = field_of(format, r, column);
          const std::int64_t byte = tile * tile_bytes + field.byte;
          std::uint32_t stored = 0;
          const int bits = static_cast<int>(format);
          std::memcpy(&stored, packed.data() + byte, static_cast<std::size_t>((bits + 7) / 8));
          stored >>= field.bit;
          if (bits == 4) stored &= 15;
          if (bits == 8) stored ^= 128;  // stored as value + 128
          ASSERT_EQ(stored, weights.bits(format, row, column)) << row << ", " << column;
          for (int bit = 0; bit < bits; ++bit) {
            const auto at = static_cast<std::size_t>(byte * 8 + field.bit + bit);
            ASSERT_FALSE(used[at]) << "two weights in one place";
            used[at] = true;
          }
        }
        for (std::int64_t group = 0; format == WeightFormat::int4 && group * 128 < size.k;
             ++group) {
          const std::int64_t byte =
              tile * tile_bytes + group / 2 * 2112 + 2048 + r % 8 * 8 + group % 2 * 4 + r / 8 * 2;
          ASSERT_EQ(
              std::memcmp(packed.data() + byte,
                          weights.scales.data() + 2 * (row * ((size.k + 127) / 128) + group), 2),
              0);
          for (int bit = 0; bit < 16; ++bit) used[static_cast<std::size_t>(byte * 8 + bit)] = true;
        }
      }
      for (std::size_t byte = 0; byte < packed.size(); ++byte) {
        const std::size_t unit_size = format == WeightFormat::int4 ? 2112 : 2048;
        const bool scale = byte % unit_size >= 2048;
        const std::uint8_t zero = scale                          ? 0
                                  : format == WeightFormat::int8 ? 0x80
                                  : format == WeightFormat::int4 ? 0x88
                                                                 : 0;
        for (int bit = 0; bit < 8; ++bit) {
          if (used[byte * 8 + static_cast<std::size_t>(bit)]) continue;
          ASSERT_EQ(packed[byte] >> bit & 1, zero >> bit & 1) << "padding, byte " << byte;
        }
      }
    }
  }
}

TEST(PackedLayout, RowScalesFollowTheRows) {
  const PackedShape shape{WeightFormat::int8, 300, 64, 64};
  const Canonical weights = canonical(WeightFormat::int8, 300, 64);
  std::set<std::int64_t> seen;
  for (std::int64_t row = 0; row < 300; ++row) {
    const auto [tile, r] = tile_row(row, 64);
    const float scale = packed_row_scale(shape, weights, tile * 16 + r);
    ASSERT_EQ(std::memcmp(&scale, weights.scales.data() + 4 * row, 4), 0);
    seen.insert(tile * 16 + r);
  }
  for (std::int64_t i = 0; i < shape.row_scales(); ++i) {
    if (!seen.count(i)) {
      EXPECT_EQ(packed_row_scale(shape, weights, i), 0.0f);
    }
  }
}

TEST(PackedLayout, RandomSourceIsWhatTheReferenceSays) {
  for (const WeightFormat format : formats) {
    RandomCanonical source;
    source.random = {static_cast<int>(format), 261, input_stream(3, 'w', 0),
                     input_stream(3, 's', 0)};
    for (std::int64_t row = 0; row < 5; ++row) {
      for (std::int64_t column = 0; column < 261; ++column) {
        const std::uint32_t bits = source.bits(format, row, column);
        double value = 0;
        switch (format) {
          case WeightFormat::fp32:
            value = __builtin_bit_cast(float, bits);
            break;
          case WeightFormat::fp16:
            value = to_float(static_cast<std::uint16_t>(bits));
            break;
          case WeightFormat::int8:
            value = static_cast<std::int8_t>(bits) * static_cast<double>(source.row_scale(row));
            break;
          case WeightFormat::int4:
            value = (static_cast<int>(bits) - 8) *
                    static_cast<double>(to_float(source.group_scale(row, column / 128)));
        }
        ASSERT_EQ(value, source.random.at(static_cast<std::uint64_t>(row),
                                          static_cast<std::uint64_t>(column)));
      }
    }
  }
}

// All 256 bytes in each of the places of a word, neighbours varied.
TEST(Dequantize, EveryByteIsExact) {
  for (int byte = 0; byte < 256; ++byte) {
    for (int place = 0; place < 16; ++place) {
      std::uint8_t bytes[16];
      for (int i = 0; i < 16; ++i) bytes[i] = static_cast<std::uint8_t>(byte * 7 + i * 31 + 5);
      bytes[place] = static_cast<std::uint8_t>(byte);
      uint4 words;
      std::memcpy(&words, bytes, 16);
      std::uint32_t a[4];
      fragment<WeightFormat::int8>(a, words, place / 8);
      const std::uint32_t packed = a[place % 8 / 2];
      const auto half = static_cast<std::uint16_t>(place % 2 == 0 ? packed : packed >> 16);
      ASSERT_EQ(to_float(half), static_cast<float>(byte - 128)) << "place " << place;
    }
  }
}

TEST(Dequantize, EveryNibbleIsExact) {
  for (int nibble = 0; nibble < 16; ++nibble) {
    for (int place = 0; place < 32; ++place) {
      std::uint8_t nibbles[32];
      for (int i = 0; i < 32; ++i)
        nibbles[i] = static_cast<std::uint8_t>((nibble * 5 + i * 3) % 16);
      nibbles[place] = static_cast<std::uint8_t>(nibble);
      std::uint32_t words[4] = {};
      for (int i = 0; i < 32; ++i) {
        words[i / 8] |= static_cast<std::uint32_t>(nibbles[i]) << (4 * (i % 8));
      }
      std::uint32_t a[4];
      fragment<WeightFormat::int4>(a, {words[0], words[1], words[2], words[3]}, place / 8);
      const std::uint32_t packed = a[place % 4];
      const auto half = static_cast<std::uint16_t>(place % 8 < 4 ? packed : packed >> 16);
      ASSERT_EQ(to_float(half), static_cast<float>(nibble - 8)) << "place " << place;
    }
  }
}

TEST(Dequantize, Fp16GoesThrough) {
  std::uint32_t a[4];
  fragment<WeightFormat::fp16>(a, {1, 2, 3, 4}, 0);
  EXPECT_EQ(std::vector<std::uint32_t>(a, a + 4), (std::vector<std::uint32_t>{1, 2, 3, 4}));
}

TEST(Activations, LaneOrderIsAPermutationThatKeepsALanesFourTogether) {
  std::set<int> places;
  for (int column = 0; column < 16; ++column) {
    places.insert(lane_order(column));
    const int t = column % 8 / 2;
    EXPECT_EQ(lane_order(column) / 4, t);
  }
  EXPECT_EQ(places.size(), 16u);
  // In a lane's four the columns ascend: 2t, 2t+1, 2t+8, 2t+9.
  EXPECT_EQ(lane_order(2) % 4, 0);
  EXPECT_EQ(lane_order(3) % 4, 1);
  EXPECT_EQ(lane_order(10) % 4, 2);
  EXPECT_EQ(lane_order(11) % 4, 3);
}

TEST(Share, CoversEverythingOnceAndEvenly) {
  for (const int count : {0, 1, 5, 131, 132, 133, 1000}) {
    for (const int parts : {1, 2, 7, 132}) {
      int next = 0;
      for (int part = 0; part < parts; ++part) {
        const Share mine = share(count, parts, part);
        EXPECT_EQ(mine.first, next);
        EXPECT_GE(mine.count, count / parts);
        EXPECT_LE(mine.count, (count + parts - 1) / parts);
        next += mine.count;
      }
      EXPECT_EQ(next, count);
    }
  }
}

struct Gpu {
  const char* name;
  int capability;
  int processors;
  int shared_kibibytes;
  double bandwidth_bytes_per_s;
};
constexpr Gpu gpus[] = {{"T4", 75, 40, 64, 320e9},      {"A100", 80, 108, 163, 1555e9},
                        {"A10G", 86, 80, 99, 600e9},    {"L4", 89, 58, 99, 300e9},
                        {"H100", 90, 132, 227, 3352e9}, {"H200", 90, 132, 227, 4800e9},
                        {"B200", 100, 148, 227, 8e12},  {"5090", 120, 170, 99, 1792e9}};
constexpr const Gpu& gpu_t4 = gpus[0];
constexpr const Gpu& gpu_h200 = gpus[5];
Device device_of(const Gpu& gpu) {
  Device device;
  device.backend = Backend::cuda;
  device.compute_capability = gpu.capability;
  device.processors = gpu.processors;
  device.shared_memory_per_block = gpu.shared_kibibytes * 1024;
  device.bandwidth_bytes_per_s = gpu.bandwidth_bytes_per_s;
  return device;
}

struct Matrix {
  std::int64_t n;
  std::int64_t k;
};
constexpr Matrix matrices[] = {{1, 1},        {6144, 4096},  {4096, 4096},   {28672, 4096},
                               {4096, 14336}, {32000, 4096}, {128256, 4096}, {8192, 28672},
                               {1024, 4096},  {97, 131}};

TEST(SkinnyPlan, FitsEveryGpuAndEveryMatrix) {
  for (const Gpu& gpu : gpus) {
    for (const Matrix& matrix : matrices) {
      for (const WeightFormat format : formats) {
        for (const Variant variant :
             {Variant::simt, Variant::mma_sm75, Variant::mma_sm80, Variant::bulk_sm90}) {
          if (variant == Variant::bulk_sm90 && gpu.capability < 90) continue;
          if (format == WeightFormat::fp32 && variant != Variant::simt &&
              variant != Variant::bulk_sm90) {
            continue;
          }
          for (int batch = 1; batch <= most_sequences(variant, format); ++batch) {
            for (const bool norm : {false, true}) {
              if (norm && !fuses_norm(batch, matrix.k)) continue;
              SCOPED_TRACE(testing::Message()
                           << gpu.name << " n " << matrix.n << " k " << matrix.k << " bits "
                           << static_cast<int>(format) << " variant " << static_cast<int>(variant)
                           << " batch " << batch << " norm " << norm);
              const PackedShape shape{format, matrix.n, matrix.k};
              const auto plan = plan_skinny(shape, batch, norm, variant, device_of(gpu));
              ASSERT_TRUE(plan.has_value());
              EXPECT_GE(plan->columns, batch);
              EXPECT_LE(plan->shared_bytes, gpu.shared_kibibytes * 1024);
              EXPECT_LE(plan->grid(), gpu.processors);  // one wave
              EXPECT_GE(plan->slices, 1);
              EXPECT_LE(plan->slices, shape.units());
              EXPECT_LE(plan->blocks, shape.tiles());
              for (const int offset :
                   {plan->shared_x, plan->shared_partial, plan->shared_scratch}) {
                EXPECT_EQ(offset % 16, 0);
              }
              if (variant == Variant::bulk_sm90) {
                EXPECT_GE(plan->ring_units, 1);
                EXPECT_EQ(plan->shared_barriers % 8, 0);
              }
            }
          }
        }
      }
    }
  }
}

// What the kernel's shares make of the plan: every unit of every tile is read by one block.
TEST(SkinnyPlan, ReadsEveryUnitOnce) {
  for (const Gpu& gpu : gpus) {
    for (const Matrix& matrix : matrices) {
      const PackedShape shape{WeightFormat::int4, matrix.n, matrix.k};
      const Variant variant = gpu.capability >= 90 ? Variant::bulk_sm90 : Variant::mma_sm75;
      for (const int batch : {1, 8, 16}) {
        const auto plan = plan_skinny(shape, batch, false, variant, device_of(gpu));
        ASSERT_TRUE(plan.has_value());
        std::int64_t units = 0;
        std::int64_t busiest = 0;
        for (int number = 0; number < plan->grid(); ++number) {
          const Share k =
              share(static_cast<int>(shape.units()), plan->slices, number % plan->slices);
          const Share tiles =
              share(static_cast<int>(shape.tiles()), plan->blocks, number / plan->slices);
          EXPECT_GE(k.count, 1);
          units += static_cast<std::int64_t>(k.count) * tiles.count;
          busiest =
              std::max<std::int64_t>(busiest, static_cast<std::int64_t>(k.count) * tiles.count);
        }
        EXPECT_EQ(units, shape.tiles() * shape.units());
      }
    }
  }
}

// The large matrices of a 7B model at batch 1 on the GPUs that matter most: no block has more than
// 6 % above the average to read.
TEST(SkinnyPlan, LoadsAreBalancedWhereItCounts) {
  for (const Gpu& gpu : {gpu_t4, gpu_h200}) {
    for (const Matrix& matrix : {Matrix{6144, 4096}, {28672, 4096}, {4096, 14336}, {32000, 4096}}) {
      const PackedShape shape{WeightFormat::fp16, matrix.n, matrix.k};
      const auto plan = plan_skinny(shape, 1, false,
                                    gpu.capability >= 90 ? Variant::bulk_sm90 : Variant::mma_sm75,
                                    device_of(gpu));
      const double busiest = std::ceil(static_cast<double>(shape.tiles()) / plan->blocks) *
                             std::ceil(static_cast<double>(shape.units()) / plan->slices);
      const double average = static_cast<double>(shape.tiles() * shape.units()) / gpu.processors;
      EXPECT_LE(busiest / average, 1.06) << gpu.name << " n " << matrix.n << " k " << matrix.k;
    }
  }
}

// The block keeps a flag for each of its tiles where the sums over warps were. These many small
// slices balance best, and would be 1,025 flags in 3 KiB.
TEST(SkinnyPlan, HasRoomForTheFlagsOfSlicedTiles) {
  const PackedShape shape{WeightFormat::fp32, 49168, 4224};
  const auto plan = plan_skinny(shape, 1, false, Variant::bulk_sm90, device_of(gpu_h200));
  ASSERT_TRUE(plan.has_value());
  const std::int64_t flags =
      plan->slices == 1 ? 0 : (shape.tiles() + plan->blocks - 1) / plan->blocks;
  EXPECT_LE(4 * flags, plan->shared_scratch - plan->shared_partial);
}

TEST(SkinnyPlan, KeepsTheBytesInFlightThatTheDeviceNeeds) {
  const PackedShape shape{WeightFormat::int4, 28672, 4096};
  const auto plan = plan_skinny(shape, 1, true, Variant::bulk_sm90, device_of(gpu_h200));
  EXPECT_GE(plan->ring_units * skinny_warps * unit_bytes(WeightFormat::int4), 48 * 1024);
  // And room for the next kernel's block beside it.
  EXPECT_LE(2 * (plan->shared_bytes + 1024), 228 * 1024);
}

Variant newest(const Gpu& gpu) {
  return gpu.capability > newest_of_rings ? Variant::mma_sm80
         : gpu.capability >= 90           ? Variant::bulk_sm90
         : gpu.capability >= 80           ? Variant::mma_sm80
                                          : Variant::mma_sm75;
}

// Every projection of Mistral-7B, Llama-3-8B and Llama-2-70B, from 1 to 16 sequences: what the sums
// over slices add to the bytes of a launch, how many SMs have work, and how often a thread waits
// for L2 before all activations are in shared memory. Where sums are above 10 %, K cannot be cut
// less: of 16 sequences 1024 columns fit in 64 KiB and 2048 in 100.
TEST(SkinnyPlan, MovesLittleBesideTheWeights) {
  struct Projection {
    Matrix matrix;
    bool norm;
  };
  constexpr Projection projections[] = {
      {{6144, 4096}, true},  {{4096, 4096}, false},  {{28672, 4096}, true}, {{4096, 14336}, false},
      {{32000, 4096}, true}, {{128256, 4096}, true}, {{10240, 8192}, true}, {{8192, 8192}, false},
      {{57344, 8192}, true}, {{8192, 28672}, false}, {{32000, 8192}, true}};
  const auto most_sums = [](const Gpu& gpu, WeightFormat format) {
    const bool small = gpu.shared_kibibytes <= 64;
    if (format == WeightFormat::fp16) return 0.10;
    if (format == WeightFormat::int8)
      return small ? 0.15 : gpu.shared_kibibytes == 99 ? 0.12 : 0.10;
    return small ? 0.25 : gpu.shared_kibibytes == 99 ? 0.20 : 0.10;
  };
  std::printf("%-5s %4s  sums over slices  SMs with work  trips to L2\n", "", "bits");
  for (const Gpu& gpu : gpus) {
    for (const WeightFormat format : {WeightFormat::fp16, WeightFormat::int8, WeightFormat::int4}) {
      double sums = 0;
      double busy = 1;
      int trips = 1;
      for (const Projection& projection : projections) {
        for (int batch = 1; batch <= 16; ++batch) {
          const PackedShape shape{format, projection.matrix.n, projection.matrix.k};
          const bool norm = projection.norm && fuses_norm(batch, shape.k);
          const Variant variant = newest(gpu);
          const auto plan = plan_skinny(shape, batch, norm, variant, device_of(gpu));
          ASSERT_TRUE(plan.has_value());
          const auto moved = static_cast<double>(plan->slice_sum_bytes(shape, batch));
          sums = std::max(sums, moved / (moved + static_cast<double>(shape.bytes())));
          busy = std::min(busy, static_cast<double>(plan->grid()) / gpu.processors);
          if (copies_activations(variant, true)) continue;
          const std::int64_t columns =
              (shape.units() + plan->slices - 1) / plan->slices * unit_columns(format);
          const double pieces =
              std::ceil(static_cast<double>(batch * columns) / 8 / skinny_threads);
          trips = std::max(
              trips, static_cast<int>(std::ceil(pieces / pieces_in_flight(variant, 2, norm))));
        }
      }
      std::printf("%-5s %4d  %15.1f %%  %11.1f %%  %11d\n", gpu.name, static_cast<int>(format),
                  100 * sums, 100 * busy, trips);
      EXPECT_LE(sums, most_sums(gpu, format)) << gpu.name << " " << static_cast<int>(format);
      // 12 slices of a T4's 40 SMs leave four without work, and the others no more than 13 would.
      EXPECT_GE(busy, gpu.shared_kibibytes <= 64 ? 0.90 : 0.95) << gpu.name;
      EXPECT_EQ(trips, 1) << gpu.name;
    }
  }
}

// The four warps that a sum reads at once, eight rows each, and the lanes of a tensor-core product
// that store a sum, are in 32 different banks.
TEST(Partials, AreFreeOfBankConflicts) {
  for (int batch = 1; batch <= 16; ++batch) {
    EXPECT_GE(partial_floats(batch), batch * partial_stride - 4);
    std::set<int> read;
    for (int lane = 0; lane < 32; ++lane) {
      read.insert((lane % 4 * partial_floats(batch) + lane / 4) % 32);
    }
    EXPECT_EQ(read.size(), 32u) << batch;
  }
  std::set<int> written;
  for (int lane = 0; lane < 32; ++lane) {
    written.insert((lane % 4 * 2 * partial_stride + lane / 4) % 32);
  }
  EXPECT_EQ(written.size(), 32u);
}

TEST(TiledPlan, FitsEveryGpuAndEveryMatrix) {
  for (const Gpu& gpu : gpus) {
    for (const Matrix& matrix : matrices) {
      for (const WeightFormat format :
           {WeightFormat::fp16, WeightFormat::int8, WeightFormat::int4}) {
        for (const int batch : {1, 17, 32, 64, 65, 200, 256, 2048, 4096}) {
          const Variant variant = gpu.capability >= 90   ? Variant::bulk_sm90
                                  : gpu.capability >= 80 ? Variant::mma_sm80
                                                         : Variant::mma_sm75;
          const PackedShape shape{format, matrix.n, matrix.k};
          const TiledPlan plan = plan_tiled(shape, batch, variant, device_of(gpu));
          EXPECT_LE(plan.shared_bytes, gpu.shared_kibibytes * 1024);
          EXPECT_LE(plan.slices, shape.units());
          const TiledSize size = tiled_size(plan.config);
          EXPECT_GE(
              static_cast<std::int64_t>(plan.blocks) * size.row_tiles * 128 * size.token_tiles * 8,
              matrix.n * batch);
        }
      }
    }
  }
}

// The blocks that share an SM by their registers do so by their stages too. A block takes 1 KiB
// more than it asks for.
TEST(TiledPlan, StagesOfTheBlocksOfAnSmFitTogether) {
  constexpr std::pair<Variant, int> machines[] = {{Variant::mma_sm80, 100},
                                                  {Variant::bulk_sm90, 228}};
  for (const auto& [variant, kibibytes] : machines) {
    for (const WeightFormat format : {WeightFormat::fp16, WeightFormat::int8, WeightFormat::int4}) {
      for (const TiledConfig config : {TiledConfig::rows128_tokens32, TiledConfig::rows128_tokens64,
                                       largest_config(variant, format)}) {
        const TiledSize size = tiled_size(config);
        const int slots = stage_slots(variant, format, size);
        EXPECT_GE(slots, 2);
        EXPECT_LE(tiled_blocks_per_sm(variant, format, size) *
                      (slots * slot_bytes(variant, format, size) + 1024),
                  kibibytes * 1024);
      }
    }
  }
  // A prefill on Hopper, where two blocks hide each other's waiting.
  const TiledSize size = tiled_size(largest_config(Variant::bulk_sm90, WeightFormat::int4));
  EXPECT_EQ(size.row_tiles, 2);
  EXPECT_EQ(tiled_blocks_per_sm(Variant::bulk_sm90, WeightFormat::int4, size), 2);
  EXPECT_EQ(stage_slots(Variant::bulk_sm90, WeightFormat::int4, size), 6);
}

// With 64 KiB of shared memory too, where two stages of FP16 weights would not fit beside X.
TEST(TiledPlan, ATuringPrefillHasTheLargestTile) {
  for (const WeightFormat format : {WeightFormat::fp16, WeightFormat::int8, WeightFormat::int4}) {
    for (const auto& [n, k] : {std::pair{4096, 4096}, {14336, 4096}, {4096, 14336}}) {
      for (const int batch : {2048, 4096}) {
        SCOPED_TRACE(testing::Message() << static_cast<int>(format) << " bits, n " << n << " k "
                                        << k << " batch " << batch);
        const PackedShape shape{format, n, k};
        const TiledPlan plan = plan_tiled(shape, batch, Variant::mma_sm75, device_of(gpus[0]));
        EXPECT_EQ(plan.config, TiledConfig::rows256_tokens64);
        EXPECT_LE(plan.shared_bytes, 64 * 1024);
      }
    }
  }
}

TEST(TiledPlan, CutsKWhereRowsAreFew) {
  const PackedShape narrow{WeightFormat::int4, 1024, 4096};
  EXPECT_GT(plan_tiled(narrow, 32, Variant::bulk_sm90, device_of(gpu_h200)).slices, 4);
  const PackedShape wide{WeightFormat::int4, 128256, 4096};
  EXPECT_EQ(plan_tiled(wide, 2048, Variant::bulk_sm90, device_of(gpu_h200)).slices, 1);
}

}  // namespace
}  // namespace roofproof::cuda::linear
