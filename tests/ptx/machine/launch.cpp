// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Running a grid: what fits on the machine, in which order warps take their turns, and when nobody
// can move any more.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "tests/ptx/machine/async.h"
#include "tests/ptx/machine/races.h"
#include "tests/ptx/machine/warp_scheduler.h"

namespace roofproof::ptx {

Machine& machine() {
  static Machine m;
  return m;
}

namespace {

// Blocks of launches that have ended, for the next: their memory is not fetched anew.
std::mutex spare_lock;
std::vector<std::unique_ptr<Block>> spare;
std::size_t spare_bytes = 0;
constexpr std::size_t spare_bytes_limit = std::size_t{256} << 20;

std::size_t bytes_of(const Block& b) {
  std::size_t n = b.shared.capacity() * 4;
  for (auto& w : b.warps) n += w->register_storage.capacity() + w->written_storage.capacity() * 4;
  return n;
}

struct Blocks {
  std::vector<std::unique_ptr<Block>> all;
  Block* get() {
    const std::lock_guard lock(spare_lock);
    if (spare.empty())
      all.push_back(std::make_unique<Block>());
    else {
      spare_bytes -= bytes_of(*spare.back());
      all.push_back(std::move(spare.back()));
      spare.pop_back();
    }
    return all.back().get();
  }
  ~Blocks() {
    const std::lock_guard lock(spare_lock);
    for (auto& b : all) {
      const std::size_t n = bytes_of(*b);
      if (spare_bytes + n > spare_bytes_limit) continue;
      spare_bytes += n;
      spare.push_back(std::move(b));
    }
  }
};

void start_block(Block& b, Grid& g, Cluster& c, u32 rank, Dim id) {
  const Launch& L = *g.launch;
  b.grid = &g;
  b.cluster = &c;
  b.rank = rank;
  b.id = id;
  b.live = true;
  b.thread_count = L.block.x * L.block.y * L.block.z;
  b.warp_count = (b.thread_count + 31) / 32;
  b.warps_live = b.warp_count;
  b.shared_begin = g.shared_begin;
  b.shared_end = b.shared_begin + g.code->static_shared + static_cast<u32>(L.dynamic_shared);
  const std::size_t size = (b.shared_end + 127) / 64 * 64;
  if (b.shared.size() < size) b.shared.assign(size, 0xff);
  b.byte_state.assign(size, g.machine.poison ? 0 : 1);
  if (g.code->asynchronous) b.generic_writes.assign(size / 4, 0);
  if (g.machine.races) {
    b.race_records.assign(size, RaceRecord{});
    b.readers.clear();
  }
  for (auto& x : b.barriers) x = NamedBarrier{};
  b.mbarriers.clear();
  b.remote_accesses.assign(c.blocks.size(), RemoteAccess{});
  b.unread_stores = 0;
  ++b.version;
  b.free_registers = 0;
  while (b.warps.size() < b.warp_count) b.warps.push_back(std::make_unique<Warp>());
  for (u32 k = 0; k < b.warp_count; ++k)
    start_warp(*b.warps[k], b, static_cast<int>(k), b.thread_count);
}

u64 volume(Dim d) { return static_cast<u64>(d.x) * d.y * d.z; }
u32 warps_of(const Launch& l) { return static_cast<u32>((volume(l.block) + 31) / 32); }

[[noreturn]] void refuse(const Kernel& kernel, const std::string& what) {
  throw Fault("launch of " + kernel.name + ": " + what);
}

// The launch with the cluster that the kernel asks for; a Fault where CUDA would refuse it.
Launch checked(const Kernel& kernel, const Launch& asked) {
  Launch l = asked;
  const u64 threads = volume(l.block);
  if (!threads || threads > 1024)
    refuse(kernel, "a block of " + std::to_string(threads) + " threads");
  if (static_cast<int>(threads) > kernel.max_threads)
    refuse(kernel, std::to_string(threads) + " threads, more than .maxntid " +
                       std::to_string(kernel.max_threads));
  if (!volume(l.grid)) refuse(kernel, "an empty grid");
  const Dim own = kernel.cluster;
  if (own.x) {
    const bool same = l.cluster.x == own.x && l.cluster.y == own.y && l.cluster.z == own.z;
    if (volume(l.cluster) > 1 && !same) refuse(kernel, "another cluster than .reqnctapercluster");
    l.cluster = own;
  }
  const u64 size = volume(l.cluster);
  if (!size || size > 16) refuse(kernel, "a cluster of " + std::to_string(size));
  if (l.grid.x % l.cluster.x || l.grid.y % l.cluster.y || l.grid.z % l.cluster.z)
    refuse(kernel, "the grid is no multiple of the cluster");
  return l;
}

// Resident blocks per multiprocessor (CUDA C++ Programming Guide, compute capabilities).
std::size_t most_blocks(int compute_capability) {
  switch (compute_capability) {
    case 75:
    case 86:
      return 16;
    case 89:
      return 24;
    default:
      return 32;
  }
}

// Clusters that the machine holds at once.
std::size_t resident_clusters(const Grid& g) {
  const Machine& m = g.machine;
  const Launch& l = *g.launch;
  const std::size_t shared = g.code->static_shared + l.dynamic_shared;
  if (shared > m.shared_per_block_optin)
    refuse(*g.kernel, std::to_string(shared) + " bytes of shared memory");
  const std::size_t threads = std::size_t{32} * warps_of(l);
  const std::size_t reserved = m.compute_capability >= 80 ? 1024 : 0;
  std::size_t blocks = std::min(static_cast<std::size_t>(m.threads_per_multiprocessor) / threads,
                                most_blocks(m.compute_capability));
  if (shared + reserved)
    blocks = std::min(blocks, m.shared_per_multiprocessor / (shared + reserved));
  if (g.kernel->registers) {
    const auto per_thread = static_cast<std::size_t>((g.kernel->registers + 7) / 8 * 8);
    blocks = std::min(
        blocks, static_cast<std::size_t>(m.registers_per_multiprocessor) / (per_thread * threads));
  }
  if (!blocks) refuse(*g.kernel, "a block does not fit on a multiprocessor");
  return std::max<std::size_t>(
      1, blocks * static_cast<std::size_t>(m.multiprocessors) / volume(l.cluster));
}

// Shared memory is aligned as its variables declare and, where something is left to chance, to no
// more: then what is dynamic starts at an odd multiple of the largest alignment.
void place_shared(Grid& g) {
  const Code& c = *g.code;
  g.shared_begin = shared_start;
  if (g.machine.async == Machine::Async::random || g.machine.races) {
    const u32 dynamic = (shared_start + c.static_shared) / c.shared_alignment;
    const u32 odd = 2 * static_cast<u32>(g.machine.seed % 2) + (dynamic % 2 == 0);
    g.shared_begin += odd * c.shared_alignment;
  }
  g.pool = c.pool;
  for (const Slot& s : c.shared_addresses)
    for (u32 l = 0; l < 32; ++l) {
      u32 address;
      std::memcpy(&address, &g.pool[s.offset + l * s.bytes], 4);
      address += g.shared_begin - shared_start;
      std::memcpy(&g.pool[s.offset + l * s.bytes], &address, 4);
    }
}

template <class T>
void shuffle(std::vector<T>& v, Grid& g) {
  for (std::size_t k = v.size(); k > 1; --k) std::swap(v[k - 1], v[g.next_random() % k]);
}

class GridRun {
 public:
  explicit GridRun(Grid& g)
      : grid_(g),
        size_(static_cast<u32>(volume(g.launch->cluster))),
        clusters_of_grid_{g.launch->grid.x / g.launch->cluster.x,
                          g.launch->grid.y / g.launch->cluster.y,
                          g.launch->grid.z / g.launch->cluster.z},
        total_(volume(clusters_of_grid_)) {}

