// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Y[batch, N] = X[batch, K] W[N, K]^T for more sequences (tokens) than the skinny kernel takes, up
// to a prefill of thousands: tensor cores, weights packed as ever (layout.h), dequantised in
// registers.
//
// A block of 8 warps computes 128 x RowTiles rows by 8 x TokenTiles tokens. Each warp owns its rows
// (RowTiles tiles of 16) for all of the block's tokens, so that every weight is dequantised once
// per block, and what a warp loads of X from shared memory serves RowTiles tiles. A stage is 64
// columns:
//
//   weights  RowTiles x {512, 1024, 2048} bytes per warp (INT4, INT8, FP16), each lane's fragments
//            copied and read back by that lane
//   X        [tokens][64] FP16, the 16-byte pieces of a row permuted by XOR with the token's number
//            mod 8: ldmatrix reads eight rows without a bank conflict
//
// sm_80 on: stages by cp.async, as many as fit. sm_75: X of two stages, that of a third on its way
// through registers; weights never leave the lane that loads them, so they go to its registers, not
// to shared memory, where two stages of the largest FP16 tile would take 80 KiB of 64. INT4 sums
// are kept in multiples of the current group's scale: on entering a group they are multiplied by
// old scale / new scale, one FMUL for eight MMAs, and weights enter the tensor cores as exact
// integers.
//
// Shared-memory reads per k16 step and warp: 256 x TokenTiles bytes for 2048 x RowTiles x
// TokenTiles multiply-adds: 16 per byte with two row tiles, half of what 128 bytes per clock feed
// the 1024 multiply-adds per clock of an A100's SM; 8 per byte with one, enough while weights come
// from DRAM.
//
// FLOP 2 batch N K; compulsory bytes: weights with scales, X and Y once.
#pragma once

#include "kernels/cuda/linear/dequantize.cuh"
#include "kernels/cuda/linear/finish.cuh"
#include "kernels/cuda/linear/job.h"
#include "kernels/cuda/linear/variant.h"
#include "kernels/cuda/ptx/ptx.cuh"

namespace roofproof::cuda::linear {

template <WeightFormat Format, int RowTiles, int TokenTiles>
struct TiledShape {
  static constexpr int rows = tiled_warps * RowTiles * tile_rows;
  static constexpr int tokens = 8 * TokenTiles;
  static constexpr int tile_bytes = stage_columns / chunk_columns(Format) * chunk_bytes;
  static constexpr TiledSize size = {RowTiles, TokenTiles};
  static constexpr int weight_bytes = stage_weight_bytes(Format, size);
  static constexpr int x_bytes = stage_x_bytes(size);
  static constexpr int tile_chunks = tile_bytes / chunk_bytes;
  static constexpr int unit_stages = unit_columns(Format) / stage_columns;
  // 16-byte pieces of a stage that one thread copies.
  static constexpr int weight_copies = weight_bytes / 16 / tiled_threads;
  static constexpr int x_copies = x_bytes / 16 / tiled_threads;
  static_assert(x_bytes % (16 * tiled_threads) == 0, "threads share the copies of X evenly");
};

// What a thread copies into the stages.
template <WeightFormat Format, int RowTiles, int TokenTiles>
class StageSource {
 public:
  using Shape = TiledShape<Format, RowTiles, TokenTiles>;

  __device__ __forceinline__ StageSource(const LinearJob& job, int first_tile, int first_token,
                                         int first_unit) {
    const int lane = threadIdx.x % warp_lanes;
    const int warp = threadIdx.x / warp_lanes;
    // Rows that are none repeat those of the last tile; what comes of them is not stored.
    const int tile = min(first_tile + warp * RowTiles, job.tiles - 1);
    tile_step_ = job.tiles - tile < RowTiles ? 0 : job.units * unit_bytes(Format);
    weights_ = job.weights + first_unit * unit_bytes(Format) + lane * 16 +
               static_cast<std::int64_t>(tile) * job.units * unit_bytes(Format);

    const int token = first_token + threadIdx.x / 8;
    const int column = first_unit * unit_columns(Format) + threadIdx.x % 8 * 8;
    tokens_left_ = job.batch - token;
    columns_left_ = job.k - column;
    token_step_ = tiled_threads / 8 * job.x_stride;
    x_ = static_cast<const Half*>(job.x) + column +
         (tokens_left_ > 0 ? static_cast<std::int64_t>(token) * job.x_stride : 0);
  }

