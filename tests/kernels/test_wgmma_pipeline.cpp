// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Runs the loops of wgmma_sm90, the very ones that the kernels are made of, on a model of a
// cluster: shared memory as bytes, mbarriers as the PTX ISA defines them, copies that arrive in any
// order, products that are computed at any moment between their issue and their wait, threads
// interleaved at random. What comes out must be A B^T; a deadlock, or a copy into a stage that is
// still to be read, is a failure by itself.
//
// The model holds what the hardware does by the PTX ISA's word, and nothing of how the kernels use
// it.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "kernels/cuda/gemm/wgmma_sm90_skinny_roles.h"
#include "kernels/cuda/gemm/wgmma_sm90_tile_roles.h"

namespace roofproof::cuda::wgmma_sm90 {
namespace {

// ---- Threads, one at a time, in random order --------------------------------------------------

struct Stopped {};  // unwinds the agents after a failure

class Interleaver {
 public:
  explicit Interleaver(unsigned seed) : random_(seed) {}

  void add_agent(std::function<void()> body) { bodies_.push_back(std::move(body)); }

  // Things that happen on their own, at any time: each takes the first of its queue.
  void add_event(std::deque<std::function<void()>>& queue) { queues_.push_back(&queue); }

  // True when every agent has finished and nothing is left to happen.
  bool run() {
    for (std::size_t i = 0; i < bodies_.size(); ++i) {
      agents_.push_back(std::make_unique<Agent>());
      Agent& agent = *agents_.back();
      agent.thread = std::thread([this, &agent, body = bodies_[i]] {
        agent.turn.acquire();
        try {
          if (!stopped_) body();
        } catch (const Stopped&) {
        } catch (const std::exception& error) {
          fail(error.what());
        }
        agent.finished = true;
        scheduler_.release();
      });
    }
    for (;;) {
      std::vector<Agent*> ready;
      bool unfinished = false;
      for (const auto& agent : agents_) {
        if (agent->finished) continue;
        unfinished = true;
        if (stopped_ || !agent->condition || agent->condition()) ready.push_back(agent.get());
      }
      const std::size_t events = waiting_events();
      if (!unfinished && (events == 0 || stopped_)) break;
      if (ready.empty() && events == 0) {
        fail("deadlock");
        continue;
      }
      if (ready.empty() || (!stopped_ && events > 0 && random_() % 2 == 0)) {
        happen(events);
      } else {
        resume(*ready[random_() % ready.size()]);
      }
    }
    for (const auto& agent : agents_) agent->thread.join();
    return message_.empty();
  }

  const std::string& message() const { return message_; }
  void fail(const std::string& message) {
    if (message_.empty()) message_ = message;
    stopped_ = true;
  }

  // Of an agent: here others may come first.
  void step() {
    if (random_() % 4 == 0) give_way({});
  }
  void wait_until(std::function<bool()> condition) {
    if (!condition() || random_() % 2 == 0) give_way(std::move(condition));
  }
  std::mt19937& random() { return random_; }

 private:
  struct Agent {
    std::thread thread;
    std::binary_semaphore turn{0};
    std::function<bool()> condition;
    bool finished = false;
  };

  void give_way(std::function<bool()> condition) {
    Agent& self = *running_;
    self.condition = std::move(condition);
    scheduler_.release();
    self.turn.acquire();
    if (stopped_) throw Stopped{};
    self.condition = nullptr;
  }
  void resume(Agent& agent) {
    running_ = &agent;
    agent.turn.release();
    scheduler_.acquire();
  }
  std::size_t waiting_events() const {
    std::size_t count = 0;
    for (const auto* queue : queues_) count += !queue->empty();
    return count;
  }
  void happen(std::size_t count) {
    std::size_t chosen = random_() % count;
    for (auto* queue : queues_) {
      if (queue->empty() || chosen-- > 0) continue;
      const std::function<void()> event = std::move(queue->front());
      queue->pop_front();
      try {
        event();
      } catch (const std::exception& error) {
        fail(error.what());
      }
      return;
    }
  }

  std::mt19937 random_;
  std::vector<std::function<void()>> bodies_;
  std::vector<std::unique_ptr<Agent>> agents_;
  std::vector<std::deque<std::function<void()>>*> queues_;
  Agent* running_ = nullptr;
  std::binary_semaphore scheduler_{0};
  bool stopped_ = false;
  std::string message_;
};

// ---- The hardware -----------------------------------------------------------------------------

// PTX ISA, "mbarrier": a phase is complete when no arrivals and no bytes are pending.
class Barrier {
 public:
  explicit Barrier(int arrivals = 0) : expected_(arrivals), pending_(arrivals) {}
  void expect(int bytes) { bytes_ += bytes; }
  void bring(int bytes) {
    bytes_ -= bytes;
    turn_over();
  }
  void arrive() {
    if (pending_ == 0) throw std::runtime_error("more arrivals than the barrier counts");
    --pending_;
    turn_over();
  }
  // test_wait.parity: has the phase of this parity, the current or the one before, completed?
  bool passed(std::uint32_t parity) const { return phase_ % 2 != parity; }

