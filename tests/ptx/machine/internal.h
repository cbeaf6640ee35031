// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the parts of the PTX machine share: decoded code, warps, blocks, clusters. Not for users of
// machine.h.
#pragma once

#include <cstdarg>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tests/ptx/machine/machine.h"

namespace roofproof::ptx {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using s8 = std::int8_t;
using s16 = std::int16_t;
using s32 = std::int32_t;
using s64 = std::int64_t;
__extension__ typedef __int128 s128;
__extension__ typedef unsigned __int128 u128;

// Address windows of the generic space. Host pointers have their upper 16 bits clear.
constexpr u64 shared_window = 0x0100'0000'0000'0000;
constexpr u64 param_window = 0x0200'0000'0000'0000;
constexpr u64 local_window = 0x0300'0000'0000'0000;
constexpr u64 window_mask = 0xffff'0000'0000'0000;
constexpr u32 shared_start = 1024;  // what the system keeps at the start of a block's shared memory
constexpr u32 rank_shift = 24;      // shared::cluster: (rank + 1) << 24 | offset

enum class Type : u8 {
  none,
  pred,
  b8,
  b16,
  b32,
  b64,
  b128,
  u8_,
  u16_,
  u32_,
  u64_,
  s8_,
  s16_,
  s32_,
  s64_,
  f16,
  f16x2,
  bf16,
  bf16x2,
  tf32,
  f32,
  f64
};
Type type_of(std::string_view);  // none: not a type
int size_of(Type);               // bytes; pred: 4
bool is_float(Type);
bool is_signed(Type);

struct Reg {
  u32 off = 0;   // in the register file, bytes
  u32 wr = 0;    // its mask of written lanes
  u8 bytes = 0;  // 2, 4, 8; predicates: 1
};

struct Src {
  u32 off = 0;
  u32 wr = 0;
  u8 konst = 0;  // 1: in the pool of constants
  u8 bytes = 4;
  u8 neg = 0;  // predicates: !p
};

struct Warp;
struct Ins;
using Fn = void (*)(Warp&, const Ins&, u32 mask);

enum class Kind : u8 { plain, branch, exit, member_sync, aligned };

struct Ins {
  Fn fn = nullptr;
  Src guard;
  bool guarded = false;
  Kind kind = Kind::plain;
  u8 width = 4;  // memory: bytes per element
  u8 count = 1;  // memory: elements
  u8 space = 0;  // memory
  u8 flag[3] = {0, 0, 0};
  Src s[4];
  Src d, d2;
  s64 imm = 0;  // memory: offset of the address; branch: target
  s64 imm2 = 0;
  u32 first = 0, listed = 0;  // further operands in Code::lists
  int line = 0;
};

struct Special {
  Src at;
  int what;
};
struct NamedVar {
  std::string name;
  u32 offset;
};

}  // namespace roofproof::ptx

struct roofproof::ptx::Kernel::Code {
  std::string kernel_name;
  std::vector<Ins> ins;
  std::vector<Src> lists;
  std::vector<u8> pool;           // constants, 32 lanes each
  std::vector<Special> specials;  // registers that are filled at the start
  u32 register_bytes = 64, registers = 1;
  std::vector<std::string> register_names;  // by written mask
  u32 static_shared = 0;                    // from shared_start on
  u32 local_bytes = 0;
  bool asynchronous = false;  // uses the async proxy
  bool has_wgmma = false;
  std::shared_ptr<const std::string> text;
  std::vector<std::size_t> line_starts;
  std::string line_text(int line) const;
};

namespace roofproof::ptx {

using Code = Kernel::Code;

enum class Wait : u8 { ready, bar, cluster, done };

struct Group {
  u32 pc, mask;
  u8 state;  // 0 ready, 1 waits for members of its warp, 2 polled
};

struct CpAsync {  // one instruction of cp.async, by one warp
  u32 mask;
  u8 bytes;
  u8 source_bytes[32];
  u32 group[32];
  u32 dst[32];
  u64 src[32];
  const Ins* ins;
  bool started = false;
};

struct Wgmma {
  const Ins* ins;
  u64 a_desc = 0, b_desc = 0;
  u32 a_regs[4][32];
  bool scale_d;
  bool run = false;
  u32 group;
  u64 number = 0;  // of the warp's
};

struct Grid;
struct Cluster;
struct Block;

struct Warp {
  u8* base[2] = {nullptr, nullptr};
  u32* wr = nullptr;
  Block* block = nullptr;
  const Code* code = nullptr;
  u32 live = 0, pc = 0, mask = 0;
  int index = 0;
  Wait wait = Wait::ready;
  u8 poll = 0;  // set by an instruction whose result may change if others run
  u8 stop = 0;  // the slice ends here
  std::vector<Group> others;
  u32 spins = 0;
  // cp.async
  std::deque<CpAsync> copies;
  u32 committed[32];
  bool any_copies = false;
  // bulk groups, by lane
  u32 bulk_committed[32];
  // wgmma
  std::deque<Wgmma> products;
  u32 product_groups = 0;
  bool fenced = false;
  u64 products_issued = 0;
  std::deque<std::pair<u64, std::vector<u32>>> product_clocks;  // of the last ones, at issue
  u64 proxy_fence_time = 0;
  const Ins* now = nullptr;
  u8 waited = 1;      // griddepcontrol.wait
  u8 retry = 0;       // the instruction is to be executed again
  u32 registers = 0;  // as setmaxnreg left it; 0: unknown
  std::vector<u8> fence_dirty;
  u8* dirty = nullptr;  // by written mask: registers written since the last wgmma.fence, where
                        // there is wgmma
  // undefined values
  u32 taint = ~0u;  // lanes whose operands were all written
  int tainted_line = 0, loaded_line = 0;
  u32 loaded_offset = 0;
  // happens-before: of warps, in shared memory; of blocks, in global memory
  std::vector<u32> clock, known, acquired, fenced_known;
  std::vector<u8> memory, local;
  std::vector<u32> written;

