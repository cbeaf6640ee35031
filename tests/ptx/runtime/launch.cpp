// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Launches of kernels, refused where CUDA refuses them; the queries of occupancy, which ask the
// same.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <map>

#include "tests/ptx/machine/machine.h"
#include "tests/ptx/runtime/control.h"
#include "tests/ptx/runtime/module.h"
#include "tests/ptx/runtime/occupancy.h"
#include "tests/ptx/runtime/settings.h"
#include "tests/ptx/runtime/stream.h"

namespace roofproof::ptx::runtime {
namespace {

struct Request {
  Dim grid, block;
  std::size_t shared = 0;  // dynamic, bytes
  cudaStream_t stream = nullptr;
  Dim cluster{0, 0, 0};  // 0: none asked for
  bool dependent = false;

  Request(dim3 g, dim3 b, std::size_t s, cudaStream_t on)
      : grid{g.x, g.y, g.z}, block{b.x, b.y, b.z}, shared(s), stream(on) {}
};

std::uint64_t volume(const Dim& d) { return std::uint64_t{d.x} * d.y * d.z; }
bool same(const Dim& a, const Dim& b) { return a.x == b.x && a.y == b.y && a.z == b.z; }
bool within(const Dim& d, const Dim& limit) {
  return volume(d) != 0 && d.x <= limit.x && d.y <= limit.y && d.z <= limit.z;
}
bool has_clusters() { return settings().device.compute_capability >= 90; }

cudaError_t read_attributes(const cudaLaunchConfig_t& config, Request& request) {
  for (unsigned i = 0; i < config.numAttrs; ++i) {
    const cudaLaunchAttributeValue& value = config.attrs[i].val;
    switch (config.attrs[i].id) {
      case cudaLaunchAttributeClusterDimension:
        if (!has_clusters()) return refuse(cudaErrorNotSupported, "clusters before 9.0");
        request.cluster = {value.clusterDim.x, value.clusterDim.y, value.clusterDim.z};
        if (volume(request.cluster) == 0) return cudaErrorInvalidValue;
        break;
      case cudaLaunchAttributeProgrammaticStreamSerialization:
        request.dependent = value.programmaticStreamSerializationAllowed != 0;
        if (request.dependent && !has_clusters()) {
          return refuse(cudaErrorNotSupported, "programmatic dependent launches before 9.0");
        }
        break;
      default:
        not_implemented("another attribute of a launch");
    }
  }
  return cudaSuccess;
}

cudaError_t check_cluster(const Kernel& kernel, Request& request) {
  constexpr unsigned largest_portable_cluster = 8;
  const bool compiled_for_one = kernel.cluster.x != 0;
  if (compiled_for_one && !has_clusters()) return cudaErrorNotSupported;
  if (request.cluster.x == 0) {
    request.cluster = compiled_for_one ? kernel.cluster : Dim{1, 1, 1};
  } else if (compiled_for_one && !same(request.cluster, kernel.cluster)) {
    return refuse(cudaErrorInvalidClusterSize,
                  "%s in clusters of %llu, compiled for others of %llu", kernel.name.c_str(),
                  static_cast<unsigned long long>(volume(request.cluster)),
                  static_cast<unsigned long long>(volume(kernel.cluster)));
  }
  const Dim &grid = request.grid, &cluster = request.cluster;
  if (volume(cluster) > largest_portable_cluster) return cudaErrorInvalidClusterSize;
  if (grid.x % cluster.x != 0 || grid.y % cluster.y != 0 || grid.z % cluster.z != 0) {
    return refuse(cudaErrorInvalidClusterSize, "%s: the grid is no multiple of its cluster",
                  kernel.name.c_str());
  }
  return cudaSuccess;
}

// Completes the request with the kernel's own cluster.
cudaError_t check(const Function& function, Request& request) {
  const Kernel& kernel = *function.kernel;
  if (!within(request.grid, {0x7fffffff, 65535, 65535}) ||
      !within(request.block, {largest_block, largest_block, 64}) ||
      volume(request.block) > largest_block) {
    return cudaErrorInvalidConfiguration;
  }
  const int threads = static_cast<int>(volume(request.block));
  if (threads > kernel.max_threads) {
    return refuse(cudaErrorInvalidValue, "%s with %d threads, .maxntid is %d", kernel.name.c_str(),
                  threads, kernel.max_threads);
  }
  if (request.shared > function.dynamic_shared_limit()) {
    return refuse(cudaErrorInvalidValue,
                  "%s with %zu bytes of dynamic shared memory, allowed are %zu",
                  kernel.name.c_str(), request.shared, function.dynamic_shared_limit());
  }
  if (!registers_suffice(threads, kernel.registers)) {
    return refuse(cudaErrorLaunchOutOfResources, "%s with %d threads of %d registers",
                  kernel.name.c_str(), threads, kernel.registers);
  }
  return check_cluster(kernel, request);
}

struct KernelProfile {
  std::uint64_t launches = 0, warp_instructions = 0;
  double seconds = 0;
};

std::map<std::string, KernelProfile>& profile() {
  static auto* const it = new std::map<std::string, KernelProfile>;  // printed at the very end
  return *it;
}

void run(const Kernel& kernel, const Launch& launch) {
  const auto start = std::chrono::steady_clock::now();
  const Statistics statistics = ptx::launch(kernel, launch);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const Lock lock(context().mutex);
  context().time_ns += statistics.warp_instructions * warp_instruction_ns;
  KernelProfile& record = profile()[kernel.name];
  ++record.launches;
  record.warp_instructions += statistics.warp_instructions;
  record.seconds += took.count();
}

// The bytes of a kernel's parameters, at an address that tensor maps among them may have.
struct alignas(64) Line {
  std::byte bytes[64];
};
using Parameters = std::vector<Line>;

std::shared_ptr<Parameters> copy_parameters(const Kernel& kernel, void** arguments) {
  auto parameters = std::make_shared<Parameters>(kernel.parameter_bytes / sizeof(Line) + 1);
  for (std::size_t i = 0; i < kernel.parameters.size(); ++i) {
    std::memcpy(parameters->data()->bytes + kernel.parameters[i].offset, arguments[i],
                kernel.parameters[i].size);
  }
  return parameters;
}

cudaError_t launch_kernel(const void* host, Request request, void** arguments) {
  Function* function = nullptr;
  if (const cudaError_t code = find_function(host, function); code != cudaSuccess) return code;
  if (const cudaError_t code = check(*function, request); code != cudaSuccess) return code;
  const cudaStream_t stream = find_stream(request.stream);
  if (stream == nullptr) return cudaErrorInvalidResourceHandle;
  const Kernel& kernel = *function->kernel;
  Launch launch;
  launch.grid = request.grid;
  launch.block = request.block;
  launch.cluster = request.cluster;
  launch.dynamic_shared = request.shared;
  // Only the kernel before it in the stream may still run when a dependent one starts.
  launch.dependent = request.dependent && stream->after_kernel;
  launch.chain = reinterpret_cast<std::uintptr_t>(stream) | (stream->capture ? 1 : 0);
  trace("%s<<<(%u, %u, %u), (%u, %u, %u), %zu>>> clusters of %llu%s", kernel.name.c_str(),
        launch.grid.x, launch.grid.y, launch.grid.z, launch.block.x, launch.block.y, launch.block.z,
        launch.dynamic_shared, static_cast<unsigned long long>(volume(launch.cluster)),
        launch.dependent ? ", dependent" : "");
  const cudaError_t code = enqueue_or_capture(
      stream, kernel.name,
      [&kernel, launch, parameters = copy_parameters(kernel, arguments)]() mutable {
        launch.parameters = parameters->data();
        run(kernel, launch);
      });
  stream->after_kernel = code == cudaSuccess;
  return code;
}

// kernel<<<grid, block, shared, stream>>>() is two calls of nvcc's host code.
thread_local std::vector<Request> configurations;

}  // namespace

void print_profile() {
  const Lock lock(context().mutex);
  for (const auto& [name, record] : profile()) {
    std::fprintf(stderr, "PTX PROFILE %8.3f s %6llu launches %12llu warp instructions %s\n",
                 record.seconds, static_cast<unsigned long long>(record.launches),
                 static_cast<unsigned long long>(record.warp_instructions), name.c_str());
  }
}

}  // namespace roofproof::ptx::runtime

