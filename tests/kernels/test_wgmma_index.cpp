// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The index arithmetic of wgmma_sm90, piece by piece. test_wgmma_pipeline.cpp runs all of it
// together.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <set>
#include <vector>

#include "kernels/cuda/gemm/wgmma_sm90_select.h"
#include "kernels/cuda/gemm/wgmma_sm90_skinny_config.h"
#include "kernels/cuda/gemm/wgmma_sm90_tile_config.h"

namespace roofproof::cuda::wgmma_sm90 {
namespace {

// What a block of compute capability 9.0 may have, and an SM has for all its blocks, each of which
// takes another KiB (CUDA C++ Programming Guide, "Technical Specifications per Compute
// Capability").
constexpr int block_limit_bytes = 227 * 1024;
constexpr int sm_limit_bytes = 228 * 1024;
constexpr int reserved_bytes = 1024;

constexpr int output_sizes[] = {2, 4};

// Lanes that are served together must not want different words of one bank.
::testing::AssertionResult no_bank_conflict(const std::vector<std::uint32_t>& addresses,
                                            int access_bytes) {
  std::array<std::int64_t, 32> word_of_bank;
  word_of_bank.fill(-1);
  for (const std::uint32_t address : addresses) {
    for (int byte = 0; byte < access_bytes; byte += 4) {
      const std::int64_t word = (address + static_cast<std::uint32_t>(byte)) / 4;
      std::int64_t& there = word_of_bank[static_cast<std::size_t>(word % 32)];
      if (there >= 0 && there != word) {
        return ::testing::AssertionFailure() << "words " << there << " and " << word;
      }
      there = word;
    }
  }
  return ::testing::AssertionSuccess();
}

TEST(WgmmaDescriptor, HasTheFieldsOfThePtxIsa) {
  const std::uint64_t descriptor = matrix_descriptor(0x12340);
  EXPECT_EQ(descriptor & 0x3fff, 0x1234u);           // address / 16
  EXPECT_EQ(descriptor >> 32 & 0x3fff, 1024u / 16);  // 8 rows of 128 bytes
  EXPECT_EQ(descriptor >> 49 & 7, 0u);               // base offset: the pattern starts aligned
  EXPECT_EQ(descriptor >> 62, 1u);                   // 128-byte swizzle
  EXPECT_EQ(matrix_descriptor(0x12340 + 0x40000), descriptor);  // 18 address bits
}

TEST(WgmmaDescriptor, AdvancesByBytesInTheAddressAlone) {
  for (const std::uint32_t base : {0u, 1024u, 5u * 1024u}) {
    for (const std::uint32_t bytes : {0u, 32u, 64u, 96u, 16384u, 229376u}) {
      EXPECT_EQ(advance_descriptor(matrix_descriptor(base), bytes),
                matrix_descriptor(base + bytes));
    }
  }
}

// PTX ISA, figure "WGMMA .m64nNk16 register fragment layout for accumulator matrix D": warp w has
// rows 16 w ..; in each 8 columns, thread T of the warp has columns 2 (T % 4) and the next of rows
// T / 4 (registers 0, 1) and T / 4 + 8 (registers 2, 3).
TEST(WgmmaFragment, CoversTheTileAsThePtxIsaSays) {
  constexpr int n = 24;
  for (int warp = 0; warp < 4; ++warp) {
    for (int lane = 0; lane < 32; ++lane) {
      for (int group = 0; group < n / 8; ++group) {
        const int thread = warp * 32 + lane;
        const int column = group * 8 + (lane & 3) * 2;
        const int row = warp * 16 + (lane >> 2);
        const int expected[4][2] = {
            {row, column}, {row, column + 1}, {row + 8, column}, {row + 8, column + 1}};
        for (int i = 0; i < 4; ++i) {
          EXPECT_EQ(accumulator_row(thread, group * 4 + i), expected[i][0]);
          EXPECT_EQ(accumulator_column(thread, group * 4 + i), expected[i][1]);
        }
      }
    }
  }
}

TEST(WgmmaSlice, StmatrixRowsMeetNoBankTwice) {
  for (int warp = 0; warp < 4; ++warp) {
    for (int quad = 0; quad < 4; ++quad) {
      for (int matrix = 0; matrix < 4; ++matrix) {  // one after the other: 8 rows of 16 bytes
        std::vector<std::uint32_t> rows;
        for (int row = 0; row < 8; ++row) {
          rows.push_back(fp16_slice_offset(warp * 32 + matrix * 8 + row, quad));
        }
        EXPECT_TRUE(no_bank_conflict(rows, 16)) << warp << ' ' << quad << ' ' << matrix;
      }
    }
  }
}

TEST(WgmmaSlice, Int32StoresMeetNoBankTwice) {
  for (int warp = 0; warp < 4; ++warp) {
    for (int half = 0; half < 2; ++half) {
      for (int turn = 0; turn < 4; ++turn) {
        for (int first = 0; first < 32; first += 16) {  // 8-byte accesses: 16 lanes at a time
          std::vector<std::uint32_t> pairs;
          for (int lane = first; lane < first + 16; ++lane) {
            const int thread = warp * 32 + lane;
            pairs.push_back(int32_slice_offset(thread, half, int32_slice_block(thread, turn)));
          }
          EXPECT_TRUE(no_bank_conflict(pairs, 8)) << warp << ' ' << half << ' ' << turn;
        }
      }
    }
  }
}

TEST(WgmmaSlice, Int32TurnsVisitEveryBlockOnce) {
  for (int thread = 0; thread < 128; ++thread) {
    std::set<int> blocks;
    for (int turn = 0; turn < 4; ++turn) blocks.insert(int32_slice_block(thread, turn));
    EXPECT_EQ(blocks, (std::set<int>{0, 1, 2, 3})) << thread;
    // What the kernel's choice between two registers relies on.
    for (int turn = 0; turn < 4; ++turn) {
      EXPECT_EQ(int32_slice_block(thread, turn),
                int32_slice_block(thread, 0) != 0 ? turn ^ 2 : turn);
    }
  }
}

// Lanes that differ in bits 2 and 3 exchange what wgmma left: element e of lane group g becomes
// element g of group e.
TEST(WgmmaSkinny, TransposedRegistersAreQuads) {
  for (const SkinnyConfig& config : skinny_configs) {
    std::set<std::pair<int, int>> places;
    for (int thread = 0; thread < 256; ++thread) {
      for (int quad = 0; quad < thread_quads(config); ++quad) {
        const int block = quad / (config.tokens / 8);
        const int first_register = quad % (config.tokens / 8) * 4;
        for (int element = 0; element < 4; ++element) {
          const int from = (thread & ~12) | element << 2;
          const int i = first_register + (thread >> 2 & 3);
          const int row =
              from / 128 * (config.rows / 2) + block * 64 + accumulator_row(from % 128, i);
          EXPECT_EQ(quad_row(config, thread, quad) + element, row);
          EXPECT_EQ(quad_token(config, thread, quad), accumulator_column(from % 128, i));
          places.insert({row, quad_token(config, thread, quad)});
        }
      }
    }
    EXPECT_EQ(places.size(), static_cast<std::size_t>(config.rows * config.tokens));
  }
}

// Each block's quads have places of their own in the memory of the one that adds them up.
TEST(WgmmaSkinny, SumsFillTheirRoomOnce) {
  for (const SkinnyConfig& config : skinny_configs) {
    for (int shift = 0; shift <= max_split_shift; ++shift) {
      std::vector<std::set<int>> offsets(std::size_t{1} << shift);
      for (int thread = 0; thread < 256; ++thread) {
        for (int quad = 0; quad < thread_quads(config); ++quad) {
          for (int sender = 0; sender < 1 << shift; ++sender) {
            const int offset = sum_offset(config, shift, sender, quad, thread);
            EXPECT_EQ(offset % 16, 0);
            EXPECT_TRUE(offset >= 0 && offset < config.rows * config.tokens * 4) << offset;
            offsets.at(static_cast<std::size_t>(owner_rank(shift, thread))).insert(offset);
          }
        }
      }
      for (const auto& of_owner : offsets) {
        EXPECT_EQ(of_owner.size() * 16, static_cast<std::size_t>(config.rows * config.tokens * 4));
      }
    }
  }
}

// The stages that the sums take, and the phase that says they are free, for any number of uses.
TEST(WgmmaSkinny, SumsTakeStagesThatAreFreeFirst) {
  for (const SkinnyConfig& config : skinny_configs) {
    for (int uses = 1; uses < 4 * config.stages; ++uses) {
      const int first = sums_stage(config, uses);
      const int end = first + sums_stages(config);
      EXPECT_GE(first, 0);
      EXPECT_LE(end, config.stages);
      EXPECT_GE(sums_stages(config) * stage_bytes(config), config.rows * config.tokens * 4);
      const int last = (uses - 1) % config.stages;
      if (2 * sums_stages(config) <= config.stages) {
        EXPECT_TRUE(last < first || last >= end) << config.rows << ' ' << uses;
      }
      for (int stage = 0; stage < config.stages; ++stage) {
        int completed = 0;  // phases
        for (int use = 0; use < uses; ++use) completed += use % config.stages == stage;
        // A wait for a parity returns while the phase under way, number `completed`, has the other.
        EXPECT_NE(last_use_parity(config, uses, stage), static_cast<unsigned>(completed) % 2);
      }
    }
  }
}

struct Region {
  int begin;
  int end;
};

void expect_disjoint(std::vector<Region> regions, int end) {
  std::sort(regions.begin(), regions.end(),
            [](const Region& a, const Region& b) { return a.begin < b.begin; });
  int last = 0;
  for (const Region& region : regions) {
    EXPECT_GE(region.begin, last);
    last = region.end;
  }
  EXPECT_LE(last, end);
}

TEST(WgmmaTile, SharedMemoryIsDividedUp) {
  for (const TileConfig& config : tile_configs) {
    std::vector<Region> regions;
    for (int stage = 0; stage < config.stages; ++stage) {
      const int a = a_offset(config, stage);
      const int b = b_offset(config, stage);
      EXPECT_EQ(a % swizzle_alignment, 0);
      EXPECT_EQ(b % swizzle_alignment, 0);
      regions.push_back({a, a + config.tile_m * 128});
      regions.push_back({b, b + config.tile_n * 128});
      regions.push_back({full_barrier(config, stage), full_barrier(config, stage) + 8});
      regions.push_back({empty_barrier(config, stage), empty_barrier(config, stage) + 8});
    }
    for (int consumer = 0; consumer < tile_consumers; ++consumer) {
      for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < config.round_slices; ++i) {
          const int slice = slice_offset(config, consumer, round, i);
          EXPECT_EQ(slice % swizzle_alignment, 0);
          EXPECT_EQ(slice_offset(config, consumer, round + 2, i), slice);
          regions.push_back({slice, slice + slice_bytes});
        }
      }
      regions.push_back({turn_barrier(config, consumer), turn_barrier(config, consumer) + 8});
    }
    expect_disjoint(regions, shared_bytes(config));
    EXPECT_LE(shared_bytes(config), block_limit_bytes);
    EXPECT_EQ(full_barrier(config, 0) % 8, 0);
  }
}

