// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/gemv_kernel.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/host/gemv_kernel.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file once per instruction set.
#include <hwy/highway.h>

#include "kernels/host/float16-inl.h"

HWY_BEFORE_NAMESPACE();
namespace roofproof::host {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Rows of W whose results are gathered before they are stored.
constexpr std::int64_t block_rows = 64;

// Activations that are multiplied by those rows at once.
constexpr std::int64_t block_batch = 32;

// Rows of W that are multiplied at once: that many loads of weights for one load of an activation.
constexpr int pass_rows = 4;

// Weights are asked for before they are used: the hardware's own prefetching loses them at each end
// of a page and whenever conversions or a second stream of scales come between.
HWY_INLINE void prefetch(const void* from, std::int64_t ahead_bytes) {
  __builtin_prefetch(reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(from) +
                                                   static_cast<std::uintptr_t>(ahead_bytes)));
}
constexpr std::int64_t line_bytes = 64;

// A tile of Y in registers: rows of W times activations, one vector of partial sums each.
template <int rows, int batch>
struct Tile {
  Vector sum[rows][batch];

  HWY_INLINE void clear() {
#pragma GCC unroll 4
    for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 4
      for (int j = 0; j < batch; ++j) sum[i][j] = hn::Zero(Tag());
    }
  }

  // One vector of weights of each row times the same place in each activation.
  HWY_INLINE void add(const Vector (&w)[rows], const float* x, std::int64_t x_stride) {
#pragma GCC unroll 4
    for (int j = 0; j < batch; ++j) {
      const Vector x_step = hn::Load(Tag(), x + j * x_stride);
#pragma GCC unroll 4
      for (int i = 0; i < rows; ++i) sum[i][j] = hn::MulAdd(w[i], x_step, sum[i][j]);
    }
  }

  HWY_INLINE void add(const Tile& other) {
#pragma GCC unroll 4
    for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 4
      for (int j = 0; j < batch; ++j) sum[i][j] = hn::Add(sum[i][j], other.sum[i][j]);
    }
  }

  // sums[j * block_rows + i] = all of sum[i][j].
  HWY_INLINE void reduce(float* sums) const {
#pragma GCC unroll 4
    for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 4
      for (int j = 0; j < batch; ++j) {
        sums[j * block_rows + i] = hn::GetLane(hn::SumOfLanes(Tag(), sum[i][j]));
      }
    }
  }
};

// ---- FP32, FP16 and INT8: vectors of consecutive weights, a scale (if any) for the whole row ----

// For a single activation `single_rows` rows of W are multiplied at once, each in `chains`
// independent sums, with weights prefetched from `ahead_bytes` further on (0: not at all). Tuned on
// an AMD EPYC 9005 (2026-11), one core, rows of 8 KiB: with one row the reads are one stream, which
// memory serves best; INT4 is short of arithmetic, not of bytes, and four rows share what is to be
// loaded.

struct Fp32 {
  static constexpr int single_rows = 1;
  static constexpr int chains = 4;
  static constexpr std::int64_t ahead_bytes = 0;
  using Element = float;
  using Activation = float;
  static HWY_INLINE Vector load(const float* weights) { return load_values(weights); }
};

struct Fp16 {
  static constexpr int single_rows = 1;
  static constexpr int chains = 4;
  static constexpr std::int64_t ahead_bytes = 4096;
  using Element = std::uint16_t;
  using Activation = std::uint16_t;
  static HWY_INLINE Vector load(const std::uint16_t* weights) { return load_values(weights); }
};

struct Int8 {
  static constexpr int single_rows = 1;
  static constexpr int chains = 4;
  static constexpr std::int64_t ahead_bytes = 4096;
  using Element = std::int8_t;
  using Activation = std::uint16_t;
  static HWY_INLINE Vector load(const std::int8_t* weights) {
    const hn::Rebind<std::int8_t, Tag> bytes;
    const hn::Rebind<std::int32_t, Tag> integers;
    return hn::ConvertTo(Tag(), hn::PromoteTo(integers, hn::LoadU(bytes, weights)));
  }
};

// Rows row .. row + rows of W times `batch` activations, to sums[j * block_rows + i]. The first
// tile of a row brings its weights from memory; for the other activations they are in a cache.
template <class Format, int rows, int batch, bool first_tile = false>
struct Dots {
  using Element = typename Format::Element;

  // One addition at a time would wait for the one before.
  static constexpr int chains = rows * batch == 1 ? Format::chains : 1;
  static constexpr std::int64_t vector_bytes = lanes * static_cast<std::int64_t>(sizeof(Element));
  static constexpr bool prefetches = first_tile && (rows > 1 || Format::ahead_bytes > 0);