  // Calls use(offset in the stage, source, whether it is to be read rather than taken for zeros,
  // index of the copy) for each piece of weights.
  template <class Use>
  __device__ __forceinline__ void weights(int stage, const Use& use) const {
    const int lane = threadIdx.x % warp_lanes;
    const int warp = threadIdx.x / warp_lanes;
    constexpr int chunks = Shape::tile_chunks;
    const unsigned char* const from = weights_ + stage / Shape::unit_stages * unit_bytes(Format) +
                                      stage % Shape::unit_stages * Shape::tile_bytes;
#pragma unroll
    for (int r = 0; r < RowTiles; ++r) {
#pragma unroll
      for (int c = 0; c < chunks; ++c) {
        use((warp * RowTiles + r) * Shape::tile_bytes + c * chunk_bytes + lane * 16,
            from + r * tile_step_ + c * chunk_bytes, true, r * chunks + c);
      }
    }
  }
  // Calls use(row tile, source) for the scales of this lane's rows in a group (INT4). With two row
  // tiles a pointer kept for them across the loop is a register too many, and what can be foreseen
  // the compiler keeps: so the lane is read anew.
  template <class Use>
  __device__ __forceinline__ void scales(int group, const Use& use) const {
    const int lane = RowTiles > 1 ? ptx::laneid() : threadIdx.x % warp_lanes;
    const unsigned char* const from = weights_ + lane_scales_offset(lane) - lane * 16 +
                                      group / 2 * unit_bytes(Format) + group % 2 * 4;
#pragma unroll
    for (int r = 0; r < RowTiles; ++r) use(r, from + r * tile_step_);
  }
  // As weights(), for X; offsets are in the stage's X.
  template <class Use>
  __device__ __forceinline__ void x(int stage, const Use& use) const {
    const int token = threadIdx.x / 8;
    const int piece = threadIdx.x % 8;
    const bool inside = stage * stage_columns < columns_left_;
#pragma unroll
    for (int i = 0; i < Shape::x_copies; ++i) {
      const bool valid = inside && i * (tiled_threads / 8) < tokens_left_;
      const Half* const from = x_ + (valid ? stage * stage_columns + i * token_step_ : 0);
      // (tiled_threads / 8) rows on, the permutation is the same.
      use(token * 128 + (piece ^ token % 8) * 16 + i * (tiled_threads / 8) * 128,
          reinterpret_cast<const unsigned char*>(from), valid, i);
    }
  }

 private:
  const unsigned char* weights_;
  const Half* x_;
  int tile_step_;
  int tokens_left_;
  int token_step_;
  int columns_left_;
};

// The accumulators of a warp and what one stage adds to them.
template <WeightFormat Format, int RowTiles, int TokenTiles>
class TiledSums {
 public:
  using Shape = TiledShape<Format, RowTiles, TokenTiles>;
  static constexpr int count = RowTiles * TokenTiles * 4;

  __device__ __forceinline__ TiledSums() {
#pragma unroll
    for (int r = 0; r < RowTiles; ++r) {
#pragma unroll
      for (int j = 0; j < TokenTiles; ++j) {
#pragma unroll
        for (int i = 0; i < 4; ++i) sum_[r][j][i] = 0;
      }
    }
  }

  // weights(r, c): this lane's 16 bytes of chunk c of row tile r.
  template <class Weights>
  __device__ __forceinline__ void add_stage(const Weights& weights, const unsigned char* stage_x) {
    const int lane = threadIdx.x % warp_lanes;
    // One ldmatrix brings 16 columns of 16 tokens: matrix lane / 8 is its half of the tokens and,
    // in its low bit, of the columns.
    const unsigned char* const x = stage_x + (lane / 16 * 8 + lane % 8) * 128;
    const int piece = lane / 8 % 2 ^ lane % 8;
    uint4 chunk[RowTiles];
#pragma unroll
    for (int step = 0; step < stage_columns / 16; ++step) {
      std::uint32_t a[RowTiles][4];
#pragma unroll
      for (int r = 0; r < RowTiles; ++r) {
        if (step % chunk_steps<Format> == 0) chunk[r] = weights(r, step / chunk_steps<Format>);
        fragment<Format>(a[r], chunk[r], step % chunk_steps<Format>);
      }
#pragma unroll
      for (int j = 0; j < TokenTiles; j += 2) {
        std::uint32_t b[4];
        ptx::ldmatrix_x4(b, x + j * 1024 + (piece ^ 2 * step) * 16);
#pragma unroll
        for (int r = 0; r < RowTiles; ++r) {
          ptx::mma_m16n8k16(sum_[r][j], a[r], b[0], b[1]);
          ptx::mma_m16n8k16(sum_[r][j + 1], a[r], b[2], b[3]);
        }
      }
    }
  }

