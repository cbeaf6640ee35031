// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a warp does with one unit of weights (16 rows, 2 KiB) and the activations beside it: the
// inner loops of the skinny GEMV, on CUDA cores and on tensor cores.
//
// Issue slots for each 16-byte load of a lane (arithmetic only; counted from the loops below):
//
//              CUDA cores, batch B                            tensor cores, up to 8 sequences
//   fp32   4 FMA x B + 0.5 LDS x B              = 4.5 B         -
//   fp16   8 convert + (8 FMA + 1 LDS) x B      = 8 + 9 B       1 MMA + 0.5 LDSM            = 1.5
//   int8   16 dequantise + 16 convert + 18 B    = 32 + 18 B     16 + 2 MMA + 1 LDSM         = 19
//   int4   36 dequantise + 32 convert + 37 B    = 68 + 37 B     36 + 4 MMA + 2 LDSM + 4     = 46
//
// A 16-byte load of a warp brings 512 bytes. An SM has 4 issue slots per clock and receives
// 4.8e12 / 132 / 1.8e9 = 20 bytes of DRAM per clock on an H200, 14 on an H100, 9 to 13 on an A100,
// 5 on a T4 (bandwidth / SMs / clock). INT4 at batch 1 thus needs (68 + 37) x 20 / 512 = 4.1 slots
// on an H200's CUDA cores, more than there are, and 1.8 with tensor cores; FP16 0.66 and 0.06. So
// the tensor cores are the first choice for every format that they have, from batch 1 on, although
// seven of the eight columns of their product are then idle.
#pragma once

#include "kernels/cuda/linear/activations.cuh"
#include "kernels/cuda/linear/dequantize.cuh"
#include "kernels/cuda/linear/job.h"
#include "kernels/cuda/ptx/ptx.cuh"

namespace roofproof::cuda::linear {

// A lane's part of a unit: its 16 bytes of each chunk, and its scales (INT4: low half row g, high
// half row g + 8; x the unit's first group, y the second). In registers:
class RegisterUnit {
 public:
  __device__ __forceinline__ const uint4& chunk(int i) const { return chunks_[i]; }
  __device__ __forceinline__ uint2 scales() const { return scales_; }

  template <WeightFormat Format>
  __device__ __forceinline__ void load(const unsigned char* unit, std::uint64_t policy) {
    const int lane = threadIdx.x % warp_lanes;
#pragma unroll
    for (int i = 0; i < unit_chunks; ++i) {
      chunks_[i] = ptx::ld_global_nc_no_allocate(unit + lane * 16 + i * chunk_bytes, policy);
    }
    if constexpr (Format == WeightFormat::int4) {
      scales_ = ptx::ld_global_nc_v2(unit + lane_scales_offset(lane));
    }
  }

 private:
  uint4 chunks_[unit_chunks];
  uint2 scales_;
};
// In shared memory, read as it is used. `unit`: bytes from the start of shared memory; an offset
// takes one register, a pointer two.
class SharedUnit {
 public:
  __device__ __forceinline__ explicit SharedUnit(int unit) : unit_(unit) {}
  __device__ __forceinline__ uint4 chunk(int i) const {
    return *reinterpret_cast<const uint4*>(ptx::shared_memory() + unit_ +
                                           threadIdx.x % warp_lanes * 16 + i * chunk_bytes);
  }
  __device__ __forceinline__ uint2 scales() const {
    return *reinterpret_cast<const uint2*>(ptx::shared_memory() + unit_ +
                                           lane_scales_offset(threadIdx.x % warp_lanes));
  }

 private:
  int unit_;
};

// Up to `Columns` sequences (a multiple of 8) on tensor cores: the weights are the 16-row operand,
// eight sequences the other one. Sequences beyond the batch repeat the last one; their sums are not
// used.
template <WeightFormat Format, int Columns>
class TensorCoreSums {
 public:
  static constexpr int staged_sequences = 0;  // StagedX

