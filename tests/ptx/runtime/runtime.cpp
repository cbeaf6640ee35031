// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The CUDA runtime API, as much of it as the project uses, on top of the PTX emulator. See
// README.md.
//
// Everything that is enqueued runs on one thread, one operation at a time, in an order that the
// rules of streams, events and the legacy default stream allow. PTX_STREAMS says which: early (as
// soon as it may, in the order of the calls), late (only when the host waits for it, and nothing
// else then), random. What is left out ends the process and says its name.
#include "tests/ptx/runtime/runtime.h"

#include <cuda.h>
#include <cuda_runtime_api.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "tests/ptx/machine/machine.h"
#include "tests/ptx/runtime/control.h"
#include "tests/ptx/runtime/fat_binary.h"
#include "tests/ptx/runtime/played_device.h"

namespace roofproof::ptx::runtime {

void not_implemented(const char* what) {
  std::fprintf(stderr, "CUDA runtime of the PTX machine: %s is not implemented\n", what);
  std::fflush(nullptr);
  std::abort();
}

namespace {

const char* environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != 0 ? value : otherwise;
}
long long number(const char* name, long long otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != 0 ? std::atoll(value) : otherwise;
}

enum class Order { early, late, random };

struct Mode {
  std::string_view name;
  Machine::Async async;
  Order streams;
  std::uint64_t seed;
  bool races, dependents;
};

constexpr Mode mode_table[] = {
    {"early", Machine::Async::early, Order::early, 1, false, false},
    {"late", Machine::Async::late, Order::late, 1, false, false},
    {"random1", Machine::Async::random, Order::random, 1, false, false},
    {"random2", Machine::Async::random, Order::random, 2, false, false},
    {"random3", Machine::Async::random, Order::random, 3, false, false},
    {"races", Machine::Async::random, Order::random, 4, true, true},
};

// --- operations and streams
// -----------------------------------------------------------------------

struct Operation {
  std::string what;
  std::function<void()> run;
  std::vector<std::shared_ptr<Operation>> after;
  std::uint64_t turn = 0;
  bool done = false;
};
using OperationPtr = std::shared_ptr<Operation>;

struct Node {
  std::string what;
  std::function<void()> run;
  std::vector<int> after;
};

struct Capture {
  cudaStream_t origin = nullptr;
  std::vector<Node> nodes;
  std::vector<cudaStream_t> members;
  cudaError_t broken = cudaSuccess;
};

}  // namespace
}  // namespace roofproof::ptx::runtime

struct CUstream_st {
  bool blocking = true;
  bool fresh = true;  // everything before is known to have ended: the next launch depends on
                      // nothing that runs
  std::deque<roofproof::ptx::runtime::OperationPtr> queue;  // not yet done
  roofproof::ptx::runtime::OperationPtr tail;               // last enqueued
  std::shared_ptr<roofproof::ptx::runtime::Capture> capture;
  std::set<int> frontier;
};

struct CUevent_st {
  bool timed = true;
  bool blocking = false;
  roofproof::ptx::runtime::OperationPtr recorded;
  std::shared_ptr<std::uint64_t> time_ns = std::make_shared<std::uint64_t>(0);
  std::shared_ptr<roofproof::ptx::runtime::Capture> capture;
  std::set<int> frontier;
};

struct CUgraph_st {
  std::vector<roofproof::ptx::runtime::Node> nodes;
};
struct CUgraphExec_st {
  std::shared_ptr<std::vector<roofproof::ptx::runtime::Node>> nodes;
  roofproof::ptx::runtime::OperationPtr last;
};

namespace roofproof::ptx::runtime {
namespace {

struct FatBinary {
  std::vector<FatImage> images;
  std::shared_ptr<Module> module;
  std::string chosen;                              // the PTX that the module was made of
  std::unordered_map<std::string, int> registers;  // of each kernel; empty: no machine code for it
  bool tried = false;
};

struct Function {
  FatBinary* binary = nullptr;
  std::string name;
  const Kernel* kernel = nullptr;
  std::string_view body;
  int opted_in = -1;  // dynamic shared memory; -1: the default
  int registers = 0;  // 0: unknown
  bool nonportable_cluster = false;
  bool has_wait = false, has_trigger = false;
  bool warned = false;
};

struct Allocation {
  void* mapping = nullptr;
  std::size_t mapped = 0, bytes = 0;
  bool host = false;
};

struct CallConfiguration {
  dim3 grid, block;
  std::size_t shared;
  cudaStream_t stream;
};

struct LaunchRecord {
  std::uint64_t launches = 0, warp_instructions = 0;
  double seconds = 0;
};

struct State {
  std::recursive_mutex mutex;
  std::condition_variable_any changed;

  PlayedDevice device;
  Order streams = Order::early;
  std::mt19937_64 random;
  bool trace = false, profile = false, dry = false;

  std::vector<std::unique_ptr<FatBinary>> binaries;
  std::unordered_map<const void*, Function> functions;
  std::unordered_map<const void*, std::string> variables;

  std::map<std::uintptr_t, Allocation> allocations;
  std::size_t used = 0;

  CUstream_st legacy;
  std::set<cudaStream_t> all_streams;
  std::set<cudaEvent_t> all_events;
  std::set<OperationPtr> wanted;  // late: what the host waits for
  std::uint64_t next_turn = 1, last_ns = 0;
  bool started = false, stopping = false, running = false;
  std::thread worker;

  cudaError_t sticky = cudaSuccess;
  std::map<std::string, LaunchRecord> profiled;
};

State* make_state();
State& state() {
  static State* const it = make_state();  // never destroyed: the host's own destructors still call
  return *it;
}

thread_local cudaError_t last_error = cudaSuccess;
thread_local std::vector<CallConfiguration> configurations;

using Lock = std::unique_lock<std::recursive_mutex>;

cudaError_t fail(cudaError_t code) {
  if (code != cudaSuccess) last_error = code;
  return code;
}

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                        std::chrono::steady_clock::now().time_since_epoch())
                                        .count());
}

// Every entry point starts with it: says it when traced, and fails when the context is lost.
#define ENTER(...)                                                \
  Lock lock(state().mutex);                                       \
  if (state().trace) std::fprintf(stderr, "ptx: %s\n", __func__); \
  if (state().sticky != cudaSuccess) return fail(state().sticky)

// --- the worker
// -----------------------------------------------------------------------------------

bool ready(const Operation& operation) {
  for (const OperationPtr& before : operation.after) {
    if (!before->done) return false;
  }
  return true;
}

std::vector<cudaStream_t> streams_with_work(State& s) {
  std::vector<cudaStream_t> found;
  if (!s.legacy.queue.empty()) found.push_back(&s.legacy);
  for (cudaStream_t stream : s.all_streams) {
    if (!stream->queue.empty()) found.push_back(stream);
  }
  return found;
}

void add_ancestors(State& s, const OperationPtr& operation,
                   std::unordered_set<Operation*>& needed) {
  std::vector<OperationPtr> stack = {operation};
  while (!stack.empty()) {
    const OperationPtr top = stack.back();
    stack.pop_back();
    if (top->done || !needed.insert(top.get()).second) continue;
    for (const OperationPtr& before : top->after) stack.push_back(before);
  }
  (void)s;
}

// The next to run, or null.
cudaStream_t choose(State& s) {
  std::vector<cudaStream_t> candidates;
  std::unordered_set<Operation*> needed;
  if (s.streams == Order::late) {
    for (const OperationPtr& operation : s.wanted) add_ancestors(s, operation, needed);
  }
  for (cudaStream_t stream : streams_with_work(s)) {
    const Operation& head = *stream->queue.front();
    if (!ready(head)) continue;
    if (s.streams == Order::late && !needed.count(stream->queue.front().get())) continue;
    candidates.push_back(stream);
  }
  if (candidates.empty()) return nullptr;
  if (s.streams == Order::random) return candidates[s.random() % candidates.size()];
  const auto earlier = [](cudaStream_t a, cudaStream_t b) {
    return a->queue.front()->turn < b->queue.front()->turn;
  };
  return s.streams == Order::early
             ? *std::min_element(candidates.begin(), candidates.end(), earlier)
             : *std::max_element(candidates.begin(), candidates.end(), earlier);
}

