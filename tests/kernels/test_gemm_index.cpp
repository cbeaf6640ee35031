// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The index arithmetic of the tiled GEMM kernels: who copies, loads, multiplies and stores what,
// and that no access to shared memory makes another wait.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "kernels/cuda/gemm/swizzle.h"
#include "kernels/cuda/gemm/tile_order.h"
#include "kernels/cuda/gemm/tiled/fragment.h"
#include "kernels/cuda/gemm/tiled/select.h"
#include "kernels/cuda/gemm/tiled/tiles.h"
#include "kernels/cuda/gemm/tiled/work.h"
#include "kernels/cuda/runtime/rates.h"

namespace roofproof::cuda {
namespace {

// Calls action(tile) for each of the lists' tiles, saying which on failure.
template <class... Tiles, class Action>
void for_each_tile(TileList<Tiles...>, const Action& action) {
  const auto one = [&](auto tile) {
    SCOPED_TRACE(testing::Message()
                 << "tile " << tile.tile_m << "x" << tile.tile_n << ", rows of " << tile.row_bytes
                 << " bytes, " << tile.threads << " threads, stages " << tile.stages);
    action(tile);
  };
  (one(Tiles()), ...);
}
template <class Action>
void for_each_tensor_tile(const Action& action) {
  for_each_tile(Sm80Tiles(), action);
  for_each_tile(Sm75Tiles(), action);
}
template <class Action>
void for_each_simt_tile(const Action& action) {
  for_each_tile(SimtTiles(), action);
  for_each_tile(SimtSm75Tiles(), action);
}
template <class Action>
void for_each_tile(const Action& action) {
  for_each_tensor_tile(action);
  for_each_simt_tile(action);
}

// ---- shared memory: 32 banks of 4 bytes ----

// How often the busiest bank is visited by 16-byte accesses to these addresses; equal ones are one.
int bank_visits(std::vector<std::uint32_t> addresses) {
  std::sort(addresses.begin(), addresses.end());
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  std::array<int, 32> visits{};
  for (const std::uint32_t address : addresses) {
    EXPECT_EQ(address % 16, 0u);
    for (std::uint32_t word = 0; word < 4; ++word) ++visits[(address / 4 + word) % 32];
  }
  return *std::max_element(visits.begin(), visits.end());
}

template <int RowBytes>
void expect_swizzle_of_tma() {
  std::set<std::uint32_t> offsets;
  for (std::uint32_t row = 0; row < 64; ++row) {
    for (std::uint32_t chunk = 0; chunk < RowBytes / 16; ++chunk) {
      const std::uint32_t offset = swizzled_offset<RowBytes>(row, chunk);
      EXPECT_TRUE(offsets.insert(offset).second);
      EXPECT_EQ(offset / RowBytes, row);
      // PTX ISA: bits 4 and up of the plain address are XORed with bits 7 and up, one of them for
      // 32 bytes, two for 64, three for 128.
      const std::uint32_t plain = row * RowBytes + chunk * 16;
      EXPECT_EQ(offset, plain ^ (plain >> 7 & (RowBytes / 16 - 1)) << 4);
    }
  }
  for (std::uint32_t first = 0; first < 64; first += 8) {
    for (std::uint32_t chunk = 0; chunk < RowBytes / 16; ++chunk) {
      std::vector<std::uint32_t> column;
      for (std::uint32_t row = first; row < first + 8; ++row) {
        column.push_back(swizzled_offset<RowBytes>(row, chunk));
      }
      EXPECT_EQ(bank_visits(column), 1) << RowBytes << " bytes, rows from " << first;
    }
  }
}

TEST(Swizzle, IsThatOfTmaAndSpreadsColumnsOverAllBanks) {
  expect_swizzle_of_tma<32>();
  expect_swizzle_of_tma<64>();
  expect_swizzle_of_tma<128>();
}

TEST(Swizzle, PlainRowsWouldCollide) {
  std::vector<std::uint32_t> column;
  for (std::uint32_t row = 0; row < 8; ++row) column.push_back(row * 128);
  EXPECT_EQ(bank_visits(column), 8);
}

// ---- the order of tiles ----

TEST(TileOrder, TakesEveryTileOnce) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    const TileGrid grid{1 + static_cast<int>(random() % 70), 1 + static_cast<int>(random() % 70)};
    const int group = 1 + static_cast<int>(random() % 20);
    std::vector<int> visits(static_cast<std::size_t>(grid.count()));
    for (int i = 0; i < grid.count(); ++i) {
      const TileIndex tile = tile_at(i, grid, group);
      ASSERT_TRUE(tile.row >= 0 && tile.row < grid.rows && tile.column >= 0 &&
                  tile.column < grid.columns);
      ++visits[static_cast<std::size_t>(tile.row * grid.columns + tile.column)];
    }
    EXPECT_TRUE(std::all_of(visits.begin(), visits.end(), [](int n) { return n == 1; }));
  }
}