 private:
  void turn_over() {
    if (pending_ > 0 || bytes_ != 0) return;
    ++phase_;
    pending_ = expected_;
  }
  int expected_;
  int pending_;
  int bytes_ = 0;
  std::uint32_t phase_ = 0;
};

// The 128-byte swizzle permutes 16-byte chunks by address bits: 4-6 are XORed with 7-9.
std::uint32_t swizzle(std::uint32_t address) { return address ^ ((address >> 7 & 7) << 4); }

struct Matrix {
  int rows;
  int columns;
  int element_bytes;
  std::vector<std::uint8_t> bytes;

  Matrix(int rows_, int columns_, int element_bytes_)
      : rows(rows_),
        columns(columns_),
        element_bytes(element_bytes_),
        bytes(static_cast<std::size_t>(rows_) * columns_ * element_bytes_) {}
  std::uint8_t* at(int row, int column) {
    return bytes.data() + (static_cast<std::size_t>(row) * columns + column) * element_bytes;
  }
  std::int64_t value(int row, int column) const {
    const std::uint8_t* place =
        bytes.data() + (static_cast<std::size_t>(row) * columns + column) * element_bytes;
    return load(place, element_bytes);
  }
  static std::int64_t load(const std::uint8_t* place, int bytes) {
    std::int8_t v1;
    std::int16_t v2;
    std::int32_t v4;
    if (bytes == 1) return std::memcpy(&v1, place, 1), v1;
    if (bytes == 2) return std::memcpy(&v2, place, 2), v2;
    return std::memcpy(&v4, place, 4), v4;
  }
};

// A product that reads shared memory later than it is issued.
struct Batch {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> reads;  // address ranges
  std::function<void()> compute;
};

struct Block {
  std::vector<std::uint8_t> shared;
  std::map<int, Barrier> barriers;
  int running = 0;                              // agents; with the last one the block ends
  std::vector<std::shared_ptr<Batch>> batches;  // not yet computed
};

// What a block's shared memory begins at: not 0, so that a forgotten base shows.
constexpr std::uint32_t base = 5 * 1024;

class Cluster {
 public:
  Cluster(int blocks, int shared, unsigned seed, int input_bytes)
      : interleaver(seed), input_bytes_(input_bytes), blocks_(static_cast<std::size_t>(blocks)) {
    copies_.resize(64);
    for (Block& block : blocks_) {
      block.shared.assign(base + static_cast<std::uint32_t>(shared), 0xee);
    }
    for (auto& queue : copies_) interleaver.add_event(queue);
  }

  Block& block(int rank) { return blocks_[static_cast<std::size_t>(rank)]; }

  // A role of a block.
  void add_agent(int rank, std::function<void()> body) {
    ++block(rank).running;
    interleaver.add_agent([this, rank, body = std::move(body)] {
      body();
      --block(rank).running;
    });
  }

  // PTX ISA, "mbarrier": in shared memory of another block of the cluster only while that runs.
  void arrive(int from, int to, int barrier) {
    if (from != to && block(to).running == 0) {
      throw std::runtime_error("an arrival at a block that has ended");
    }
    block(to).barriers.at(barrier).arrive();
  }
  int input_bytes() const { return input_bytes_; }
  int size() const { return static_cast<int>(blocks_.size()); }

  // TMA: `rows` rows of 128 bytes from (row, byte column), zeros outside, to the same offset of
  // every receiver; each receiver's barrier counts the bytes. Each delivery takes its own time.
  void copy(const Matrix& source, int byte_column, int row, int rows, int offset, int barrier,
            unsigned receivers) {
    if (offset % 1024 != 0) throw std::runtime_error("a swizzled box begins at a multiple of 1024");
    for (int rank = 0; rank < size(); ++rank) {
      if (!(receivers >> rank & 1)) continue;
      copies_[interleaver.random()() % copies_.size()].push_back([=, this, &source] {
        deliver(source, byte_column, row, rows, offset, barrier, block(rank));
      });
    }
  }

  Interleaver interleaver;

