// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Weights on their way to a warp: always some units ahead of where they are used. A walk says which
// units are next: ended(), unit(), advance().
#pragma once

#include "kernels/cuda/linear/accumulate.cuh"
#include "kernels/cuda/linear/job.h"
#include "kernels/cuda/linear/variant.h"
#include "kernels/cuda/ptx/ptx.cuh"

namespace roofproof::cuda::linear {

// A warp's way through its units of the block's share: every 16th of a tile and on into the next.
template <WeightFormat Format>
class UnitWalk {
 public:
  // `weights`: of the share's first unit. A share has `units` of the job's units of each tile.
  __device__ __forceinline__ UnitWalk(const LinearJob& job, const unsigned char* weights, int tiles,
                                      int units, int warp)
      : next_(weights + warp * unit_size),
        gap_((job.units - units) * unit_size),
        left_((tiles * units - warp + skinny_warps - 1) / skinny_warps),
        unit_(warp),
        units_(units) {
    skip_gaps();
  }
  __device__ __forceinline__ bool ended() const { return left_ <= 0; }
  __device__ __forceinline__ const unsigned char* unit() const { return next_; }
  __device__ __forceinline__ void advance() {
    --left_;
    next_ += skinny_warps * unit_size;
    unit_ += skinny_warps;
    skip_gaps();
  }

 private:
  // Between a tile's share and the next tile's, units of other slices.
  __device__ __forceinline__ void skip_gaps() {
    if (gap_ == 0) return;
    while (unit_ >= units_) {
      unit_ -= units_;
      next_ += gap_;
    }
  }

  static constexpr int unit_size = unit_bytes(Format);

  const unsigned char* next_;
  int gap_;
  int left_;
  int unit_;
  int units_;
};

// Where a block's rings are: each warp's units from the start of shared memory on, then barriers.
struct Ring {
  int units;     // of each warp
  int barriers;  // offset in bytes
};

// Weights by way of registers.
template <WeightFormat Format, class Walk>
class RegisterStream {
 public:
  __device__ __forceinline__ RegisterStream(const Walk& walk, Ring, int)
      : walk_(walk), policy_(ptx::createpolicy_evict_first()) {
    load(first_);
    load(second_);
  }

  // Hands the next unit to `use` and sends for the one after the next.
  template <class Use>
  __device__ __forceinline__ void take(const Use& use) {
    if (even_) {
      use(first_);
      load(first_);
    } else {
      use(second_);
      load(second_);
    }
    even_ = !even_;
  }

 private:
  __device__ __forceinline__ void load(RegisterUnit& unit) {
    if (walk_.ended()) return;
    unit.load<Format>(walk_.unit(), policy_);
    walk_.advance();
  }

  Walk walk_;
  std::uint64_t policy_;
  bool even_ = true;
  RegisterUnit first_;
  RegisterUnit second_;
};

// Weights by way of a ring in shared memory, one for each warp. One lane asks for units; a unit's
// barrier completes when its bytes are there.
template <WeightFormat Format, class Walk>
class BulkStream {
 public:
  __device__ __forceinline__ BulkStream(const Walk& walk, Ring ring, int warp)
      : walk_(walk),
        ring_(warp * ring.units * unit_bytes(Format)),
        barriers_(ring.barriers + warp * ring.units * 8),
        ring_units_(ring.units) {
    if (threadIdx.x % warp_lanes == 0) {
#pragma unroll 1
      for (int slot = 0; slot < ring_units_; ++slot) ptx::mbarrier_init(barrier(slot), 1);
      ptx::fence_proxy_async();
    }
    __syncwarp();
#pragma unroll 1
    for (int slot = 0; slot < ring_units_; ++slot) send_for(slot);
  }

  template <class Use>
  __device__ __forceinline__ void take(const Use& use) {
    ptx::mbarrier_wait_parity(barrier(slot_), parity_);
    use(SharedUnit(ring_ + slot_ * unit_bytes(Format)));
    // All lanes have used, so have read, their part: the slot may be written again.
    __syncwarp();
    send_for(slot_);
    if (++slot_ == ring_units_) {
      slot_ = 0;
      parity_ ^= 1;
    }
  }

 private:
  __device__ __forceinline__ std::uint64_t* barrier(int slot) const {
    return reinterpret_cast<std::uint64_t*>(ptx::shared_memory() + barriers_ + 8 * slot);
  }
  __device__ __forceinline__ void send_for(int slot) {
    if (walk_.ended()) return;
    if (threadIdx.x % warp_lanes == 0) {
      ptx::mbarrier_arrive_expect_tx(barrier(slot), unit_bytes(Format));
      ptx::cp_async_bulk_load(ptx::shared_memory() + ring_ + slot * unit_bytes(Format),
                              walk_.unit(), unit_bytes(Format), barrier(slot),
                              ptx::createpolicy_evict_first());
    }
    walk_.advance();
  }

  Walk walk_;
  int ring_;      // bytes from the start of shared memory
  int barriers_;  // likewise
  int ring_units_;
  int slot_ = 0;
  unsigned parity_ = 0;
};

template <Variant V, WeightFormat Format, class Walk>
using WeightStream = std::conditional_t<V == Variant::bulk_sm90, BulkStream<Format, Walk>,
                                        RegisterStream<Format, Walk>>;

}  // namespace roofproof::cuda::linear