using roofproof::ptx::Kernel;
using namespace roofproof::ptx::runtime;

extern "C" {

unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, std::size_t shared,
                                     cudaStream_t stream) {
  configurations.emplace_back(grid, block, shared, stream);
  return 0;
}

cudaError_t __cudaPopCallConfiguration(dim3* grid, dim3* block, std::size_t* shared, void* stream) {
  const Request top = configurations.back();
  configurations.pop_back();
  *grid = {top.grid.x, top.grid.y, top.grid.z};
  *block = {top.block.x, top.block.y, top.block.z};
  *shared = top.shared;
  *static_cast<cudaStream_t*>(stream) = top.stream;
  return cudaSuccess;
}

cudaError_t cudaLaunchKernel(const void* host, dim3 grid, dim3 block, void** arguments,
                             std::size_t shared, cudaStream_t stream) {
  return entry(__func__, [&] {
    return launch_kernel(host, Request(grid, block, shared, stream), arguments);
  });
}

cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block, void** arguments,
                               std::size_t shared, cudaStream_t stream) {
  return cudaLaunchKernel(reinterpret_cast<const void*>(kernel), grid, block, arguments, shared,
                          stream);
}

cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t* config, const void* host,
                                void** arguments) {
  return entry(__func__, [&] {
    Request request(config->gridDim, config->blockDim, config->dynamicSmemBytes, config->stream);
    const cudaError_t code = read_attributes(*config, request);
    return code != cudaSuccess ? code : launch_kernel(host, request, arguments);
  });
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, const void* host,
                                                                   int threads, std::size_t shared,
                                                                   unsigned flags) {
  return entry(__func__, [&] {
    if (flags != cudaOccupancyDefault || threads <= 0) return cudaErrorInvalidValue;
    Function* function = nullptr;
    if (const cudaError_t code = find_function(host, function); code != cudaSuccess) return code;
    const Kernel& kernel = *function->kernel;
    // Of what may not be launched, none.
    const bool allowed =
        threads <= kernel.max_threads && shared <= function->dynamic_shared_limit();
    *blocks = allowed ? resident_blocks(settings().device, threads, kernel.registers,
                                        kernel.static_shared + shared)
                      : 0;
    return cudaSuccess;
  });
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void* host,
                                                          int threads, std::size_t shared) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(blocks, host, threads, shared,
                                                                cudaOccupancyDefault);
}

cudaError_t cudaOccupancyMaxActiveClusters(int* clusters, const void* host,
                                           const cudaLaunchConfig_t* config) {
  return entry(__func__, [&] {
    Function* function = nullptr;
    if (const cudaError_t code = find_function(host, function); code != cudaSuccess) return code;
    Request request(config->gridDim, config->blockDim, config->dynamicSmemBytes, config->stream);
    if (const cudaError_t code = read_attributes(*config, request); code != cudaSuccess) {
      return code;
    }
    if (const cudaError_t code = check(*function, request); code != cudaSuccess) return code;
    const Kernel& kernel = *function->kernel;
    const int blocks = resident_blocks(settings().device, static_cast<int>(volume(request.block)),
                                       kernel.registers, kernel.static_shared + request.shared);
    // A cluster lies within a GPC; all multiprocessors are one here.
    *clusters =
        blocks * settings().device.multiprocessors / static_cast<int>(volume(request.cluster));
    return cudaSuccess;
  });
}

}  // extern "C"
