// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Runs the loops of wgmma_sm90, the very ones that the kernels are made of, on the model of a
// cluster in cluster_model.h. What comes out must be A B^T.

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "kernels/cuda/gemm/wgmma_sm90_skinny_roles.h"
#include "kernels/cuda/gemm/wgmma_sm90_tile_roles.h"
#include "tests/kernels/cluster_model.h"

namespace roofproof::cuda::wgmma_sm90 {
namespace {

// Integers stand for FP16: the pipeline moves and multiplies them all the same; INT8's sums and
// results are INT32, FP16's are kept modulo 2^16.
struct Problem {
  int m;
  int n;
  int k;
  int input_bytes;
  Matrix a;
  Matrix b;
  Matrix c;

  Problem(int m_, int n_, int k_, int input_bytes_, unsigned seed)
      : m(m_),
        n(n_),
        k(k_),
        input_bytes(input_bytes_),
        a(m_, k_, input_bytes_),
        b(n_, k_, input_bytes_),
        c(m_, n_, input_bytes_ == 1 ? 4 : 2) {
    std::mt19937 random(seed);
    for (auto* matrix : {&a, &b}) {
      for (auto& byte : matrix->bytes) byte = static_cast<std::uint8_t>(random());
    }
    for (auto& byte : c.bytes) byte = 0xcd;
  }

  ::testing::AssertionResult right() const {
    for (int row = 0; row < m; ++row) {
      for (int column = 0; column < n; ++column) {
        std::int64_t sum = 0;
        for (int i = 0; i < k; ++i) sum += a.value(row, i) * b.value(column, i);
        const std::int64_t wanted =
            input_bytes == 1 ? static_cast<std::int32_t>(sum) : static_cast<std::int16_t>(sum);
        if (c.value(row, column) != wanted) {
          return ::testing::AssertionFailure() << "c[" << row << ", " << column << "] is "
                                               << c.value(row, column) << ", not " << wanted;
        }
      }
    }
    return ::testing::AssertionSuccess();
  }
};

// ---- The tile kernel --------------------------------------------------------------------------

struct TileModelProducer : ModelThread {
  const Problem& problem;
  const TileConfig& config;

  void load_a(int offset, int barrier, int k_row, int row, std::uint16_t blocks) {
    cluster.copy(problem.a, k_row * 128, row, a_part(config, rank).rows, offset, barrier, blocks);
    cluster.interleaver.step();
  }
  void load_b(int offset, int barrier, int k_row, int row, std::uint16_t blocks) {
    cluster.copy(problem.b, k_row * 128, row, b_part(config, rank).rows, offset, barrier, blocks);
    cluster.interleaver.step();
  }
};

struct TileModelConsumer : ModelConsumer {
  TileModelConsumer(Cluster& cluster_, int rank_, Problem& problem_, const TileConfig& config_,
                    int consumer_)
      : ModelConsumer(cluster_, rank_, consumer_rows(config_) / 64, config_.tile_n),
        problem(problem_),
        config(config_),
        consumer(consumer_) {}

  // As store_staged() of the kernel: slices to shared memory by stmatrix or 8-byte stores, from
  // there to C by TMA.
  void store(int row, int column) {
    const int output_bytes = problem.c.element_bytes;
    const int columns = slice_columns(output_bytes);
    const int across = config.tile_n / columns;
    auto& shared = cluster.block(rank).shared;
    for (int first = 0; first < consumer_slices(config, output_bytes);
         first += config.round_slices) {
      for (int i = 0; i < config.round_slices; ++i) {
        const int slice = first + i;
        const std::uint32_t address =
            base + static_cast<std::uint32_t>(slice_offset(config, consumer, round, i));
        const auto& sum = sums[static_cast<std::size_t>(slice / across)];
        for (int thread = 0; thread < 128; ++thread) {
          if (output_bytes == 2) {
            stmatrix_lane(shared, address, sum, thread, slice % across);
          } else {
            store_pairs(shared, address, sum, thread, slice % across);
          }
        }
        // TMA store of the slice: what lies outside C is left out.
        for (int r = 0; r < 64; ++r) {
          for (int j = 0; j < columns; ++j) {
            const int c_row = row + slice / across * 64 + r;
            const int c_column = column + slice % across * columns + j;
            if (c_row >= problem.m || c_column >= problem.n) continue;
            const std::uint32_t from =
                swizzle(address + static_cast<std::uint32_t>(r * 128 + j * output_bytes));
            std::memcpy(problem.c.at(c_row, c_column), &shared[from],
                        static_cast<std::size_t>(output_bytes));
          }
        }
      }
      ++round;
    }
  }