void work(State& s) {
  Lock lock(s.mutex);
  for (;;) {
    cudaStream_t stream = nullptr;
    s.changed.wait(lock, [&] { return s.stopping || (stream = choose(s)) != nullptr; });
    if (s.stopping) return;
    const OperationPtr operation = stream->queue.front();
    if (s.sticky == cudaSuccess && operation->run) {
      s.running = true;
      lock.unlock();
      cudaError_t code = cudaSuccess;
      try {
        operation->run();
      } catch (const Fault& fault) {
        std::fprintf(stderr, "PTX FAULT in %s: %s\n", operation->what.c_str(), fault.what());
        code = std::strstr(fault.what(), "misalign") != nullptr ? cudaErrorMisalignedAddress
                                                                : cudaErrorIllegalAddress;
      } catch (const std::exception& error) {
        std::fprintf(stderr, "PTX ERROR in %s: %s\n", operation->what.c_str(), error.what());
        code = cudaErrorLaunchFailure;
      }
      lock.lock();
      s.running = false;
      if (code != cudaSuccess) s.sticky = code;
    }
    operation->done = true;
    operation->run = nullptr;
    operation->after.clear();
    stream->queue.pop_front();
    s.changed.notify_all();
  }
}

void stop_worker() {
  State& s = state();
  {
    Lock lock(s.mutex);
    s.stopping = true;
    s.changed.notify_all();
  }
  if (s.worker.joinable()) s.worker.join();
  if (s.profile) {
    for (const auto& [name, record] : s.profiled) {
      std::fprintf(stderr, "PTX PROFILE %8.3f s %6llu launches %12llu warp instructions %s\n",
                   record.seconds, static_cast<unsigned long long>(record.launches),
                   static_cast<unsigned long long>(record.warp_instructions), name.c_str());
    }
  }
}

void start_worker(State& s) {
  if (s.started) return;
  s.started = true;
  s.worker = std::thread([&s] { work(s); });
  std::atexit(stop_worker);
}

// Waits until it is done, or until the context is lost.
void wait_for(State& s, Lock& lock, const OperationPtr& operation) {
  if (!operation) return;
  s.wanted.insert(operation);
  s.changed.notify_all();
  s.changed.wait(lock, [&] { return operation->done; });
  s.wanted.erase(operation);
}

void wait_for_all(State& s, Lock& lock) {
  std::vector<OperationPtr> tails;
  if (s.legacy.tail) tails.push_back(s.legacy.tail);
  for (cudaStream_t stream : s.all_streams) {
    if (stream->tail) tails.push_back(stream->tail);
  }
  for (const OperationPtr& tail : tails) s.wanted.insert(tail);
  s.legacy.fresh = true;
  for (cudaStream_t stream : s.all_streams) stream->fresh = true;
  for (const OperationPtr& tail : tails) wait_for(s, lock, tail);
}

cudaStream_t resolve(State& s, cudaStream_t stream) {
  if (stream == nullptr || stream == cudaStreamLegacy) return &s.legacy;
  if (stream == cudaStreamPerThread) not_implemented("cudaStreamPerThread");
  return stream;
}

bool valid(State& s, cudaStream_t stream) {
  return stream == &s.legacy || s.all_streams.count(stream) != 0;
}

// Puts it at the end of a stream that is not being captured.
OperationPtr enqueue(State& s, cudaStream_t stream, std::string what, std::function<void()> run,
                     std::vector<OperationPtr> after = {}) {
  start_worker(s);
  auto operation = std::make_shared<Operation>();
  operation->what = std::move(what);
  operation->run = std::move(run);
  operation->turn = s.next_turn++;
  if (stream->tail && !stream->tail->done) operation->after.push_back(stream->tail);
  for (OperationPtr& before : after) {
    if (before && !before->done) operation->after.push_back(std::move(before));
  }
  if (stream == &s.legacy) {
    for (cudaStream_t other : s.all_streams) {
      if (other->blocking && other->tail && !other->tail->done)
        operation->after.push_back(other->tail);
    }
  } else if (stream->blocking && s.legacy.tail && !s.legacy.tail->done) {
    operation->after.push_back(s.legacy.tail);
  }
  stream->queue.push_back(operation);
  stream->tail = operation;
  s.changed.notify_all();
  return operation;
}

// What the legacy stream may not do while a blocking stream is captured.
cudaError_t legacy_during_capture(State& s) {
  for (cudaStream_t stream : s.all_streams) {
    if (stream->capture && stream->blocking) {
      stream->capture->broken = cudaErrorStreamCaptureImplicit;
      return cudaErrorStreamCaptureImplicit;
    }
  }
  return cudaSuccess;
}

// What a capture of mode ThreadLocal forbids its thread.
cudaError_t unsafe_during_capture(State& s) {
  for (cudaStream_t stream : s.all_streams) {
    if (stream->capture) {
      stream->capture->broken = cudaErrorStreamCaptureInvalidated;
      return cudaErrorStreamCaptureUnsupported;
    }
  }
  return cudaSuccess;
}
#define UNSAFE_DURING_CAPTURE()                                                         \
  if (const cudaError_t unsafe = unsafe_during_capture(state()); unsafe != cudaSuccess) \
  return fail(unsafe)

cudaError_t enqueue_or_capture(State& s, cudaStream_t handle, std::string what,
                               std::function<void()> run, bool launch = false) {
  const cudaStream_t stream = resolve(s, handle);
  if (!valid(s, stream)) return cudaErrorInvalidResourceHandle;
  if (!launch) stream->fresh = true;
  if (stream == &s.legacy) {
    if (const cudaError_t code = legacy_during_capture(s); code != cudaSuccess) return code;
  }
  if (stream->capture) {
    Capture& capture = *stream->capture;
    if (capture.broken != cudaSuccess) return cudaErrorStreamCaptureInvalidated;
    const int node = static_cast<int>(capture.nodes.size());
    capture.nodes.push_back(
        {std::move(what), std::move(run), {stream->frontier.begin(), stream->frontier.end()}});
    stream->frontier = {node};
    return cudaSuccess;
  }
  enqueue(s, stream, std::move(what), std::move(run));
  return cudaSuccess;
}

// --- the device
// -----------------------------------------------------------------------------------

void apply_mode(State& s, std::string_view name) {
  std::string known;
  for (const Mode& mode : mode_table) {
    known += (known.empty() ? "" : ", ") + std::string(mode.name);
    if (mode.name != name) continue;
    Machine& m = machine();
    m.async = mode.async;
    m.seed = mode.seed;
    m.races = mode.races;
    m.dependents = mode.dependents;
    s.streams = mode.streams;
    s.random.seed(mode.seed);
    return;
  }
  throw std::invalid_argument("mode '" + std::string(name) + "': there are " + known);
}

State* make_state() {
  auto* s = new State;
  const int wanted = static_cast<int>(number("PTX_SM", 90));
  bool found = false;
  for (const PlayedDevice& device : known_devices) {
    if (device.compute_capability == wanted) {
      s->device = device;
      found = true;
    }
  }
  if (!found) {
    std::fprintf(stderr, "CUDA runtime of the PTX machine: PTX_SM=%d: 75, 80, 86, 89 or 90\n",
                 wanted);
    std::exit(2);
  }
  PlayedDevice& device = s->device;
  device.multiprocessors = static_cast<int>(number("PTX_SMS", wanted == 90 ? 8 : 4));
  device.l2_bytes = static_cast<int>(number("PTX_L2", 256 * 1024));
  device.memory_bytes = static_cast<std::size_t>(number("PTX_MEMORY_MB", 8192)) << 20;
  device.bus_bits =
      std::max(8, device.bus_bits * device.multiprocessors / device.real_multiprocessors);

  Machine& m = machine();
  m.compute_capability = wanted;
  m.multiprocessors = device.multiprocessors;
  m.threads_per_multiprocessor = device.threads_per_multiprocessor;
  m.shared_per_multiprocessor = device.shared_per_multiprocessor;
  m.shared_per_block_optin = device.shared_per_block_optin;
  m.poison = number("PTX_POISON", 1) != 0;
  m.poison_strict = number("PTX_POISON_STRICT", 0) != 0;
  m.loose_swizzle = number("PTX_LOOSE_SWIZZLE", 0) != 0;
  m.instruction_limit = static_cast<std::uint64_t>(number("PTX_LIMIT", 0));
  s->trace = number("PTX_TRACE", 0) != 0;
  s->profile = number("PTX_PROFILE", 0) != 0;
  s->dry =
      number("PTX_DRY", 0) != 0;  // nothing is run: for checks of the host's part at real sizes
  try {
    apply_mode(*s, environment("PTX_MODE", "early"));
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "CUDA runtime of the PTX machine: PTX_MODE: %s\n", error.what());
    std::exit(2);
  }
  return s;
}