  void run() {
    const std::size_t slots = resident_clusters(grid_);
    if (grid_.machine.races) {
      grid_.races =
          make_global_races(volume(grid_.launch->grid), slots * size_ * warps_of(*grid_.launch));
      grid_.non_coherent = make_non_coherent(*grid_.code);
    }
    clusters_.resize(std::min<u64>(slots, total_));
    for (auto& c : clusters_) {
      c = std::make_unique<Cluster>();
      for (u32 r = 0; r < size_; ++r) c->blocks.push_back(blocks_.get());
      start(*c);
    }
    std::vector<u32> order(clusters_.size());
    for (u32 k = 0; k < order.size(); ++k) order[k] = k;
    while (finished_ < total_) {
      shuffle(order, grid_);
      bool moved = false;
      for (const u32 k : order)
        if (clusters_[k]->live) moved |= turn(*clusters_[k]);
      if (moved) {
        idle_rounds_ = 0;
        grid_.atomic_polled = false;
      } else
        idle();
    }
  }

 private:
  void start(Cluster& c) {
    const u64 n = started_++;
    c.grid = &grid_;
    c.id = n;
    c.live = true;
    c.pending.clear();
    c.phase = 0;
    c.progress = c.stuck_rounds = 0;
    c.live_warps = 0;
    const Dim per = grid_.launch->cluster;
    const Dim count = clusters_of_grid_;
    const Dim at{static_cast<unsigned>(n % count.x), static_cast<unsigned>(n / count.x % count.y),
                 static_cast<unsigned>(n / count.x / count.y)};
    for (u32 r = 0; r < size_; ++r) {
      const Dim id{at.x * per.x + r % per.x, at.y * per.y + r / per.x % per.y,
                   at.z * per.z + r / per.x / per.y};
      start_block(*c.blocks[r], grid_, c, r, id);
      c.live_warps += c.blocks[r]->warp_count;
    }
    c.arrivals.assign(c.live_warps, Arrival::none);
    if (grid_.machine.races)
      for (auto* b : c.blocks)
        for (u32 k = 0; k < b->warp_count; ++k) {
          b->warps[k]->clock.assign(c.live_warps, 0);
          b->warps[k]->clock[b->rank * b->warp_count + k] = 1;
        }
  }