  // stmatrix.x4 (PTX ISA): thread l of the warp holds row l / 4, columns 2 (l % 4) and the next of
  // each of the four 8 x 8 matrices; threads 8 j .. 8 j + 7 name the rows of matrix j.
  void stmatrix_lane(std::vector<std::uint8_t>& shared, std::uint32_t slice,
                     const std::vector<std::int64_t>& sum, int thread, int across) const {
    const int lane = thread % 32;
    for (int quad = 0; quad < 4; ++quad) {
      for (int matrix = 0; matrix < 4; ++matrix) {
        const int namer = thread - lane + matrix * 8 + lane / 4;
        const std::uint32_t place =
            slice + fp16_slice_offset(namer, quad) + static_cast<std::uint32_t>(lane % 4 * 4);
        const int i = across * 32 + quad * 8 + matrix * 2;
        put(&shared[place], accumulator(sum, n_, thread, i), 2);
        put(&shared[place + 2], accumulator(sum, n_, thread, i + 1), 2);
      }
    }
  }
  void store_pairs(std::vector<std::uint8_t>& shared, std::uint32_t slice,
                   const std::vector<std::int64_t>& sum, int thread, int across) const {
    for (int half = 0; half < 2; ++half) {
      for (int turn = 0; turn < 4; ++turn) {
        const int block = int32_slice_block(thread, turn);
        const std::uint32_t place = slice + int32_slice_offset(thread, half, block);
        const int i = across * 16 + block * 4 + half * 2;
        put(&shared[place], accumulator(sum, n_, thread, i), 4);
        put(&shared[place + 4], accumulator(sum, n_, thread, i + 1), 4);
      }
    }
  }