TEST(WgmmaSkinny, SharedMemoryIsDividedUp) {
  for (const SkinnyConfig& config : skinny_configs) {
    std::vector<Region> regions;
    for (int stage = 0; stage < config.stages; ++stage) {
      for (int piece = 0; piece < config.stage_pieces; ++piece) {
        const int weights = weights_offset(config, stage, piece);
        const int tokens = tokens_offset(config, stage, piece);
        EXPECT_EQ(weights % swizzle_alignment, 0);
        EXPECT_EQ(tokens % swizzle_alignment, 0);
        regions.push_back({weights, weights + config.rows * 128});
        regions.push_back({tokens, tokens + config.tokens * 128});
      }
      regions.push_back({full_barrier(config, stage), full_barrier(config, stage) + 8});
      regions.push_back({empty_barrier(config, stage), empty_barrier(config, stage) + 8});
    }
    regions.push_back({room_barrier(config), room_barrier(config) + 8});
    regions.push_back({landed_barrier(config), landed_barrier(config) + 8});
    expect_disjoint(regions, shared_bytes(config));
    EXPECT_LE(shared_bytes(config), block_limit_bytes);
    EXPECT_LE((shared_bytes(config) + reserved_bytes) * config.blocks_per_sm, sm_limit_bytes);
  }
}