  // A slice of every warp of the cluster. False: nothing has moved.
  bool turn(Cluster& c) {
    const u64 before = c.progress;
    bool slept = false;
    ready_.clear();
    for (auto* b : c.blocks)
      if (b->live)
        for (u32 k = 0; k < b->warp_count; ++k) ready_.push_back(b->warps[k].get());
    shuffle(ready_, grid_);
    for (Warp* w : ready_)
      if (w->wait == Wait::ready && w->block->live) slept |= slice(c, *w);
    if (!c.live_warps) {
      complete_all(c);
      c.live = false;
      ++finished_;
      if (started_ < total_) start(c);
      return true;
    }
    if (c.progress != before) {
      c.stuck_rounds = c.slept_rounds = 0;
      return true;
    }
    if (slept && ++c.slept_rounds < 100) return true;
    if (++c.stuck_rounds >= 2 && complete_one(c)) {
      c.stuck_rounds = 0;
      return true;
    }
    return false;
  }

  // True: the warp slept, or took a step that may be one of a loop that polls.
  bool slice(Cluster& c, Warp& w) {
    constexpr int least_budget = 200;
    int budget = least_budget + static_cast<int>(grid_.next_random() & 255);
    const bool random = grid_.machine.async == Machine::Async::random;
    if (random) {  // some wait long, some take small steps
      const u64 x = grid_.next_random();
      if (x % 8 == 0) return true;
      if (x % 8 < 3) budget = 1 + static_cast<int>(x >> 8 & 15);
    }
    const u64 progress = c.progress;
    run_slice(w, budget);
    bool slept = false;
    if (budget < least_budget && c.progress == progress + 1) {
      --c.progress;
      slept = true;
    }
    if (random && !c.pending.empty()) complete_some(c);
    if (grid_.machine.instruction_limit &&
        grid_.stats.warp_instructions > grid_.machine.instruction_limit) {
      const auto& code = w.code->instructions;
      fail(w, code[std::min<std::size_t>(w.pc, code.size() - 1)], 0,
           "hang: %llu warp instructions, the limit of a launch",
           static_cast<unsigned long long>(grid_.stats.warp_instructions));
    }
    return slept;
  }

