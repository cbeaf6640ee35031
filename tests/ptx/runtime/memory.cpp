// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Memory of the device and page-locked memory of the host: both mapped here, each between two pages
// that nothing may touch.
#include <sys/mman.h>

#include <cstring>
#include <map>

#include "tests/ptx/machine/machine.h"
#include "tests/ptx/runtime/settings.h"
#include "tests/ptx/runtime/stream.h"

namespace roofproof::ptx::runtime {
namespace {

enum class Place { device, host };

struct Allocation {
  Place place;
  std::size_t bytes;
  void* mapping;
  std::size_t mapped_bytes;
};

struct Memory {
  std::map<const char*, Allocation> allocations;  // by first byte
  std::size_t device_bytes = 0;
};

Memory& memory() {
  static Memory* const it = new Memory;  // outlives the program's static objects
  return *it;
}

// The allocation that holds [data, data + bytes); null: none.
const Allocation* find(const void* data, std::size_t bytes) {
  const auto* const first = static_cast<const char*>(data);
  auto after = memory().allocations.upper_bound(first);
  if (after == memory().allocations.begin()) return nullptr;
  const auto& [start, allocation] = *--after;
  return first + bytes <= start + allocation.bytes ? &allocation : nullptr;
}

bool on_device(const void* data, std::size_t bytes) {
  const Allocation* const allocation = find(data, bytes);
  return allocation != nullptr && allocation->place == Place::device;
}

cudaError_t allocate(void** result, std::size_t bytes, Place place) {
  *result = nullptr;
  if (const cudaError_t code = unsafe_during_capture(); code != cudaSuccess) return code;
  if (bytes == 0) return cudaSuccess;
  if (place == Place::device && bytes > memory_bytes - memory().device_bytes) {
    return cudaErrorMemoryAllocation;
  }
  // cudaMalloc promises 256 bytes of alignment; more would hide a kernel that needs more.
  constexpr std::size_t page = 4096, offset = 256;
  const std::size_t inner = (offset + bytes + page - 1) / page * page;
  const std::size_t mapped = inner + 2 * page;
  void* const mapping = mmap(nullptr, mapped, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED) return cudaErrorMemoryAllocation;
  auto* const base = static_cast<char*>(mapping);
  mprotect(base, page, PROT_NONE);
  mprotect(base + page + inner, page, PROT_NONE);
  char* const data = base + page + offset;
  // Not zeros, as cudaMalloc does not clear; of large ones only a part, since pages cost memory.
  constexpr std::size_t most_filled = std::size_t{256} << 20;
  if (place == Place::device) std::memset(data, 0xff, std::min(bytes, most_filled));
  memory().allocations[data] = {place, bytes, mapping, mapped};
  const char* const kind = place == Place::host ? "host allocation of " : "allocation of ";
  register_memory(data, bytes, kind + std::to_string(bytes));
  if (place == Place::device) memory().device_bytes += bytes;
  *result = data;
  return cudaSuccess;
}

cudaError_t release(Lock& lock, void* data, Place place) {
  if (data == nullptr) return cudaSuccess;
  if (const cudaError_t code = unsafe_during_capture(); code != cudaSuccess) return code;
  auto found = memory().allocations.find(static_cast<char*>(data));
  if (found == memory().allocations.end() || found->second.place != place) {
    return refuse(cudaErrorInvalidValue, "%p cannot be freed: it is not, or no longer, allocated",
                  data);
  }
  const Allocation allocation = found->second;
  memory().allocations.erase(found);  // before the wait, in which another thread may free it too
  wait_for_all(lock);
  unregister_memory(data);
  munmap(allocation.mapping, allocation.mapped_bytes);
  if (place == Place::device) memory().device_bytes -= allocation.bytes;
  return context().sticky;
}

struct Ends {
  cudaMemcpyKind kind;
  bool to_device, from_device;
};
constexpr Ends ends_of_kind[] = {
    {cudaMemcpyHostToHost, false, false},
    {cudaMemcpyHostToDevice, true, false},
    {cudaMemcpyDeviceToHost, false, true},
    {cudaMemcpyDeviceToDevice, true, true},
};

cudaError_t copy(Lock& lock, void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                 cudaStream_t handle, bool wait) {
  const cudaStream_t stream = find_stream(handle);
  if (stream == nullptr) return cudaErrorInvalidResourceHandle;
  if (kind == cudaMemcpyDefault) not_implemented("cudaMemcpyDefault");
  if (kind < cudaMemcpyHostToHost || kind > cudaMemcpyDefault) {
    return cudaErrorInvalidMemcpyDirection;
  }
  if (bytes == 0) return cudaSuccess;
  const auto& [_, to_device, from_device] = ends_of_kind[kind];
  if (to_device ? !on_device(to, bytes) : on_device(to, 0)) {
    return refuse(cudaErrorInvalidValue, "memcpy to %p, %zu bytes: not the memory of its kind", to,
                  bytes);
  }
  if (from_device ? !on_device(from, bytes) : on_device(from, 0)) {
    return refuse(cudaErrorInvalidValue, "memcpy from %p, %zu bytes: not the memory of its kind",
                  from, bytes);
  }
  // Pageable memory, and when a call returns that copies it: CUDA runtime API, "API synchronization
  // behavior". To the device: once it is read, so that the caller may change it. To the host: once
  // it is there.
  const bool from_pageable = !from_device && find(from, bytes) == nullptr;
  const bool to_pageable = !to_device && find(to, bytes) == nullptr;
  std::function<void()> run = [=] { std::memmove(to, from, bytes); };
  if (from_pageable && to_device && !stream->capture) {
    const auto* const first = static_cast<const char*>(from);
    run = [to, staged = std::vector<char>(first, first + bytes)] {
      std::memcpy(to, staged.data(), staged.size());
    };
  }
  const cudaError_t code = enqueue_or_capture(stream, "memcpy", std::move(run));
  if (code != cudaSuccess || stream->capture) return code;
  if (to_pageable || (wait && !from_pageable)) wait_for(lock, stream->tail);
  return context().sticky;
}

cudaError_t set(void* data, int value, std::size_t bytes, cudaStream_t handle) {
  const cudaStream_t stream = find_stream(handle);
  if (stream == nullptr) return cudaErrorInvalidResourceHandle;
  if (bytes == 0) return cudaSuccess;
  if (!on_device(data, bytes)) {
    return refuse(cudaErrorInvalidValue, "memset of %p, %zu bytes: not within device memory", data,
                  bytes);
  }
  return enqueue_or_capture(stream, "memset", [=] { std::memset(data, value, bytes); });
}

}  // namespace

bool is_device_memory(const void* data, std::size_t bytes) {
  const Lock lock(context().mutex);
  return on_device(data, bytes);
}

}  // namespace roofproof::ptx::runtime