// The registers of the sums, and what is left for everything else.
TEST(WgmmaTile, SumsFitTheRegisters) {
  for (const TileConfig& config : tile_configs) {
    EXPECT_EQ(consumer_rows(config) % wgmma_rows, 0);
    EXPECT_LE(consumer_rows(config) / wgmma_rows * config.tile_n / 2, 128);
    EXPECT_LE(cluster_blocks(config), 2);  // every block hears every block's releases
    for (const int output_bytes : output_sizes) {
      EXPECT_EQ(config.tile_n % slice_columns(output_bytes), 0);
      EXPECT_EQ(consumer_slices(config, output_bytes) % config.round_slices, 0);
    }
  }
}

TEST(WgmmaTile, ClusterLoadsEveryRowOnceForEveryBlock) {
  for (const TileConfig& config : tile_configs) {
    const int blocks = cluster_blocks(config);
    for (int receiver = 0; receiver < blocks; ++receiver) {
      std::multiset<int> a_rows;
      std::multiset<int> b_rows;
      for (int loader = 0; loader < blocks; ++loader) {
        const LoadPart a = a_part(config, loader);
        const LoadPart b = b_part(config, loader);
        EXPECT_LE(a.rows, 256);  // TMA's largest box
        EXPECT_LE(b.rows, 256);
        EXPECT_EQ(a.first_row * k_row_bytes % swizzle_alignment, 0);
        EXPECT_EQ(b.first_row * k_row_bytes % swizzle_alignment, 0);
        for (int row = 0; row < a.rows && (a.blocks >> receiver & 1); ++row) {
          a_rows.insert(a.first_row + row);
        }
        for (int row = 0; row < b.rows && (b.blocks >> receiver & 1); ++row) {
          b_rows.insert(b.first_row + row);
        }
      }
      std::multiset<int> all_a;
      for (int row = 0; row < config.tile_m; ++row) all_a.insert(row);
      std::multiset<int> all_b;
      for (int row = 0; row < config.tile_n; ++row) all_b.insert(row);
      EXPECT_EQ(a_rows, all_a);
      EXPECT_EQ(b_rows, all_b);
    }
  }
}