TEST(TileOrder, GroupsKeepTheOperandsOfAWaveSmall) {
  // The first 108 of the 128x256 tiles of an 8192x8192 product.
  const TileGrid grid{64, 32};
  const auto rows_touched = [&](int group) {
    std::set<int> rows;
    std::set<int> columns;
    for (int i = 0; i < 108; ++i) {
      const TileIndex tile = tile_at(i, grid, group);
      rows.insert(tile.row);
      columns.insert(tile.column);
    }
    return static_cast<int>(rows.size()) * 128 + static_cast<int>(columns.size()) * 256;
  };
  const int group = raster_group(grid, 128, 256, 108);
  EXPECT_EQ(group, 16);
  EXPECT_EQ(rows_touched(group), 16 * 128 + 7 * 256);
  EXPECT_EQ(rows_touched(1), 4 * 128 + 32 * 256);
  EXPECT_EQ(raster_group({1, 1}, 128, 256, 108), 1);
  // 132 of 32 x 16 tiles: bands of one row would take 9 of them and all columns.
  EXPECT_EQ(raster_group({32, 16}, 128, 256, 132), 16);
  // Bands of 8 in 5 rows: 5 x 256 + 14 x 64 rows of operands; bands of 4: 4 x 256 + 27 x 64.
  EXPECT_EQ(raster_group({5, 100}, 256, 64, 108), 8);
}

// ---- copies to shared memory ----

TEST(BlockTile, CopiesEveryChunkOfAStageOnce) {
  for_each_tile([](auto tile) {
    using Tile = decltype(tile);
    std::map<std::uint32_t, int> visits;
    for (int pass = 0; pass < Tile::passes; ++pass) {
      for (int thread = 0; thread < Tile::threads; ++thread) {
        if (Tile::pass_is_partial(pass) && !Tile::pass_has_row(pass, Tile::copy_row(thread))) {
          continue;
        }
        const std::uint32_t offset = Tile::copy_offset(thread) + Tile::pass_offset(pass);
        ++visits[offset];
        // Where it goes is where the row and chunk that it is belong.
        const int row = Tile::pass_row(pass) + Tile::copy_row(thread);
        const bool a = Tile::copies_a(pass);
        ASSERT_LT(row, a ? Tile::tile_m : Tile::tile_n);
        EXPECT_EQ(offset, swizzled_offset<Tile::row_bytes>((a ? 0 : Tile::tile_m) + row,
                                                           Tile::copy_chunk(thread)));
      }
    }
    EXPECT_EQ(visits.size(), static_cast<std::size_t>(Tile::stage_bytes / chunk_bytes));
    for (const auto& [offset, count] : visits) {
      ASSERT_LT(offset, static_cast<std::uint32_t>(Tile::stage_bytes));
      ASSERT_EQ(count, 1);
    }
  });
}

TEST(BlockTile, CopiesWriteWithoutBankConflicts) {
  for_each_tile([](auto tile) {
    using Tile = decltype(tile);
    for (int first = 0; first < Tile::threads; first += 8) {
      std::vector<std::uint32_t> addresses;
      for (int thread = first; thread < first + 8; ++thread) {
        addresses.push_back(Tile::copy_offset(thread));
      }
      EXPECT_EQ(bank_visits(addresses), 1) << "threads from " << first;
    }
  });
}

TEST(BlockTile, CopiesReadWholeSectorsOfGlobalMemory) {
  for_each_tile([](auto tile) {
    using Tile = decltype(tile);
    // Two neighbours take the two halves of 32 bytes of one row.
    for (int thread = 0; thread < Tile::threads; thread += 2) {
      EXPECT_EQ(Tile::copy_row(thread), Tile::copy_row(thread + 1));
      EXPECT_EQ(Tile::copy_chunk(thread) % 2, 0);
      EXPECT_EQ(Tile::copy_chunk(thread) + 1, Tile::copy_chunk(thread + 1));
    }
  });
}

TEST(BlockTile, WarpsTileTheBlock) {
  for_each_tile([](auto tile) {
    using Tile = decltype(tile);
    std::set<std::pair<int, int>> corners;
    for (int warp = 0; warp < Tile::threads / 32; ++warp) {
      EXPECT_EQ(Tile::warp_row(warp) % Tile::warp_m, 0);
      EXPECT_EQ(Tile::warp_column(warp) % Tile::warp_n, 0);
      EXPECT_LT(Tile::warp_row(warp), Tile::tile_m);
      EXPECT_LT(Tile::warp_column(warp), Tile::tile_n);
      corners.insert({Tile::warp_row(warp), Tile::warp_column(warp)});
    }
    EXPECT_EQ(static_cast<int>(corners.size()) * Tile::warp_m * Tile::warp_n,
              Tile::tile_m * Tile::tile_n);
  });
}