// --- fat binaries
// ---------------------------------------------------------------------------------

// The newest image of a kind that a device of this compute capability can run; null: none.
const FatImage* newest(const FatBinary& binary, FatImage::Kind kind, int compute_capability) {
  const FatImage* best = nullptr;
  for (const FatImage& image : binary.images) {
    if (image.kind != kind) continue;
    if (image.specific ? image.compute_capability != compute_capability
                       : image.compute_capability > compute_capability)
      continue;
    if (best == nullptr || image.compute_capability > best->compute_capability ||
        (image.compute_capability == best->compute_capability && image.specific))
      best = &image;
  }
  return best;
}

cudaError_t load(State& s, FatBinary& binary) {
  if (binary.module) return cudaSuccess;
  if (binary.tried) return cudaErrorNoKernelImageForDevice;
  binary.tried = true;
  const int capability = s.device.compute_capability;
  const FatImage* const ptx = newest(binary, FatImage::Kind::ptx, capability);
  if (ptx == nullptr) return cudaErrorNoKernelImageForDevice;
  try {
    binary.chosen = content(*ptx);
    binary.module = Module::parse(binary.chosen);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "PTX FAULT in the PTX: %s\n", error.what());
    return cudaErrorInvalidPtx;
  }
  if (const FatImage* code = newest(binary, FatImage::Kind::machine_code, capability)) {
    binary.registers = registers_of(content(*code));
  }
  return cudaSuccess;
}

std::string_view body_of(std::string_view ptx, const std::string& name) {
  std::size_t at = 0;
  while ((at = ptx.find(".entry " + name, at)) != std::string_view::npos) {
    const std::size_t after = at + 7 + name.size();
    if (after < ptx.size() && (ptx[after] == '(' || ptx[after] == '\n' || ptx[after] == ' ')) {
      const std::size_t end = ptx.find("\n}", after);
      return ptx.substr(at, end == std::string_view::npos ? end : end - at);
    }
    at = after;
  }
  return {};
}

cudaError_t find_function(State& s, const void* pointer, Function*& function) {
  const auto found = s.functions.find(pointer);
  if (found == s.functions.end()) return cudaErrorInvalidDeviceFunction;
  function = &found->second;
  if (function->kernel != nullptr) return cudaSuccess;
  if (const cudaError_t code = load(s, *function->binary); code != cudaSuccess) return code;
  function->kernel = function->binary->module->find(function->name);
  if (function->kernel == nullptr) {
    std::fprintf(stderr, "EMU: the PTX has no kernel %s\n", function->name.c_str());
    return cudaErrorInvalidDeviceFunction;
  }
  function->body = body_of(function->binary->chosen, function->name);
  const auto registers = function->binary->registers.find(function->name);
  if (registers != function->binary->registers.end()) function->registers = registers->second;
  function->has_wait = function->body.find("griddepcontrol.wait") != std::string_view::npos;
  function->has_trigger =
      function->body.find("griddepcontrol.launch_dependents") != std::string_view::npos;
  return cudaSuccess;
}

constexpr std::size_t default_shared = 49152;

std::size_t dynamic_limit(const Function& function) {
  if (function.opted_in >= 0)
    return std::max(static_cast<std::size_t>(function.opted_in),
                    default_shared - std::min(default_shared, function.kernel->static_shared));
  return default_shared - std::min(default_shared, function.kernel->static_shared);
}

int resident_blocks(const State& s, const Function& function, int threads,
                    std::size_t dynamic_shared) {
  const Kernel& kernel = *function.kernel;
  const PlayedDevice& device = s.device;
  const int warps = (threads + 31) / 32;
  int blocks =
      std::min(device.blocks_per_multiprocessor, device.threads_per_multiprocessor / 32 / warps);
  std::size_t shared = kernel.static_shared + dynamic_shared + device.shared_reserved_per_block;
  shared = (shared + 127) / 128 * 128;
  if (shared > 0)
    blocks = std::min<int>(blocks, static_cast<int>(device.shared_per_multiprocessor / shared));
  if (const int registers = function.registers; registers > 0) {
    const int per_warp = (registers * 32 + 255) / 256 * 256;
    blocks = std::min(blocks, 65536 / per_warp / 4 * 4 / warps);
  }
  return std::max(0, blocks);
}

// --- launches
// -------------------------------------------------------------------------------------

struct Request {
  dim3 grid, block;
  std::size_t shared = 0;
  cudaStream_t stream = nullptr;
  Dim cluster{0, 0, 0};
  bool dependent = false;
  bool cooperative = false;
};

std::uint64_t volume(const Dim& d) { return std::uint64_t{d.x} * d.y * d.z; }

cudaError_t read_attributes(State& s, const cudaLaunchConfig_t& config, Request& request) {
  request.grid = config.gridDim;
  request.block = config.blockDim;
  request.shared = config.dynamicSmemBytes;
  request.stream = config.stream;
  for (unsigned i = 0; i < config.numAttrs; ++i) {
    const cudaLaunchAttribute& attribute = config.attrs[i];
    switch (attribute.id) {
      case cudaLaunchAttributeIgnore:
        break;
      case cudaLaunchAttributeClusterDimension:
        request.cluster = {attribute.val.clusterDim.x, attribute.val.clusterDim.y,
                           attribute.val.clusterDim.z};
        if (s.device.compute_capability < 90) return cudaErrorNotSupported;
        if (volume(request.cluster) == 0) return cudaErrorInvalidValue;
        break;
      case cudaLaunchAttributeProgrammaticStreamSerialization:
        request.dependent = attribute.val.programmaticStreamSerializationAllowed != 0;
        if (request.dependent && s.device.compute_capability < 90) return cudaErrorNotSupported;
        break;
      case cudaLaunchAttributeCooperative:
        request.cooperative = attribute.val.cooperative != 0;
        break;
      default:
        std::fprintf(stderr, "CUDA runtime of the PTX machine: launch attribute %d\n",
                     static_cast<int>(attribute.id));
        not_implemented("a launch attribute");
    }
  }
  return cudaSuccess;
}

cudaError_t check_launch(State& s, const Function& function, Request& request) {
  const Kernel& kernel = *function.kernel;
  const dim3 &g = request.grid, &b = request.block;
  if (g.x == 0 || g.y == 0 || g.z == 0 || b.x == 0 || b.y == 0 || b.z == 0)
    return cudaErrorInvalidConfiguration;
  if (g.x > 0x7fffffffu || g.y > 65535 || g.z > 65535) return cudaErrorInvalidConfiguration;
  if (b.x > 1024 || b.y > 1024 || b.z > 64) return cudaErrorInvalidConfiguration;
  const std::uint64_t threads = std::uint64_t{b.x} * b.y * b.z;
  if (threads > 1024) return cudaErrorInvalidConfiguration;
  if (threads > static_cast<std::uint64_t>(kernel.max_threads)) {
    std::fprintf(stderr, "EMU: launch of %s with %llu threads, .maxntid is %d\n",
                 kernel.name.c_str(), static_cast<unsigned long long>(threads), kernel.max_threads);
    return cudaErrorInvalidValue;
  }
  if (request.shared > dynamic_limit(function)) {
    std::fprintf(stderr,
                 "EMU: launch of %s with %zu bytes of dynamic shared memory, allowed are %zu\n",
                 kernel.name.c_str(), request.shared, dynamic_limit(function));
    return cudaErrorInvalidValue;
  }
  if (const int registers = function.registers; registers > 0) {
    const std::uint64_t per_warp = (static_cast<std::uint64_t>(registers) * 32 + 255) / 256 * 256;
    if (per_warp * ((threads + 31) / 32) > 65536) return cudaErrorLaunchOutOfResources;
  }
  const bool required = kernel.cluster.x != 0;
  if (required && s.device.compute_capability < 90) return cudaErrorNotSupported;
  if (required && request.cluster.x != 0 &&
      (request.cluster.x != kernel.cluster.x || request.cluster.y != kernel.cluster.y ||
       request.cluster.z != kernel.cluster.z)) {
    std::fprintf(stderr, "EMU: launch of %s in clusters of %ux%ux%u, compiled for %ux%ux%u\n",
                 kernel.name.c_str(), request.cluster.x, request.cluster.y, request.cluster.z,
                 kernel.cluster.x, kernel.cluster.y, kernel.cluster.z);
    return cudaErrorInvalidClusterSize;
  }
  if (request.cluster.x == 0) request.cluster = required ? kernel.cluster : Dim{1, 1, 1};
  const std::uint64_t blocks = volume(request.cluster);
  if (blocks > (function.nonportable_cluster ? 16u : 8u)) return cudaErrorInvalidClusterSize;
  if (g.x % request.cluster.x != 0 || g.y % request.cluster.y != 0 ||
      g.z % request.cluster.z != 0) {
    std::fprintf(stderr, "EMU: grid of %s is not a multiple of its cluster\n", kernel.name.c_str());
    return cudaErrorInvalidClusterSize;
  }
  if (request.cooperative) {
    const int resident = resident_blocks(s, function, static_cast<int>(threads), request.shared) *
                         s.device.multiprocessors;
    if (std::uint64_t{g.x} * g.y * g.z > static_cast<std::uint64_t>(resident))
      return cudaErrorCooperativeLaunchTooLarge;
  }
  return cudaSuccess;
}