  template <class T>
  T* at(const Src& s) {
    return reinterpret_cast<T*>(base[s.konst] + s.off);
  }
};

struct Mbarrier {
  u32 offset;
  u32 expected, pending;
  s32 tx;
  u32 phase;
  std::vector<u32> clock, clock_done;
  u8 waited = 0, waited_done = 0;
};

struct NamedBarrier {
  u32 expected = 0, arrived = 0;
  u32 waiting = 0;   // warps
  u32 arrivals = 0;  // warps that arrived this time (sync or arrive)
};

struct AsyncOp {
  enum Kind : u8 { bulk_load, bulk_store, tensor_load, tensor_store, bulk_smem, prefetch } kind;
  Block* issuer;
  Warp* warp;
  int lane;
  const Ins* ins;
  u64 source = 0, target = 0;  // global address, or shared offset in its block
  u32 bytes = 0;
  u32 barrier = 0;
  u32 ranks = 0;  // destinations, by mask of ranks
  u64 map = 0;
  s32 at[5] = {0, 0, 0, 0, 0};
  u32 group = 0;
  bool read_done = false, reduce = false;
  std::vector<u8> data;  // store: what was read
  std::vector<u32> clock;
};

struct Shadow {                      // races: what was done to a byte
  u32 writer = 0, writer_clock = 0;  // writer: thread + 1
  u32 reader = 0, reader_clock = 0;  // reader: thread + 1; 0xffffffff: several, then readers
};

struct WgmmaOperand {  // B of a wgmma, ready to be multiplied: of use while shared memory stays as
                       // it is
  u64 version = 0, desc = 0;
  u32 N = 0;
  s64 scale = 0;
  bool integer = false;
  alignas(64) u32 words[16 * 256];  // floats [k][n], or pairs of signed 16-bit numbers [k / 2][n]
};
struct Block {
  u64 version = 1;  // of shared memory
  std::vector<std::unique_ptr<WgmmaOperand>> operands;
  u32 next_operand = 0;
  Grid* grid = nullptr;
  Cluster* cluster = nullptr;
  u32 rank = 0;
  Dim id;
  bool live = false;
  u32 warps_live = 0, warp_count = 0, thread_count = 0;
  std::vector<std::unique_ptr<Warp>> warps;
  std::vector<u8> shared;  // from offset 0 (shared_start bytes of it untouchable)
  std::vector<u8> init;    // per byte: 1 written, 2 in flight
  std::vector<u64>
      dirty;  // per 4 bytes: time << 10 | rank << 5 | warp, of writes by the generic proxy
  std::vector<Shadow> shadow;
  std::vector<std::vector<u32>> readers;
  u32 shared_end = 0;
  u32 unread = 0;  // stores that have yet to read this block's shared memory
  u32 free_registers = 0;
  NamedBarrier barriers[16];
  std::vector<Mbarrier> mbarriers;
  Mbarrier* find_barrier(u32 offset) {
    for (auto& b : mbarriers)
      if (b.offset == offset) return &b;
    return nullptr;
  }
};

struct Cluster {
  Grid* grid = nullptr;
  std::vector<Block*> blocks;
  std::vector<AsyncOp> pending;
  u32 arrived_warps = 0, waiting = 0, phase = 0;
  std::vector<u8> arrived;  // by warp of the cluster
  u32 live_warps = 0;
  u64 progress = 0, stuck_rounds = 0;
  u32 slept_rounds = 0;  // Async::random: in which some warp only slept
  u64 id = 0;
  bool live = false;
  std::vector<u32> clock;
};

struct Region {
  u64 base, bytes;
  std::string name;
};
using Regions = std::vector<Region>;
std::shared_ptr<const Regions> regions();

struct GlobalRaces;
struct Written;
struct Grid {
  std::shared_ptr<Written>
      written;  // by the launches of this chain that may still run; null: not asked for
  bool dependent = false;
  std::shared_ptr<GlobalRaces> races;
  const Kernel* kernel;
  const Code* code;
  const Launch* launch;
  Machine machine;
  const u8* params;
  std::size_t param_bytes;
  Statistics stats;
  u64 random;
  u64 time = 1;  // warp instructions so far
  u64 extra_ns = 0;
  u64 start_ns = 0;
  bool waits_for_host = false;  // something polls global memory or a clock
  bool atomic_polled =
      false;  // an atomic may have left its operand as it was: a lock, or a sum of zeros
  std::shared_ptr<const Regions> map;
  const Region* last = nullptr;
  u64 next() {
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    return random;
  }
};

[[noreturn]] void fail(Warp& w, const Ins& i, int lane, const char* format, ...)
    __attribute__((format(printf, 4, 5)));
[[noreturn]] void undefined_use(Warp& w, const Ins& i, const Src& s, u32 mask);

inline void wrote(Warp& w, const Src& d) {
  if (__builtin_expect(w.dirty != nullptr, 0)) w.dirty[d.wr] = 1;
}
inline int lowest(u32 mask) { return __builtin_ctz(mask); }

inline void check(Warp& w, const Ins& i, const Src& s, u32 m) {
  if (__builtin_expect((~w.wr[s.wr] & m) != 0, 0)) undefined_use(w, i, s, m);
}
// What was never written may be computed with: the result is as undefined. It may not be used: for
// addresses, branches, other memory.
void tainted(Warp& w, const Ins& i, const Src& s,
             u32 m);  // faults for accumulators of a wgmma in flight
inline void taint(Warp& w, const Ins& i, const Src& s, u32 m) {
  if (__builtin_expect((~w.wr[s.wr] & m) != 0, 0)) tainted(w, i, s, m);
}
inline u32 undefined_lanes(Warp& w, const Ins& i, const Src& s, u32 m) {
  const u32 u = ~w.wr[s.wr] & m;
  if (__builtin_expect(u != 0, 0)) {
    const u32 keep = w.taint;
    tainted(w, i, s, m);
    w.taint = keep;
  }
  return u;
}
template <class T>
inline const T* in(Warp& w, const Ins& i, const Src& s, u32 m) {
  taint(w, i, s, m);
  return w.at<T>(s);
}
template <class T>
inline const T* use(Warp& w, const Ins& i, const Src& s, u32 m) {
  check(w, i, s, m);
  return w.at<T>(s);
}
inline u32 bits_of(Warp& w, const Src& s) {
  const u32 v = *w.at<u32>(s);
  return s.neg ? ~v : v;
}
inline u32 predicate(Warp& w, const Ins& i, const Src& s, u32 m) {  // of a branch and the like
  check(w, i, s, m);
  return bits_of(w, s);
}
inline u32 in_predicate(Warp& w, const Ins& i, const Src& s, u32 m) {
  taint(w, i, s, m);
  return bits_of(w, s);
}

// Memory (memory.cpp, exec_mem.cpp)
u8* global_at(Warp& w, const Ins& i, int lane, u64 address, u32 bytes,
              bool write);  // checks bounds and alignment
u8* global_range(Warp& w, const Ins& i, int lane, u64 address, u64 bytes, u32 alignment, bool write,
                 const char* what);
struct SharedAt {
  Block* block;
  u32 offset;
};
SharedAt shared_at(Warp& w, const Ins& i, int lane, u32 address, u32 bytes, u32 alignment);
void unread_check(Warp& w, Block& b, u32 offset, u32 bytes);
void shared_written(Warp& w, Block& b, u32 offset,
                    u32 bytes);  // marks written by the generic proxy
void race_write(Warp& w, const Ins& i, int lane, Block& b, u32 offset, u32 bytes);
void race_read(Warp& w, const Ins& i, int lane, Block& b, u32 offset, u32 bytes);
void clock_join(std::vector<u32>& into, const std::vector<u32>& from);
void clock_tick(Warp& w);
void conflicts(Warp& w, const u32* addresses, u32 mask, u32 bytes);

// Races in global memory (global_races.cpp)
std::shared_ptr<GlobalRaces> make_global_races(u64 blocks, u64 warps);
void global_start(Warp& w);
void global_access(Warp& w, const Ins& i, int lane, u64 address, u32 bytes, bool write,
                   bool strong);
void global_fence(Warp& w);
void global_sync(Warp& w, u64 address, bool read, bool write, int flags);
void global_barrier(Block& b, u32 from, u32 to);

// Programmatic dependent launches (global_races.cpp)
std::shared_ptr<Written> written_of(u64 chain, bool dependent);
void dependent_access(Warp& w, const Ins& i, int lane, u64 address, u64 bytes, bool write);
inline bool watch_dependents(Warp& w, bool write);

// Asynchronous work (async.cpp)
void issue(Warp& w, AsyncOp&& op);
bool complete_one(Cluster& c);  // one pending operation, chosen by seed; false: none
void random_steps(Cluster& c);
void finish_copies(Warp& w, const Ins& i, u32 mask, s64 leave);
void start_copy(Warp& w, CpAsync&& c);
void wait_bulk(Warp& w, const Ins& i, u32 mask, u32 leave, bool read_only);
void block_ends(Block& b);
void warp_ends(Warp& w, const Ins& i);
void cluster_ends(Cluster& c);
void mbarrier_progress(Block& b, Mbarrier& m, Warp* w, const Ins* i);
void complete_tx(Block& b, u32 offset, u32 bytes, const AsyncOp& op);
void run_wgmma(Warp& w, Wgmma& p);  // tensor.cpp
void async_shared_read(Warp& w, const Ins& i, int lane, Block& b, u32 offset, u32 bytes,
                       const char* what);

// Blocks (launch.cpp)
void barrier_arrive(Warp& w, const Ins& i, u32 id, u32 count, bool wait);
void cluster_arrive(Warp& w, const Ins& i);
void cluster_wait(Warp& w, const Ins& i);

// Parsing
struct Operand {
  enum What : u8 { none, reg, imm, fimm, dimm, symbol, vector, address, sink, pair } what = none;
  std::string name;
  s64 value = 0;        // imm; bits of a float; offset of an address
  bool negate = false;  // !p
  std::vector<Operand> list;
};
struct Statement {
  std::string op;                 // whole
  std::vector<std::string> part;  // split at dots
  std::vector<Operand> arg;
  std::string guard;
  bool guard_negated = false;
  int line = 0;
  std::vector<int> scope;
};

class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual Src reg(const Operand& o, Ins& i) = 0;    // a register (destination)
  virtual Src value(const Operand& o, Type t) = 0;  // register or constant of that type
  virtual Src predicate(const Operand& o) = 0;
  virtual Src constant(u64 bits, int bytes) = 0;
  virtual Src sink(int bytes) = 0;
  virtual u32 target(const Operand& o) = 0;  // label
  virtual void address(const Operand& o, Ins& i,
                       Src& base) = 0;  // base register or constant 0 + i.imm
  virtual u32 list(const std::vector<Src>&) = 0;
  virtual Code& code() = 0;
  virtual bool is_register(const Operand& o) = 0;
  virtual bool special(const Operand& o, int& what) = 0;  // %clock and the like
  virtual std::vector<Src> vector(const Operand& o, Type t, bool destination) = 0;
};
using Decode = bool (*)(Decoder&, const Statement&, Ins&);  // false: unknown form
void add_alu(std::unordered_map<std::string, Decode>&);
void add_memory(std::unordered_map<std::string, Decode>&);
void add_sync(std::unordered_map<std::string, Decode>&);
void add_tensor(std::unordered_map<std::string, Decode>&);
void add_async(std::unordered_map<std::string, Decode>&);
void unknown_instruction(Warp& w, const Ins& i, u32 mask);

