// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the CUDA backend's host code uses of the CUDA runtime, over host memory: found before the
// real header by tests that run whole workloads on the CPU. Copies and fills are done when they are
// enqueued, kernels when something waits for them; what a capture finds it keeps for the graph's
// launches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

enum cudaError_t { cudaSuccess = 0, cudaErrorMemoryAllocation = 2, cudaErrorNotReady = 600 };
enum cudaMemcpyKind { cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDeviceToDevice };
enum cudaStreamCaptureMode { cudaStreamCaptureModeThreadLocal };
inline constexpr unsigned cudaStreamNonBlocking = 1;

// The driver's version, as CUDA writes it.
inline int& fake_driver_version() {
  static int version = 13000;
  return version;
}
inline cudaError_t cudaDriverGetVersion(int* version) {
  *version = fake_driver_version();
  return cudaSuccess;
}

struct CUstream_st {};
struct CUevent_st {
  double time_s = 0;  // when it was recorded
};
using FakeWork = std::vector<std::function<void()>>;
struct CUgraph_st {
  FakeWork work;
};
struct CUgraphExec_st {
  FakeWork work;
};
using cudaStream_t = CUstream_st*;
using cudaEvent_t = CUevent_st*;
using cudaGraph_t = CUgraph_st*;
using cudaGraphExec_t = CUgraphExec_st*;

// Null where no capture is under way. Other streams join one by waiting for its events, so all work
// between begin and end is taken for the capture's.
inline FakeWork*& fake_capture() {
  static FakeWork* capture = nullptr;
  return capture;
}
inline cudaError_t fake_do(std::function<void()> work) {
  if (fake_capture() != nullptr) {
    fake_capture()->push_back(std::move(work));
  } else {
    work();
  }
  return cudaSuccess;
}

// Launches are put off until other work or the host waits for them. A dependent one then begins
// before its predecessor does, which it is given to wait for: as early as a GPU could.
struct FakeLaunch {
  std::function<void(const std::function<void()>& predecessor)> run;
  bool dependent;
};
inline std::vector<FakeLaunch>& fake_launches() {
  static std::vector<FakeLaunch> launches;
  return launches;
}
// The first `count` of `launches`.
inline void fake_run(const std::vector<FakeLaunch>& launches, std::size_t count) {
  if (count == 0) return;
  const FakeLaunch& last = launches[count - 1];
  const auto predecessor = [&] { fake_run(launches, count - 1); };
  if (last.dependent) return last.run(predecessor);
  predecessor();
  last.run(nullptr);
}
inline cudaError_t fake_finish() {
  const std::vector<FakeLaunch> launches = std::exchange(fake_launches(), {});
  fake_run(launches, launches.size());
  return cudaSuccess;
}
inline cudaError_t fake_enqueue(FakeLaunch launch) {
  return fake_do([launch = std::move(launch)] {
    constexpr std::size_t most = 24;  // each is within the next: stacks take memory
    if (fake_launches().size() == most) fake_finish();
    fake_launches().push_back(launch);
  });
}
inline cudaError_t fake_enqueue(std::function<void()> work) {
  return fake_do([work = std::move(work)] {
    fake_finish();
    work();
  });
}

// Memory as the device gives it: 256-byte aligned, its contents anything but zeros. A size a
// multiple of the alignment, which is what is freed.
template <class T>
cudaError_t cudaMalloc(T** data, std::size_t size) {
  *data = static_cast<T*>(std::aligned_alloc(256, (size + 255) / 256 * 256));
  std::memset(static_cast<void*>(*data), 0xa5, size);
  return cudaSuccess;
}
inline cudaError_t cudaFree(void* data) {
  fake_finish();
  std::free(data);
  return cudaSuccess;
}
// What cudaMemGetInfo tells; for tests to change.
inline std::size_t& fake_free_bytes() {
  static std::size_t bytes = std::size_t{1} << 32;
  return bytes;
}
inline cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  *free = *total = fake_free_bytes();
  return cudaSuccess;
}
inline cudaError_t cudaMemcpy(void* to, const void* from, std::size_t size, cudaMemcpyKind) {
  fake_finish();
  std::memcpy(to, from, size);
  return cudaSuccess;
}
inline cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t size, cudaMemcpyKind,
                                   cudaStream_t) {
  return fake_enqueue([=] { std::memcpy(to, from, size); });
}
inline cudaError_t cudaMemsetAsync(void* to, int value, std::size_t size, cudaStream_t) {
  return fake_enqueue([=] { std::memset(to, value, size); });
}