  Problem& problem;
  const TileConfig& config;
  int consumer;
  int round = 0;
};

// Runs clusters 0 .. clusters - 1 of the kernel, one after the other. Empty, or what went wrong.
template <int index>
std::string run_tile_kernel(Problem& problem, int clusters, unsigned seed) {
  constexpr TileConfig config = tile_configs[index];
  const TileGrid grid = cluster_grid(config, problem.m, problem.n);
  const int k_rows = (problem.k * problem.input_bytes + 127) / 128;
  for (int id = 0; id < clusters; ++id) {
    Cluster cluster(cluster_blocks(config), shared_bytes(config), seed * 31 + id,
                    problem.input_bytes);
    std::vector<std::unique_ptr<TileModelConsumer>> consumers;
    for (int rank = 0; rank < cluster.size(); ++rank) {
      auto& barriers = cluster.block(rank).barriers;
      for (int stage = 0; stage < config.stages; ++stage) {
        barriers[full_barrier(config, stage)] = Barrier(full_barrier_arrivals);
        barriers[empty_barrier(config, stage)] = Barrier(empty_barrier_arrivals(config));
      }
      const TileWalk walk = {grid, 2, id, clusters, rank};
      cluster.add_agent(rank, [&cluster, &problem, walk, rank, k_rows] {
        constexpr TileConfig own = tile_configs[index];
        TileModelProducer hardware{{cluster, rank}, problem, own};
        TileProducer<index, TileModelProducer> producer{hardware, walk, {}};
        drain(producer, own.stages, produce(producer, own.stages, walk.tiles(), k_rows));
      });
      for (int consumer = 0; consumer < tile_consumers; ++consumer) {
        barriers[turn_barrier(config, consumer)] = Barrier(turn_barrier_arrivals);
        consumers.push_back(std::make_unique<TileModelConsumer>(cluster, rank, problem,
                                                                tile_configs[index], consumer));
        cluster.add_agent(rank, [hardware = consumers.back().get(), walk, consumer, k_rows] {
          constexpr TileConfig own = tile_configs[index];
          TileConsumer<index, TileModelConsumer> machine{*hardware, walk, consumer, {}};
          consume(machine, own.stages, walk.tiles(), k_rows, tile_share(own, consumer));
        });
      }
    }
    if (!cluster.interleaver.run()) return cluster.interleaver.message();
  }
  return {};
}

using TileRunner = std::string (*)(Problem&, int, unsigned);
template <int... index>
std::vector<TileRunner> tile_runners(std::integer_sequence<int, index...>) {
  return {run_tile_kernel<index>...};
}

class WgmmaTileKernel : public ::testing::TestWithParam<int> {
 protected:
  static std::string run(Problem& problem, int clusters, unsigned seed) {
    static const std::vector<TileRunner> runners =
        tile_runners(std::make_integer_sequence<int, tile_config_count>());
    return runners[static_cast<std::size_t>(GetParam())](problem, clusters, seed);
  }
  static TileConfig config() { return tile_configs[GetParam()]; }
};
INSTANTIATE_TEST_SUITE_P(Configurations, WgmmaTileKernel, ::testing::Range(0, tile_config_count),
                         [](const ::testing::TestParamInfo<int>& row) {
                           const TileConfig& config = tile_configs[row.param];
                           return std::to_string(config.tile_m) + "x" +
                                  std::to_string(config.tile_n) + "cluster" +
                                  std::to_string(config.cluster_m) + "x" +
                                  std::to_string(config.cluster_n) + "stages" +
                                  std::to_string(config.stages) +
                                  (config.pingpong ? "pingpong" : "");
                         });

TEST_P(WgmmaTileKernel, MultipliesWithTailsEverywhere) {
  // Two and a half tiles each way, K of two stages and a bit: the last cluster tile is in part
  // outside C, the number of tiles per block odd or even with the configuration.
  for (const int input_bytes : {2, 1}) {
    const int per_row = 16 / input_bytes;
    Problem problem(config().tile_m * 5 / 2, config().tile_n * 3 / 2 + 8 / input_bytes * 4,
                    2 * 128 / input_bytes + 3 * per_row, input_bytes, 7);
    const std::string wrong = run(problem, 1, 11);
    ASSERT_EQ(wrong, "");
    EXPECT_TRUE(problem.right());
  }
}

TEST_P(WgmmaTileKernel, MultipliesWhenSeveralClustersShareTheTiles) {
  Problem problem(config().tile_m * 3 + 1, config().tile_n * 2 + 8, 64 * config().stages + 8, 2, 3);
  ASSERT_EQ(run(problem, 2, 5), "");
  EXPECT_TRUE(problem.right());
}

TEST_P(WgmmaTileKernel, MultipliesTheSmallest) {
  Problem problem(1, 8, 8, 2, 9);
  ASSERT_EQ(run(problem, 1, 1), "");
  EXPECT_TRUE(problem.right());
}

// ---- The protocol alone, many interleavings ---------------------------------------------------

// No data: each stage carries the number of its use, and a product must find its own.
struct Ticket {
  int use = -1;
};

template <int index>
struct ProtocolProducer : ModelThread {
  std::vector<std::vector<Ticket>>& tickets;  // [block][stage]
  std::deque<std::function<void()>>* arriving;
  int uses = 0;

  void expect(int barrier, int bytes) { ModelThread::expect(barrier, bytes); }
  void load_a(int offset, int barrier, int, int, std::uint16_t blocks) {
    constexpr TileConfig config = tile_configs[index];
    send(offset / stage_bytes(config), barrier, a_part(config, rank).rows * 128, blocks);
  }
  void load_b(int offset, int barrier, int, int, std::uint16_t blocks) {
    constexpr TileConfig config = tile_configs[index];
    send(offset / stage_bytes(config), barrier, b_part(config, rank).rows * 128, blocks);
    ++uses;
  }
  void send(int stage, int barrier, int bytes, unsigned blocks) {
    for (int target = 0; target < cluster.size(); ++target) {
      if (!(blocks >> target & 1)) continue;
      // By reference to what outlives the thread.
      arriving[cluster.interleaver.random()() % 16].push_back(
          [&to = cluster.block(target),
           &ticket = tickets[static_cast<std::size_t>(target)][static_cast<std::size_t>(stage)],
           barrier, bytes, use = uses] {
            ticket.use = use;
            to.barriers.at(barrier).bring(bytes);
          });
    }
    cluster.interleaver.step();
  }
};

template <int index>
struct ProtocolConsumer : ModelThread {
  std::vector<std::vector<Ticket>>& tickets;
  std::deque<std::function<void()>>* warps;  // 4
  std::vector<int> seen = {};                // uses, in the order of the products
  std::deque<int> pending = {};              // stages of unfinished products
  std::deque<int> wanted = {};               // the uses they were issued for
  std::uint64_t descriptors = matrix_descriptor(0);