TEST(WgmmaTile, EveryPlaceOfCBelongsToOneConsumerOfOneBlock) {
  std::mt19937 random(1);
  for (int repeat = 0; repeat < 300; ++repeat) {
    const TileConfig& config = tile_configs[random() % tile_config_count];
    const int m = 1 + static_cast<int>(random() % 3000);
    const int n = 1 + static_cast<int>(random() % 3000);
    const TileGrid grid = cluster_grid(config, m, n);
    const int group = 1 << random() % 5;
    const int clusters = 1 + static_cast<int>(random() % 70);
    std::set<std::pair<int, int>> origins;
    int tiles = 0;
    for (int cluster = 0; cluster < clusters; ++cluster) {
      for (int rank = 0; rank < cluster_blocks(config); ++rank) {
        const TileWalk walk = {grid, group, cluster, clusters, rank};
        for (int tile = 0; tile < walk.tiles(); ++tile) {
          const TileOrigin origin = walk.origin(config, tile);
          EXPECT_EQ(origin.row % config.tile_m, 0);
          EXPECT_EQ(origin.column % config.tile_n, 0);
          origins.insert({origin.row, origin.column});
          ++tiles;
        }
      }
    }
    ASSERT_EQ(tiles, static_cast<int>(origins.size())) << m << ' ' << n;
    for (int row = 0; row < m; row += config.tile_m) {
      for (int column = 0; column < n; column += config.tile_n) {
        ASSERT_TRUE(origins.count({row, column})) << m << ' ' << n << ' ' << row << ' ' << column;
      }
    }
    // The consumers of a tile.
    std::set<int> rows;
    for (int consumer = 0; consumer < (config.pingpong ? 1 : tile_consumers); ++consumer) {
      const int first = consumer_row(config, {0, 0}, consumer);
      for (int row = 0; row < consumer_rows(config); ++row) rows.insert(first + row);
    }
    EXPECT_EQ(static_cast<int>(rows.size()), config.tile_m);
    EXPECT_EQ(*rows.rbegin(), config.tile_m - 1);
  }
}

TEST(WgmmaTile, ConsumersShareOutTheTilesOfABlock) {
  for (const TileConfig& config : tile_configs) {
    for (int tiles = 1; tiles < 6; ++tiles) {
      std::multiset<int> done;
      for (int consumer = 0; consumer < tile_consumers; ++consumer) {
        const TileShare share = tile_share(config, consumer);
        for (int tile = share.first; tile < tiles; tile += share.stride) done.insert(tile);
      }
      for (int tile = 0; tile < tiles; ++tile) {
        EXPECT_EQ(done.count(tile), config.pingpong ? 1u : 2u);
      }
    }
  }
}