 private:
  void deliver(const Matrix& source, int byte_column, int row, int rows, int offset, int barrier,
               Block& to) {
    const std::uint32_t first = base + static_cast<std::uint32_t>(offset);
    const std::uint32_t end = first + static_cast<std::uint32_t>(rows) * 128;
    for (const auto& batch : to.batches) {
      for (const auto& [begin, stop] : batch->reads) {
        if (begin < end && first < stop) {
          return interleaver.fail("a copy overwrites what a product has yet to read");
        }
      }
    }
    for (int r = 0; r < rows; ++r) {
      for (int byte = 0; byte < 128; ++byte) {
        const int column = byte_column + byte;
        const bool inside = row + r < source.rows && column < source.columns * source.element_bytes;
        to.shared[swizzle(first + static_cast<std::uint32_t>(r * 128 + byte))] =
            inside ? source.bytes[static_cast<std::size_t>(row + r) * source.columns *
                                      source.element_bytes +
                                  static_cast<std::size_t>(column)]
                   : 0;
      }
    }
    to.barriers.at(barrier).bring(rows * 128);
  }

  int input_bytes_;
  std::vector<Block> blocks_;
  std::vector<std::deque<std::function<void()>>> copies_;
};

// What a producer thread and a consumer's leading warp have in common.
struct ModelThread {
  Cluster& cluster;
  int rank;

  void wait(int barrier, std::uint32_t parity) {
    const Barrier& waited = cluster.block(rank).barriers.at(barrier);
    cluster.interleaver.wait_until([&waited, parity] { return waited.passed(parity); });
  }
  void wait_empty(int barrier, std::uint32_t parity) { wait(barrier, parity); }
  void expect(int barrier, int bytes) {
    cluster.interleaver.step();
    Barrier& full = cluster.block(rank).barriers.at(barrier);
    full.expect(bytes);
    full.arrive();
  }
};

// The 64 x n sums of a warpgroup, D of wgmma, for each of its blocks of 64 rows.
using Sums = std::vector<std::vector<std::int64_t>>;

// A consumer warpgroup. Its four warps run apart: the arrivals of each come in their order, but
// when they like.
struct ModelConsumer : ModelThread {
  ModelConsumer(Cluster& cluster_, int rank_, int blocks, int n)
      : ModelThread{cluster_, rank_},
        n_(n),
        sums(static_cast<std::size_t>(blocks),
             std::vector<std::int64_t>(static_cast<std::size_t>(64 * n), -77)) {
    for (auto& warp : warps_) cluster.interleaver.add_event(warp);
  }
  ModelConsumer(const ModelConsumer&) = delete;
  ModelConsumer& operator=(const ModelConsumer&) = delete;

  std::uint64_t descriptors = matrix_descriptor(base);

  void arrive(int barrier) { arrive_at(barrier, 1u << rank); }
  void arrive_everywhere(int barrier) { arrive_at(barrier, (1u << cluster.size()) - 1); }

  void begin_batch() { batch_ = std::make_shared<Batch>(); }
  void wgmma(int block, std::uint64_t a, std::uint64_t b, bool accumulate) {
    batch_->reads.push_back({address(a) & ~1023u, (address(a) & ~1023u) + 64 * 128});
    batch_->reads.push_back(
        {address(b) & ~1023u, (address(b) & ~1023u) + static_cast<std::uint32_t>(n_) * 128});
    steps_.push_back(
        [=, this] { multiply(sums[static_cast<std::size_t>(block)], a, b, accumulate); });
  }
  void end_batch() {
    batch_->compute = [steps = std::move(steps_)] {
      for (const auto& step : steps) step();
    };
    steps_.clear();
    cluster.block(rank).batches.push_back(batch_);
    pending_.push_back(batch_);
    if (cluster.interleaver.random()() % 2 == 0) finish_until(0);
    cluster.interleaver.step();
  }
  void wait_all_but_newest() { wait_for(1); }
  void wait_all() { wait_for(0); }

  int n_;
  Sums sums;