  void arrive(int barrier) { send(barrier, 1u << rank); }
  void arrive_everywhere(int barrier) { send(barrier, (1u << cluster.size()) - 1); }
  void send(int barrier, unsigned blocks) {
    for (int warp = 0; warp < 4; ++warp) {
      for (int target = 0; target < cluster.size(); ++target) {
        if (blocks >> target & 1) {
          warps[warp].push_back([=, this] { cluster.arrive(rank, target, barrier); });
        }
      }
    }
    cluster.interleaver.step();
  }
  Ticket& ticket(int stage) {
    return tickets[static_cast<std::size_t>(rank)][static_cast<std::size_t>(stage)];
  }
  void begin_batch() {}
  void wgmma(int block, std::uint64_t, std::uint64_t b, bool) {
    constexpr TileConfig config = tile_configs[index];
    const int stage = static_cast<int>((b & 0x3fff) << 4) / stage_bytes(config);
    if (block == 0 && (pending.empty() || !in_batch)) {
      pending.push_back(stage);
      wanted.push_back(ticket(stage).use);
      in_batch = true;
    }
  }
  void end_batch() {
    in_batch = false;
    cluster.interleaver.step();
  }
  void wait_all_but_newest() { finish(1); }
  void wait_all() { finish(0); }
  void finish(std::size_t newest) {
    cluster.interleaver.step();
    while (pending.size() > newest) {
      if (ticket(pending.front()).use != wanted.front()) {
        throw std::runtime_error("a stage was overwritten before its product was done");
      }
      seen.push_back(wanted.front());
      pending.pop_front();
      wanted.pop_front();
    }
  }
  void store(int, int) { cluster.interleaver.step(); }
  bool in_batch = false;
};

template <int index>
std::string run_protocol(int tiles, int uses, unsigned seed) {
  constexpr TileConfig config = tile_configs[index];
  Cluster cluster(cluster_blocks(config), 0, seed, 2);
  std::vector<std::vector<Ticket>> tickets(
      static_cast<std::size_t>(cluster.size()),
      std::vector<Ticket>(static_cast<std::size_t>(config.stages)));
  std::deque<std::function<void()>> queues[16 + 2 * tile_consumers * 4];
  for (auto& queue : queues) cluster.interleaver.add_event(queue);
  std::vector<std::unique_ptr<ProtocolConsumer<index>>> consumers;
  // One column of tiles: cluster tile i is tile i of the cluster's only walk.
  const TileWalk walk = {{tiles, 1}, 1, 0, 1, 0};
  for (int rank = 0; rank < cluster.size(); ++rank) {
    auto& barriers = cluster.block(rank).barriers;
    for (int stage = 0; stage < config.stages; ++stage) {
      barriers[full_barrier(config, stage)] = Barrier(full_barrier_arrivals);
      barriers[empty_barrier(config, stage)] = Barrier(empty_barrier_arrivals(config));
    }
    cluster.add_agent(rank, [&, rank] {
      ProtocolProducer<index> hardware{{cluster, rank}, tickets, queues};
      TileWalk own = walk;
      own.rank = rank;
      TileProducer<index, ProtocolProducer<index>> producer{hardware, own, {}};
      constexpr int stages = tile_configs[index].stages;
      drain(producer, stages, produce(producer, stages, tiles, uses));
    });
    for (int consumer = 0; consumer < tile_consumers; ++consumer) {
      barriers[turn_barrier(config, consumer)] = Barrier(turn_barrier_arrivals);
      consumers.push_back(std::unique_ptr<ProtocolConsumer<index>>(new ProtocolConsumer<index>{
          {cluster, rank}, tickets, queues + 16 + (rank * tile_consumers + consumer) * 4}));
      cluster.add_agent(rank, [&, hardware = consumers.back().get(), consumer] {
        TileConsumer<index, ProtocolConsumer<index>> machine{*hardware, walk, consumer, {}};
        consume(machine, tile_configs[index].stages, tiles, uses,
                tile_share(tile_configs[index], consumer));
      });
    }
  }
  if (!cluster.interleaver.run()) return cluster.interleaver.message();
  for (std::size_t i = 0; i < consumers.size(); ++i) {
    const TileShare share = tile_share(tile_configs[index], static_cast<int>(i) % tile_consumers);
    std::vector<int> expected;
    for (int tile = share.first; tile < tiles; tile += share.stride) {
      for (int use = 0; use < uses; ++use) expected.push_back(tile * uses + use);
    }
    if (consumers[i]->seen != expected) return "a consumer multiplied the wrong uses";
  }
  return {};
}

using ProtocolRunner = std::string (*)(int, int, unsigned);
template <int... index>
std::vector<ProtocolRunner> protocol_runners(std::integer_sequence<int, index...>) {
  return {run_protocol<index>...};
}

TEST_P(WgmmaTileKernel, ProtocolNeverBlocksOrOverwrites) {
  static const std::vector<ProtocolRunner> runners =
      protocol_runners(std::make_integer_sequence<int, tile_config_count>());
  unsigned seed = 1;
  for (int tiles = 1; tiles <= 5; ++tiles) {
    for (const int uses : {1, 2, config().stages - 1, config().stages, config().stages + 1,
                           2 * config().stages + 1}) {
      for (int repeat = 0; repeat < 4; ++repeat) {
        ASSERT_EQ(runners[static_cast<std::size_t>(GetParam())](tiles, uses, ++seed), "")
            << tiles << " tiles of " << uses << " uses, seed " << seed;
      }
    }
  }
}

// ---- The skinny kernel ------------------------------------------------------------------------

struct SkinnyModelProducer : ModelThread {
  const Problem& problem;
  const SkinnyConfig& config;

