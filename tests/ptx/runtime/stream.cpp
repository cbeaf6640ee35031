// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/ptx/runtime/stream.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unordered_set>

#include "tests/ptx/machine/machine.h"
#include "tests/ptx/runtime/settings.h"

namespace roofproof::ptx::runtime {
namespace {

struct Streams {
  CUstream_st legacy;
  std::set<cudaStream_t> created;  // those too that are destroyed and not yet empty
  std::set<OperationPtr> wanted;   // what the host waits for
  std::uint64_t next_turn = 1;
  bool stopping = false;
  std::thread worker;
};

Streams& streams() {
  static Streams* const it = new Streams;  // outlives the program's static objects
  return *it;
}

// The operations that have to run before the host goes on.
std::unordered_set<const Operation*> needed_by_host() {
  std::unordered_set<const Operation*> needed;
  std::vector<OperationPtr> open(streams().wanted.begin(), streams().wanted.end());
  while (!open.empty()) {
    const OperationPtr top = open.back();
    open.pop_back();
    if (top->done || !needed.insert(top.get()).second) continue;
    open.insert(open.end(), top->after.begin(), top->after.end());
  }
  return needed;
}

// The stream whose first operation runs next; null: none may.
cudaStream_t choose() {
  Streams& s = streams();
  const Order order = settings().streams;
  std::unordered_set<const Operation*> needed;
  if (order == Order::late) needed = needed_by_host();
  std::vector<cudaStream_t> candidates;
  const auto consider = [&](cudaStream_t stream) {
    if (stream->queue.empty()) return;
    const Operation& head = *stream->queue.front();
    const bool ready = std::all_of(head.after.begin(), head.after.end(),
                                   [](const OperationPtr& before) { return before->done; });
    if (ready && (order != Order::late || needed.count(&head) != 0)) candidates.push_back(stream);
  };
  consider(&s.legacy);
  for (const cudaStream_t stream : s.created) consider(stream);
  if (candidates.empty()) return nullptr;
  // std::set has them by address: the same seed shall be the same order in every run.
  std::sort(candidates.begin(), candidates.end(), [](cudaStream_t a, cudaStream_t b) {
    return a->queue.front()->turn < b->queue.front()->turn;
  });
  switch (order) {
    case Order::early:
      return candidates.front();
    case Order::late:
      return candidates.back();
    case Order::random:
      return candidates[settings().random() % candidates.size()];
  }
  std::abort();
}

// One line, whatever the machine had to say.
cudaError_t tell_fault(const std::string& what, const char* why) {
  std::string line = "PTX FAULT in " + what + ": " + why;
  while (line.back() == '\n') line.pop_back();
  for (std::size_t at = 0; (at = line.find('\n', at)) != std::string::npos;) {
    const std::size_t next = line.find_first_not_of(" \n", at);
    line.replace(at, next - at, "; ");
  }
  std::fprintf(stderr, "%s\n", line.c_str());
  return std::strstr(why, "not aligned") != nullptr ? cudaErrorMisalignedAddress
                                                    : cudaErrorIllegalAddress;
}

void work() {
  Streams& s = streams();
  Lock lock(context().mutex);
  for (;;) {
    cudaStream_t stream = nullptr;
    context().changed.wait(lock, [&] { return s.stopping || (stream = choose()) != nullptr; });
    if (s.stopping) return;
    const OperationPtr operation = stream->queue.front();
    if (context().sticky == cudaSuccess && operation->run) {
      lock.unlock();
      cudaError_t code = cudaSuccess;
      try {
        operation->run();
      } catch (const std::exception& error) {
        code = tell_fault(operation->what, error.what());
      }
      lock.lock();
      context().sticky = code;
    }
    operation->done = true;
    operation->run = nullptr;
    operation->after.clear();
    stream->queue.pop_front();
    if (stream->destroyed && stream->queue.empty()) {
      s.created.erase(stream);
      delete stream;
    }
    context().changed.notify_all();
  }
}

// What nobody has waited for by then is lost, as on a GPU.
void stop_worker() {
  {
    Lock lock(context().mutex);
    streams().stopping = true;
    context().changed.notify_all();
  }
  streams().worker.join();
}

void start_worker() {
  if (streams().worker.joinable()) return;
  streams().worker = std::thread(work);
  std::atexit(stop_worker);
}

// A capture may not depend on the legacy stream, nor that on a stream that is captured.
cudaError_t legacy_during_capture() {
  for (const cudaStream_t stream : streams().created) {
    if (stream->capture && stream->blocking) {
      stream->capture->broken = true;
      return cudaErrorStreamCaptureImplicit;
    }
  }
  return cudaSuccess;
}

}  // namespace

cudaStream_t find_stream(cudaStream_t handle) {
  if (handle == nullptr || handle == cudaStreamLegacy) return &streams().legacy;
  if (handle == cudaStreamPerThread) not_implemented("cudaStreamPerThread");
  return streams().created.count(handle) != 0 && !handle->destroyed ? handle : nullptr;
}

bool is_legacy(cudaStream_t stream) { return stream == &streams().legacy; }

OperationPtr enqueue(cudaStream_t stream, std::string what, std::function<void()> run,
                     const std::vector<OperationPtr>& after) {
  Streams& s = streams();
  start_worker();
  auto operation = std::make_shared<Operation>();
  operation->what = std::move(what);
  operation->run = std::move(run);
  operation->turn = s.next_turn++;
  const auto follow = [&](const OperationPtr& before) {
    if (before && !before->done) operation->after.push_back(before);
  };
  follow(stream->tail);
  for (const OperationPtr& before : after) follow(before);
  if (stream == &s.legacy) {
    for (const cudaStream_t other : s.created) {
      if (other->blocking) follow(other->tail);
    }
  } else if (stream->blocking) {
    follow(s.legacy.tail);
  }
  stream->queue.push_back(operation);
  stream->tail = operation;
  context().changed.notify_all();
  return operation;
}

cudaError_t enqueue_or_capture(cudaStream_t stream, std::string what, std::function<void()> run) {
  if (is_legacy(stream)) {
    if (const cudaError_t code = legacy_during_capture(); code != cudaSuccess) return code;
  }
  stream->after_kernel = false;
  if (!stream->capture) {
    enqueue(stream, std::move(what), std::move(run));
    return cudaSuccess;
  }
  Capture& capture = *stream->capture;
  if (capture.broken) return cudaErrorStreamCaptureInvalidated;
  capture.nodes.push_back(
      {std::move(what), std::move(run), {stream->frontier.begin(), stream->frontier.end()}});
  stream->frontier = {capture.nodes.size() - 1};
  return cudaSuccess;
}

void wait_for(Lock& lock, const OperationPtr& operation) {
  if (!operation) return;
  streams().wanted.insert(operation);
  context().changed.notify_all();
  context().changed.wait(lock, [&] { return operation->done; });
  streams().wanted.erase(operation);
}

void wait_for_all(Lock& lock) {
  Streams& s = streams();
  std::vector<OperationPtr> tails;
  const auto add = [&](CUstream_st& stream) {
    stream.after_kernel = false;
    if (stream.tail) tails.push_back(stream.tail);
  };
  add(s.legacy);
  for (const cudaStream_t stream : s.created) add(*stream);
  // All before the first wait: among themselves they run in the order of the mode.
  s.wanted.insert(tails.begin(), tails.end());
  for (const OperationPtr& tail : tails) wait_for(lock, tail);
}

cudaError_t unsafe_during_capture() {
  for (const cudaStream_t stream : streams().created) {
    if (stream->capture && stream->capture->thread == std::this_thread::get_id()) {
      stream->capture->broken = true;
      return cudaErrorStreamCaptureUnsupported;
    }
  }
  return cudaSuccess;
}

cudaError_t enqueue_host_work(cudaStream_t handle, std::string what, std::function<void()> run,
                              std::uint64_t time_ns) {
  return entry("library", [&] {
    const cudaStream_t stream = find_stream(handle);
    if (stream == nullptr) return cudaErrorInvalidResourceHandle;
    if (!stream->capture) time_ns = std::max(time_ns, host_launch_ns);
    return enqueue_or_capture(stream, std::move(what), [run = std::move(run), time_ns] {
      run();
      const Lock lock(context().mutex);
      context().time_ns += time_ns;
    });
  });
}

}  // namespace roofproof::ptx::runtime