TEST(WgmmaSkinny, EveryPlaceOfCBelongsToOneCluster) {
  std::mt19937 random(2);
  for (int repeat = 0; repeat < 300; ++repeat) {
    const SkinnyConfig& config = skinny_configs[random() % skinny_config_count];
    const int m = 1 + static_cast<int>(random() % 300);
    const int n = 1 + static_cast<int>(random() % 5000);
    const int token_tiles = (m + config.tokens - 1) / config.tokens;
    const int row_tiles = (n + config.rows - 1) / config.rows;
    std::set<std::pair<int, int>> origins;
    for (int cluster = 0; cluster < token_tiles * row_tiles; ++cluster) {
      const SkinnyOrigin origin = skinny_origin(config, token_tiles, cluster);
      EXPECT_LT(origin.token, m);
      EXPECT_LT(origin.weight_row, n);
      EXPECT_EQ(origin.token % config.tokens, 0);
      EXPECT_EQ(origin.weight_row % config.rows, 0);
      origins.insert({origin.token, origin.weight_row});
    }
    EXPECT_EQ(static_cast<int>(origins.size()), token_tiles * row_tiles);
  }
}

TEST(WgmmaSkinny, SplitsCoverKOnceAndEvenly) {
  for (int shift = 0; shift <= max_split_shift; ++shift) {
    for (int stages = 1 << shift; stages < 300; ++stages) {
      int next = 0;
      int shortest = stages;
      int longest = 0;
      for (int rank = 0; rank < 1 << shift; ++rank) {
        const StageRange range = split_range(stages, shift, rank);
        EXPECT_EQ(range.begin, next);
        next = range.end;
        shortest = std::min(shortest, range.end - range.begin);
        longest = std::max(longest, range.end - range.begin);
      }
      EXPECT_EQ(next, stages);
      EXPECT_GE(shortest, 1);
      EXPECT_LE(longest - shortest, 1);
    }
  }
}

TEST(WgmmaSkinny, SplitsLeaveEveryBlockAStage) {
  for (const SkinnyConfig& config : skinny_configs) {
    for (int shift = 0; shift <= max_split_shift; ++shift) {
      const std::int64_t enough = std::int64_t{config.stage_pieces} * k_row_bytes << shift;
      EXPECT_TRUE(can_split(config, enough, shift));
      // One stage fewer, but for its first 16 bytes.
      const std::int64_t fewer = enough - config.stage_pieces * k_row_bytes;
      EXPECT_TRUE(can_split(config, fewer + 16, shift));
      EXPECT_EQ(can_split(config, fewer, shift), false) << shift;
    }
  }
}

TEST(WgmmaPlace, AdvancesOneByOneAsInLeaps) {
  for (int stages = 2; stages <= 8; ++stages) {
    PipelinePlace step;
    for (int use = 0; use < 50; ++use) {
      PipelinePlace leap;
      leap.advance(stages, use);
      EXPECT_EQ(leap.stage, step.stage);
      EXPECT_EQ(leap.parity, step.parity);
      EXPECT_EQ(step.stage, use % stages);
      EXPECT_EQ(step.parity, static_cast<std::uint32_t>(use / stages % 2));
      step.advance(stages);
    }
  }
}

// The choice, in so far as it is more than a guess.

constexpr int h100_processors = 132;
constexpr int h100_pcie_processors = 114;

TEST(WgmmaSelect, SquareProductsGetTheLargestTile) {
  const Capacity capacity = ideal_capacity(h100_processors);
  for (const auto& [m, n, k] : {std::array{4096, 4096, 4096}, std::array{8192, 8192, 8192},
                                std::array{8192, 14336, 4096}}) {
    for (const int input_bytes : {1, 2}) {
      const Choice choice = select({m, n, k, input_bytes, input_bytes == 2 ? 2 : 4}, capacity);
      ASSERT_FALSE(choice.skinny);
      EXPECT_EQ(tile_configs[choice.config].tile_m * tile_configs[choice.config].tile_n, 128 * 256);
    }
  }
}