  // x: FP16 [batch][slice_columns + 8], as bytes from the start of shared memory.
  __device__ __forceinline__ TensorCoreSums(int x, int slice_columns, int batch) {
    const int lane = threadIdx.x % warp_lanes;
#pragma unroll
    for (int j = 0; j < tiles; ++j) {
      const int sequence = min(8 * j + lane % 8, batch - 1);
      x_[j] = x + 2 * (sequence * (slice_columns + tensor_core_x_padding) + lane / 8 * 8);
    }
  }

  __device__ __forceinline__ void clear() {
#pragma unroll
    for (int j = 0; j < tiles; ++j) {
#pragma unroll
      for (int c = 0; c < chains; ++c) {
#pragma unroll
        for (int i = 0; i < 4; ++i) sum_[j][c][i] = 0;
      }
    }
  }

  // `column`: of the unit within the slice.
  template <class Unit>
  __device__ __forceinline__ void add(const Unit& unit, int column) {
    if constexpr (Format == WeightFormat::int4) {
#pragma unroll
      for (int group = 0; group < unit_columns(Format) / scale_group; ++group) {
        float sum[tiles][1][4] = {};
        add_columns<scale_group>(sum, unit, group * scale_group, column);
        const uint2 scales = unit.scales();
        const float2 scale = ptx::cvt_f32_f16x2(group == 0 ? scales.x : scales.y);
#pragma unroll
        for (int j = 0; j < tiles; ++j) {
          sum_[j][0][0] += scale.x * sum[j][0][0];
          sum_[j][0][1] += scale.x * sum[j][0][1];
          sum_[j][0][2] += scale.y * sum[j][0][2];
          sum_[j][0][3] += scale.y * sum[j][0][3];
        }
      }
    } else {
      add_columns<unit_columns(Format)>(sum_, unit, 0, column);
    }
  }

  // Lane 4 g + t stores sequences 2 t and 2 t + 1 of each eight, of rows g and g + 8.
  __device__ __forceinline__ void store(float* partial, int batch) const {
    const int lane = threadIdx.x % warp_lanes;
    const int g = lane / 4;
#pragma unroll
    for (int j = 0; j < tiles; ++j) {
#pragma unroll
      for (int i = 0; i < 2; ++i) {
        const int sequence = 8 * j + lane % 4 * 2 + i;
        if (sequence >= batch) continue;
        float* const sums = partial + sequence * partial_stride + g;
        sums[0] = sum(j, i);
        sums[8] = sum(j, i + 2);
      }
    }
  }

 private:
  static_assert(Columns % 8 == 0, "a tensor-core product has eight columns");
  static constexpr int tiles = Columns / 8;
  // Two independent chains hide the latency of an MMA; INT4's groups and two tiles are such.
  static constexpr int chains = Format == WeightFormat::int4 || tiles > 1 ? 1 : 2;

  __device__ __forceinline__ float sum(int j, int i) const {
    return chains == 1 ? sum_[j][0][i] : sum_[j][0][i] + sum_[j][chains - 1][i];
  }

  // `Count` columns of the unit from `first` on.
  template <int Count, class Unit>
  __device__ __forceinline__ void add_columns(float (&sum)[tiles][chains][4], const Unit& unit,
                                              int first, int column) const {
    constexpr int steps = chunk_steps<Format>;
    const int first_chunk = first / chunk_columns(Format);
#pragma unroll
    for (int pair = 0; pair < Count / 32; ++pair) {
      std::uint32_t x[tiles][4];
#pragma unroll
      for (int j = 0; j < tiles; ++j) {
        ptx::ldmatrix_x4(x[j], ptx::shared_memory() + x_[j] + 2 * (column + first + 32 * pair));
      }
#pragma unroll
      for (int s = 0; s < 2; ++s) {
        const int step = 2 * pair + s;
        std::uint32_t a[4];
        fragment<Format>(a, unit.chunk(first_chunk + step / steps), step % steps);
#pragma unroll
        for (int j = 0; j < tiles; ++j) {
          ptx::mma_m16n8k16(sum[j][s % chains], a, x[j][2 * s], x[j][2 * s + 1]);
        }
      }
    }
  }