  // Nobody moves. A host thread may yet; or a clock runs out.
  void idle() {
    constexpr u64 rounds = 4;
    constexpr u64 rounds_of_atomics = 20000;
    constexpr double patience_s = 3.0;
    ++idle_rounds_;
    grid_.extra_ns += 200;
    if (idle_rounds_ == rounds) idle_since_ = std::chrono::steady_clock::now();
    if (idle_rounds_ <= (grid_.atomic_polled ? rounds_of_atomics : rounds)) return;
    if (grid_.waits_for_host) {
      std::this_thread::yield();
      const double s =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - idle_since_).count();
      grid_.extra_ns = std::max<u64>(grid_.extra_ns, static_cast<u64>(s * 1e9));
      if (s < patience_s) return;
    }
    throw Fault("deadlock in kernel " + grid_.kernel->name + ": every warp waits\n" +
                where_all_stand());
  }

  std::string where_all_stand() const {
    constexpr int most = 24;
    std::string all;
    int shown = 0;
    for (auto& c : clusters_) {
      if (!c->live) continue;
      for (auto* b : c->blocks)
        for (u32 k = 0; k < b->warp_count; ++k) {
          const Warp& w = *b->warps[k];
          if (w.wait == Wait::done || ++shown > most) continue;
          const u32 pc = w.mask ? w.pc : w.others.empty() ? 0 : w.others[0].pc;
          const bool behind_barrier = w.wait != Wait::ready && pc;
          const Instruction& i = w.code->instructions[pc - (behind_barrier ? 1 : 0)];
          all += "  block (" + std::to_string(b->id.x) + "," + std::to_string(b->id.y) + "," +
                 std::to_string(b->id.z) + ") warp " + std::to_string(k) + ": PTX line " +
                 std::to_string(i.line) + " '" + w.code->line_text(i.line) + "'\n";
        }
    }
    return all;
  }

  Grid& grid_;
  const u32 size_;  // blocks of a cluster
  const Dim clusters_of_grid_;
  const u64 total_;
  u64 started_ = 0, finished_ = 0;
  Blocks blocks_;
  std::vector<std::unique_ptr<Cluster>> clusters_;
  std::vector<Warp*> ready_;
  u64 idle_rounds_ = 0;
  std::chrono::steady_clock::time_point idle_since_{};
};

// The clocks go on from launch to launch, and never back.
class ClockOfLaunch {
 public:
  explicit ClockOfLaunch(Grid& g) : grid_(g) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const auto now_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
    g.start_ns = std::max(latest_ns.load(), static_cast<u64>(now_ns));
  }
  ~ClockOfLaunch() {
    latest_ns = std::max(latest_ns.load(), grid_.start_ns + grid_.time * 2 + grid_.extra_ns);
  }

 private:
  static inline std::atomic<u64> latest_ns{0};
  Grid& grid_;
};

}  // namespace

Statistics launch(const Kernel& kernel, const Launch& asked) {
  const Launch l = checked(kernel, asked);
  Grid g;
  g.kernel = &kernel;
  g.code = kernel.code.get();
  g.launch = &l;
  g.machine = machine();
  g.random = g.machine.seed * 0x9e3779b97f4a7c15ull + 0x1234567;
  if (!g.random) g.random = 1;
  for (int k = 0; k < 8; ++k) g.next_random();
  g.regions = registered_regions();
  const ClockOfLaunch clock(g);
  if (g.machine.dependents) {
    g.dependent = l.dependent;
    g.chain_writes = chain_writes(l.chain, l.dependent);
  }
  // Aligned for tensor maps.
  g.param_bytes = kernel.parameter_bytes;
  std::vector<u8> params(g.param_bytes + 256);
  u8* p = reinterpret_cast<u8*>((reinterpret_cast<u64>(params.data()) + 127) / 128 * 128);
  if (g.param_bytes) std::memcpy(p, l.parameters, g.param_bytes);
  g.params = p;
  place_shared(g);
  GridRun(g).run();
  return g.stats;
}

}  // namespace roofproof::ptx