TEST(BlockTile, FitsTheSharedMemoryOfItsGpus) {
  constexpr int opt_in_sm75 = 64 * 1024;
  constexpr int opt_in_sm80 = 163 * 1024;
  constexpr int opt_in_sm86 = 99 * 1024;
  const auto largest = [](auto list) {
    int bytes = 0;
    for_each_tile(list, [&](auto tile) { bytes = std::max(bytes, tile.shared_bytes); });
    return bytes;
  };
  EXPECT_LE(largest(Sm75Tiles()), opt_in_sm75);
  EXPECT_LE(largest(SimtSm75Tiles()), opt_in_sm75);
  EXPECT_LE(largest(SimtTiles()), opt_in_sm86);
  EXPECT_LE(largest(Sm80Tiles()), opt_in_sm80);
  // Of a large tile there is one for GPUs with 99 KB.
  EXPECT_LE(Sm80Wide::shared_bytes, opt_in_sm86);
}

// ---- fragments of tensor kernels, against the layouts that the PTX ISA documents ----

// Of ldmatrix, "each thread receives": register i of lane l holds row l / 4 of matrix i, bytes
// 4 (l % 4) to 4 (l % 4) + 3; the addresses of matrix i come from lanes 8 i to 8 i + 7, row by row.
// So register i is this row and these first bytes of what the lanes' addresses point to.
struct Source {
  int row;
  int byte;
};
Source loaded(int lane, int i, int (*row_of)(int), int (*chunk_of)(int)) {
  const int address_lane = 8 * i + lane / 4;
  return {row_of(address_lane), chunk_of(address_lane) * 16 + lane % 4 * 4};
}
int a_row(int lane) { return tensor_layout::a_row(lane); }
int a_chunk(int lane) { return tensor_layout::a_chunk(lane); }
int b_row(int lane) { return tensor_layout::b_row(lane); }
int b_chunk(int lane) { return tensor_layout::b_chunk(lane); }

TEST(TensorLayout, LoadsTheOperandsOfM16n8k16) {
  for (int lane = 0; lane < 32; ++lane) {
    const int group = lane >> 2;
    const int thread_in_group = lane % 4;
    // "row = groupID for ai where 0 <= i < 2 || 4 <= i < 6, groupID + 8 otherwise;
    //  col = (threadID_in_group * 2) + (i & 0x1) for i < 4, + 8 for i >= 4", two per register.
    for (int i = 0; i < 8; ++i) {
      const Source source = loaded(lane, i / 2, a_row, a_chunk);
      EXPECT_EQ(source.row, (i < 2 || (i >= 4 && i < 6)) ? group : group + 8);
      EXPECT_EQ(source.byte / 2 + i % 2, thread_in_group * 2 + (i & 1) + (i < 4 ? 0 : 8));
    }
    // "row = (threadID_in_group * 2) + (i & 0x1) for bi where i < 2, + 8 for i >= 2; col = groupID"
    for (int tile = 0; tile < 2; ++tile) {
      for (int i = 0; i < 4; ++i) {
        const Source source = loaded(lane, 2 * tile + i / 2, b_row, b_chunk);
        EXPECT_EQ(source.row, 8 * tile + group);
        EXPECT_EQ(source.byte / 2 + i % 2, thread_in_group * 2 + (i & 1) + (i < 2 ? 0 : 8));
      }
    }
  }
}

TEST(TensorLayout, LoadsTheOperandsOfM16n8k32) {
  for (int lane = 0; lane < 32; ++lane) {
    const int group = lane >> 2;
    const int thread_in_group = lane % 4;
    // "row = groupID for ai where 0 <= i < 4 || 8 <= i < 12, groupID + 8 otherwise;
    //  col = (threadID_in_group * 4) + (i & 0x3) for i < 8, + 16 for i >= 8", four per register.
    for (int i = 0; i < 16; ++i) {
      const Source source = loaded(lane, i / 4, a_row, a_chunk);
      EXPECT_EQ(source.row, (i < 4 || (i >= 8 && i < 12)) ? group : group + 8);
      EXPECT_EQ(source.byte + i % 4, thread_in_group * 4 + (i & 3) + (i < 8 ? 0 : 16));
    }
    for (int tile = 0; tile < 2; ++tile) {
      for (int i = 0; i < 8; ++i) {
        const Source source = loaded(lane, 2 * tile + i / 4, b_row, b_chunk);
        EXPECT_EQ(source.row, 8 * tile + group);
        EXPECT_EQ(source.byte + i % 4, thread_in_group * 4 + (i & 3) + (i < 4 ? 0 : 16));
      }
    }
  }
}

