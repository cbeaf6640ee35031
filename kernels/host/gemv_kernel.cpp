// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/gemv_kernel.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "kernels/float16.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/host/gemv_kernel.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file once per instruction set.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace roofproof::host {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::ScalableTag<float>;
using Vector = hn::Vec<Tag>;

constexpr std::int64_t lanes = hn::MaxLanes(Tag());  // fixed in all instruction sets used here

// Rows of W whose results are gathered before they are stored.
constexpr std::int64_t block_rows = 64;

// Rows of W that are multiplied at once: that many loads of weights for one load of an activation.
constexpr int pass_rows = 4;

// F16C, which every AVX2 machine has, rounds to the nearest; Highway's stand-in truncates.
#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX2
constexpr bool rounds_to_float16 = false;
#else
constexpr bool rounds_to_float16 = true;
#endif

HWY_INLINE Vector load_float16(const std::uint16_t* halves) {
  const hn::Rebind<hwy::float16_t, Tag> half_tag;
  return hn::PromoteTo(Tag(), hn::LoadU(half_tag, reinterpret_cast<const hwy::float16_t*>(halves)));
}

void store(float* to, const float* from, std::int64_t count) {
  std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(float));
}

// `from` has block_rows elements.
void store(std::uint16_t* to, const float* from, std::int64_t count) {
  if constexpr (rounds_to_float16) {
    const hn::Rebind<hwy::float16_t, Tag> half_tag;
    HWY_ALIGN std::uint16_t halves[block_rows];
    for (std::int64_t i = 0; i < block_rows; i += lanes) {
      hn::StoreU(hn::DemoteTo(half_tag, hn::Load(Tag(), from + i)), half_tag,
                 reinterpret_cast<hwy::float16_t*>(halves + i));
    }
    std::memcpy(to, halves, static_cast<std::size_t>(count) * sizeof(std::uint16_t));
  } else {
    for (std::int64_t i = 0; i < count; ++i) to[i] = to_float16(from[i]);
  }
}

// ---- FP32, FP16 and INT8: one element after another, scales (if any) applied to the sum ----

struct Fp32 {
  using Element = float;
  using Activation = float;
  static HWY_INLINE Vector load(const float* weights) { return hn::LoadU(Tag(), weights); }
};

struct Fp16 {
  using Element = std::uint16_t;
  using Activation = std::uint16_t;
  static HWY_INLINE Vector load(const std::uint16_t* weights) { return load_float16(weights); }
};

struct Int8 {
  using Element = std::int8_t;
  using Activation = std::uint16_t;
  static HWY_INLINE Vector load(const std::int8_t* weights) {
    const hn::Rebind<std::int8_t, Tag> bytes;
    const hn::Rebind<std::int32_t, Tag> integers;
    return hn::ConvertTo(Tag(), hn::PromoteTo(integers, hn::LoadU(bytes, weights)));
  }
};

// sums[j * block_rows + i] = row (row + i) of W times activation j, for i < row_count and
// j < batch_count.
template <class Format, int row_count, int batch_count>
struct Dots {
  static HWY_INLINE void run(const GemvOperands& operands, std::int64_t row, const float* x,
                             std::int64_t x_stride, float* sums) {
    using Element = typename Format::Element;
    constexpr int unroll = 1;
    const Element* const weights =
        reinterpret_cast<const Element*>(operands.weights) + row * operands.k;
    const std::int64_t k_size = operands.k;
    Vector sum[unroll][row_count][batch_count];
#pragma GCC unroll 4
    for (int u = 0; u < unroll; ++u) {
#pragma GCC unroll 4
      for (int i = 0; i < row_count; ++i) {
#pragma GCC unroll 4
        for (int j = 0; j < batch_count; ++j) sum[u][i][j] = hn::Zero(Tag());
      }
    }
    std::int64_t k = 0;
    for (; k + unroll * lanes <= k_size; k += unroll * lanes) {
#pragma GCC unroll 4
      for (int u = 0; u < unroll; ++u) {
        Vector w[row_count];
#pragma GCC unroll 4
        for (int i = 0; i < row_count; ++i) {
          w[i] = Format::load(weights + i * k_size + k + u * lanes);
        }
#pragma GCC unroll 4
        for (int j = 0; j < batch_count; ++j) {
          const Vector x_step = hn::Load(Tag(), x + j * x_stride + k + u * lanes);
#pragma GCC unroll 4
          for (int i = 0; i < row_count; ++i) sum[u][i][j] = hn::MulAdd(w[i], x_step, sum[u][i][j]);
        }
      }
    }
    for (; k < k_size; k += lanes) {  // the rest, in a copy that ends in zeros
      const std::int64_t count = std::min(lanes, k_size - k);
      for (int i = 0; i < row_count; ++i) {
        HWY_ALIGN Element rest[lanes] = {};
        std::memcpy(rest, weights + i * k_size + k,
                    static_cast<std::size_t>(count) * sizeof(Element));
        const Vector w = Format::load(rest);
        for (int j = 0; j < batch_count; ++j) {
          sum[0][i][j] = hn::MulAdd(w, hn::Load(Tag(), x + j * x_stride + k), sum[0][i][j]);
        }
      }
    }
#pragma GCC unroll 4
    for (int i = 0; i < row_count; ++i) {
#pragma GCC unroll 4
      for (int j = 0; j < batch_count; ++j) {
        Vector total = sum[0][i][j];
#pragma GCC unroll 4
        for (int u = 1; u < unroll; ++u) total = hn::Add(total, sum[u][i][j]);
        sums[j * block_rows + i] = hn::GetLane(hn::SumOfLanes(Tag(), total));
      }
    }
  }
};

