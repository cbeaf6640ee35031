// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/simt/block.h"

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

#include <cstring>
#include <deque>
#include <memory>
#include <stdexcept>
#include <utility>

namespace simt {
namespace {

constexpr unsigned warp_size = 32;
constexpr std::size_t stack_bytes = 128 * 1024;

// Where a fiber stands. swapcontext() makes a system call for the signal mask each time, which took
// more than half of the tests' time; on x86-64 saving the callee's registers is enough.
#if defined(__x86_64__)
class Fiber {
 public:
  void start(char* stack, void (*function)()) {
    auto top = reinterpret_cast<std::uintptr_t>(stack + stack_bytes) & ~std::uintptr_t{15};
    auto* slots = reinterpret_cast<void**>(top);
    *--slots = nullptr;  // `function` finds the stack as a call would leave it
    *--slots = reinterpret_cast<void*>(function);
    slots -= 6;  // rbp, rbx, r12 to r15: no values yet
    stack_pointer_ = slots;
  }
  static void change(Fiber& from, Fiber& to);

 private:
  void* stack_pointer_ = nullptr;
};
// simt_change_fiber(void** save, void* load)
asm(R"(
.text
.globl simt_change_fiber
.type simt_change_fiber, @function
simt_change_fiber:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size simt_change_fiber, .-simt_change_fiber
)");
extern "C" void simt_change_fiber(void** save, void* load);
void Fiber::change(Fiber& from, Fiber& to) {
  simt_change_fiber(&from.stack_pointer_, to.stack_pointer_);
}
#else
class Fiber {
 public:
  void start(char* stack, void (*function)()) {
    getcontext(&context_);
    context_.uc_stack.ss_sp = stack;
    context_.uc_stack.ss_size = stack_bytes;
    context_.uc_link = nullptr;
    makecontext(&context_, function, 0);
  }
  static void change(Fiber& from, Fiber& to) { swapcontext(&from.context_, &to.context_); }

 private:
  ucontext_t context_;
};
#endif
constexpr std::size_t band_bytes = 1024;

struct Rendezvous {
  unsigned expected = 0;
  unsigned arrived = 0;
  unsigned generation = 0;
};

struct Warp {
  Rendezvous rendezvous;
  // Two, used in turn: who reads the one cannot be overtaken by more than one exchange.
  alignas(16) std::byte exchange[2][warp_size * exchange_stride];
};

struct Thread {
  Fiber fiber;
  Dim3 index;
  unsigned exchanges = 0;
  bool done = false;
};

struct Block {
  std::vector<Thread> threads;
  std::vector<Warp> warps;
  Rendezvous rendezvous;
  std::vector<unsigned char> memory;
  unsigned char* shared = nullptr;
  Dim3 index;
  Dim3 dim;
  Dim3 grid;
  Fiber scheduler;
  unsigned running = 0;
  std::uint64_t progress = 0;  // arrivals and endings: none in a whole round means deadlock
  const std::function<void()>* kernel = nullptr;
  std::exception_ptr error;
};

Block* current = nullptr;

// Of the threads of one block. They are kept: fresh ones cost page faults, which were most of a
// small launch. A thread may launch in turn, whose threads need stacks of their own.
using Stacks = std::vector<std::unique_ptr<char[]>>;
std::deque<Stacks> kept_stacks;
std::size_t launches_under_way = 0;

Stacks& stacks() { return kept_stacks[launches_under_way - 1]; }

// Makes a block the current one, until the one before is again.
class MakeCurrent {
 public:
  explicit MakeCurrent(Block& block) : outer_(std::exchange(current, &block)) {
    if (kept_stacks.size() == launches_under_way++) kept_stacks.emplace_back();
  }
  ~MakeCurrent() {
    --launches_under_way;
    current = outer_;
  }
  MakeCurrent(const MakeCurrent&) = delete;
  MakeCurrent& operator=(const MakeCurrent&) = delete;