cudaError_t launch_function(State& s, const void* pointer, Request request, void** arguments) {
  Function* function = nullptr;
  if (const cudaError_t code = find_function(s, pointer, function); code != cudaSuccess)
    return code;
  if (const cudaError_t code = check_launch(s, *function, request); code != cudaSuccess)
    return code;
  const Kernel& kernel = *function->kernel;
  if (request.dependent && !function->has_wait && !function->warned) {
    function->warned = true;
    std::fprintf(stderr,
                 "EMU WARNING: %s is launched with programmatic stream serialization and has no "
                 "griddepcontrol.wait\n",
                 kernel.name.c_str());
  }
  if (!request.dependent && function->has_wait && s.trace)
    std::fprintf(stderr, "ptx: %s waits, launched plainly\n", kernel.name.c_str());
  auto parameters = std::make_shared<std::vector<std::uint64_t>>(kernel.parameter_bytes / 8 + 17);
  // 64-byte alignment for tensor maps.
  auto* data = reinterpret_cast<std::byte*>(
      (reinterpret_cast<std::uintptr_t>(parameters->data()) + 63) / 64 * 64);
  for (std::size_t i = 0; i < kernel.parameters.size(); ++i) {
    std::memcpy(data + kernel.parameters[i].offset, arguments[i], kernel.parameters[i].size);
  }
  Launch launch;
  launch.grid = {request.grid.x, request.grid.y, request.grid.z};
  launch.block = {request.block.x, request.block.y, request.block.z};
  launch.cluster = request.cluster;
  launch.dynamic_shared = request.shared;
  launch.parameters = data;
  const cudaStream_t on = resolve(s, request.stream);
  const bool first = on->capture ? on->frontier.empty() : std::exchange(on->fresh, false);
  launch.dependent = request.dependent && !first;
  launch.chain = reinterpret_cast<std::uintptr_t>(on) * 2 + (on->capture ? 1 : 0);
  if (s.trace) {
    std::fprintf(stderr, "ptx: %s <<<%u %u %u, %u %u %u, %zu>>> cluster %u%s\n",
                 kernel.name.c_str(), launch.grid.x, launch.grid.y, launch.grid.z, launch.block.x,
                 launch.block.y, launch.block.z, launch.dynamic_shared, launch.cluster.x,
                 launch.dependent ? " dependent" : "");
  }
  if (s.dry)
    return enqueue_or_capture(
        s, request.stream, kernel.name, [parameters] {}, true);
  const bool profile = s.profile;
  return enqueue_or_capture(
      s, request.stream, kernel.name,
      [&kernel, launch, parameters, profile] {
        const std::uint64_t start = now_ns();
        const Statistics statistics = roofproof::ptx::launch(kernel, launch);
        if (profile) {
          State& st = state();
          Lock lock(st.mutex);
          LaunchRecord& record = st.profiled[kernel.name];
          ++record.launches;
          record.warp_instructions += statistics.warp_instructions;
          record.seconds += static_cast<double>(now_ns() - start) * 1e-9;
        }
      },
      true);
}

// --- memory
// ---------------------------------------------------------------------------------------

const Allocation* find_allocation(State& s, const void* data, std::size_t bytes) {
  const auto address = reinterpret_cast<std::uintptr_t>(data);
  auto after = s.allocations.upper_bound(address);
  if (after == s.allocations.begin()) return nullptr;
  --after;
  return address + bytes <= after->first + after->second.bytes ? &after->second : nullptr;
}

bool on_device(State& s, const void* data, std::size_t bytes) {
  const Allocation* allocation = find_allocation(s, data, bytes);
  return allocation != nullptr && !allocation->host;
}
bool starts_on_device(State& s, const void* data) {
  const Allocation* allocation = find_allocation(s, data, 0);
  return allocation != nullptr && !allocation->host;
}

cudaError_t allocate(State& s, void** result, std::size_t bytes, bool host) {
  // 256 bytes are what is promised; more would hide a kernel that needs more.
  constexpr std::size_t page = 4096, offset = 256;
  const std::size_t inner = (offset + bytes + page - 1) / page * page;
  const std::size_t mapped = inner + 2 * page;
  void* mapping = mmap(nullptr, mapped, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED) return cudaErrorMemoryAllocation;
  auto* base = static_cast<char*>(mapping);
  mprotect(base, page, PROT_NONE);
  mprotect(base + page + inner, page, PROT_NONE);
  char* data = base + page + offset;
  // Not zeros: cudaMalloc does not clear.
  if (!host && !s.dry) std::memset(data, 0xff, std::min(bytes, std::size_t{256} << 20));
  Allocation allocation;
  allocation.mapping = mapping;
  allocation.mapped = mapped;
  allocation.bytes = bytes;
  allocation.host = host;
  s.allocations[reinterpret_cast<std::uintptr_t>(data)] = allocation;
  register_memory(data, bytes,
                  (host ? "host allocation of " : "allocation of ") + std::to_string(bytes));
  if (!host) s.used += bytes;
  *result = data;
  return cudaSuccess;
}

cudaError_t release(State& s, Lock& lock, void* data, bool host) {
  if (data == nullptr) return cudaSuccess;
  const auto found = s.allocations.find(reinterpret_cast<std::uintptr_t>(data));
  if (found == s.allocations.end() || found->second.host != host) return cudaErrorInvalidValue;
  wait_for_all(s, lock);
  unregister_memory(data);
  munmap(found->second.mapping, found->second.mapped);
  if (!host) s.used -= found->second.bytes;
  s.allocations.erase(found);
  return s.sticky;
}

cudaError_t check_copy(State& s, void* to, const void* from, std::size_t bytes,
                       cudaMemcpyKind& kind) {
  if (kind == cudaMemcpyDefault) {
    const bool to_device = starts_on_device(s, to), from_device = starts_on_device(s, from);
    kind = to_device ? (from_device ? cudaMemcpyDeviceToDevice : cudaMemcpyHostToDevice)
                     : (from_device ? cudaMemcpyDeviceToHost : cudaMemcpyHostToHost);
  }
  if (kind < cudaMemcpyHostToHost || kind > cudaMemcpyDefault)
    return cudaErrorInvalidMemcpyDirection;
  if (bytes == 0) return cudaSuccess;
  const bool to_wanted = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const bool from_wanted = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  if (to_wanted ? !on_device(s, to, bytes) : starts_on_device(s, to)) {
    std::fprintf(stderr, "EMU: memcpy to %p, %zu bytes: not the memory that its kind says\n", to,
                 bytes);
    return cudaErrorInvalidValue;
  }
  if (from_wanted ? !on_device(s, from, bytes) : starts_on_device(s, from)) {
    std::fprintf(stderr, "EMU: memcpy from %p, %zu bytes: not the memory that its kind says\n",
                 from, bytes);
    return cudaErrorInvalidValue;
  }
  return cudaSuccess;
}