TEST(TensorLayout, LoadsTheOperandsOfTuring) {
  for (int lane = 0; lane < 32; ++lane) {
    const int group = lane >> 2;
    const int thread_in_group = lane % 4;
    for (int half = 0; half < 2; ++half) {
      // m16n8k8: a0, a1 row groupID, a2, a3 row groupID + 8, column 2 threadID_in_group + (i & 1);
      // b0, b1 row 2 threadID_in_group + i, column groupID. Registers 2 half and 2 half + 1 of A,
      // `half` of B, 8 columns of K further on.
      for (int i = 0; i < 4; ++i) {
        const Source source = loaded(lane, 2 * half + i / 2, a_row, a_chunk);
        EXPECT_EQ(source.row, i < 2 ? group : group + 8);
        EXPECT_EQ(source.byte / 2 + i % 2, 8 * half + thread_in_group * 2 + (i & 1));
      }
      for (int i = 0; i < 2; ++i) {
        const Source source = loaded(lane, half, b_row, b_chunk);
        EXPECT_EQ(source.row, group);
        EXPECT_EQ(source.byte / 2 + i, 8 * half + thread_in_group * 2 + i);
      }
      // m8n8k16: A row groupID, column 4 threadID_in_group + i; B the same with columns for rows.
      for (int rows = 0; rows < 2; ++rows) {
        const Source source = loaded(lane, 2 * half + rows, a_row, a_chunk);
        EXPECT_EQ(source.row, 8 * rows + group);
        EXPECT_EQ(source.byte, 16 * half + thread_in_group * 4);
      }
    }
  }
}

TEST(TensorLayout, AccumulatorsLieAsDocumented) {
  for (int lane = 0; lane < 32; ++lane) {
    for (int i = 0; i < 4; ++i) {
      // "row = groupID for ci where i < 2, groupID + 8 for i >= 2;
      //  col = (threadID_in_group * 2) + (i & 0x1)"
      EXPECT_EQ(tensor_layout::accumulator(lane, i).row, (lane >> 2) + (i < 2 ? 0 : 8));
      EXPECT_EQ(tensor_layout::accumulator(lane, i).column, lane % 4 * 2 + (i & 1));
    }
  }
}

TEST(TensorLayout, FragmentLoadsFindTheirRowsWithoutBankConflicts) {
  for_each_tensor_tile([](auto tile) {
    using Tile = decltype(tile);
    const int steps = Tile::row_bytes / tensor_layout::step_bytes;
    const auto check = [&](int first_row, int rows, int (*row_of)(int), int (*chunk_of)(int)) {
      for (int row = 0; row < rows; row += 16) {
        for (int step = 0; step < steps; ++step) {
          for (int matrix = 0; matrix < 4; ++matrix) {
            std::vector<std::uint32_t> addresses;
            for (int lane = 8 * matrix; lane < 8 * matrix + 8; ++lane) {
              // As TensorMath::load() has it.
              const std::uint32_t base =
                  swizzled_offset<Tile::row_bytes>(first_row + row_of(lane), chunk_of(lane));
              const std::uint32_t address =
                  (base ^ tensor_layout::step_bits(step)) + row * Tile::row_bytes;
              EXPECT_EQ(address, swizzled_offset<Tile::row_bytes>(first_row + row + row_of(lane),
                                                                  2 * step + chunk_of(lane)));
              addresses.push_back(address);
            }
            EXPECT_EQ(bank_visits(addresses), 1);
          }
        }
      }
    };
    for (int warp = 0; warp < Tile::threads / 32; ++warp) {
      check(Tile::warp_row(warp), Tile::warp_m, a_row, a_chunk);
      check(Tile::tile_m + Tile::warp_column(warp), Tile::warp_n, b_row, b_chunk);
    }
  });
}

// v[lane][tile] = (tile, lane) -> v[lane][pair] = (lane, pair).
TEST(TensorLayout, ExchangesGiveEachLaneEightColumns) {
  std::array<std::array<std::pair<int, int>, 4>, 4> v;
  for (int lane = 0; lane < 4; ++lane) {
    for (int tile = 0; tile < 4; ++tile) v[lane][tile] = {tile, lane};
  }
  for (const int mask : {1, 2}) {
    const auto before = v;
    for (int lane = 0; lane < 4; ++lane) {
      for (int i = 0; i < 4; ++i) {
        if ((i & mask) != 0) continue;
        const int mine = tensor_layout::exchanged_register(lane, mask, i);
        const int theirs = tensor_layout::exchanged_register(lane ^ mask, mask, i);
        v[lane][mine] = before[lane ^ mask][theirs];
      }
    }
  }
  for (int lane = 0; lane < 4; ++lane) {
    for (int pair = 0; pair < 4; ++pair) EXPECT_EQ(v[lane][pair], std::pair(lane, pair));
  }
}

// ---- threads of the FP32 kernels ----