inline bool has(const Statement& s, std::string_view p) {
  for (auto& x : s.part)
    if (x == p) return true;
  return false;
}

inline bool watch_dependents(Warp& w, bool write) {
  const Grid& g = *w.block->grid;
  return g.written && (write || (g.dependent && !w.waited));
}

enum SpecialWhat : int {
  sp_none,
  tid_x,
  tid_y,
  tid_z,
  ntid_x,
  ntid_y,
  ntid_z,
  ctaid_x,
  ctaid_y,
  ctaid_z,
  nctaid_x,
  nctaid_y,
  nctaid_z,
  laneid,
  warpid,
  nwarpid,
  smid,
  nsmid,
  gridid,
  lanemask_eq,
  lanemask_lt,
  lanemask_le,
  lanemask_gt,
  lanemask_ge,
  clusterid_x,
  clusterid_y,
  clusterid_z,
  nclusterid_x,
  nclusterid_y,
  nclusterid_z,
  cluster_ctaid_x,
  cluster_ctaid_y,
  cluster_ctaid_z,
  cluster_nctaid_x,
  cluster_nctaid_y,
  cluster_nctaid_z,
  cluster_ctarank,
  cluster_nctarank,
  is_explicit_cluster,
  dynamic_smem_size,
  total_smem_size,
  clock_lo,
  clock_hi,
  clock_64,
  globaltimer,
  globaltimer_lo,
  globaltimer_hi
};

}  // namespace roofproof::ptx

#include "tests/ptx/machine/lanes.h"
