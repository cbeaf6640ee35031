// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The index arithmetic of the CUDA memory kernels, run on the host: who visits what, in which
// order.

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "kernels/cuda/memory/walk.h"
#include "kernels/cuda/runtime/budget.h"

namespace roofproof::cuda {
namespace {

// Counts the visits of each element, and finds whoever reaches beyond the array.
class Visits {
 public:
  explicit Visits(std::int64_t elements) : counts_(static_cast<std::size_t>(elements)) {}

  void visit(std::int64_t first, std::int64_t count) {
    for (std::int64_t i = first; i < first + count; ++i) {
      if (i < 0 || i >= static_cast<std::int64_t>(counts_.size())) {
        ADD_FAILURE() << "element " << i << " of " << counts_.size();
        return;
      }
      ++counts_[static_cast<std::size_t>(i)];
    }
  }
  void expect_all_once() const {
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      ASSERT_EQ(counts_[i], 1) << "visits of element " << i << " of " << counts_.size();
    }
  }

 private:
  std::vector<int> counts_;
};

template <int loads>
struct VectorVisitor {
  Visits& visits;
  int threads;

  void full(std::int64_t v) {
    for (int i = 0; i < loads; ++i) single(v + std::int64_t{i} * threads);
  }
  void single(std::int64_t v) { visits.visit(4 * v, 4); }
  void element(std::int64_t i) { visits.visit(i, 1); }
};

template <int loads>
void expect_vector_loop_covers(std::int64_t elements, std::int64_t blocks, int threads) {
  SCOPED_TRACE(testing::Message() << elements << " elements, " << blocks << " blocks of " << threads
                                  << ", " << loads << " loads");
  Visits visits(elements);
  VectorVisitor<loads> body{visits, threads};
  for (std::int64_t block = 0; block < blocks; ++block) {
    for (int thread = 0; thread < threads; ++thread) {
      vector_loop<loads>(elements, block, blocks, thread, threads, body);
    }
  }
  visits.expect_all_once();
}

TEST(CudaWalk, VectorLoopVisitsEachElementOnceAtAwkwardSizes) {
  constexpr int threads = 64;
  constexpr int tile = 4 * threads * 4;  // loads x threads x elements
  for (const int elements : {1, 2, 3, 4, 5, 7, tile - 1, tile, tile + 1, tile + 4, 3 * tile - 5,
                             7 * tile, 7 * tile + 3}) {
    for (const int blocks : {1, 2, 5, 8}) expect_vector_loop_covers<4>(elements, blocks, threads);
  }
}

TEST(CudaWalk, VectorLoopVisitsEachElementOnceAtRandomSizes) {
  std::mt19937 random(17);
  for (int trial = 0; trial < 200; ++trial) {
    const std::int64_t elements = 1 + random() % 20000;
    const std::int64_t blocks = 1 + random() % 40;
    const int threads = 32 << random() % 3;
    expect_vector_loop_covers<2>(elements, blocks, threads);
    expect_vector_loop_covers<8>(elements, blocks, threads);
  }
}

void expect_chunks_cover(std::int64_t elements, std::int64_t chunk_elements, std::int64_t workers) {
  SCOPED_TRACE(testing::Message() << elements << " elements in chunks of " << chunk_elements
                                  << " for " << workers);
  Visits visits(elements);
  for (std::int64_t worker = 0; worker < workers; ++worker) {
    const ChunkWalk walk{elements, chunk_elements, worker, workers};
    for (std::int64_t i = 0; i < walk.count(); ++i) {
      EXPECT_GT(walk.size(i), 0);
      EXPECT_LE(walk.size(i), chunk_elements);
      // What the copy engine asks for: 16-byte addresses and sizes.
      EXPECT_EQ(walk.first(i) % 4, 0);
      EXPECT_EQ(walk.size(i) % 4, 0);
      visits.visit(walk.first(i), walk.size(i));
    }
  }
  const ChunkWalk walk{elements, chunk_elements, 0, workers};
  EXPECT_LT(elements - walk.vectorised(), 4);
  visits.visit(walk.vectorised(), elements - walk.vectorised());
  visits.expect_all_once();
}

TEST(CudaWalk, ChunksCoverEachElementOnce) {
  for (const int elements : {1, 3, 4, 5, 1023, 1024, 1025, 1028, 4096, 10 * 1024 + 7}) {
    for (const int workers : {1, 3, 4, 16}) expect_chunks_cover(elements, 1024, workers);
  }
  std::mt19937 random(18);
  for (int trial = 0; trial < 500; ++trial) {
    expect_chunks_cover(1 + random() % 30000, 4 * (1 + random() % 300), 1 + random() % 50);
  }
}

// Stands in for the copy engine and the barriers: loads land at once, a stage holds one chunk, its
// barrier has completed as many phases as it was loaded.
class RingVisitor {
 public:
  RingVisitor(int stages, int lag) : stages_(static_cast<std::size_t>(stages)), lag_(lag) {}