TEST(SimtLayout, ThreadsTileTheBlock) {
  for_each_simt_tile([](auto tile) {
    using Tile = decltype(tile);
    std::map<std::pair<int, int>, int> visits;
    for (int thread = 0; thread < Tile::threads; ++thread) {
      for (int i = 0; i < Tile::warp_m / simt_layout::lane_rows; ++i) {
        for (int j = 0; j < Tile::warp_n / simt_layout::lane_columns; ++j) {
          const int row = simt_layout::first_row<Tile>(thread) + simt_layout::row_stride<Tile> * i;
          const int column =
              simt_layout::first_column<Tile>(thread) + simt_layout::lane_columns * j;
          ASSERT_TRUE(row < Tile::tile_m && column < Tile::tile_n);
          ++visits[{row, column}];
        }
      }
    }
    EXPECT_EQ(visits.size(), static_cast<std::size_t>(Tile::tile_m * Tile::tile_n));
    for (const auto& [position, count] : visits) ASSERT_EQ(count, 1);
  });
}

TEST(SimtLayout, LoadsFindTheirRowsWithoutBankConflicts) {
  for_each_simt_tile([](auto tile) {
    using Tile = decltype(tile);
    const int steps = Tile::row_bytes / chunk_bytes;
    for (int warp = 0; warp < Tile::threads / 32; ++warp) {
      for (int step = 0; step < steps; ++step) {
        // The addresses of SimtMath::load_a() and load_b() for one i and j.
        const auto a_address = [&](int lane, int i) {
          const int row = simt_layout::first_row<Tile>(32 * warp + lane);
          const int further = simt_layout::row_stride<Tile> * i;
          const std::uint32_t address = (swizzled_offset<Tile::row_bytes>(row, 0) ^
                                         simt_layout::a_bits<Tile::row_bytes>(further, step)) +
                                        further * Tile::row_bytes;
          EXPECT_EQ(address, swizzled_offset<Tile::row_bytes>(row + further, step));
          return address;
        };
        const auto b_address = [&](int lane, int j) {
          const int row = Tile::tile_m + simt_layout::first_column<Tile>(32 * warp + lane);
          const int further = simt_layout::lane_columns * j;
          const std::uint32_t address =
              (swizzled_offset<Tile::row_bytes>(row, 0) ^ simt_layout::b_bits(step)) +
              further * Tile::row_bytes;
          EXPECT_EQ(address, swizzled_offset<Tile::row_bytes>(row + further, step));
          return address;
        };
        const auto check = [&](int count, const auto& address) {
          for (int i = 0; i < count; ++i) {
            for (int first = 0; first < 32; first += 16) {
              std::vector<std::uint32_t> addresses;
              for (int lane = first; lane < first + 16; ++lane) {
                addresses.push_back(address(lane, i));
              }
              EXPECT_EQ(bank_visits(addresses), 1);
            }
          }
        };
        check(Tile::warp_m / simt_layout::lane_rows, a_address);
        check(Tile::warp_n / simt_layout::lane_columns, b_address);
      }
    }
  });
}

TEST(SimtLayout, NeighboursShareRows) {
  for (int lane = 0; lane < 32; ++lane) {
    EXPECT_EQ(simt_layout::lane_row(lane), simt_layout::lane_row(lane ^ 1));
    EXPECT_EQ(simt_layout::lane_column(lane), simt_layout::lane_column(lane ^ 2));
  }
}

// ---- stores to C ----

// Of the bytes [address, address + width) that the lanes of one store write, all sectors of 32
// bytes that they touch are written whole.
void expect_whole_sectors(const std::vector<std::uint32_t>& addresses, std::uint32_t width) {
  std::map<std::uint32_t, std::uint32_t> written;
  for (const std::uint32_t address : addresses) {
    for (std::uint32_t byte = address; byte < address + width; ++byte) ++written[byte / 32];
  }
  for (const auto& [sector, bytes] : written) EXPECT_EQ(bytes, 32u);
}

TEST(Stores, WriteWholeSectors) {
  constexpr std::uint32_t row_elements = 1024;
  std::vector<std::uint32_t> halves;
  std::vector<std::uint32_t> integers;
  std::vector<std::uint32_t> floats;
  for (int lane = 0; lane < 32; ++lane) {
    const FragmentPosition at = tensor_layout::accumulator(lane, 0);
    halves.push_back((at.row * row_elements + lane % 4 * 8) * 2);
    integers.push_back((at.row * row_elements + at.column) * 4);
    floats.push_back((simt_layout::lane_row(lane) * row_elements + simt_layout::lane_column(lane)) *
                     4);
  }
  expect_whole_sectors(halves, 16);
  expect_whole_sectors(integers, 8);
  expect_whole_sectors(floats, 4);
}

// ---- who computes what ----