  // Multiplies the sums of rows g by x and those of rows g + 8 by y.
  __device__ __forceinline__ void scale(int r, float2 factor) {
#pragma unroll
    for (int j = 0; j < TokenTiles; ++j) {
      sum_[r][j][0] *= factor.x;
      sum_[r][j][1] *= factor.x;
      sum_[r][j][2] *= factor.y;
      sum_[r][j][3] *= factor.y;
    }
  }

  // The i-th accumulator: i = (row tile x token tiles + token tile) x 4 + register.
  __device__ __forceinline__ float& at(int i) {
    return sum_[i / 4 / TokenTiles][i / 4 % TokenTiles][i % 4];
  }

 private:
  float sum_[RowTiles][TokenTiles][4];
};

// The scales of a lane's rows (INT4), fetched one group ahead.
template <int RowTiles>
class GroupScales {
 public:
  template <class Source>
  __device__ __forceinline__ explicit GroupScales(const Source& source) {
    fetch(source, 0);
#pragma unroll
    for (int r = 0; r < RowTiles; ++r) current_[r] = next_[r];
  }

  // What the sums are to be multiplied by on entering the next group. `following` is the one after
  // it, negative where there is none.
  template <class Source>
  __device__ __forceinline__ void enter(const Source& source, int following,
                                        float2 (&factor)[RowTiles]) {
#pragma unroll
    for (int r = 0; r < RowTiles; ++r) {
      const float2 left = current(r);
      current_[r] = next_[r];
      factor[r].x = left.x * ptx::rcp_approx(current(r).x);
      factor[r].y = left.y * ptx::rcp_approx(current(r).y);
    }
    if (following >= 0) fetch(source, following);
  }
  // A scale of 0 goes with weights of 0; 2^-24, the smallest there is, lets it be divided by.
  __device__ __forceinline__ float2 current(int r) const {
    const float2 scale = ptx::cvt_f32_f16x2(current_[r]);
    return make_float2(fmaxf(scale.x, 0x1p-24f), fmaxf(scale.y, 0x1p-24f));
  }

 private:
  template <class Source>
  __device__ __forceinline__ void fetch(const Source& source, int group) {
    source.scales(group, [&](int r, const unsigned char* from) {
      next_[r] = __ldg(reinterpret_cast<const std::uint32_t*>(from));
    });
  }