cudaError_t copy(State& s, Lock& lock, void* to, const void* from, std::size_t bytes,
                 cudaMemcpyKind kind, cudaStream_t stream, bool wait) {
  if (const cudaError_t code = check_copy(s, to, from, bytes, kind); code != cudaSuccess)
    return code;
  // Pageable memory of the host is read before the call returns (CUDA runtime API, API
  // synchronization behavior).
  const bool pageable_source =
      kind == cudaMemcpyHostToDevice && find_allocation(s, from, bytes) == nullptr;
  const cudaStream_t where = resolve(s, stream);
  std::function<void()> run;
  if (pageable_source && !where->capture) {
    auto bytes_now = std::make_shared<std::vector<char>>(static_cast<const char*>(from),
                                                         static_cast<const char*>(from) + bytes);
    run = [to, bytes_now] { std::memcpy(to, bytes_now->data(), bytes_now->size()); };
  } else {
    run = [to, from, bytes] { std::memmove(to, from, bytes); };
  }
  if (const cudaError_t code = enqueue_or_capture(s, stream, "memcpy", std::move(run));
      code != cudaSuccess)
    return code;
  if (where->capture) return cudaSuccess;
  const bool pageable_target =
      kind == cudaMemcpyDeviceToHost && find_allocation(s, to, bytes) == nullptr;
  // cudaMemcpy of pageable memory to the device returns when the bytes are on their way.
  if (pageable_target || (wait && !pageable_source)) wait_for(s, lock, where->tail);
  return s.sticky;
}

}  // namespace

cudaError_t enqueue_host_work(cudaStream_t stream, std::string what, std::function<void()> work) {
  Lock lock(state().mutex);
  if (state().sticky != cudaSuccess) return state().sticky;
  return enqueue_or_capture(state(), stream, std::move(what), std::move(work));
}

bool is_device_memory(const void* data, std::size_t bytes) {
  Lock lock(state().mutex);
  return on_device(state(), data, bytes);
}

}  // namespace roofproof::ptx::runtime

using namespace roofproof::ptx;
using namespace roofproof::ptx::runtime;

extern "C" {

// --- what nvcc's host code calls
// ------------------------------------------------------------------

void** __cudaRegisterFatBinary(void* wrapper) {
  Lock lock(state().mutex);
  struct Wrapper {
    int magic, version;
    const unsigned char* data;
    void* more;
  };
  const auto* w = static_cast<const Wrapper*>(wrapper);
  if (w->magic != 0x466243b1) not_implemented("a fat binary of another kind");
  auto binary = std::make_unique<FatBinary>();
  binary->images = fat_images(w->data);
  state().binaries.push_back(std::move(binary));
  return reinterpret_cast<void**>(state().binaries.back().get());
}
void __cudaRegisterFatBinaryEnd(void**) {}
void __cudaUnregisterFatBinary(void**) {}

void __cudaRegisterFunction(void** handle, const char* host, char*, const char* name, int, uint3*,
                            uint3*, dim3*, dim3*, int*) {
  Lock lock(state().mutex);
  Function function;
  function.binary = reinterpret_cast<FatBinary*>(handle);
  function.name = name;
  state().functions[host] = function;
}
void __cudaRegisterVar(void**, char* host, char*, const char* name, int, std::size_t, int, int) {
  Lock lock(state().mutex);
  state().variables[host] = name;
}
void __cudaRegisterManagedVar(void**, void**, char*, const char*, int, std::size_t, int, int) {
  not_implemented(__func__);
}
char __cudaInitModule(void**) { return 1; }

unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, std::size_t shared,
                                     cudaStream_t stream) {
  configurations.push_back({grid, block, shared, stream});
  return 0;
}
cudaError_t __cudaPopCallConfiguration(dim3* grid, dim3* block, std::size_t* shared, void* stream) {
  if (configurations.empty()) return fail(cudaErrorMissingConfiguration);
  const CallConfiguration top = configurations.back();
  configurations.pop_back();
  *grid = top.grid;
  *block = top.block;
  *shared = top.shared;
  *static_cast<cudaStream_t*>(stream) = top.stream;
  return cudaSuccess;
}

// The handle of a kernel is its host function here.
cudaError_t __cudaGetKernel(cudaKernel_t* kernel, const void* host) {
  *kernel = reinterpret_cast<cudaKernel_t>(const_cast<void*>(host));
  return cudaSuccess;
}

cudaError_t cudaLaunchKernel(const void* function, dim3 grid, dim3 block, void** arguments,
                             std::size_t shared, cudaStream_t stream) {
  ENTER();
  Request request;
  request.grid = grid;
  request.block = block;
  request.shared = shared;
  request.stream = stream;
  return fail(launch_function(state(), function, request, arguments));
}
cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block, void** arguments,
                               std::size_t shared, cudaStream_t stream) {
  return cudaLaunchKernel(reinterpret_cast<const void*>(kernel), grid, block, arguments, shared,
                          stream);
}

cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t* config, const void* function,
                                void** arguments) {
  ENTER();
  Request request;
  if (const cudaError_t code = read_attributes(state(), *config, request); code != cudaSuccess)
    return fail(code);
  return fail(launch_function(state(), function, request, arguments));
}

// --- functions
// ------------------------------------------------------------------------------------

cudaError_t cudaFuncSetAttribute(const void* pointer, cudaFuncAttribute attribute, int value) {
  ENTER();
  Function* function = nullptr;
  if (const cudaError_t code = find_function(state(), pointer, function); code != cudaSuccess)
    return fail(code);
  switch (attribute) {
    case cudaFuncAttributeMaxDynamicSharedMemorySize:
      if (value < 0 || static_cast<std::size_t>(value) + function->kernel->static_shared >
                           state().device.shared_per_block_optin) {
        std::fprintf(
            stderr,
            "EMU: %s: %d bytes of dynamic shared memory beside %zu static ones are more than %zu\n",
            function->name.c_str(), value, function->kernel->static_shared,
            state().device.shared_per_block_optin);
        return fail(cudaErrorInvalidValue);
      }
      function->opted_in = value;
      return cudaSuccess;
    case cudaFuncAttributePreferredSharedMemoryCarveout:
      return value < -1 || value > 100 ? fail(cudaErrorInvalidValue) : cudaSuccess;
    case cudaFuncAttributeNonPortableClusterSizeAllowed:
      function->nonportable_cluster = value != 0;
      return cudaSuccess;
    default:
      not_implemented("cudaFuncSetAttribute of this attribute");
  }
}

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void* pointer) {
  ENTER();
  Function* function = nullptr;
  if (const cudaError_t code = find_function(state(), pointer, function); code != cudaSuccess)
    return fail(code);
  *attributes = {};
  const Kernel& kernel = *function->kernel;
  attributes->sharedSizeBytes = kernel.static_shared;
  attributes->maxThreadsPerBlock = kernel.max_threads;
  attributes->numRegs = function->registers > 0 ? function->registers : 32;
  attributes->ptxVersion = attributes->binaryVersion = state().device.compute_capability;
  attributes->maxDynamicSharedSizeBytes = static_cast<int>(dynamic_limit(*function));
  attributes->preferredShmemCarveout = -1;
  attributes->clusterDimMustBeSet = 0;
  attributes->requiredClusterWidth = static_cast<int>(kernel.cluster.x);
  attributes->requiredClusterHeight = static_cast<int>(kernel.cluster.y);
  attributes->requiredClusterDepth = static_cast<int>(kernel.cluster.z);
  attributes->nonPortableClusterSizeAllowed = function->nonportable_cluster;
  return cudaSuccess;
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, const void* pointer,
                                                                   int threads, std::size_t shared,
                                                                   unsigned flags) {
  ENTER();
  if (flags > 1) return fail(cudaErrorInvalidValue);
  Function* function = nullptr;
  if (const cudaError_t code = find_function(state(), pointer, function); code != cudaSuccess)
    return fail(code);
  if (threads <= 0) return fail(cudaErrorInvalidValue);
  *blocks = 0;
  if (threads > function->kernel->max_threads) return cudaSuccess;
  // What was not opted in to cannot be had.
  if (shared > dynamic_limit(*function)) {
    std::fprintf(
        stderr,
        "EMU WARNING: occupancy of %s with %zu bytes of shared memory that it was not allowed\n",
        function->name.c_str(), shared);
    return cudaSuccess;
  }
  *blocks = resident_blocks(state(), *function, threads, shared);
  return cudaSuccess;
}
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void* pointer,
                                                          int threads, std::size_t shared) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(blocks, pointer, threads, shared,
                                                                0);
}