  int x_[tiles];
  float sum_[tiles][chains][4];
};

// Up to `Columns` sequences on CUDA cores, FP32 throughout.
template <WeightFormat Format, int Columns>
class CudaCoreSums {
 public:
  static constexpr int staged_sequences = Columns;

  // x: FP32 [slice_columns / 16][Columns][16] in lane order, as bytes from the start of shared
  // memory. What it holds for sequences beyond the batch does not matter.
  __device__ __forceinline__ CudaCoreSums(int x, int, int) : x_(x + threadIdx.x % 4 * 16) {}

  __device__ __forceinline__ void clear() {
#pragma unroll
    for (int b = 0; b < Columns; ++b) sum_[0][b] = sum_[1][b] = 0;
  }

  template <class Unit>
  __device__ __forceinline__ void add(const Unit& unit, int column) {
    if constexpr (Format == WeightFormat::int4) {
      constexpr int group_blocks = scale_group / 16;
#pragma unroll
      for (int first = 0; first < blocks; first += group_blocks) {
        float group[2][Columns] = {};
#pragma unroll
        for (int block = first; block < first + group_blocks; ++block) {
          multiply(group, unit, block, column);
        }
        const uint2 scales = unit.scales();
        const float2 scale = ptx::cvt_f32_f16x2(first == 0 ? scales.x : scales.y);
#pragma unroll
        for (int b = 0; b < Columns; ++b) {
          sum_[0][b] += scale.x * group[0][b];
          sum_[1][b] += scale.y * group[1][b];
        }
      }
    } else {
#pragma unroll
      for (int block = 0; block < blocks; ++block) multiply(sum_, unit, block, column);
    }
  }

  // Lane 4 g + t stores sequences t, t + 4, ... of rows g and g + 8.
  __device__ __forceinline__ void store(float* partial, int batch) const {
    const int lane = threadIdx.x % warp_lanes;
    const int g = lane / 4;
    const int t = lane % 4;
#pragma unroll
    for (int half = 0; half < 2; ++half) {
#pragma unroll
      for (int b = 0; b < Columns; ++b) {
        float sum = sum_[half][b];
        sum += __shfl_xor_sync(0xffffffffu, sum, 1);
        sum += __shfl_xor_sync(0xffffffffu, sum, 2);
        if (t == b % 4 && b < batch) partial[b * partial_stride + g + 8 * half] = sum;
      }
    }
  }

 private:
  static constexpr int blocks = unit_columns(Format) / 16;

  // Adds what 16 columns contribute.
  template <class Unit>
  __device__ __forceinline__ void multiply(float (&sum)[2][Columns], const Unit& unit, int block,
                                           int column) const {
    // [row g or g + 8][columns 2t, 2t+1, 2t+8, 2t+9]
    float w[2][4];
    if constexpr (Format == WeightFormat::fp32) {
#pragma unroll
      for (int h = 0; h < 2; ++h) {
        const uint4 chunk = unit.chunk(2 * block + h);
        w[0][2 * h] = __uint_as_float(chunk.x);
        w[0][2 * h + 1] = __uint_as_float(chunk.y);
        w[1][2 * h] = __uint_as_float(chunk.z);
        w[1][2 * h + 1] = __uint_as_float(chunk.w);
      }
    } else {
      std::uint32_t a[4];
      fragment<Format>(a, unit.chunk(block / chunk_steps<Format>), block % chunk_steps<Format>);
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const float2 pair = ptx::cvt_f32_f16x2(a[i]);
        w[i % 2][i / 2 * 2] = pair.x;
        w[i % 2][i / 2 * 2 + 1] = pair.y;
      }
    }
#pragma unroll
    for (int b = 0; b < Columns; ++b) {
      const float4 x = *reinterpret_cast<const float4*>(
          ptx::shared_memory() + x_ + 4 * ((column + 16 * block) * Columns + 16 * b));
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        sum[half][b] += w[half][0] * x.x;
        sum[half][b] += w[half][1] * x.y;
        sum[half][b] += w[half][2] * x.z;
        sum[half][b] += w[half][3] * x.w;
      }
    }
  }

  int x_;
  float sum_[2][Columns];
};

}  // namespace roofproof::cuda::linear