  std::uint32_t next_[RowTiles];
  std::uint32_t current_[RowTiles];
};

// The other formats have none, or one for each row in the epilogue.
struct NoScales {
  template <class Source>
  __device__ __forceinline__ explicit NoScales(const Source&) {}
};

// Epilogue of a warp: 16 rows by up to 64 tokens at a time through its part of shared memory, from
// where lanes take pairs of rows (g, g + 8) of a token so that neighbouring lanes store neighbours.
template <WeightFormat Format, int RowTiles, int TokenTiles>
__device__ __forceinline__ void finish_tile(const LinearJob& job,
                                            TiledSums<Format, RowTiles, TokenTiles>& sums,
                                            int first_tile, int first_token, float* staging) {
  constexpr int tokens = TokenTiles < 8 ? 8 * TokenTiles : 64;
  constexpr int stride = tokens + 8;  // floats; fragments are written without bank conflicts
  const int lane = threadIdx.x % warp_lanes;
  const int warp = threadIdx.x / warp_lanes;
  float* const mine = staging + warp * tile_rows * stride;
  const int g = lane / 4;
  const int t = lane % 4;
#pragma unroll
  for (int r = 0; r < RowTiles; ++r) {
    const int tile = first_tile + warp * RowTiles + r;
#pragma unroll
    for (int part = 0; part < 8 * TokenTiles; part += tokens) {
      __syncwarp();
#pragma unroll
      for (int j = 0; j < tokens / 8; ++j) {
        const int at = (r * TokenTiles + part / 8 + j) * 4;
        *reinterpret_cast<float2*>(mine + g * stride + 8 * j + 2 * t) =
            make_float2(sums.at(at), sums.at(at + 1));
        *reinterpret_cast<float2*>(mine + (g + 8) * stride + 8 * j + 2 * t) =
            make_float2(sums.at(at + 2), sums.at(at + 3));
      }
      __syncwarp();
      if (tile >= job.tiles) continue;
#pragma unroll 1
      for (int token = lane / 8; token < tokens; token += 4) {
        if (first_token + part + token >= job.batch) break;
        finish_pair<Format>(job, tile, lane % 8, first_token + part + token,
                            mine[lane % 8 * stride + token], mine[(lane % 8 + 8) * stride + token]);
      }
    }
  }
}

// What the running block computes. Tokens vary fastest: neighbouring blocks share weights, which L2
// then hands out.
struct TiledPlace {
  int slice;
  int block;  // of the result
  int first_tile;
  int first_token;
};
template <class Shape>
__device__ __forceinline__ TiledPlace tiled_place(const LinearJob& job) {
  const int token_blocks = (job.batch + Shape::tokens - 1) / Shape::tokens;
  const int number = ptx::ctaid_x();
  const int block = number / job.slices;
  return {number % job.slices, block, block / token_blocks * (Shape::rows / tile_rows),
          block % token_blocks * Shape::tokens};
}

template <Variant V, WeightFormat Format, int RowTiles, int TokenTiles>
__device__ __forceinline__ void compute_tile(const LinearJob& job) {
  using Shape = TiledShape<Format, RowTiles, TokenTiles>;
  const TiledPlace place = tiled_place<Shape>(job);
  const Share units = share(job.units, job.slices, place.slice);
  const int stages = units.count * Shape::unit_stages;

  unsigned char* const memory = ptx::shared_memory();
  const StageSource<Format, RowTiles, TokenTiles> source(job, place.first_tile, place.first_token,
                                                         units.first);
  TiledSums<Format, RowTiles, TokenTiles> sums;
  std::conditional_t<Format == WeightFormat::int4, GroupScales<RowTiles>, NoScales> scales(source);
  // The sums are rescaled between stages of INT4, every other time. (As a condition inside the loop
  // this cost 80 registers.)
  constexpr int group_stages = Format == WeightFormat::int4 ? scale_group / stage_columns : 1;
  const auto enter_group = [&](int first) {
    if constexpr (Format == WeightFormat::int4) {
      const int following = first + group_stages < stages ? first / group_stages + 1 : -1;
      float2 factor[RowTiles];
      scales.enter(source, following, factor);
#pragma unroll
      for (int r = 0; r < RowTiles; ++r) sums.scale(r, factor[r]);
    }
  };

  if constexpr (V == Variant::mma_sm75) {
    // Weights of two stages in registers: where those of one were, those of the stage after the
    // next are asked for, so that all products of the next lie between load and use. (Asked for a
    // stage ahead, into free registers, ptxas 13.0 moves the loads behind the products.) X of the
    // next stage waits in registers, to be put where the one before this was.
    uint4 weights[2][Shape::weight_copies];
    uint4 x[Shape::x_copies];
    const auto fetch_weights = [&](int stage, uint4(&to)[Shape::weight_copies]) {
      source.weights(stage, [&](int, const unsigned char* from, bool, int i) {
        to[i] = __ldcg(reinterpret_cast<const uint4*>(from));
      });
    };
    const auto fetch_x = [&](int stage) {
      source.x(stage, [&](int, const unsigned char* from, bool valid, int i) {
        x[i] = valid ? __ldcg(reinterpret_cast<const uint4*>(from)) : make_uint4(0, 0, 0, 0);
      });
    };
    const auto put_x = [&](int slot) {
      source.x(0, [&](int to, const unsigned char*, bool, int i) {
        *reinterpret_cast<uint4*>(memory + slot * Shape::x_bytes + to) = x[i];
      });
    };
    fetch_weights(0, weights[0]);
    fetch_x(0);
    if (stages > 1) fetch_weights(1, weights[1]);
    put_x(0);
    if (stages > 1) fetch_x(1);
#pragma unroll 1
    for (int first = 0; first < stages; first += 2) {
      enter_group(first);
#pragma unroll
      for (int slot = 0; slot < 2; ++slot) {
        const int stage = first + slot;
        if (Shape::unit_stages % 2 != 0 && stage == stages) break;
        __syncthreads();
        sums.add_stage([&](int r, int c) { return weights[slot][r * Shape::tile_chunks + c]; },
                       memory + slot * Shape::x_bytes);
        if (stage + 1 < stages) put_x(1 - slot);
        if (stage + 2 < stages) {
          fetch_weights(stage + 2, weights[slot]);
          fetch_x(stage + 2);
        }
      }
    }
  } else {
    constexpr int slots = stage_slots(V, Format, Shape::size);
    static_assert(slots >= 2, "one stage is computed while another arrives");
    constexpr int slot_bytes = linear::slot_bytes(V, Format, Shape::size);
    const auto copy_weights = [&](int stage, int slot) {
      source.weights(stage, [&](int to, const unsigned char* from, bool valid, int) {
        ptx::cp_async(memory + slot * slot_bytes + to, from, valid);
      });
    };
    const auto copy_x = [&](int stage, int slot) {
      source.x(stage, [&](int to, const unsigned char* from, bool valid, int) {
        ptx::cp_async(memory + slot * slot_bytes + Shape::weight_bytes + to, from, valid);
      });
    };
    // Weights do not depend on the kernel before.
    for (int slot = 0; slot < slots - 1 && slot < stages; ++slot) copy_weights(slot, slot);
    ptx::griddepcontrol_launch_dependents();
    ptx::griddepcontrol_wait();
    for (int first = 0; first < slots - 1; ++first) {
      if (first < stages) copy_x(first, first);
      ptx::cp_async_commit_group();
    }
    int slot = 0;
#pragma unroll 1
    for (int first = 0; first < stages; first += group_stages) {
      enter_group(first);
#pragma unroll
      for (int stage = first; stage < first + group_stages; ++stage) {
        ptx::cp_async_wait_group<slots -
                                 2>();  // all but those of the slots - 2 stages after this one
        __syncthreads();
        if (const int next = stage + slots - 1; next < stages) {
          const int free_slot = slot == 0 ? slots - 1 : slot - 1;
          copy_weights(next, free_slot);
          copy_x(next, free_slot);
        }
        ptx::cp_async_commit_group();
        const unsigned char* const here = memory + slot * slot_bytes;
        const unsigned char* const mine = here +
                                          threadIdx.x / warp_lanes * RowTiles * Shape::tile_bytes +
                                          threadIdx.x % warp_lanes * 16;
        const auto weights = [&](int r, int c) {
          return *reinterpret_cast<const uint4*>(mine + r * Shape::tile_bytes + c * chunk_bytes);
        };
        sums.add_stage(weights, here + Shape::weight_bytes);
        if (++slot == slots) slot = 0;
      }
    }
  }
  if constexpr (Format == WeightFormat::int4) {
#pragma unroll
    for (int r = 0; r < RowTiles; ++r) sums.scale(r, scales.current(r));
  }
  __syncthreads();  // the stages are free
  const auto [slice, block, first_tile, first_token] = tiled_place<Shape>(job);

  if (job.slices > 1) {
    constexpr int count = TiledSums<Format, RowTiles, TokenTiles>::count;
    const std::int64_t slice_floats =
        static_cast<std::int64_t>(gridDim.x / job.slices) * count * tiled_threads;
    float* const mine =
        job.partial + static_cast<std::int64_t>(block) * count * tiled_threads + threadIdx.x;
#pragma unroll
    for (int i = 0; i < count; ++i) mine[slice * slice_floats + i * tiled_threads] = sums.at(i);
    __threadfence();
    __syncthreads();
    int* const last = reinterpret_cast<int*>(memory);
    if (threadIdx.x == 0) {
      *last = atomicAdd(job.arrivals + block, 1u) == static_cast<unsigned>(job.slices - 1);
      if (*last) job.arrivals[block] = 0;
    }
    __syncthreads();
    if (!*last) return;
    __threadfence();
    // Always from slice 0 on, whichever block does it.
#pragma unroll
    for (int i = 0; i < count; ++i) sums.at(i) = __ldcg(mine + i * tiled_threads);
#pragma unroll 1
    for (int other = 1; other < job.slices; ++other) {
#pragma unroll
      for (int i = 0; i < count; ++i) {
        sums.at(i) += __ldcg(mine + other * slice_floats + i * tiled_threads);
      }
    }
    __syncthreads();  // *last has been read
  }
  finish_tile(job, sums, first_tile, first_token, reinterpret_cast<float*>(memory));
}

// No bound on the blocks per SM: told one, ptxas 13.0 takes all registers that there are and
// spilled with the largest tiles.
template <Variant V, WeightFormat Format, int RowTiles, int TokenTiles>
__global__ void __launch_bounds__(tiled_threads)
    tiled_kernel(const __grid_constant__ LinearJob job) {
  compute_tile<V, Format, RowTiles, TokenTiles>(job);
}

// Held to the registers with which two blocks share an SM. (Told the two blocks, ptxas 13.0 spills:
// see NOTES.md.)
template <Variant V, WeightFormat Format, int RowTiles, int TokenTiles>
__global__ void __maxnreg__(65536 / tiled_threads / 2)
    paired_tiled_kernel(const __grid_constant__ LinearJob job) {
  compute_tile<V, Format, RowTiles, TokenTiles>(job);
}

}  // namespace roofproof::cuda::linear