cudaError_t cudaOccupancyMaxActiveClusters(int* clusters, const void* pointer,
                                           const cudaLaunchConfig_t* config) {
  ENTER();
  Function* function = nullptr;
  if (const cudaError_t code = find_function(state(), pointer, function); code != cudaSuccess)
    return fail(code);
  Request request;
  if (const cudaError_t code = read_attributes(state(), *config, request); code != cudaSuccess)
    return fail(code);
  if (const cudaError_t code = check_launch(state(), *function, request); code != cudaSuccess)
    return fail(code);
  const int threads = static_cast<int>(request.block.x * request.block.y * request.block.z);
  const int per_sm = resident_blocks(state(), *function, threads, request.shared);
  // All SMs are one GPC here.
  *clusters = per_sm * state().device.multiprocessors / static_cast<int>(volume(request.cluster));
  return cudaSuccess;
}

// --- errors
// ---------------------------------------------------------------------------------------

cudaError_t cudaGetLastError() {
  Lock lock(state().mutex);
  if (state().sticky != cudaSuccess) return state().sticky;
  return std::exchange(last_error, cudaSuccess);
}
cudaError_t cudaPeekAtLastError() {
  Lock lock(state().mutex);
  return state().sticky != cudaSuccess ? state().sticky : last_error;
}

namespace {
struct ErrorText {
  int code;
  const char *name, *text;
};
constexpr ErrorText error_texts[] = {
#include "tests/ptx/runtime/errors.inc"
};
}  // namespace

const char* cudaGetErrorName(cudaError_t code) {
  for (const ErrorText& error : error_texts) {
    if (error.code == static_cast<int>(code)) return error.name;
  }
  return "unrecognized error code";
}
const char* cudaGetErrorString(cudaError_t code) {
  for (const ErrorText& error : error_texts) {
    if (error.code == static_cast<int>(code)) return error.text;
  }
  return "unrecognized error code";
}

// --- device
// ---------------------------------------------------------------------------------------

cudaError_t cudaGetDeviceCount(int* count) {
  Lock lock(state().mutex);
  *count = 1;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) {
  ENTER();
  return fail(device == 0 ? cudaSuccess : cudaErrorInvalidDevice);
}
cudaError_t cudaGetDevice(int* device) {
  ENTER();
  *device = 0;
  return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int ordinal) {
  ENTER();
  if (ordinal != 0) return fail(cudaErrorInvalidDevice);
  const PlayedDevice& device = state().device;
  switch (attribute) {
    case cudaDevAttrComputeCapabilityMajor:
      *value = device.compute_capability / 10;
      break;
    case cudaDevAttrComputeCapabilityMinor:
      *value = device.compute_capability % 10;
      break;
    case cudaDevAttrMultiProcessorCount:
      *value = device.multiprocessors;
      break;
    case cudaDevAttrL2CacheSize:
      *value = device.l2_bytes;
      break;
    case cudaDevAttrMaxSharedMemoryPerBlock:
      *value = 49152;
      break;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      *value = static_cast<int>(device.shared_per_block_optin);
      break;
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
      *value = static_cast<int>(device.shared_per_multiprocessor);
      break;
    case cudaDevAttrReservedSharedMemoryPerBlock:
      *value = static_cast<int>(device.shared_reserved_per_block);
      break;
    case cudaDevAttrClockRate:
      *value = device.clock_khz;
      break;
    case cudaDevAttrMemoryClockRate:
      *value = device.memory_clock_khz;
      break;
    case cudaDevAttrGlobalMemoryBusWidth:
      *value = device.bus_bits;
      break;
    case cudaDevAttrEccEnabled:
      *value = device.compute_capability == 80 || device.compute_capability == 90;
      break;
    case cudaDevAttrIntegrated:
      *value = 0;
      break;
    case cudaDevAttrMaxRegistersPerMultiprocessor:
    case cudaDevAttrMaxRegistersPerBlock:
      *value = 65536;
      break;
    case cudaDevAttrMaxThreadsPerMultiProcessor:
      *value = device.threads_per_multiprocessor;
      break;
    case cudaDevAttrMaxBlocksPerMultiprocessor:
      *value = device.blocks_per_multiprocessor;
      break;
    case cudaDevAttrMaxThreadsPerBlock:
      *value = 1024;
      break;
    case cudaDevAttrWarpSize:
      *value = 32;
      break;
    case cudaDevAttrPciDomainId:
      *value = 0;
      break;
    case cudaDevAttrPciBusId:
      *value = 0x1e;
      break;
    case cudaDevAttrPciDeviceId:
      *value = 0;
      break;
    case cudaDevAttrUnifiedAddressing:
    case cudaDevAttrCanMapHostMemory:
    case cudaDevAttrCooperativeLaunch:
      *value = 1;
      break;
    default:
      std::fprintf(stderr, "CUDA runtime of the PTX machine: device attribute %d\n",
                   static_cast<int>(attribute));
      not_implemented("cudaDeviceGetAttribute of this attribute");
  }
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int ordinal) {
  ENTER();
  if (ordinal != 0) return fail(cudaErrorInvalidDevice);
  const PlayedDevice& device = state().device;
  *properties = {};
  std::snprintf(properties->name, sizeof properties->name, "%s", device.name);
  for (int i = 0; i < 16; ++i)
    properties->uuid.bytes[i] = static_cast<char>(i * 7 + device.compute_capability);
  properties->totalGlobalMem = device.memory_bytes;
  properties->sharedMemPerBlock = 49152;
  properties->regsPerBlock = 65536;
  properties->warpSize = 32;
  properties->maxThreadsPerBlock = 1024;
  properties->maxThreadsDim[0] = properties->maxThreadsDim[1] = 1024;
  properties->maxThreadsDim[2] = 64;
  properties->maxGridSize[0] = 0x7fffffff;
  properties->maxGridSize[1] = properties->maxGridSize[2] = 65535;
  properties->totalConstMem = 65536;
  properties->major = device.compute_capability / 10;
  properties->minor = device.compute_capability % 10;
  properties->multiProcessorCount = device.multiprocessors;
  properties->l2CacheSize = device.l2_bytes;
  properties->maxThreadsPerMultiProcessor = device.threads_per_multiprocessor;
  properties->sharedMemPerMultiprocessor = device.shared_per_multiprocessor;
  properties->regsPerMultiprocessor = 65536;
  properties->sharedMemPerBlockOptin = device.shared_per_block_optin;
  properties->reservedSharedMemPerBlock = device.shared_reserved_per_block;
  properties->maxBlocksPerMultiProcessor = device.blocks_per_multiprocessor;
  properties->memoryBusWidth = device.bus_bits;
  properties->unifiedAddressing = properties->canMapHostMemory = 1;
  return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize() {
  ENTER();
  UNSAFE_DURING_CAPTURE();
  wait_for_all(state(), lock);
  return fail(state().sticky);
}

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  ENTER();
  *total = state().device.memory_bytes;
  *free = *total - state().used;
  return cudaSuccess;
}

// --- memory
// ---------------------------------------------------------------------------------------

cudaError_t cudaMalloc(void** result, std::size_t bytes) {
  ENTER();
  UNSAFE_DURING_CAPTURE();
  *result = nullptr;
  if (bytes == 0) return cudaSuccess;
  if (bytes > state().device.memory_bytes - state().used) return fail(cudaErrorMemoryAllocation);
  return fail(allocate(state(), result, bytes, false));
}
cudaError_t cudaFree(void* data) {
  ENTER();
  return fail(release(state(), lock, data, false));
}
cudaError_t cudaHostAlloc(void** result, std::size_t bytes, unsigned) {
  ENTER();
  UNSAFE_DURING_CAPTURE();
  return fail(allocate(state(), result, bytes, true));
}
cudaError_t cudaFreeHost(void* data) {
  ENTER();
  return fail(release(state(), lock, data, true));
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  ENTER();
  return fail(copy(state(), lock, to, from, bytes, kind, stream, false));
}
cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  ENTER();
  UNSAFE_DURING_CAPTURE();
  return fail(copy(state(), lock, to, from, bytes, kind, nullptr, true));
}
cudaError_t cudaMemsetAsync(void* data, int value, std::size_t bytes, cudaStream_t stream) {
  ENTER();
  if (bytes != 0 && !on_device(state(), data, bytes)) {
    std::fprintf(stderr, "EMU: memset of %p, %zu bytes: not device memory\n", data, bytes);
    return fail(cudaErrorInvalidValue);
  }
  if (state().dry) return fail(enqueue_or_capture(state(), stream, "memset", [] {}));
  return fail(
      enqueue_or_capture(state(), stream, "memset", [=] { std::memset(data, value, bytes); }));
}
cudaError_t cudaMemset(void* data, int value, std::size_t bytes) {
  {
    ENTER();
    UNSAFE_DURING_CAPTURE();
  }
  return cudaMemsetAsync(data, value, bytes,
                         nullptr);  // of device memory: asynchronous with the host
}