  void load(std::int64_t chunk, int stage) {
    Stage& s = stages_.at(static_cast<std::size_t>(stage));
    EXPECT_EQ(chunk, loaded_++) << "chunks are loaded in order";
    if (s.phases > 0) {
      EXPECT_TRUE(released_) << "nobody waited for stage " << stage;
      EXPECT_LT(s.chunk, processed_ - lag_) << "stage " << stage << " is still being stored";
    }
    s.chunk = chunk;
    ++s.phases;
    released_ = false;
  }
  void process(std::int64_t chunk, int stage, unsigned parity) {
    const Stage& s = stages_.at(static_cast<std::size_t>(stage));
    EXPECT_EQ(chunk, processed_++) << "chunks are processed in order";
    EXPECT_EQ(s.chunk, chunk) << "stage " << stage << " holds another chunk";
    // Waiting for parity p returns once the phase of that parity is over: the last one, here.
    EXPECT_EQ(parity, (s.phases - 1) % 2);
  }
  void release() { released_ = true; }

  std::int64_t loaded() const { return loaded_; }
  std::int64_t processed() const { return processed_; }

 private:
  struct Stage {
    std::int64_t chunk = -1;
    unsigned phases = 0;
  };
  std::vector<Stage> stages_;
  int lag_;
  std::int64_t loaded_ = 0;
  std::int64_t processed_ = 0;
  bool released_ = false;
};

template <int lag>
void expect_ring_works(std::int64_t chunks, int stages) {
  SCOPED_TRACE(testing::Message() << chunks << " chunks, " << stages << " stages, lag " << lag);
  RingVisitor body(stages, lag);
  ring_loop<lag>(chunks, stages, body);
  EXPECT_EQ(body.loaded(), chunks);
  EXPECT_EQ(body.processed(), chunks);
}

TEST(CudaWalk, RingLoadsAndProcessesEachChunkOnce) {
  for (int stages = 2; stages <= 13; ++stages) {
    for (int chunks = 0; chunks <= 4 * stages + 1; ++chunks) {
      expect_ring_works<0>(chunks, stages);
      expect_ring_works<1>(chunks, stages);
    }
  }
}

TEST(CudaWalk, BytesInFlightFollowLittlesLaw) {
  // 320 GB/s x 1.2 us / 40 SMs; the others alike. Datasheet bandwidths.
  EXPECT_EQ(bytes_in_flight_per_sm(320e9, 40), 9600);      // T4
  EXPECT_EQ(bytes_in_flight_per_sm(1555e9, 108), 17277);   // A100-40
  EXPECT_EQ(bytes_in_flight_per_sm(3.35e12, 132), 30454);  // H100 SXM
  EXPECT_EQ(bytes_in_flight_per_sm(4.8e12, 132), 43636);   // H200
  EXPECT_EQ(bytes_in_flight_per_sm(0, 132), 64 * 1024);    // hidden by the driver
  Device h200;
  h200.processors = 132;
  EXPECT_EQ(sm_bandwidth_bytes_per_s(h200), usual_sm_bandwidth_bytes_per_s);
  h200.bandwidth_bytes_per_s = 4.8e12;
  EXPECT_EQ(sm_bandwidth_bytes_per_s(h200), 4.8e12 / 132);
}

}  // namespace
}  // namespace roofproof::cuda