// ---- INT4: as 32-bit words of 8 nibbles ----
//
// A vector of words holds 8 x lanes weights; nibble j of word i is weight 8 i + j. Shifting all
// words at once gives the vectors j = 0 .. 7, and prepare_x() has put activation 8 i + j at j x
// lanes + i.
constexpr std::int64_t word_block = 8 * lanes;
static_assert(int4_group_size % word_block == 0, "a scale belongs to whole blocks");

struct Int4 {
  using Activation = std::uint16_t;
};

template <int row_count, int batch_count>
struct Dots<Int4, row_count, batch_count> {
  using IntegerTag = hn::Rebind<std::int32_t, Tag>;

  static HWY_INLINE hn::Vec<IntegerTag> load_words(const std::uint8_t* weights) {
#if HWY_TARGET == HWY_SCALAR
    std::int32_t word;
    std::memcpy(&word, weights, sizeof word);
    const auto words = hn::Set(IntegerTag(), word);
#else
    const hn::Repartition<std::uint8_t, Tag> bytes;
    const auto words = hn::BitCast(IntegerTag(), hn::LoadU(bytes, weights));
#endif
    // q - 8 as a signed nibble is q with its top bit flipped.
    return hn::Xor(words, hn::Set(IntegerTag(), static_cast<std::int32_t>(0x88888888u)));
  }

  template <int nibble>
  static HWY_INLINE Vector unpack(hn::Vec<IntegerTag> words) {
    return hn::ConvertTo(Tag(), hn::ShiftRight<28>(hn::ShiftLeft<28 - 4 * nibble>(words)));
  }

  template <int nibble>
  static HWY_INLINE void add_nibble(const hn::Vec<IntegerTag> (&words)[row_count], const float* x,
                                    std::int64_t x_stride, Vector (&sum)[row_count][batch_count]) {
    Vector w[row_count];
#pragma GCC unroll 4
    for (int i = 0; i < row_count; ++i) w[i] = unpack<nibble>(words[i]);
#pragma GCC unroll 4
    for (int j = 0; j < batch_count; ++j) {
      const Vector x_step = hn::Load(Tag(), x + j * x_stride + nibble * lanes);
#pragma GCC unroll 4
      for (int i = 0; i < row_count; ++i) sum[i][j] = hn::MulAdd(w[i], x_step, sum[i][j]);
    }
  }

  static HWY_INLINE void add_block(const hn::Vec<IntegerTag> (&words)[row_count], const float* x,
                                   std::int64_t x_stride, Vector (&sum)[row_count][batch_count]) {
    add_nibble<0>(words, x, x_stride, sum);
    add_nibble<1>(words, x, x_stride, sum);
    add_nibble<2>(words, x, x_stride, sum);
    add_nibble<3>(words, x, x_stride, sum);
    add_nibble<4>(words, x, x_stride, sum);
    add_nibble<5>(words, x, x_stride, sum);
    add_nibble<6>(words, x, x_stride, sum);
    add_nibble<7>(words, x, x_stride, sum);
  }

  static HWY_INLINE Vector scale_of(const std::uint16_t* scale) {
    if constexpr (rounds_to_float16) {
      const hn::CappedTag<float, 1> one;
      const hn::Rebind<hwy::float16_t, decltype(one)> half;
      return hn::Set(Tag(),
                     hn::GetLane(hn::PromoteTo(
                         one, hn::LoadU(half, reinterpret_cast<const hwy::float16_t*>(scale)))));
    } else {
      return hn::Set(Tag(), to_float(*scale));
    }
  }

