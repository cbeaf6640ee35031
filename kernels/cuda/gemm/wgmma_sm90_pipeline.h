// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The pipeline of the wgmma kernels: a ring of stages in shared memory that one producer thread per
// block fills and two consumer warpgroups empty. Each stage has two barriers: "full" completes when
// all bytes of the stage have landed, "empty" when every consumer that reads it (or, with
// multicast, reads what this block's copies overwrite elsewhere) has let it go.
//
// The loops are templates over the machine they run on: the kernel's is made of the instructions, a
// test's is a model that delivers copies late, runs products late and interleaves blocks at random.
#pragma once

#include <cstdint>

#include "kernels/host_device.h"

#ifdef __CUDACC__
#define ROOFPROOF_PIPELINE __device__ __forceinline__
#define ROOFPROOF_UNROLL _Pragma("unroll")
#define ROOFPROOF_NO_UNROLL _Pragma("unroll 1")
#else
#define ROOFPROOF_PIPELINE inline
#define ROOFPROOF_UNROLL
#define ROOFPROOF_NO_UNROLL
#endif

namespace roofproof::cuda::wgmma_sm90 {

// A place in the endless sequence of stage uses. The parity is that of the phase of both barriers
// in which this use happens.
struct PipelinePlace {
  int stage = 0;
  std::uint32_t parity = 0;

  ROOFPROOF_HOST_DEVICE constexpr void advance(int stages) {
    if (++stage == stages) {
      stage = 0;
      parity ^= 1;
    }
  }
  ROOFPROOF_HOST_DEVICE constexpr void advance(int stages, int uses) {
    const int end = stage + uses;
    parity ^= static_cast<std::uint32_t>(end / stages % 2);
    stage = end % stages;
  }
};

// Which of a block's tiles a warpgroup works on: all of them, or every second one.
struct TileShare {
  int first;
  int stride;
};

// Fills the ring with `uses` stages for each of the block's `tiles` (both at least 1), in order.
// Returns the place after the last use.
template <class Machine>
ROOFPROOF_PIPELINE PipelinePlace produce(Machine& machine, int stages, int tiles, int uses) {
  PipelinePlace place;
  ROOFPROOF_NO_UNROLL
  for (int tile = 0; tile < tiles; ++tile) {
    machine.begin_tile(tile);
    ROOFPROOF_NO_UNROLL
    for (int use = 0; use < uses; ++use) {
      // In the first round nobody has used the stage yet: the previous parity counts as complete.
      machine.wait_empty(place.stage, place.parity ^ 1);
      machine.load(place.stage, use);
      place.advance(stages);
    }
  }
  return place;
}

// After produce(), from its place on: waits until every use of every stage has been let go. A block
// of a cluster may not end before that: consumers of the other blocks arrive at its barriers, which
// must be in shared memory that is still its own. Meeting at a barrier.cluster.arrive.relaxed does
// not do: it gives "no memory ordering and visibility guarantees" for what came before (PTX ISA,
// "barrier.cluster"), so an arrival may still be under way. CUTLASS's producer_tail() does the
// same.
template <class Machine>
ROOFPROOF_PIPELINE void drain(Machine& machine, int stages, PipelinePlace place) {
  ROOFPROOF_NO_UNROLL
  for (int stage = 0; stage < stages; ++stage) {
    machine.wait_empty(place.stage, place.parity ^ 1);  // complete as well where it had no use
    place.advance(stages);
  }
}

// Multiplies what the ring brings of its share of tiles. One product per stage is kept in flight
// while the next stage's is issued, so that the tensor cores never wait for a warpgroup to come
// round; a stage is let go as soon as its product is done.
//
// Warpgroups that take turns (stride 2) must do so strictly: a barrier tells phases apart by parity
// alone, so whoever waits for a use of a stage has to know that the use before it is complete. The
// one whose turn it was has waited for all uses before.
template <class Machine>
ROOFPROOF_PIPELINE void consume(Machine& machine, int stages, int tiles, int uses,
                                TileShare share) {
  PipelinePlace place;
  place.advance(stages, share.first * uses);
  std::uint32_t turn = 0;
  ROOFPROOF_NO_UNROLL
  for (int tile = share.first; tile < tiles; tile += share.stride) {
    machine.wait_turn(turn++);
    machine.wait_full(place.stage, place.parity);
    machine.multiply_first(place.stage);
    machine.begin_tile(tile);  // what it computes is hidden under the product
    int unreleased = place.stage;
    place.advance(stages);
    ROOFPROOF_NO_UNROLL
    for (int use = 1; use < uses; ++use) {
      machine.wait_full(place.stage, place.parity);
      machine.multiply(place.stage);
      machine.wait_all_but_newest();
      machine.release(unreleased);
      unreleased = place.stage;
      place.advance(stages);
    }
    machine.end_turn();
    machine.wait_all();
    machine.release(unreleased);
    place.advance(stages, (share.stride - 1) * uses);
    machine.store();
  }
}

}  // namespace roofproof::cuda::wgmma_sm90