WorkPlan random_plan(std::mt19937& random) {
  WorkPlan plan{};
  plan.blocks = 1 + static_cast<int>(random() % 40);
  plan.tiles = 1 + static_cast<int>(random() % 120);
  plan.k_blocks = 1 + static_cast<int>(random() % 50);
  // Every block that streams has at least one step of it.
  plan.streamed_tiles = static_cast<int>(random() % (plan.tiles + 1));
  if (plan.streamed_tiles * plan.k_blocks < plan.blocks) plan.streamed_tiles = 0;
  return plan;
}

TEST(Work, TakesEveryStepOfEveryTileOnce) {
  std::mt19937 random(2);
  for (int round = 0; round < 500; ++round) {
    const WorkPlan plan = random_plan(random);
    std::vector<int> visits(static_cast<std::size_t>(plan.tiles * plan.k_blocks));
    for (int block = 0; block < plan.blocks; ++block) {
      WorkItem item{};
      for (int ordinal = 0; work_item(plan, block, ordinal, item); ++ordinal) {
        ASSERT_TRUE(item.tile >= 0 && item.tile < plan.tiles);
        ASSERT_TRUE(item.k_begin >= 0 && item.k_begin < item.k_end && item.k_end <= plan.k_blocks);
        // Only the first item of a block may stop short of the tile's end.
        if (ordinal > 0) {
          ASSERT_EQ(item.k_end, plan.k_blocks);
        }
        for (int k = item.k_begin; k < item.k_end; ++k) {
          ++visits[static_cast<std::size_t>(item.tile * plan.k_blocks + k)];
        }
      }
    }
    ASSERT_TRUE(std::all_of(visits.begin(), visits.end(), [](int n) { return n == 1; }))
        << plan.blocks << " blocks, " << plan.tiles << " tiles of " << plan.k_blocks << ", "
        << plan.streamed_tiles << " streamed";
  }
}

TEST(Work, FinishersKnowWhoContributed) {
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    const WorkPlan plan = random_plan(random);
    std::map<int, std::vector<int>> contributors;
    std::map<int, int> finisher;
    std::map<int, int> expected_first;
    for (int block = 0; block < plan.blocks; ++block) {
      WorkItem item{};
      for (int ordinal = 0; work_item(plan, block, ordinal, item); ++ordinal) {
        if (item.k_end < plan.k_blocks) {
          contributors[item.tile].push_back(block);
        } else {
          finisher[item.tile] = block;
          if (item.k_begin > 0) expected_first[item.tile] = first_contributor(plan, item.tile);
        }
      }
    }
    ASSERT_EQ(finisher.size(), static_cast<std::size_t>(plan.tiles));
    ASSERT_EQ(contributors.size(), expected_first.size());
    for (const auto& [tile, blocks] : contributors) {
      // They are the blocks right before the finisher, so it waits for lower numbers only.
      std::vector<int> run;
      for (int block = expected_first.at(tile); block < finisher.at(tile); ++block) {
        run.push_back(block);
      }
      ASSERT_EQ(blocks, run);
    }
  }
}

TEST(Work, SharesStreamedStepsEvenly) {
  std::mt19937 random(4);
  for (int round = 0; round < 200; ++round) {
    const WorkPlan plan = random_plan(random);
    if (plan.streamed_tiles == 0) continue;
    int least = plan.tiles * plan.k_blocks;
    int most = 0;
    for (int block = 0; block < plan.blocks; ++block) {
      const int steps = streamed_begin(plan, block + 1) - streamed_begin(plan, block);
      least = std::min(least, steps);
      most = std::max(most, steps);
      for (int step = streamed_begin(plan, block); step < streamed_begin(plan, block + 1); ++step) {
        ASSERT_EQ(streamed_owner(plan, step), block);
      }
    }
    EXPECT_LE(most - least, 1);
    EXPECT_GE(least, 1);
    EXPECT_EQ(streamed_begin(plan, plan.blocks), plan.streamed_tiles * plan.k_blocks);
  }
}

TEST(Work, PlansStreamWhatDoesNotDivide) {
  // Four whole waves: nothing to share.
  EXPECT_EQ(plan_work(432, 64, 108, {4, 1}).streamed_tiles, 0);
  EXPECT_EQ(plan_work(432, 64, 108, {4, 1}).blocks, 108);
  // 4.74 waves: the last 0.74 with one more. 3 x 64 + 188 x 64 / 108 + 5 steps for 5 x 64.
  const WorkPlan uneven = plan_work(512, 64, 108, {4, 1});
  EXPECT_EQ(uneven.streamed_tiles, 108 + 80);
  EXPECT_EQ(plan_steps(uneven, {4, 1}), 3 * 64 + 112 + 5);
  // Not worth it when sharing costs more than the idle part of the wave.
  EXPECT_EQ(plan_work(512, 64, 108, {64, 1}).streamed_tiles, 0);
  // Fewer tiles than blocks: all of them shared, by 8 blocks each: 4 + 4 + 8 / 2 steps are least.
  const WorkPlan few = plan_work(16, 32, 132, {4, 0.5});
  EXPECT_EQ(few.streamed_tiles, 16);
  EXPECT_EQ(few.blocks, 128);
  // A single step cannot be shared.
  EXPECT_EQ(plan_work(16, 1, 132, {4, 1}).streamed_tiles, 0);
  EXPECT_EQ(plan_work(16, 1, 132, {4, 1}).blocks, 16);
}