// Dynamic shared memory that a kernel may have.
inline int& fake_shared_bytes(const void* function) {
  static std::map<const void*, int> bytes;
  return bytes.try_emplace(function, 48 * 1024).first->second;
}
struct cudaFuncAttributes {
  int maxDynamicSharedSizeBytes;
};
enum cudaFuncAttribute {
  cudaFuncAttributeMaxDynamicSharedMemorySize,
  cudaFuncAttributePreferredSharedMemoryCarveout
};
enum { cudaSharedmemCarveoutMaxShared = 100 };
inline cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void* function) {
  attributes->maxDynamicSharedSizeBytes = fake_shared_bytes(function);
  return cudaSuccess;
}
inline cudaError_t cudaFuncSetAttribute(const void* function, cudaFuncAttribute attribute,
                                        int value) {
  if (attribute == cudaFuncAttributeMaxDynamicSharedMemorySize) fake_shared_bytes(function) = value;
  return cudaSuccess;
}

inline cudaError_t cudaSetDevice(int) { return cudaSuccess; }
inline cudaError_t cudaGetLastError() { return cudaSuccess; }
inline cudaError_t cudaDeviceSynchronize() { return fake_finish(); }

inline cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = new CUstream_st;
  return cudaSuccess;
}
inline cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  delete stream;
  return cudaSuccess;
}
inline cudaError_t cudaStreamSynchronize(cudaStream_t) { return fake_finish(); }
inline cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned) { return cudaSuccess; }
inline cudaError_t cudaEventCreate(cudaEvent_t* event) {
  *event = new CUevent_st;
  return cudaSuccess;
}
inline cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}
// What the device's watch shows; for the work of tests to move on.
inline double& fake_time_s() {
  static double time_s = 0;
  return time_s;
}
inline cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t) {
  const cudaError_t code = fake_finish();
  event->time_s = fake_time_s();
  return code;
}
// Whether the device has yet to pass an event when it is asked for; for tests to change.
inline bool& fake_host_is_ahead() {
  static bool ahead = true;
  return ahead;
}
inline cudaError_t cudaEventQuery(cudaEvent_t) {
  return fake_host_is_ahead() ? cudaErrorNotReady : cudaSuccess;
}
inline cudaError_t cudaEventSynchronize(cudaEvent_t) { return fake_finish(); }
inline cudaError_t cudaEventElapsedTime(float* elapsed_ms, cudaEvent_t start, cudaEvent_t stop) {
  *elapsed_ms = static_cast<float>(1e3 * (stop->time_s - start->time_s));
  return cudaSuccess;
}

inline cudaError_t cudaStreamBeginCapture(cudaStream_t, cudaStreamCaptureMode) {
  fake_capture() = new FakeWork;
  return cudaSuccess;
}
inline cudaError_t cudaStreamEndCapture(cudaStream_t, cudaGraph_t* graph) {
  const std::unique_ptr<FakeWork> work(std::exchange(fake_capture(), nullptr));
  *graph = new CUgraph_st{*work};
  return cudaSuccess;
}
inline cudaError_t cudaGraphInstantiate(cudaGraphExec_t* instance, cudaGraph_t graph,
                                        unsigned long long) {
  *instance = new CUgraphExec_st{graph->work};
  return cudaSuccess;
}
inline cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
inline cudaError_t cudaGraphExecDestroy(cudaGraphExec_t instance) {
  delete instance;
  return cudaSuccess;
}
inline cudaError_t cudaGraphUpload(cudaGraphExec_t, cudaStream_t) { return cudaSuccess; }
inline cudaError_t cudaGraphLaunch(cudaGraphExec_t instance, cudaStream_t) {
  for (const auto& work : instance->work) work();
  return cudaSuccess;
}
