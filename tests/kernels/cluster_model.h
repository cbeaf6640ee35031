// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A model of a cluster of blocks: shared memory as bytes, mbarriers as the PTX ISA defines them,
// copies that arrive in any order, products that are computed at any moment between their issue and
// their wait, threads interleaved at random. A deadlock, or a copy into a stage that is still to be
// read, is a failure by itself.
//
// The model holds what the hardware does by the PTX ISA's word, and nothing of how the kernels use
// it.
#pragma once

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

#include "kernels/cuda/gemm/wgmma_sm90_layout.h"

namespace roofproof::cuda::wgmma_sm90 {

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
inline constexpr std::uint32_t base = 5 * 1024;

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
inline std::int64_t accumulator(const std::vector<std::int64_t>& sum, int n, int thread, int i) {
  const int row = (thread >> 5) * 16 + ((thread & 31) >> 2) + ((i & 2) ? 8 : 0);
  const int column = (i >> 2) * 8 + (thread & 3) * 2 + (i & 1);
  return sum[static_cast<std::size_t>(row * n + column)];
}

inline void put(std::uint8_t* place, std::int64_t value, int bytes) {
  const auto v2 = static_cast<std::int16_t>(value);
  const auto v4 = static_cast<std::int32_t>(value);
  if (bytes == 2) {
    std::memcpy(place, &v2, 2);
  } else {
    std::memcpy(place, &v4, 4);
  }
}

}  // namespace roofproof::cuda::wgmma_sm90