  void load_weights(int offset, int barrier, int k_row, int row) {
    cluster.copy(problem.b, k_row * 128, row, config.rows, offset, barrier, 1u << rank);
    cluster.interleaver.step();
  }
  void load_tokens(int offset, int barrier, int k_row, int row) {
    cluster.copy(problem.a, k_row * 128, row, config.tokens, offset, barrier, 1u << rank);
    cluster.interleaver.step();
  }
};

struct SkinnyModelConsumer : ModelConsumer {
  using ModelConsumer::ModelConsumer;
  void store() {}  // once both consumers are done: below
};

template <int index>
std::string run_skinny_kernel(Problem& problem, int shift, unsigned seed) {
  constexpr SkinnyConfig config = skinny_configs[index];
  const int token_tiles = (problem.m + config.tokens - 1) / config.tokens;
  const int row_tiles = (problem.n + config.rows - 1) / config.rows;
  const int stages_of_k = k_stages(config, std::int64_t{problem.k} * problem.input_bytes);
  for (int id = 0; id < token_tiles * row_tiles; ++id) {
    Cluster cluster(1 << shift, shared_bytes(config), seed * 31 + static_cast<unsigned>(id),
                    problem.input_bytes);
    const SkinnyOrigin origin = skinny_origin(config, token_tiles, id);
    std::vector<std::unique_ptr<SkinnyModelConsumer>> consumers;
    for (int rank = 0; rank < cluster.size(); ++rank) {
      auto& barriers = cluster.block(rank).barriers;
      for (int stage = 0; stage < config.stages; ++stage) {
        barriers[full_barrier(config, stage)] = Barrier(1);
        barriers[empty_barrier(config, stage)] = Barrier(skinny_empty_barrier_arrivals);
      }
      const StageRange range = split_range(stages_of_k, shift, rank);
      cluster.interleaver.add_agent([&cluster, &problem, rank, origin, range] {
        SkinnyModelProducer hardware{{cluster, rank}, problem, skinny_configs[index]};
        SkinnyProducer<index, SkinnyModelProducer> producer{hardware, origin, range.begin};
        produce(producer, skinny_configs[index].stages, 1, range.end - range.begin);
      });
      for (int consumer = 0; consumer < skinny_consumers; ++consumer) {
        consumers.push_back(std::make_unique<SkinnyModelConsumer>(
            cluster, rank, consumer_rows(config) / 64, config.tokens));
        cluster.interleaver.add_agent([hardware = consumers.back().get(), consumer, range] {
          SkinnyConsumer<index, SkinnyModelConsumer> machine{*hardware, consumer};
          consume(machine, skinny_configs[index].stages, 1, range.end - range.begin,
                  TileShare{0, 1});
        });
      }
    }
    if (!cluster.interleaver.run()) return cluster.interleaver.message();

    // The sums go to whom adds them up, over the stages.
    const auto sum_at = [&](int owner, int sender, int quad, int thread) {
      const int uses = stage_uses({stages_of_k, shift, owner}, owner);
      const int offset = sums_stage(config, uses) * stage_bytes(config) +
                         sum_offset(config, shift, sender, quad, thread);
      return &cluster.block(owner).shared[base + static_cast<std::uint32_t>(offset)];
    };
    for (int thread = 0; thread < skinny_consumer_threads; ++thread) {
      const int owner = owner_rank(shift, thread);
      for (int quad = 0; quad < thread_quads(config); ++quad) {
        const int token = origin.token + quad_token(config, thread, quad);
        for (int element = 0; element < 4; ++element) {
          // What the lanes exchange: see WgmmaSkinny.TransposedRegistersAreQuads.
          const int from = (thread & ~12) | element << 2;
          const int i = quad % (config.tokens / 8) * 4 + (thread >> 2 & 3);
          std::int64_t sum = 0;
          for (int sender = 0; sender < cluster.size(); ++sender) {
            const auto& sums =
                consumers[static_cast<std::size_t>(sender * skinny_consumers + from / 128)]->sums;
            const auto block = static_cast<std::size_t>(quad / (config.tokens / 8));
            auto* const place = sum_at(owner, sender, quad, thread) + 4 * element;
            put(place, accumulator(sums[block], config.tokens, from % 128, i), 4);
            sum += Matrix::load(place, 4);
          }
          const int row = origin.weight_row + quad_row(config, thread, quad) + element;
          if (token < problem.m && row < problem.n) {
            put(problem.c.at(token, row), sum, problem.c.element_bytes);
          }
        }
      }
    }
  }
  return {};
}

using SkinnyRunner = std::string (*)(Problem&, int, unsigned);
template <int... index>
std::vector<SkinnyRunner> skinny_runners(std::integer_sequence<int, index...>) {
  return {run_skinny_kernel<index>...};
}

class WgmmaSkinnyKernel : public ::testing::TestWithParam<int> {
 protected:
  static std::string run(Problem& problem, int shift, unsigned seed) {
    static const std::vector<SkinnyRunner> runners =
        skinny_runners(std::make_integer_sequence<int, skinny_config_count>());
    return runners[static_cast<std::size_t>(GetParam())](problem, shift, seed);
  }
  static SkinnyConfig config() { return skinny_configs[GetParam()]; }
};
INSTANTIATE_TEST_SUITE_P(Configurations, WgmmaSkinnyKernel,
                         ::testing::Range(0, skinny_config_count),
                         [](const ::testing::TestParamInfo<int>& row) {
                           const SkinnyConfig& config = skinny_configs[row.param];
                           return std::to_string(config.rows) + "x" + std::to_string(config.tokens);
                         });

TEST_P(WgmmaSkinnyKernel, MultipliesForEverySplit) {
  unsigned seed = 1;
  for (int shift = 0; shift <= max_split_shift; ++shift) {
    for (const int input_bytes : {2, 1}) {
      // K of three stages per block and a ragged end; N ends within a tile, so do the tokens.
      const int stage_elements = config().stage_pieces * 128 / input_bytes;
      Problem problem(config().tokens * 3 / 2, config().rows * 3 / 2 + 3,
                      (3 << shift) * stage_elements + 16 / input_bytes, input_bytes, ++seed);
      ASSERT_EQ(run(problem, shift, ++seed), "") << shift;
      EXPECT_TRUE(problem.right()) << shift;
    }
  }
}

TEST_P(WgmmaSkinnyKernel, MultipliesTheSmallestAndALongRing) {
  Problem smallest(1, 1, 8, 2, 4);
  ASSERT_EQ(run(smallest, 0, 2), "");
  EXPECT_TRUE(smallest.right());
  const int stage_elements = config().stage_pieces * 64;
  Problem longer(1, 70, stage_elements * (2 * config().stages + 1), 2, 5);
  ASSERT_EQ(run(longer, 0, 3), "");
  EXPECT_TRUE(longer.right());
}

}  // namespace
}  // namespace roofproof::cuda::wgmma_sm90
