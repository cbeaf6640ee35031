// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/ptx/runtime/module.h"

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "tests/ptx/runtime/control.h"
#include "tests/ptx/runtime/runtime.h"
#include "tests/ptx/runtime/settings.h"

namespace roofproof::ptx::runtime {
namespace {

struct Program {
  std::deque<FatBinary> binaries;  // addresses stay
  std::unordered_map<const void*, Function> functions;
};

Program& program() {
  static Program* const it = new Program;  // made before main, by the program's static objects
  return *it;
}

// The newest image of a kind that is not newer than the GPU; null: none. Of machine code the driver
// would take that of the same generation alone and else compile the PTX: the registers of an older
// generation are the best estimate of what it would come to.
const FatImage* newest(const FatBinary& binary, FatImage::Kind kind, int compute_capability) {
  const FatImage* best = nullptr;
  for (const FatImage& image : binary.images) {
    if (image.kind != kind) continue;
    if (image.specific ? image.compute_capability != compute_capability
                       : image.compute_capability > compute_capability) {
      continue;
    }
    if (best == nullptr || image.compute_capability > best->compute_capability ||
        (image.compute_capability == best->compute_capability && image.specific)) {
      best = &image;
    }
  }
  return best;
}

cudaError_t parse(FatBinary& binary) {
  const int capability = settings().device.compute_capability;
  const FatImage* const ptx = newest(binary, FatImage::Kind::ptx, capability);
  if (ptx == nullptr) return cudaErrorNoKernelImageForDevice;
  try {
    binary.module = Module::parse(content(*ptx));
    if (const FatImage* code = newest(binary, FatImage::Kind::machine_code, capability)) {
      binary.registers = registers_of(content(*code));
    }
  } catch (const std::exception& error) {
    return refuse(cudaErrorInvalidPtx, "%s", error.what());
  }
  return cudaSuccess;
}

cudaError_t load(FatBinary& binary) {
  if (!binary.module && binary.failure == cudaSuccess) binary.failure = parse(binary);
  return binary.failure;
}

}  // namespace

cudaError_t find_function(const void* host, Function*& function) {
  const auto found = program().functions.find(host);
  if (found == program().functions.end()) return cudaErrorInvalidDeviceFunction;
  function = &found->second;
  if (function->kernel) return cudaSuccess;
  const std::string& lacking = settings().lacking;
  if (!lacking.empty() && function->name.find(lacking) != std::string::npos) {
    return static_cast<cudaError_t>(settings().lacking_error);
  }
  const FatBinary& binary = *function->binary;
  if (const cudaError_t code = load(*function->binary); code != cudaSuccess) return code;
  const Kernel* const kernel = binary.module->find(function->name);
  if (kernel == nullptr) {
    return refuse(cudaErrorInvalidDeviceFunction, "the PTX has no kernel %s",
                  function->name.c_str());
  }
  function->kernel = *kernel;
  const auto registers = binary.registers.find(function->name);
  if (registers != binary.registers.end()) function->kernel->registers = registers->second;
  return cudaSuccess;
}

std::size_t Function::dynamic_shared_limit() const {
  const std::size_t without =
      default_shared_per_block - std::min(default_shared_per_block, kernel->static_shared);
  return std::max(without, static_cast<std::size_t>(opted_in.value_or(0)));
}

void preload() {
  const Lock lock(context().mutex);
  for (FatBinary& binary : program().binaries) load(binary);
}

}  // namespace roofproof::ptx::runtime

using roofproof::ptx::Kernel;
using namespace roofproof::ptx::runtime;

extern "C" {

// What nvcc's host code calls.

void** __cudaRegisterFatBinary(void* wrapper) {
  struct Wrapper {
    std::int32_t magic, version;
    const void* data;
    void* more;
  };
  const auto& given = *static_cast<const Wrapper*>(wrapper);
  if (given.magic != 0x466243b1) not_implemented("a fat binary of another kind");
  const Lock lock(context().mutex);
  FatBinary& binary = program().binaries.emplace_back();
  binary.images = fat_images(given.data);
  return reinterpret_cast<void**>(&binary);
}

void __cudaRegisterFatBinaryEnd(void**) {}
void __cudaUnregisterFatBinary(void**) {}

void __cudaRegisterFunction(void** binary, const char* host, char*, const char* name, int, uint3*,
                            uint3*, dim3*, dim3*, int*) {
  const Lock lock(context().mutex);
  Function& function = program().functions[host];
  function.binary = reinterpret_cast<FatBinary*>(binary);
  function.name = name;
}

// The handle of a kernel is its host function here.
cudaError_t __cudaGetKernel(cudaKernel_t* kernel, const void* host) {
  *kernel = reinterpret_cast<cudaKernel_t>(const_cast<void*>(host));
  return cudaSuccess;
}

cudaError_t cudaFuncSetAttribute(const void* host, cudaFuncAttribute attribute, int value) {
  return entry(__func__, [&]() -> cudaError_t {
    Function* function = nullptr;
    if (const cudaError_t code = find_function(host, function); code != cudaSuccess) return code;
    if (attribute == cudaFuncAttributePreferredSharedMemoryCarveout) {
      if (value >= -1 && value <= 100) return cudaSuccess;  // a hint
      return refuse(cudaErrorInvalidValue, "%s: a carve-out of %d %%", function->name.c_str(),
                    value);
    }
    if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize) {
      not_implemented("cudaFuncSetAttribute of another attribute");
    }
    const std::size_t limit = settings().device.shared_per_block_optin;
    const std::size_t fixed = function->kernel->static_shared;
    if (value < 0 || static_cast<std::size_t>(value) + fixed > limit) {
      return refuse(
          cudaErrorInvalidValue,
          "%s: %d bytes of dynamic shared memory beside %zu static ones are more than %zu",
          function->name.c_str(), value, fixed, limit);
    }
    function->opted_in = value;
    return cudaSuccess;
  });
}

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void* host) {
  return entry(__func__, [&] {
    Function* function = nullptr;
    if (const cudaError_t code = find_function(host, function); code != cudaSuccess) return code;
    const Kernel& kernel = *function->kernel;
    *attributes = {};
    attributes->sharedSizeBytes = kernel.static_shared;
    attributes->maxThreadsPerBlock = kernel.max_threads;
    attributes->numRegs = kernel.registers;
    attributes->maxDynamicSharedSizeBytes = static_cast<int>(function->dynamic_shared_limit());
    attributes->requiredClusterWidth = static_cast<int>(kernel.cluster.x);
    attributes->requiredClusterHeight = static_cast<int>(kernel.cluster.y);
    attributes->requiredClusterDepth = static_cast<int>(kernel.cluster.z);
    return cudaSuccess;
  });
}

}  // extern "C"