// --- streams and events
// ---------------------------------------------------------------------------

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  ENTER();
  if (flags > 1) return fail(cudaErrorInvalidValue);
  *stream = new CUstream_st;
  (*stream)->blocking = flags != cudaStreamNonBlocking;
  state().all_streams.insert(*stream);
  return cudaSuccess;
}
cudaError_t cudaStreamCreate(cudaStream_t* stream) { return cudaStreamCreateWithFlags(stream, 0); }
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  ENTER();
  if (state().all_streams.count(stream) == 0) return fail(cudaErrorInvalidResourceHandle);
  if (stream->capture) stream->capture->broken = cudaErrorStreamCaptureInvalidated;
  wait_for(state(), lock, stream->tail);
  state().all_streams.erase(stream);
  delete stream;
  return fail(state().sticky);
}
cudaError_t cudaStreamSynchronize(cudaStream_t handle) {
  ENTER();
  const cudaStream_t stream = resolve(state(), handle);
  if (!valid(state(), stream)) return fail(cudaErrorInvalidResourceHandle);
  UNSAFE_DURING_CAPTURE();
  stream->fresh = true;
  wait_for(state(), lock, stream->tail);
  return fail(state().sticky);
}
cudaError_t cudaStreamQuery(cudaStream_t handle) {
  ENTER();
  const cudaStream_t stream = resolve(state(), handle);
  if (!valid(state(), stream)) return fail(cudaErrorInvalidResourceHandle);
  UNSAFE_DURING_CAPTURE();
  if (!stream->tail || stream->tail->done) return cudaSuccess;
  state().wanted.insert(stream->tail);
  state().changed.notify_all();
  return cudaErrorNotReady;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags) {
  ENTER();
  *event = new CUevent_st;
  (*event)->timed = (flags & cudaEventDisableTiming) == 0;
  state().all_events.insert(*event);
  return cudaSuccess;
}
cudaError_t cudaEventCreate(cudaEvent_t* event) { return cudaEventCreateWithFlags(event, 0); }
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  ENTER();
  if (state().all_events.erase(event) == 0) return fail(cudaErrorInvalidResourceHandle);
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t handle) {
  ENTER();
  const cudaStream_t stream = resolve(state(), handle);
  if (!valid(state(), stream) || state().all_events.count(event) == 0)
    return fail(cudaErrorInvalidResourceHandle);
  if (stream->capture) {
    event->capture = stream->capture;
    event->frontier = stream->frontier;
    event->recorded = nullptr;
    return cudaSuccess;
  }
  event->capture = nullptr;
  event->time_ns = std::make_shared<std::uint64_t>(0);
  event->recorded = enqueue(state(), stream, "event", [time_ns = event->time_ns] {
    State& s = state();
    Lock inner(s.mutex);
    // The device's clock has steps of half a microsecond at least; two events are never at the same
    // time.
    *time_ns = s.last_ns = std::max(now_ns(), s.last_ns + 1000);
  });
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  ENTER();
  if (state().all_events.count(event) == 0) return fail(cudaErrorInvalidResourceHandle);
  if (event->capture) return fail(cudaErrorCapturedEvent);
  UNSAFE_DURING_CAPTURE();
  wait_for(state(), lock, event->recorded);
  return fail(state().sticky);
}
cudaError_t cudaEventQuery(cudaEvent_t event) {
  ENTER();
  if (state().all_events.count(event) == 0) return fail(cudaErrorInvalidResourceHandle);
  if (event->capture) return fail(cudaErrorCapturedEvent);
  if (!event->recorded || event->recorded->done) return cudaSuccess;
  state().wanted.insert(event->recorded);
  state().changed.notify_all();
  return cudaErrorNotReady;
}
cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t start, cudaEvent_t stop) {
  ENTER();
  if (state().all_events.count(start) == 0 || state().all_events.count(stop) == 0)
    return fail(cudaErrorInvalidResourceHandle);
  if (start->capture || stop->capture) return fail(cudaErrorCapturedEvent);
  if (!start->timed || !stop->timed || !start->recorded || !stop->recorded)
    return fail(cudaErrorInvalidResourceHandle);
  if (!start->recorded->done || !stop->recorded->done) return cudaErrorNotReady;
  *ms = static_cast<float>(
      (static_cast<double>(*stop->time_ns) - static_cast<double>(*start->time_ns)) * 1e-6);
  return cudaSuccess;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t handle, cudaEvent_t event, unsigned flags) {
  ENTER();
  if (flags != 0) not_implemented("cudaStreamWaitEvent with flags");
  const cudaStream_t stream = resolve(state(), handle);
  if (!valid(state(), stream) || state().all_events.count(event) == 0)
    return fail(cudaErrorInvalidResourceHandle);
  if (event->capture) {
    if (stream == &state().legacy) return fail(cudaErrorStreamCaptureImplicit);
    if (stream->capture && stream->capture != event->capture)
      return fail(cudaErrorStreamCaptureMerge);
    if (event->capture->origin == nullptr) return fail(cudaErrorCapturedEvent);  // ended meanwhile
    if (!stream->capture) {
      stream->capture = event->capture;
      stream->frontier.clear();
      event->capture->members.push_back(stream);
    }
    stream->frontier.insert(event->frontier.begin(), event->frontier.end());
    return cudaSuccess;
  }
  if (stream->capture) {
    stream->capture->broken = cudaErrorStreamCaptureIsolation;
    return fail(cudaErrorStreamCaptureIsolation);
  }
  if (!event->recorded) return cudaSuccess;
  enqueue(state(), stream, "wait for an event", {}, {event->recorded});
  return cudaSuccess;
}

// --- graphs
// ---------------------------------------------------------------------------------------