TEST(WgmmaSelect, FewTokensStreamTheWeightsOverMostOfTheGpuInOneWave) {
  for (const int processors : {h100_processors, h100_pcie_processors}) {
    const Capacity capacity = ideal_capacity(processors);
    for (const auto& [n, k] :
         {std::array{4096, 4096}, std::array{6144, 4096}, std::array{14336, 4096},
          std::array{28672, 4096}, std::array{4096, 14336}}) {
      for (const int m : {1, 2, 7, 8, 9, 16, 17, 32, 33, 48, 64}) {
        for (const int input_bytes : {1, 2}) {
          const Choice choice = select({m, n, k, input_bytes, input_bytes == 2 ? 2 : 4}, capacity);
          ASSERT_TRUE(choice.skinny) << m << ' ' << n << ' ' << k;
          const SkinnyConfig& config = skinny_configs[choice.config];
          const int clusters =
              (m + config.tokens - 1) / config.tokens * ((n + config.rows - 1) / config.rows);
          EXPECT_LE(clusters, capacity.skinny[choice.config][choice.split_shift])
              << m << ' ' << n << ' ' << k;
          EXPECT_GE((clusters << choice.split_shift) * 10, processors * 7)
              << m << ' ' << n << ' ' << k;
          EXPECT_TRUE(can_split(config, std::int64_t{k} * input_bytes, choice.split_shift));
        }
      }
    }
  }
}

TEST(WgmmaSelect, MoreTokensNeverCostLess) {
  const Capacity capacity = ideal_capacity(h100_processors);
  for (const int n : {1024, 4096, 14336}) {
    double before = 0;
    for (int m = 1; m <= 4096; m *= 2) {
      const double clocks = select({m, n, 4096, 2, 2}, capacity).clocks;
      EXPECT_GE(clocks, before) << m << ' ' << n;
      before = clocks;
    }
  }
}

// Rows 0 and 1 are one tile with 4 and 3 stages. A load takes 300 + 1200 + 256 rows x 128 / 46 =
// 2212 clocks, and 3 stages leave it 2 x 1024: 82 more for each of 16 x 128 pieces of K. Their
// larger rounds of C are worth 512 clocks per tile.
TEST(WgmmaSelect, ThreeStagesCostWhatALoadTakesBeyondTwoProducts) {
  const Capacity capacity = ideal_capacity(h100_processors);
  for (const GemmShape& shape :
       {GemmShape{8192, 8192, 8192, 2, 2}, GemmShape{8192, 8192, 16384, 1, 2}}) {
    EXPECT_NEAR(tile_clocks(1, shape, capacity) - tile_clocks(0, shape, capacity),
                16 * (128 * 82.17 - 512), 100);
    EXPECT_EQ(select(shape, capacity).config, 0);
  }
}

TEST(WgmmaSelect, TakesOnlyWhatTheDeviceRuns) {
  Capacity capacity = ideal_capacity(h100_processors);
  for (auto& row : capacity.skinny) {
    for (int shift = 1; shift <= max_split_shift; ++shift) row[shift] = 0;
  }
  EXPECT_EQ(select({1, 4096, 4096, 2, 2}, capacity).split_shift, 0);
  // One stage of K cannot be split.
  EXPECT_EQ(select({1, 4096, 8, 2, 2}, ideal_capacity(h100_processors)).split_shift, 0);
  for (int& clusters : capacity.tile) clusters = 0;
  EXPECT_TRUE(select({4096, 4096, 4096, 2, 2}, capacity).skinny);
}

TEST(WgmmaSelect, NeverSplitsKIntoMorePartsThanItHasStages) {
  const Capacity capacity = ideal_capacity(h100_processors);
  std::mt19937 random(3);
  for (int repeat = 0; repeat < 500; ++repeat) {
    const auto k = static_cast<std::int64_t>(16 * (1 + random() % 64));
    const GemmShape shape = {1 + static_cast<std::int64_t>(random() % 64),
                             8 * (1 + static_cast<std::int64_t>(random() % 600)), k, 1, 4};
    const Choice choice = select(shape, capacity);
    ASSERT_TRUE(choice.skinny);
    EXPECT_TRUE(can_split(skinny_configs[choice.config], k, choice.split_shift))
        << shape.m << ' ' << shape.n << ' ' << k;
  }
}

}  // namespace
}  // namespace roofproof::cuda::wgmma_sm90