 private:
  Block* outer_;
};

Thread& running_thread() { return current->threads[current->running]; }

void yield() {
  Thread& self = running_thread();
  Fiber::change(self.fiber, current->scheduler);
}

void arrive_and_wait(Rendezvous& rendezvous) {
  ++current->progress;
  const unsigned generation = rendezvous.generation;
  if (++rendezvous.arrived == rendezvous.expected) {
    rendezvous.arrived = 0;
    ++rendezvous.generation;
    return;
  }
  while (rendezvous.generation == generation) yield();
}

void run_thread() {
  try {
    (*current->kernel)();
  } catch (...) {
    current->error = std::current_exception();
  }
  Thread& self = running_thread();
  self.done = true;
  ++current->progress;
  Fiber::change(self.fiber, current->scheduler);
}

void run_block(Block& block) {
  block.rendezvous = {static_cast<unsigned>(block.threads.size()), 0, 0};
  for (Warp& warp : block.warps) warp.rendezvous = {warp_size, 0, 0};
  for (unsigned i = 0; i < block.threads.size(); ++i) {
    Thread& thread = block.threads[i];
    thread.index = {i, 0, 0};
    thread.exchanges = 0;
    thread.done = false;
    thread.fiber.start(stacks()[i].get(), run_thread);
  }
  std::size_t left = block.threads.size();
  while (left > 0) {
    const std::uint64_t before = block.progress;
    for (unsigned i = 0; i < block.threads.size(); ++i) {
      if (block.threads[i].done) continue;
      block.running = i;
      Fiber::change(block.scheduler, block.threads[i].fiber);
      if (block.error) std::rethrow_exception(block.error);
      if (block.threads[i].done) --left;
    }
    if (left > 0 && block.progress == before) {
      throw std::logic_error("simt: some threads wait for others that never arrive");
    }
  }
}

}  // namespace

const Dim3& thread_index() { return running_thread().index; }
const Dim3& block_index() { return current->index; }
const Dim3& block_dim() { return current->dim; }
const Dim3& grid_dim() { return current->grid; }
unsigned lane() { return running_thread().index.x % warp_size; }
unsigned char* shared_memory() { return current->shared; }

void block_barrier() { arrive_and_wait(current->rendezvous); }
void warp_barrier() { arrive_and_wait(current->warps[current->running / warp_size].rendezvous); }

void pause() { yield(); }

const std::byte* warp_exchange(const void* mine, std::size_t bytes) {
  if (bytes > exchange_stride) throw std::logic_error("simt: too much to exchange");
  Thread& self = running_thread();
  Warp& warp = current->warps[current->running / warp_size];
  std::byte* const slots = warp.exchange[self.exchanges++ % 2];
  std::memcpy(slots + lane() * exchange_stride, mine, bytes);
  warp_barrier();
  return slots;
}

void launch(const Dim3& grid, unsigned threads, std::size_t shared_bytes,
            const std::function<void()>& kernel, bool reversed) {
  if (threads == 0 || threads % warp_size != 0) {
    throw std::logic_error("simt: threads per block are whole warps");
  }
  Block block;
  const MakeCurrent makes_current(block);
  block.threads.resize(threads);
  while (stacks().size() < threads) {
    stacks().push_back(std::make_unique_for_overwrite<char[]>(stack_bytes));
  }
  block.warps.resize(threads / warp_size);
  block.memory.resize(shared_bytes + 2 * band_bytes);
  const std::size_t start =
      band_bytes - reinterpret_cast<std::uintptr_t>(block.memory.data()) % band_bytes;
  block.shared = block.memory.data() + start;
  block.dim = {threads, 1, 1};
  block.grid = grid;
  block.kernel = &kernel;
  const unsigned blocks = grid.x * grid.y * grid.z;
  for (unsigned i = 0; i < blocks; ++i) {
    const unsigned at = reversed ? blocks - 1 - i : i;
    block.index = {at % grid.x, at / grid.x % grid.y, at / grid.x / grid.y};
    std::memset(block.memory.data(), 0xff, block.memory.size());
    run_block(block);
    for (std::size_t j = 0; j < block.memory.size(); ++j) {
      if ((j < start || j >= start + shared_bytes) && block.memory[j] != 0xff) {
        throw std::logic_error("simt: a block wrote beyond its shared memory");
      }
    }
  }
}

}  // namespace simt