  static HWY_INLINE void run(const GemvOperands& operands, std::int64_t row, const float* x,
                             std::int64_t x_stride, float* sums) {
    const std::int64_t k_size = operands.k;
    const Element* const weights =
        reinterpret_cast<const Element*>(operands.weights) + row * k_size;
    // Of several rows: the same place of the next ones.
    const std::int64_t ahead_bytes =
        rows == 1 ? Format::ahead_bytes
                  : rows * k_size * static_cast<std::int64_t>(sizeof(Element));
    Tile<rows, batch> tile[chains];
#pragma GCC unroll 4
    for (int chain = 0; chain < chains; ++chain) tile[chain].clear();
    std::int64_t k = 0;
    for (; k + chains * lanes <= k_size; k += chains * lanes) {
#pragma GCC unroll 4
      for (int chain = 0; chain < chains; ++chain) {
        const std::int64_t at = k + chain * lanes;
        Vector w[rows];
#pragma GCC unroll 4
        for (int i = 0; i < rows; ++i) {
          const Element* const from = weights + i * k_size + at;
          if (prefetches && chain * vector_bytes % line_bytes == 0) prefetch(from, ahead_bytes);
          w[i] = Format::load(from);
        }
        tile[chain].add(w, x + at, x_stride);
      }
    }
    for (; k < k_size; k += lanes) {
      Vector w[rows];
#pragma GCC unroll 4
      for (int i = 0; i < rows; ++i) w[i] = load_rest(weights + i * k_size + k, k_size - k);
      tile[0].add(w, x + k, x_stride);
    }
#pragma GCC unroll 4
    for (int chain = 1; chain < chains; ++chain) tile[0].add(tile[chain]);
    tile[0].reduce(sums);
  }

  // The end of a row, without reading beyond it.
  static HWY_INLINE Vector load_rest(const Element* weights, std::int64_t count) {
    HWY_ALIGN Element rest[lanes] = {};
    std::memcpy(rest, weights, static_cast<std::size_t>(std::min(lanes, count)) * sizeof(Element));
    return Format::load(rest);
  }

  static void prepare_group(float* prepared, const float* values) {
    std::memcpy(prepared, values, int4_group_size * sizeof(float));
  }
};

// ---- INT4: 32-bit words of 8 nibbles, a scale for each group of 128 ----
//
// A vector of words holds 8 x lanes weights; nibble j of word i is weight 8 i + j. Shifting all
// words at once gives the vectors j = 0 .. 7, and prepare_x() puts the activations in that order.

struct Int4 {
  static constexpr int single_rows = 4;
  static constexpr int chains = 2;
  using Activation = std::uint16_t;
};

constexpr std::int64_t group_bytes = int4_group_size / 2;
constexpr std::int64_t word_block = 8 * lanes;
static_assert(int4_group_size % word_block == 0, "a group consists of whole vectors of words");

template <int rows, int batch, bool first_tile>
struct Dots<Int4, rows, batch, first_tile> {
  using WordTag = hn::Rebind<std::int32_t, Tag>;
  using Words = hn::Vec<WordTag>;

  static constexpr int chains = rows * batch == 1 ? Int4::chains : 1;

  static HWY_INLINE Words load_words(const std::uint8_t* weights) {
#if HWY_TARGET == HWY_SCALAR
    std::int32_t word;
    std::memcpy(&word, weights, sizeof word);
    return hn::Set(WordTag(), word);
#else
    const hn::Repartition<std::uint8_t, Tag> bytes;
    return hn::BitCast(WordTag(), hn::LoadU(bytes, weights));
#endif
  }

  // q - 8 of one nibble of each word.
  template <int nibble>
  static HWY_INLINE Vector unpack(Words words) {
#if HWY_TARGET <= HWY_AVX3 && HWY_ARCH_X86
    // The permutation looks at the low 4 bits of an index and ignores the rest, so that neither a
    // mask nor a conversion is needed.
    const Vector values = hn::Sub(hn::Iota(Tag(), 0), hn::Set(Tag(), 8));
    return Vector{_mm512_permutexvar_ps(hn::ShiftRight<4 * nibble>(words).raw, values.raw)};
#else
    // q with its top bit flipped is q - 8 as a signed nibble.
    const Words flipped = hn::Xor(words, hn::Set(WordTag(), static_cast<std::int32_t>(0x88888888)));
    return hn::ConvertTo(Tag(), hn::ShiftRight<28>(hn::ShiftLeft<28 - 4 * nibble>(flipped)));
#endif
  }

  template <int nibble>
  static HWY_INLINE void add_nibble(const Words (&words)[rows], const float* x,
                                    std::int64_t x_stride, Tile<rows, batch> (&tile)[chains]) {
    Vector w[rows];
#pragma GCC unroll 4
    for (int i = 0; i < rows; ++i) w[i] = unpack<nibble>(words[i]);
    tile[nibble % chains].add(w, x + nibble * lanes, x_stride);
  }

