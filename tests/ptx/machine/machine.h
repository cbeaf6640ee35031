// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A PTX machine on the CPU: parses PTX text and runs kernels from it, thread by thread, for
// checking CUDA kernels where there is no GPU. Written from NVIDIA's PTX ISA manual alone, as a
// second reader of the instructions: it shares no code with what it checks. Device memory is host
// memory that was registered; every access is held against it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace roofproof::ptx {

struct Dim {
  unsigned x = 1, y = 1, z = 1;
};

// What a program did that a GPU would answer with an error, with garbage or with a hang: kernel,
// block, thread, PTX line, and what.
struct Fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The machine that is played. Settable before any launch; read from the environment by the runtime
// (PTX_SM=90 and so on).
struct Machine {
  int compute_capability = 90;  // 75, 80, 86, 89, 90
  int multiprocessors = 4;      // few, so that persistent kernels take several tiles each
  int threads_per_multiprocessor = 2048;
  int registers_per_multiprocessor = 65536;
  std::size_t shared_per_multiprocessor = 233472;
  std::size_t shared_per_block_optin = 232448;
  // When asynchronous work (cp.async, bulk copies, TMA, wgmma) takes effect: as soon as it is
  // issued, as late as a wait allows, or at random by seed. A correct kernel computes the same
  // under all three.
  enum class Async { early, late, random } async = Async::late;
  std::uint64_t seed = 1;  // order of warps and blocks, and of asynchronous work
  bool poison = true;  // registers and shared memory start as NaN-like garbage; a use of what was
                       // never written is reported
  bool poison_strict = false;  // already computing with what was never written is reported, not
                               // only where it would matter
  bool races =
      false;  // two threads, one shared address, no barrier between, one of them writes: reported
  // Of a dependent launch, what a thread does before griddepcontrol.wait: any write to global
  // memory, and any read of what the launches that it may overlap have written, is reported; after
  // the wait, such reads by ld.global.nc. Costs a record of all writes.
  bool dependents = false;
  // Takes descriptors of wgmma that start off the swizzle's period with no base offset, as an H100
  // does (the pattern lies on addresses).
  bool loose_swizzle = false;
  std::uint64_t instruction_limit =
      0;  // warp instructions per launch before it counts as a hang; 0: none
};
Machine& machine();

struct Parameter {
  std::size_t offset, size;
};

struct Kernel {
  std::string name;  // mangled
  std::vector<Parameter> parameters;
  std::size_t parameter_bytes = 0;
  std::size_t static_shared = 0;
  int max_threads = 1024;  // .maxntid
  Dim cluster{0, 0, 0};    // .reqnctapercluster; 0: none
  int registers = 0;       // what the runtime is told; 0: unknown
  struct Code;
  std::shared_ptr<Code> code;
};

class Module {
 public:
  static std::shared_ptr<Module> parse(
      std::string_view ptx);  // throws Fault naming the line it cannot read
  virtual ~Module() = default;
  virtual const Kernel* find(std::string_view name) const = 0;
  virtual std::vector<const Kernel*> kernels() const = 0;
  virtual void* variable(std::string_view name,
                         std::size_t* bytes) = 0;  // .global and .const variables; null: none
};

// Device memory. Kernels may touch nothing else of global memory.
void register_memory(void* base, std::size_t bytes, std::string name);
void unregister_memory(void* base);

struct Launch {
  Dim grid, block, cluster{1, 1, 1};
  std::size_t dynamic_shared = 0;
  const void* parameters = nullptr;  // laid out as Kernel::parameters says
  // Programmatic dependent launch (with Machine::dependents): it may start before the one before of
  // the same chain has ended.
  bool dependent = false;
  std::uint64_t chain = 0;  // the stream, say
};

struct Statistics {
  std::uint64_t warp_instructions = 0, lanes = 0;
  std::uint64_t global_bytes_read = 0, global_bytes_written = 0, shared_bytes = 0;
  std::uint64_t mma = 0, wgmma = 0, tma = 0;
  std::uint64_t shared_conflicts = 0;  // extra passes over the banks, by the rule of 32 banks of 4
                                       // bytes per quarter, half or whole warp
};

// Runs to the end; throws Fault. All blocks of a cluster, and as many blocks as the machine holds
// at once, run interleaved.
Statistics launch(const Kernel& kernel, const Launch& launch);

// A tensor map as cuTensorMapEncodeTiled makes it: 128 bytes, of this machine's own layout.
struct TensorMapRequest {
  int data_type, rank;  // CUtensorMapDataType
  void* address;
  std::uint64_t dims[5], strides[4];  // strides in bytes, of dimensions 1..rank-1
  std::uint32_t box[5], element_strides[5];
  int interleave, swizzle, promotion, fill;  // CUtensorMap... enums
};
void encode_tensor_map(
    void* map_128_bytes,
    const TensorMapRequest& request);  // throws Fault where the driver would refuse

}  // namespace roofproof::ptx
