// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Which part of an array each thread of the memory kernels works on. No CUDA in here: the tests run
// it on the host and see that every element is visited exactly once. C++17.
#pragma once

#include <cstdint>

#include "kernels/host_device.h"

// Unrolled, the loops below would be thousands of instructions and none would run sooner.
#ifdef __CUDA_ARCH__
#define ROOFPROOF_KEEP_ROLLED _Pragma("unroll 1")
#else
#define ROOFPROOF_KEEP_ROLLED
#endif

namespace roofproof::cuda {

// Elements of 4 bytes go in vectors of 16.
inline constexpr int vector_elements = 4;

// The vector loop. A tile is `loads` vectors per thread; tiles go to the blocks in turn. Calls
//   body.full(v): the vectors v, v + threads, ... v + (loads - 1) * threads, all there;
//   body.single(v): vector v, of the last tile, which may be short;
//   body.element(i): element i, of the last ones that are no vector.
template <int loads, class Body>
ROOFPROOF_HOST_DEVICE inline void vector_loop(std::int64_t elements, std::int64_t block,
                                              std::int64_t blocks, int thread, int threads,
                                              Body& body) {
  const std::int64_t vectors = elements / vector_elements;
  const std::int64_t tile = static_cast<std::int64_t>(loads) * threads;
  ROOFPROOF_KEEP_ROLLED
  for (std::int64_t first = block * tile; first < vectors; first += blocks * tile) {
    if (first + tile <= vectors) {
      body.full(first + thread);
    } else {
      for (int i = 0; i < loads; ++i) {
        const std::int64_t v = first + thread + static_cast<std::int64_t>(i) * threads;
        if (v < vectors) body.single(v);
      }
    }
  }
  if (block == 0 && thread < elements % vector_elements) {
    body.element(vectors * vector_elements + thread);
  }
}

// The bulk ring. Each worker (a warp) takes every workers-th chunk; all but the last are whole, and
// every size is a multiple of 16 bytes. The elements after the last vector are nobody's: block 0
// sees to them.
struct ChunkWalk {
  std::int64_t elements;
  std::int64_t chunk_elements;  // a multiple of vector_elements
  std::int64_t worker;
  std::int64_t workers;

  ROOFPROOF_HOST_DEVICE constexpr std::int64_t vectorised() const {
    return elements / vector_elements * vector_elements;
  }
  // How many chunks this worker has.
  ROOFPROOF_HOST_DEVICE constexpr std::int64_t count() const {
    const std::int64_t chunks = (vectorised() + chunk_elements - 1) / chunk_elements;
    return chunks <= worker ? 0 : (chunks - worker - 1) / workers + 1;
  }
  // The first element of this worker's i-th chunk, and its size.
  ROOFPROOF_HOST_DEVICE constexpr std::int64_t first(std::int64_t i) const {
    return (worker + i * workers) * chunk_elements;
  }
  ROOFPROOF_HOST_DEVICE constexpr std::int64_t size(std::int64_t i) const {
    const std::int64_t rest = vectorised() - first(i);
    return rest < chunk_elements ? rest : chunk_elements;
  }
};

// Runs a worker's chunks through a ring of `stages` buffers. Calls
//   body.load(i, stage): begin to load chunk i into the stage;
//   body.process(i, stage, parity): wait until it is there (phase parity of the stage's barrier),
//   use
//     it, begin to store it where there is something to store;
//   body.release(): wait until the stage that was processed `lag` chunks ago may be overwritten.
// `lag` chunks pass between using a stage and loading into it again: 1 lets a store drain while the
// next chunk is worked on, 0 is for those that store nothing. lag < stages.
template <int lag, class Body>
ROOFPROOF_HOST_DEVICE inline void ring_loop(std::int64_t chunks, int stages, Body& body) {
  ROOFPROOF_KEEP_ROLLED
  for (int i = 0; i < stages && i < chunks; ++i) body.load(i, i);
  int stage = 0;
  unsigned parity = 0;
  int refill = 0;  // the stage of chunk i - lag
  ROOFPROOF_KEEP_ROLLED
  for (std::int64_t i = 0; i < chunks; ++i) {
    body.process(i, stage, parity);
    if (i >= lag) {
      const std::int64_t next = i - lag + stages;
      if (next < chunks) {
        body.release();
        body.load(next, refill);
      }
      if (++refill == stages) refill = 0;
    }
    if (++stage == stages) {
      stage = 0;
      parity ^= 1;
    }
  }
}

}  // namespace roofproof::cuda

#undef ROOFPROOF_KEEP_ROLLED