using namespace roofproof::ptx::runtime;

extern "C" {

cudaError_t cudaMalloc(void** result, std::size_t bytes) {
  return entry(__func__, [&] { return allocate(result, bytes, Place::device); });
}

cudaError_t cudaFree(void* data) {
  return entry(__func__, [&](Lock& lock) { return release(lock, data, Place::device); });
}

// The device sees page-locked memory, whatever the flags.
cudaError_t cudaHostAlloc(void** result, std::size_t bytes, unsigned) {
  return entry(__func__, [&] { return allocate(result, bytes, Place::host); });
}

cudaError_t cudaFreeHost(void* data) {
  return entry(__func__, [&](Lock& lock) { return release(lock, data, Place::host); });
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return entry(__func__,
               [&](Lock& lock) { return copy(lock, to, from, bytes, kind, stream, false); });
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  return entry(__func__, [&](Lock& lock) {
    if (const cudaError_t code = unsafe_during_capture(); code != cudaSuccess) return code;
    return copy(lock, to, from, bytes, kind, nullptr, true);
  });
}

cudaError_t cudaMemsetAsync(void* data, int value, std::size_t bytes, cudaStream_t stream) {
  return entry(__func__, [&] { return set(data, value, bytes, stream); });
}

// Asynchronous with the host too, of device memory.
cudaError_t cudaMemset(void* data, int value, std::size_t bytes) {
  return entry(__func__, [&] {
    if (const cudaError_t code = unsafe_during_capture(); code != cudaSuccess) return code;
    return set(data, value, bytes, nullptr);
  });
}

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  return entry(__func__, [&] {
    *total = memory_bytes;
    *free = *total - memory().device_bytes;
    return cudaSuccess;
  });
}

}  // extern "C"