  // total += one group of each row times the same part of the activations.
  static HWY_INLINE void add_group(const std::uint8_t* weights, std::int64_t stride,
                                   const std::uint16_t* scales, std::int64_t row_groups,
                                   const float* x, std::int64_t x_stride,
                                   Tile<rows, batch>& total) {
    Tile<rows, batch> tile[chains];
#pragma GCC unroll 2
    for (int chain = 0; chain < chains; ++chain) tile[chain].clear();
#pragma GCC unroll 2
    for (std::int64_t k = 0; k < int4_group_size; k += word_block) {
      Words words[rows];
#pragma GCC unroll 4
      for (int i = 0; i < rows; ++i) {
        const std::uint8_t* const from = weights + i * stride + k / 2;
        if (first_tile && rows > 1) prefetch(from, rows * stride);
        words[i] = load_words(from);
      }
      add_nibble<0>(words, x + k, x_stride, tile);
      add_nibble<1>(words, x + k, x_stride, tile);
      add_nibble<2>(words, x + k, x_stride, tile);
      add_nibble<3>(words, x + k, x_stride, tile);
      add_nibble<4>(words, x + k, x_stride, tile);
      add_nibble<5>(words, x + k, x_stride, tile);
      add_nibble<6>(words, x + k, x_stride, tile);
      add_nibble<7>(words, x + k, x_stride, tile);
    }
#pragma GCC unroll 2
    for (int chain = 1; chain < chains; ++chain) tile[0].add(tile[chain]);
#pragma GCC unroll 4
    for (int i = 0; i < rows; ++i) {
      const Vector scale = load_scale(scales + i * row_groups);
#pragma GCC unroll 4
      for (int j = 0; j < batch; ++j) {
        total.sum[i][j] = hn::MulAdd(scale, tile[0].sum[i][j], total.sum[i][j]);
      }
    }
  }

  static HWY_INLINE Vector load_scale(const std::uint16_t* scale) {
    if constexpr (rounds_to_float16) {
      const hn::CappedTag<float, 1> one;
      const hn::Rebind<hwy::float16_t, decltype(one)> half;
      const auto value = hn::LoadU(half, reinterpret_cast<const hwy::float16_t*>(scale));
      return hn::Set(Tag(), hn::GetLane(hn::PromoteTo(one, value)));
    } else {
      return hn::Set(Tag(), to_float(*scale));
    }
  }

  static HWY_INLINE void run(const GemvOperands& operands, std::int64_t row, const float* x,
                             std::int64_t x_stride, float* sums) {
    const std::int64_t row_bytes = (operands.k + 1) / 2;
    const std::int64_t row_groups = (operands.k + int4_group_size - 1) / int4_group_size;
    const auto* weights = reinterpret_cast<const std::uint8_t*>(operands.weights) + row * row_bytes;
    const auto* scales = reinterpret_cast<const std::uint16_t*>(operands.scales) + row * row_groups;
    Tile<rows, batch> total;
    total.clear();
    for (std::int64_t group = 0; group < operands.k / int4_group_size; ++group) {
      add_group(weights, row_bytes, scales, row_groups, x, x_stride, total);
      weights += group_bytes;
      ++scales;
      x += int4_group_size;
    }
    const std::int64_t rest_bytes = row_bytes % group_bytes;
    if (operands.k % int4_group_size != 0) {  // in a copy; the activations beyond the end are 0
      HWY_ALIGN std::uint8_t rest[rows * group_bytes] = {};
      for (int i = 0; i < rows; ++i) {
        std::memcpy(rest + i * group_bytes, weights + i * row_bytes,
                    static_cast<std::size_t>(rest_bytes == 0 ? group_bytes : rest_bytes));
      }
      add_group(rest, group_bytes, scales, row_groups, x, x_stride, total);
    }
    total.reduce(sums);
  }

  static void prepare_group(float* prepared, const float* values) {
    for (std::int64_t block = 0; block < int4_group_size; block += word_block) {
      for (std::int64_t j = 0; j < 8; ++j) {
        for (std::int64_t i = 0; i < lanes; ++i) {
          prepared[block + j * lanes + i] = values[block + 8 * i + j];
        }
      }
    }
  }
};

// ---- What all formats share ----

// Activations are padded with zeros to whole groups.
std::int64_t prepared_size(std::int64_t k) {
  return (k + int4_group_size - 1) / int4_group_size * int4_group_size;
}