 private:
  void arrive_at(int barrier, unsigned blocks) {
    for (auto& warp : warps_) {
      for (int target = 0; target < cluster.size(); ++target) {
        if (!(blocks >> target & 1)) continue;
        warp.push_back([this, barrier, target] { cluster.arrive(rank, target, barrier); });
      }
    }
    cluster.interleaver.step();
  }
  void wait_for(std::size_t newest) {
    // Products may take long: now and then everything happens that others can do meanwhile.
    for (int i = cluster.interleaver.random()() % 16 == 0 ? 50 : 1; i > 0; --i) {
      cluster.interleaver.step();
    }
    finish_until(newest);
  }
  void finish_until(std::size_t newest) {
    while (pending_.size() > newest) {
      const std::shared_ptr<Batch> oldest = pending_.front();
      pending_.pop_front();
      oldest->compute();
      std::erase(cluster.block(rank).batches, oldest);
    }
  }
  static std::uint32_t address(std::uint64_t descriptor) {
    return static_cast<std::uint32_t>(descriptor & 0x3fff) << 4;
  }
  // One operand: row r, byte k of the 32 that one instruction takes (PTX ISA, "Matrix descriptor",
  // K-major: groups of 8 rows lie a stride apart, the rows of a group 128 bytes).
  std::int64_t operand(std::uint64_t descriptor, int row, int element) const {
    if (descriptor >> 62 != 1) throw std::runtime_error("not the 128-byte swizzle");
    const std::uint32_t stride = static_cast<std::uint32_t>(descriptor >> 32 & 0x3fff) << 4;
    const std::uint32_t plain =
        address(descriptor) + static_cast<std::uint32_t>(row / 8) * stride +
        static_cast<std::uint32_t>(row % 8 * 128 + element * cluster.input_bytes());
    return Matrix::load(&cluster.block(rank).shared[swizzle(plain)], cluster.input_bytes());
  }
  void multiply(std::vector<std::int64_t>& sum, std::uint64_t a, std::uint64_t b, bool accumulate) {
    const int depth = 32 / cluster.input_bytes();
    std::vector<std::int64_t> b_values(static_cast<std::size_t>(n_ * depth));
    for (int column = 0; column < n_; ++column) {
      for (int i = 0; i < depth; ++i) {
        b_values[static_cast<std::size_t>(column * depth + i)] = operand(b, column, i);
      }
    }
    std::vector<std::int64_t> a_values(static_cast<std::size_t>(depth));
    for (int row = 0; row < 64; ++row) {
      for (int i = 0; i < depth; ++i) a_values[static_cast<std::size_t>(i)] = operand(a, row, i);
      for (int column = 0; column < n_; ++column) {
        std::int64_t product = 0;
        for (int i = 0; i < depth; ++i) {
          product += a_values[static_cast<std::size_t>(i)] *
                     b_values[static_cast<std::size_t>(column * depth + i)];
        }
        std::int64_t& place = sum[static_cast<std::size_t>(row * n_ + column)];
        place = accumulate ? place + product : product;
      }
    }
  }

  std::shared_ptr<Batch> batch_;
  std::vector<std::function<void()>> steps_;
  std::deque<std::shared_ptr<Batch>> pending_;
  std::deque<std::function<void()>> warps_[4];
};

// Register i of thread t (PTX ISA, fragment of D): written out anew.
std::int64_t accumulator(const std::vector<std::int64_t>& sum, int n, int thread, int i) {
  const int row = (thread >> 5) * 16 + ((thread & 31) >> 2) + ((i & 2) ? 8 : 0);
  const int column = (i >> 2) * 8 + (thread & 3) * 2 + (i & 1);
  return sum[static_cast<std::size_t>(row * n + column)];
}

void put(std::uint8_t* place, std::int64_t value, int bytes) {
  const auto v2 = static_cast<std::int16_t>(value);
  const auto v4 = static_cast<std::int32_t>(value);
  if (bytes == 2) {
    std::memcpy(place, &v2, 2);
  } else {
    std::memcpy(place, &v4, 4);
  }
}

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

    // The sums go to shared memory, over the stages, then each block adds its share of the tile.
    for (int rank = 0; rank < cluster.size(); ++rank) {
      auto& shared = cluster.block(rank).shared;
      for (int consumer = 0; consumer < skinny_consumers; ++consumer) {
        const auto& sums =
            consumers[static_cast<std::size_t>(rank * skinny_consumers + consumer)]->sums;
        for (int block = 0; block < consumer_rows(config) / 64; ++block) {
          for (int thread = 0; thread < 128; ++thread) {
            for (int i = 0; i < config.tokens / 2; ++i) {
              const int row =
                  consumer * consumer_rows(config) + block * 64 + accumulator_row(thread, i);
              put(&shared[base + static_cast<std::uint32_t>(
                                     sum_offset(config, row, accumulator_column(thread, i)))],
                  accumulator(sums[static_cast<std::size_t>(block)], config.tokens, thread, i), 4);
            }
          }
        }
      }
    }
    for (int token = 0; token < config.tokens && origin.token + token < problem.m; ++token) {
      for (int row = 0; row < config.rows && origin.weight_row + row < problem.n; ++row) {
        std::int64_t sum = 0;
        for (int rank = 0; rank < cluster.size(); ++rank) {
          sum += Matrix::load(
              &cluster.block(rank)
                   .shared[base + static_cast<std::uint32_t>(sum_offset(config, row, token))],
              4);
        }
        put(problem.c.at(origin.token + token, origin.weight_row + row), sum,
            problem.c.element_bytes);
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