  static HWY_INLINE void run(const GemvOperands& operands, std::int64_t row, const float* x,
                             std::int64_t x_stride, float* sums) {
    const std::int64_t row_bytes = (operands.k + 1) / 2;
    const std::int64_t row_groups = (operands.k + int4_group_size - 1) / int4_group_size;
    const auto* const weights =
        reinterpret_cast<const std::uint8_t*>(operands.weights) + row * row_bytes;
    const auto* const scales =
        reinterpret_cast<const std::uint16_t*>(operands.scales) + row * row_groups;
    Vector total[row_count][batch_count];
    for (auto& row_total : total) {
      for (Vector& one : row_total) one = hn::Zero(Tag());
    }
    for (std::int64_t group = 0; group < row_groups; ++group) {
      Vector sum[row_count][batch_count];
#pragma GCC unroll 4
      for (int i = 0; i < row_count; ++i) {
#pragma GCC unroll 4
        for (int j = 0; j < batch_count; ++j) sum[i][j] = hn::Zero(Tag());
      }
      const std::int64_t group_end = std::min((group + 1) * int4_group_size, operands.k);
      std::int64_t k = group * int4_group_size;
      for (; k + word_block <= group_end; k += word_block) {
        hn::Vec<IntegerTag> words[row_count];
#pragma GCC unroll 4
        for (int i = 0; i < row_count; ++i) {
          words[i] = load_words(weights + i * row_bytes + k / 2);
        }
        add_block(words, x + k, x_stride, sum);
      }
      if (k < group_end) {  // the rest of the row, in a copy; activations are 0 beyond it
        hn::Vec<IntegerTag> words[row_count];
        for (int i = 0; i < row_count; ++i) {
          HWY_ALIGN std::uint8_t rest[word_block / 2] = {};
          std::memcpy(rest, weights + i * row_bytes + k / 2,
                      static_cast<std::size_t>(row_bytes - k / 2));
          words[i] = load_words(rest);
        }
        add_block(words, x + k, x_stride, sum);
      }
#pragma GCC unroll 4
      for (int i = 0; i < row_count; ++i) {
        const Vector scale = scale_of(scales + i * row_groups + group);
#pragma GCC unroll 4
        for (int j = 0; j < batch_count; ++j) {
          total[i][j] = hn::MulAdd(scale, sum[i][j], total[i][j]);
        }
      }
    }
#pragma GCC unroll 4
    for (int i = 0; i < row_count; ++i) {
#pragma GCC unroll 4
      for (int j = 0; j < batch_count; ++j) {
        sums[j * block_rows + i] = hn::GetLane(hn::SumOfLanes(Tag(), total[i][j]));
      }
    }
  }
};

// ---- What all formats share ----

// All activations for row_count rows.
template <class Format, int row_count>
HWY_INLINE void multiply_rows(const GemvOperands& operands, std::int64_t x_stride, std::int64_t row,
                              float* sums) {
  std::int64_t j = 0;
  const auto step = [&](auto dots, std::int64_t count) HWY_ATTR {
    decltype(dots)::run(operands, row, operands.x + j * x_stride, x_stride, sums + j * block_rows);
    j += count;
  };
  while (j + 4 <= operands.batch) step(Dots<Format, row_count, 4>(), 4);
  if (j + 2 <= operands.batch) step(Dots<Format, row_count, 2>(), 2);
  if (j < operands.batch) step(Dots<Format, row_count, 1>(), 1);
}

template <class Format>
void multiply(const GemvOperands& operands, Share rows) {
  using Activation = typename Format::Activation;
  const std::int64_t x_stride = (operands.k + word_block - 1) / word_block * word_block;
  auto* const y = reinterpret_cast<Activation*>(operands.y);
  HWY_ALIGN float sums[gemv_most_batch * block_rows];
  for (std::int64_t first = rows.begin; first < rows.end; first += block_rows) {
    const std::int64_t count = std::min(block_rows, rows.end - first);
    std::int64_t i = 0;
    for (; i + pass_rows <= count; i += pass_rows) {
      multiply_rows<Format, pass_rows>(operands, x_stride, first + i, sums + i);
    }
    for (; i < count; ++i) multiply_rows<Format, 1>(operands, x_stride, first + i, sums + i);
    for (std::int64_t j = 0; j < operands.batch; ++j) {
      float* const of_one = sums + j * block_rows;
      if constexpr (std::is_same_v<Format, Int8>) {
        const auto* const scales = reinterpret_cast<const float*>(operands.scales) + first;
        for (i = 0; i < count; ++i) of_one[i] *= scales[i];
      }
      store(y + j * operands.n + first, of_one, count);
    }
  }
}

template <class Format>
void prepare_x(float* prepared, const std::byte* x, std::int64_t k_size) {
  using Activation = typename Format::Activation;
  const auto* const source = reinterpret_cast<const Activation*>(x);
  for (std::int64_t k = 0; k < k_size; k += word_block) {
    HWY_ALIGN Activation block[word_block] = {};
    std::memcpy(block, source + k,
                static_cast<std::size_t>(std::min(word_block, k_size - k)) * sizeof(Activation));
    HWY_ALIGN float values[word_block];
    for (std::int64_t i = 0; i < word_block; i += lanes) {
      if constexpr (std::is_same_v<Activation, float>) {
        hn::Store(hn::Load(Tag(), block + i), Tag(), values + i);
      } else {
        hn::Store(load_float16(block + i), Tag(), values + i);
      }
    }
    for (std::int64_t i = 0; i < word_block; ++i) {
      prepared[k + i] =
          std::is_same_v<Format, Int4> ? values[i % lanes * 8 + i / lanes] : values[i];
    }
  }
}

template <class Format>
GemvKernel kernel_for() {
  return {hwy::TargetName(HWY_TARGET), word_block, prepare_x<Format>, multiply<Format>};
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