// `rows` rows of W times all activations.
template <class Format, int rows>
HWY_INLINE void multiply_rows(const GemvOperands& operands, std::int64_t x_stride, std::int64_t row,
                              float* sums) {
  std::int64_t j = 0;
  const auto step = [&](auto dots, std::int64_t count) HWY_ATTR {
    decltype(dots)::run(operands, row, operands.x + j * x_stride, x_stride, sums + j * block_rows);
    j += count;
  };
  if (operands.batch >= 4) {
    step(Dots<Format, rows, 4, true>(), 4);
  } else if (operands.batch >= 2) {
    step(Dots<Format, rows, 2, true>(), 2);
  } else {
    step(Dots<Format, rows, 1, true>(), 1);
  }
  while (j + 4 <= operands.batch) step(Dots<Format, rows, 4>(), 4);
  if (j + 2 <= operands.batch) step(Dots<Format, rows, 2>(), 2);
  if (j < operands.batch) step(Dots<Format, rows, 1>(), 1);
}

// sums[j * block_rows + i] = row (first + i) of W times activation j.
template <class Format>
HWY_INLINE void multiply_block(const GemvOperands& operands, std::int64_t x_stride,
                               std::int64_t first, std::int64_t count, float* sums) {
  std::int64_t i = 0;
  if (operands.batch > 1 || Format::single_rows == pass_rows) {
    for (; i + pass_rows <= count; i += pass_rows) {
      multiply_rows<Format, pass_rows>(operands, x_stride, first + i, sums + i);
    }
  }
  for (; i < count; ++i) multiply_rows<Format, 1>(operands, x_stride, first + i, sums + i);
  if constexpr (std::is_same_v<Format, Int8>) {
    const auto* const scales = reinterpret_cast<const float*>(operands.scales) + first;
    for (std::int64_t j = 0; j < operands.batch; ++j) {
      for (i = 0; i < count; ++i) sums[j * block_rows + i] *= scales[i];
    }
  }
}

template <class Format, class Output>
void multiply(const GemvOperands& operands, Share rows) {
  const std::int64_t x_stride = prepared_size(operands.k);
  auto* const y = reinterpret_cast<Output*>(operands.y);
  HWY_ALIGN float sums[block_batch * block_rows];
  for (std::int64_t first = rows.begin; first < rows.end; first += block_rows) {
    const std::int64_t count = std::min(block_rows, rows.end - first);
    // Beyond one block of activations the weights come from a cache.
    for (std::int64_t j = 0; j < operands.batch; j += block_batch) {
      GemvOperands block = operands;
      block.x += j * x_stride;
      block.batch = std::min(block_batch, operands.batch - j);
      multiply_block<Format>(block, x_stride, first, count, sums);
      for (std::int64_t of_block = 0; of_block < block.batch; ++of_block) {
        store_values(y + (j + of_block) * operands.n + first, sums + of_block * block_rows, count);
      }
    }
  }
}

template <class Format>
void prepare_x(float* prepared, const std::byte* x, std::int64_t k_size) {
  using Activation = typename Format::Activation;
  const auto* const source = reinterpret_cast<const Activation*>(x);
  for (std::int64_t k = 0; k < k_size; k += int4_group_size) {
    HWY_ALIGN Activation group[int4_group_size] = {};
    std::memcpy(group, source + k,
                static_cast<std::size_t>(std::min<std::int64_t>(int4_group_size, k_size - k)) *
                    sizeof(Activation));
    HWY_ALIGN float values[int4_group_size];
    for (std::int64_t i = 0; i < int4_group_size; i += lanes) {
      if constexpr (std::is_same_v<Activation, float>) {
        hn::Store(hn::Load(Tag(), group + i), Tag(), values + i);
      } else {
        hn::Store(load_values(group + i), Tag(), values + i);
      }
    }
    Dots<Format, 1, 1>::prepare_group(prepared + k, values);
  }
}

template <class Format>
GemvKernel kernel_for() {
  return {hwy::TargetName(HWY_TARGET), prepared_size, prepare_x<Format>,
          multiply<Format, typename Format::Activation>, multiply<Format, float>};
}

GemvKernel make_gemv_kernel(Precision weights) {
  switch (weights) {
    case Precision::fp32:
      return kernel_for<Fp32>();
    case Precision::fp16:
      return kernel_for<Fp16>();
    case Precision::int8:
      return kernel_for<Int8>();
    case Precision::int4:
      return kernel_for<Int4>();
    default:
      throw std::invalid_argument("gemv: no weights in " + std::string(name(weights)));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace roofproof::host
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace roofproof::host {

HWY_EXPORT(make_gemv_kernel);

GemvKernel gemv_kernel(Precision weights) {
  return HWY_DYNAMIC_DISPATCH(make_gemv_kernel)(weights);
}

}  // namespace roofproof::host
#endif