cudaError_t cudaStreamBeginCapture(cudaStream_t handle, cudaStreamCaptureMode mode) {
  ENTER();
  const cudaStream_t stream = resolve(state(), handle);
  if (stream == &state().legacy) return fail(cudaErrorStreamCaptureUnsupported);
  if (!valid(state(), stream)) return fail(cudaErrorInvalidResourceHandle);
  if (stream->capture) return fail(cudaErrorIllegalState);
  if (mode == cudaStreamCaptureModeRelaxed) not_implemented("capture of mode Relaxed");
  stream->capture = std::make_shared<Capture>();
  stream->capture->origin = stream;
  stream->capture->members.push_back(stream);
  stream->frontier.clear();
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t handle, cudaGraph_t* graph) {
  ENTER();
  *graph = nullptr;
  const cudaStream_t stream = resolve(state(), handle);
  if (!valid(state(), stream)) return fail(cudaErrorInvalidResourceHandle);
  if (!stream->capture) return fail(cudaErrorIllegalState);
  const std::shared_ptr<Capture> capture = stream->capture;
  if (capture->origin != stream) return fail(cudaErrorStreamCaptureUnmatched);
  // All nodes must lead to the origin's end.
  std::vector<bool> joined(capture->nodes.size());
  std::vector<int> stack(stream->frontier.begin(), stream->frontier.end());
  while (!stack.empty()) {
    const int node = stack.back();
    stack.pop_back();
    if (joined[static_cast<std::size_t>(node)]) continue;
    joined[static_cast<std::size_t>(node)] = true;
    for (const int before : capture->nodes[static_cast<std::size_t>(node)].after)
      stack.push_back(before);
  }
  for (cudaStream_t member : capture->members) {
    if (state().all_streams.count(member) == 0) continue;
    member->capture = nullptr;
    member->frontier.clear();
  }
  capture->origin = nullptr;
  if (capture->broken != cudaSuccess) return fail(cudaErrorStreamCaptureInvalidated);
  if (std::find(joined.begin(), joined.end(), false) != joined.end())
    return fail(cudaErrorStreamCaptureUnjoined);
  *graph = new CUgraph_st{std::move(capture->nodes)};
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  ENTER();
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* instance, cudaGraph_t graph,
                                 unsigned long long flags) {
  ENTER();
  if (flags != 0) not_implemented("cudaGraphInstantiate with flags");
  *instance = new CUgraphExec_st;
  (*instance)->nodes = std::make_shared<std::vector<Node>>(graph->nodes);
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t instance) {
  ENTER();
  delete instance;
  return cudaSuccess;
}
cudaError_t cudaGraphUpload(cudaGraphExec_t, cudaStream_t) {
  ENTER();
  UNSAFE_DURING_CAPTURE();
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t instance, cudaStream_t handle) {
  ENTER();
  const cudaStream_t stream = resolve(state(), handle);
  if (!valid(state(), stream)) return fail(cudaErrorInvalidResourceHandle);
  if (stream->capture) not_implemented("cudaGraphLaunch into a stream that is captured");
  const std::uint64_t seed = state().random();
  stream->fresh = true;
  // A graph does not run beside itself.
  instance->last =
      enqueue(state(), stream, "graph",
              [nodes = instance->nodes, seed] {
                std::mt19937_64 random(seed);
                const Order order = state().streams;
                std::vector<int> missing;
                std::vector<std::vector<int>> next(nodes->size());
                std::vector<int> ready_nodes;
                for (std::size_t i = 0; i < nodes->size(); ++i) {
                  missing.push_back(static_cast<int>((*nodes)[i].after.size()));
                  for (const int before : (*nodes)[i].after)
                    next[static_cast<std::size_t>(before)].push_back(static_cast<int>(i));
                  if (missing.back() == 0) ready_nodes.push_back(static_cast<int>(i));
                }
                while (!ready_nodes.empty()) {
                  std::size_t pick = 0;
                  if (order == Order::random) {
                    pick = random() % ready_nodes.size();
                  } else {
                    const auto it = order == Order::early
                                        ? std::min_element(ready_nodes.begin(), ready_nodes.end())
                                        : std::max_element(ready_nodes.begin(), ready_nodes.end());
                    pick = static_cast<std::size_t>(it - ready_nodes.begin());
                  }
                  const int node = ready_nodes[pick];
                  ready_nodes.erase(ready_nodes.begin() + static_cast<std::ptrdiff_t>(pick));
                  const Node& current = (*nodes)[static_cast<std::size_t>(node)];
                  if (current.run) {
                    try {
                      current.run();
                    } catch (const Fault& fault) {
                      throw Fault("node " + std::to_string(node) + ", " + current.what + ": " +
                                  fault.what());
                    }
                  }
                  for (const int after : next[static_cast<std::size_t>(node)]) {
                    if (--missing[static_cast<std::size_t>(after)] == 0)
                      ready_nodes.push_back(after);
                  }
                }
              },
              {instance->last});
  return cudaSuccess;
}

// --- the driver's
// ---------------------------------------------------------------------------------

static CUresult encode_tiled(CUtensorMap* map, CUtensorMapDataType type, cuuint32_t rank,
                             void* address, const cuuint64_t* dims, const cuuint64_t* strides,
                             const cuuint32_t* box, const cuuint32_t* element_strides,
                             CUtensorMapInterleave interleave, CUtensorMapSwizzle swizzle,
                             CUtensorMapL2promotion promotion, CUtensorMapFloatOOBfill fill) {
  const auto refuse = [](const char* why) {
    std::fprintf(stderr, "EMU: cuTensorMapEncodeTiled: %s\n", why);
    return CUDA_ERROR_INVALID_VALUE;
  };
  constexpr int sizes[] = {1, 2, 4, 4, 8, 8, 2, 4, 8, 2, 4, 4, 4};  // by CUtensorMapDataType
  if (map == nullptr) return refuse("no map");
  // PTX_LOOSE_MAP=1 goes on, to see what lies behind.
  if (reinterpret_cast<std::uintptr_t>(map) % 64 != 0 && number("PTX_LOOSE_MAP", 0) == 0)
    return refuse("the map is not aligned to 64 bytes");
  if (type > CU_TENSOR_MAP_DATA_TYPE_TFLOAT32_FTZ) return refuse("the data type");
  if (rank == 0 || rank > 5) return refuse("the rank");
  if (interleave != CU_TENSOR_MAP_INTERLEAVE_NONE)
    not_implemented("cuTensorMapEncodeTiled with interleave");
  const std::uint64_t element = static_cast<std::uint64_t>(sizes[type]);
  if (address == nullptr || reinterpret_cast<std::uintptr_t>(address) % 16 != 0)
    return refuse("the address is not aligned to 16 bytes");
  TensorMapRequest request = {};
  for (cuuint32_t i = 0; i < rank; ++i) {
    if (dims[i] == 0 || dims[i] > (std::uint64_t{1} << 32))
      return refuse("a dimension is 0 or above 2^32");
    if (box[i] == 0 || box[i] > 256) return refuse("a box dimension is 0 or above 256");
    if (element_strides[i] == 0 || element_strides[i] > 8)
      return refuse("an element stride is 0 or above 8");
    request.dims[i] = dims[i];
    request.box[i] = box[i];
    request.element_strides[i] = element_strides[i];
  }
  // Strides may be permuted, overlap or be 0 (of a dimension of 1): drivers take them
  // (CALIBRATION.md).
  std::uint64_t extent = dims[0] * element;
  for (cuuint32_t i = 0; i + 1 < rank; ++i) {
    if (strides[i] % 16 != 0) return refuse("a stride is no multiple of 16 bytes");
    if (strides[i] >= (std::uint64_t{1} << 40)) return refuse("a stride is 2^40 or more");
    extent += strides[i] * (dims[i + 1] - 1);
    request.strides[i] = strides[i];
  }
  const std::uint64_t inner = box[0] * element;
  if (inner % 16 != 0) return refuse("the inner box is no multiple of 16 bytes");
  const std::uint64_t span = swizzle == CU_TENSOR_MAP_SWIZZLE_32B    ? 32
                             : swizzle == CU_TENSOR_MAP_SWIZZLE_64B  ? 64
                             : swizzle == CU_TENSOR_MAP_SWIZZLE_NONE ? ~std::uint64_t{0}
                                                                     : 128;
  if (swizzle > CU_TENSOR_MAP_SWIZZLE_128B)
    not_implemented("cuTensorMapEncodeTiled with a swizzle of atoms");
  if (inner > span) return refuse("the inner box is wider than the swizzle");
  if (fill != CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE &&
      fill != CU_TENSOR_MAP_FLOAT_OOB_FILL_NAN_REQUEST_ZERO_FMA)
    return refuse("the fill");
  if (!is_device_memory(address, extent))
    return refuse("the tensor is not within one allocation of the device");
  request.data_type = type;
  request.rank = static_cast<int>(rank);
  request.address = address;
  request.interleave = interleave;
  request.swizzle = swizzle;
  request.promotion = promotion;
  request.fill = fill;
  try {
    alignas(128) CUtensorMap aligned = {};
    encode_tensor_map(&aligned, request);
    std::memcpy(map, &aligned, sizeof aligned);
  } catch (const std::exception& error) {
    return refuse(error.what());
  }
  return CUDA_SUCCESS;
}

cudaError_t cudaGetDriverEntryPointByVersion(const char* symbol, void** function, unsigned version,
                                             unsigned long long flags,
                                             cudaDriverEntryPointQueryResult* result) {
  ENTER();
  if (std::strcmp(symbol, "cuTensorMapEncodeTiled") != 0 || version < 12000 ||
      flags != cudaEnableDefault)
    not_implemented(symbol);
  *function = reinterpret_cast<void*>(&encode_tiled);
  if (result != nullptr) *result = cudaDriverEntryPointSuccess;
  return cudaSuccess;
}

}  // extern "C"

namespace roofproof::ptx::runtime {

std::span<const std::string_view> modes() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const Mode& mode : mode_table) all.push_back(mode.name);
    return all;
  }();
  return names;
}

void set_mode(std::string_view name) {
  Lock lock(state().mutex);
  apply_mode(state(), name);
}

void preload() {
  Lock lock(state().mutex);
  for (const auto& binary : state().binaries) load(state(), *binary);
}

}  // namespace roofproof::ptx::runtime