TEST(Work, PlansAreSoundForRandomProblems) {
  std::mt19937 random(5);
  for (int round = 0; round < 2000; ++round) {
    const int tiles = 1 + static_cast<int>(random() % 3000);
    const int k_blocks = 1 + static_cast<int>(random() % 300);
    const int slots = 1 + static_cast<int>(random() % 400);
    const ExchangeCost cost{static_cast<double>(random() % 20), static_cast<double>(random() % 9)};
    const WorkPlan plan = plan_work(tiles, k_blocks, slots, cost);
    ASSERT_EQ(plan.tiles, tiles);
    ASSERT_EQ(plan.k_blocks, k_blocks);
    ASSERT_TRUE(plan.blocks >= 1 && plan.blocks <= slots);
    ASSERT_TRUE(plan.streamed_tiles >= 0 && plan.streamed_tiles <= tiles);
    if (plan.streamed_tiles > 0) {
      ASSERT_GE(plan.streamed_tiles * k_blocks, plan.blocks);
      // What is left over goes out in whole waves.
      ASSERT_EQ((tiles - plan.streamed_tiles) % plan.blocks, 0);
    }
  }
}

// ---- the choice of a tile ----

struct Table {
  std::vector<TileShape> shapes;
  std::vector<int> resident;
};

// Sm80Tiles and how many blocks of each an SM takes, by shared memory and 65536 registers.
Table sm80_table(int shared_per_block, int shared_per_sm) {
  Table table;
  const std::map<std::string, int> registers = {
      {"128x256", 226}, {"128x128", 140}, {"64x64", 96}, {"16x64", 56}};
  for_each_tile(Sm80Tiles(), [&](auto tile) {
    using Tile = decltype(tile);
    table.shapes.push_back(shape_of<Tile>(true));
    const int held =
        registers.at(std::to_string(Tile::tile_m) + "x" + std::to_string(Tile::tile_n));
    const int by_registers = 65536 / (held * Tile::threads);
    const int by_memory = shared_per_sm / (Tile::shared_bytes + 1024);
    table.resident.push_back(
        Tile::shared_bytes > shared_per_block ? 0 : std::min(by_registers, by_memory));
  });
  return table;
}

TileChoice choose(const Table& table, const TileMachine& machine, std::int64_t m, std::int64_t n,
                  std::int64_t row_bytes) {
  return choose_tile(table.shapes.data(), table.resident.data(),
                     static_cast<int>(table.shapes.size()), m, n, row_bytes, machine);
}

TEST(Select, TakesLargeTilesForLargeProductsAndNarrowOnesForFewRows) {
  const Table a100 = sm80_table(163 * 1024, 164 * 1024);
  const TileMachine machine{108, 2048};
  const auto tile = [&](std::int64_t m, std::int64_t n, std::int64_t k) {
    const TileShape& shape =
        a100.shapes[static_cast<std::size_t>(choose(a100, machine, m, n, 2 * k).index)];
    return std::to_string(shape.m) + "x" + std::to_string(shape.n);
  };
  EXPECT_EQ(tile(4096, 4096, 4096), "128x256");
  EXPECT_EQ(tile(8192, 14336, 4096), "128x256");
  EXPECT_EQ(tile(1, 4096, 4096), "16x64");
  EXPECT_EQ(tile(16, 14336, 4096), "16x64");
  EXPECT_EQ(tile(64, 4096, 4096), "64x64");
  EXPECT_EQ(tile(64, 14336, 4096), "64x64");
}

// Dense TFLOPS of FP16 with FP32 sums from data sheets, at the boost clock.
TEST(Rates, AreThoseOfTheBoard) {
  struct Board {
    const char* name;
    int capability;
    int processors;
    double clock_hz;
    double flop_per_s;
  };
  for (const Board& board : {Board{"Tesla T4", 75, 40, 1.59e9, 65e12},
                             {"NVIDIA A100-SXM4-80GB", 80, 108, 1.41e9, 312e12},
                             {"NVIDIA A10", 86, 72, 1.695e9, 125e12},
                             {"NVIDIA A10G", 86, 80, 1.71e9, 70e12},
                             {"NVIDIA GeForce RTX 3090", 86, 82, 1.695e9, 71e12},
                             {"NVIDIA L4", 89, 58, 2.04e9, 121e12},
                             {"NVIDIA GeForce RTX 4090", 89, 128, 2.52e9, 165.2e12},
                             {"NVIDIA H100 80GB HBM3", 90, 132, 1.83e9, 0.62 * 989e12},
                             {"NVIDIA GeForce RTX 5090", 120, 170, 2.407e9, 209.5e12}}) {
    Device device;
    device.name = board.name;
    device.compute_capability = board.capability;
    const double rate = 2 * rates_of(device).tensor_fp16 * board.processors * board.clock_hz;
    EXPECT_NEAR(rate / board.flop_per_s, 1, 0.02) << board.name;
  }
}