using namespace roofproof::ptx::runtime;

extern "C" {

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  return entry(__func__, [&] {
    if (flags != cudaStreamDefault && flags != cudaStreamNonBlocking) return cudaErrorInvalidValue;
    *stream = new CUstream_st;
    (*stream)->blocking = flags == cudaStreamDefault;
    streams().created.insert(*stream);
    return cudaSuccess;
  });
}

cudaError_t cudaStreamDestroy(cudaStream_t handle) {
  return entry(__func__, [&] {
    const cudaStream_t stream = find_stream(handle);
    if (stream == nullptr || is_legacy(stream)) return cudaErrorInvalidResourceHandle;
    if (stream->capture) {
      stream->capture->broken = true;
      std::erase(stream->capture->members, stream);
    }
    // The work that it has goes on, and the host does not wait for it.
    stream->destroyed = true;
    if (stream->queue.empty()) {
      streams().created.erase(stream);
      delete stream;
    }
    return cudaSuccess;
  });
}

cudaError_t cudaStreamSynchronize(cudaStream_t handle) {
  return entry(__func__, [&](Lock& lock) {
    const cudaStream_t stream = find_stream(handle);
    if (stream == nullptr) return cudaErrorInvalidResourceHandle;
    if (const cudaError_t code = unsafe_during_capture(); code != cudaSuccess) return code;
    stream->after_kernel = false;
    wait_for(lock, stream->tail);
    return context().sticky;
  });
}

cudaError_t cudaDeviceSynchronize() {
  return entry(__func__, [&](Lock& lock) {
    if (const cudaError_t code = unsafe_during_capture(); code != cudaSuccess) return code;
    wait_for_all(lock);
    return context().sticky;
  });
}

}  // extern "C"
