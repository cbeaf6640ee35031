// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Events: their time is that of the machine, not of a GPU.
#include "tests/ptx/runtime/stream.h"

struct CUevent_st {
  roofproof::ptx::runtime::OperationPtr recorded;             // null: never
  std::shared_ptr<std::uint64_t> time_ns;                     // of the last record
  std::shared_ptr<roofproof::ptx::runtime::Capture> capture;  // recorded within it last
  std::set<std::size_t> frontier;
};

namespace roofproof::ptx::runtime {
namespace {

std::set<cudaEvent_t>& events() {
  static auto* const it = new std::set<cudaEvent_t>;  // outlives the program's static objects
  return *it;
}

bool valid(cudaEvent_t event) { return events().count(event) != 0; }

}  // namespace
}  // namespace roofproof::ptx::runtime

using namespace roofproof::ptx::runtime;

extern "C" {

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return entry(__func__, [&] {
    *event = new CUevent_st;
    events().insert(*event);
    return cudaSuccess;
  });
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return entry(__func__, [&] {
    if (events().erase(event) == 0) return cudaErrorInvalidResourceHandle;
    delete event;
    return cudaSuccess;
  });
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t handle) {
  return entry(__func__, [&] {
    const cudaStream_t stream = find_stream(handle);
    if (stream == nullptr || !valid(event)) return cudaErrorInvalidResourceHandle;
    event->capture = stream->capture;
    if (stream->capture) {
      event->frontier = stream->frontier;
      event->recorded = nullptr;
      return cudaSuccess;
    }
    event->time_ns = std::make_shared<std::uint64_t>(0);
    event->recorded = enqueue(stream, "event", [time_ns = event->time_ns] {
      const Lock lock(context().mutex);
      *time_ns = context().time_ns += event_ns;
    });
    return cudaSuccess;
  });
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return entry(__func__, [&](Lock& lock) {
    if (!valid(event)) return cudaErrorInvalidResourceHandle;
    if (event->capture) return cudaErrorCapturedEvent;
    if (const cudaError_t code = unsafe_during_capture(); code != cudaSuccess) return code;
    wait_for(lock, event->recorded);
    return context().sticky;
  });
}

// Asking makes no stream run: in the mode late an event that is only asked for stays open.
cudaError_t cudaEventQuery(cudaEvent_t event) {
  return entry(__func__, [&] {
    if (!valid(event)) return cudaErrorInvalidResourceHandle;
    if (event->capture) return cudaErrorCapturedEvent;
    return !event->recorded || event->recorded->done ? cudaSuccess : cudaErrorNotReady;
  });
}

cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t start, cudaEvent_t stop) {
  return entry(__func__, [&] {
    if (!valid(start) || !valid(stop)) return cudaErrorInvalidResourceHandle;
    if (start->capture || stop->capture) return cudaErrorCapturedEvent;
    if (!start->recorded || !stop->recorded) return cudaErrorInvalidResourceHandle;
    if (!start->recorded->done || !stop->recorded->done) return cudaErrorNotReady;
    *ms = static_cast<float>(
        (static_cast<double>(*stop->time_ns) - static_cast<double>(*start->time_ns)) * 1e-6);
    return cudaSuccess;
  });
}

cudaError_t cudaStreamWaitEvent(cudaStream_t handle, cudaEvent_t event, unsigned flags) {
  return entry(__func__, [&] {
    if (flags != cudaEventWaitDefault) not_implemented("cudaStreamWaitEvent with flags");
    const cudaStream_t stream = find_stream(handle);
    if (stream == nullptr || !valid(event)) return cudaErrorInvalidResourceHandle;
    if (event->capture) {  // which the stream joins
      if (is_legacy(stream)) return cudaErrorStreamCaptureImplicit;
      if (stream->capture && stream->capture != event->capture) {
        return cudaErrorStreamCaptureMerge;
      }
      if (event->capture->origin == nullptr) return cudaErrorCapturedEvent;
      if (!stream->capture) {
        stream->capture = event->capture;
        stream->after_kernel = false;
        event->capture->members.push_back(stream);
      }
      stream->frontier.insert(event->frontier.begin(), event->frontier.end());
      return cudaSuccess;
    }
    if (stream->capture) {
      stream->capture->broken = true;
      return cudaErrorStreamCaptureIsolation;
    }
    if (event->recorded) enqueue(stream, "wait for an event", {}, {event->recorded});
    return cudaSuccess;
  });
}

}  // extern "C"