TEST(Select, AStepTakesAsLongAsItsSlowestPart) {
  const TileMachine machine{1, 1024};
  TileShape tile{};
  tile.row_bytes = 128;
  tile.efficiency = 0.5;
  tile.stages = 6;
  tile.m = 128;
  tile.n = 256;
  EXPECT_DOUBLE_EQ(step_clocks(tile, 1, machine), 128 * 256 * 128 / 512);  // multiplying
  EXPECT_DOUBLE_EQ(step_clocks(tile, 2, machine), 2 * 128 * 256 * 128 / 512);
  tile.m = 16;
  tile.n = 64;
  EXPECT_DOUBLE_EQ(step_clocks(tile, 1, machine), 80 * 128 / feed_bytes_per_clock);  // being fed
  tile.stages = 2;
  EXPECT_DOUBLE_EQ(step_clocks(tile, 1, machine), memory_clocks);  // waiting, all the time
  tile.stages = 3;
  EXPECT_DOUBLE_EQ(step_clocks(tile, 1, machine), memory_clocks / 2);
}

TEST(Select, TakesTheEarlierOfEqualTiles) {
  const Table all = sm80_table(163 * 1024, 164 * 1024);
  const Table twice{{all.shapes[2], all.shapes[2]}, {1, 1}};
  EXPECT_EQ(choose(twice, {108, 2048}, 4096, 4096, 8192).index, 0);
}

TEST(Select, PassesOverWhatTheDeviceCannotRun) {
  // 99 KB per block: the 144 KB tile is out, the 96 KB one takes its place.
  const Table l4 = sm80_table(99 * 1024, 100 * 1024);
  const TileMachine machine{58, 1024};
  const TileChoice choice = choose(l4, machine, 4096, 4096, 8192);
  EXPECT_EQ(l4.shapes[static_cast<std::size_t>(choice.index)].shared_bytes, Sm80Wide::shared_bytes);
  // Rows that are not whole chunks need a tile that says so, and there is none here.
  EXPECT_EQ(choose(l4, machine, 64, 64, 4096 + 2).index, -1);
  const Table none{l4.shapes, std::vector<int>(l4.shapes.size(), 0)};
  EXPECT_EQ(choose(none, machine, 64, 64, 4096).index, -1);
}

TEST(Select, FewRowsFillTheGpu) {
  const Table a100 = sm80_table(163 * 1024, 164 * 1024);
  const TileMachine machine{108, 2048};
  // The projections of Mistral-7B: k and v, q and o, up and gate, down.
  for (const auto& [n, k] :
       std::vector<std::pair<int, int>>{{1024, 4096}, {4096, 4096}, {14336, 4096}, {4096, 14336}}) {
    for (const int m : {1, 16, 64}) {
      const TileChoice choice = choose(a100, machine, m, n, 2 * k);
      EXPECT_GE(choice.work.blocks, 108 * 2 / 3) << m << " x " << n << " x " << k;
    }
  }
}

TEST(Select, ChoiceCoversTheProduct) {
  const Table a100 = sm80_table(163 * 1024, 164 * 1024);
  const TileMachine machine{108, 2048};
  std::mt19937 random(6);
  for (int round = 0; round < 500; ++round) {
    const auto m = static_cast<std::int64_t>(1 + random() % 5000);
    const auto n = static_cast<std::int64_t>(1 + random() % 5000);
    const auto row_bytes = static_cast<std::int64_t>(16 * (1 + random() % 1000));
    const TileChoice choice = choose(a100, machine, m, n, row_bytes);
    const TileShape& shape = a100.shapes.at(static_cast<std::size_t>(choice.index));
    ASSERT_GE(std::int64_t{choice.grid.rows} * shape.m, m);
    ASSERT_LT(std::int64_t{choice.grid.rows - 1} * shape.m, m);
    ASSERT_GE(std::int64_t{choice.grid.columns} * shape.n, n);
    ASSERT_LT(std::int64_t{choice.grid.columns - 1} * shape.n, n);
    ASSERT_GE(std::int64_t{choice.work.k_blocks} * shape.row_bytes, row_bytes);
    ASSERT_LT(std::int64_t{choice.work.k_blocks - 1} * shape.row_bytes, row_bytes);
    ASSERT_EQ(choice.work.tiles, choice.grid.count());
    ASSERT_GE(choice.raster_group, 1);
  }
}

}  // namespace
}  // namespace roofproof::cuda
