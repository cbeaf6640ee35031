// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The CUDA runtime over the PTX machine, through CUDA's own calls: the order of what is enqueued,
// and what follows from a fault.
#include <atomic>
#include <set>
#include <thread>

#include "tests/ptx/cudart_test.h"
#include "tests/ptx/runtime/runtime.h"

namespace roofproof::ptx {
namespace {

using testing::HasSubstr;

cudaEvent_t make_event() {
  cudaEvent_t event = nullptr;
  EXPECT_OK(cudaEventCreate(&event));
  return event;
}

// --- Streams and events

TEST(Streams, OperationsOfOneFollowEachOther) {
  in_every_mode([] {
    int* const x = device_ints(1, 1);
    const cudaStream_t stream = make_stream();
    EXPECT_OK(enqueue_affine(x, 2, 0, stream));
    EXPECT_OK(enqueue_affine(x, 1, 3, stream));
    EXPECT_OK(enqueue_affine(x, 5, 0, stream));
    EXPECT_OK(cudaStreamSynchronize(stream));
    EXPECT_EQ(value_of(x), 25);
  });
}

TEST(Streams, TheLegacyStreamWaitsForBlockingOnesAndTheyForIt) {
  in_every_mode([] {
    int* const x = device_ints(1, 1);
    const cudaStream_t a = make_stream(cudaStreamDefault), b = make_stream(cudaStreamDefault);
    EXPECT_OK(enqueue_affine(x, 2, 0, a));
    EXPECT_OK(enqueue_affine(x, 1, 3, nullptr));
    EXPECT_OK(enqueue_affine(x, 5, 0, b));
    EXPECT_OK(cudaStreamSynchronize(b));
    EXPECT_EQ(value_of(x), 25);
  });
}

TEST(Streams, EventsOrderTwoOfThem) {
  in_every_mode([] {
    int* const x = device_ints(1, 1);
    const cudaStream_t a = make_stream(), b = make_stream();
    const cudaEvent_t event = make_event();
    EXPECT_OK(enqueue_affine(x, 2, 0, a));
    EXPECT_OK(cudaEventRecord(event, a));
    EXPECT_OK(cudaStreamWaitEvent(b, event, 0));
    EXPECT_OK(enqueue_affine(x, 1, 3, b));
    EXPECT_OK(cudaStreamSynchronize(b));
    EXPECT_EQ(value_of(x), 5);
  });
}

TEST(Streams, OthersRunInTheOrderOfTheMode) {
  const auto result = [](std::string_view mode) {
    const std::string text = in_child(90, mode, [] {
      int* const x = device_ints(1, 1);
      // All three are there before the first may run.
      std::atomic<bool> held = true;
      EXPECT_OK(runtime::enqueue_host_work(nullptr, "hold", [&held] {
        while (held) std::this_thread::yield();
      }));
      EXPECT_OK(enqueue_affine(x, 2, 0, make_stream(cudaStreamDefault)));
      EXPECT_OK(enqueue_affine(x, 1, 3, make_stream(cudaStreamDefault)));
      EXPECT_OK(enqueue_affine(x, 5, 0, make_stream(cudaStreamDefault)));
      held = false;
      EXPECT_OK(cudaDeviceSynchronize());
      std::fprintf(stderr, "%d", value_of(x));
    });
    return std::stoi(text);
  };
  EXPECT_EQ(result("early"), (1 * 2 + 3) * 5);
  EXPECT_EQ(result("late"), (1 * 5 + 3) * 2);
  const std::set<int> random = {result("random1"), result("random2"), result("random3")};
  EXPECT_GT(random.size(), 1u) << "three seeds, one order";
}

TEST(Streams, LateRunsOnlyWhatTheHostWaitsFor) {
  in_child(90, "late", [] {
    int* const x = device_ints(1, 1);
    EXPECT_OK(enqueue_affine(x, 2, 0, make_stream()));
    usleep(20000);
    EXPECT_EQ(value_of(x), 1);  // the legacy stream does not wait for a stream that is not blocking
    EXPECT_OK(cudaDeviceSynchronize());
    EXPECT_EQ(value_of(x), 2);
  });
}

TEST(Streams, ADestroyedOneDoesItsWorkAndNobodyWaits) {
  in_child(90, "late", [] {
    int* const x = device_ints(1, 1);
    const cudaStream_t stream = make_stream();
    EXPECT_OK(enqueue_affine(x, 2, 0, stream));
    EXPECT_OK(cudaStreamDestroy(stream));
    EXPECT_EQ(value_of(x), 1);
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaErrorInvalidResourceHandle);
    EXPECT_OK(cudaDeviceSynchronize());
    EXPECT_EQ(value_of(x), 2);
  });
}

TEST(Events, TimeGoesOn) {
  in_every_mode([] {
    int* const x = device_ints(1, 1);
    const cudaStream_t stream = make_stream();
    const cudaEvent_t start = make_event(), stop = make_event();
    float ms = -1;
    EXPECT_EQ(cudaEventElapsedTime(&ms, start, stop), cudaErrorInvalidResourceHandle);
    EXPECT_OK(cudaEventRecord(start, stream));
    EXPECT_OK(enqueue_affine(x, 2, 0, stream));
    EXPECT_OK(cudaEventRecord(stop, stream));
    EXPECT_OK(cudaEventSynchronize(stop));
    EXPECT_EQ(value_of(x), 2);
    EXPECT_OK(cudaEventElapsedTime(&ms, start, stop));
    EXPECT_GT(ms, 0);
    EXPECT_OK(cudaEventDestroy(stop));
    EXPECT_EQ(cudaEventSynchronize(stop), cudaErrorInvalidResourceHandle);
  });
}

TEST(Events, AreNotReadyBeforeAnybodyWaits) {
  in_child(90, "late", [] {
    const cudaEvent_t start = make_event(), stop = make_event();
    EXPECT_OK(cudaEventRecord(start, nullptr));
    EXPECT_OK(cudaEventRecord(stop, nullptr));
    float ms = -1;
    EXPECT_EQ(cudaEventElapsedTime(&ms, start, stop), cudaErrorNotReady);
    EXPECT_EQ(cudaGetLastError(), cudaSuccess);
    EXPECT_EQ(cudaEventQuery(stop), cudaErrorNotReady);
    EXPECT_OK(cudaEventSynchronize(stop));
    EXPECT_OK(cudaEventQuery(stop));
  });
}

// --- Graphs

cudaGraphExec_t end_capture(cudaStream_t stream) {
  cudaGraph_t graph = nullptr;
  EXPECT_OK(cudaStreamEndCapture(stream, &graph));
  cudaGraphExec_t instance = nullptr;
  EXPECT_OK(cudaGraphInstantiate(&instance, graph, 0));
  EXPECT_OK(cudaGraphDestroy(graph));
  return instance;
}

TEST(Graphs, RunWhatWasCapturedAndOnlyWhenLaunched) {
  in_every_mode([] {
    int* const x = device_ints(1, 1);
    const cudaStream_t stream = make_stream();
    EXPECT_OK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    EXPECT_OK(enqueue_affine(x, 2, 0, stream));
    EXPECT_OK(enqueue_affine(x, 1, 3, stream));
    const cudaGraphExec_t graph = end_capture(stream);
    EXPECT_OK(cudaGraphUpload(graph, stream));
    EXPECT_OK(cudaStreamSynchronize(stream));
    EXPECT_EQ(value_of(x), 1);
    EXPECT_OK(cudaGraphLaunch(graph, stream));
    EXPECT_OK(cudaGraphLaunch(graph, stream));
    EXPECT_OK(cudaStreamSynchronize(stream));
    EXPECT_EQ(value_of(x), 13);
    EXPECT_OK(cudaGraphExecDestroy(graph));
  });
}

// x = 2 x, then y = x on another stream beside x = x + 3; with `joins`, before it.
void capture_fork(cudaStream_t stream, int* x, int* y, bool joins) {
  const cudaStream_t side = make_stream();
  const cudaEvent_t fork = make_event(), join = make_event();
  EXPECT_OK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  EXPECT_OK(enqueue_affine(x, 2, 0, stream));
  EXPECT_OK(cudaEventRecord(fork, stream));
  EXPECT_OK(cudaStreamWaitEvent(side, fork, 0));
  EXPECT_OK(launch(copy_one, 1, 1, 0, side, y, x));
  EXPECT_OK(cudaEventRecord(join, side));
  if (joins) {
    EXPECT_OK(cudaStreamWaitEvent(stream, join, 0));
  }
  EXPECT_OK(enqueue_affine(x, 1, 3, stream));
}

TEST(Graphs, AForkRunsAfterWhatItLeftAndBeforeItsJoin) {
  in_every_mode([] {
    int* const x = device_ints(1, 1);
    int* const y = device_ints(1, 0);
    const cudaStream_t stream = make_stream();
    capture_fork(stream, x, y, true);
    EXPECT_OK(cudaGraphLaunch(end_capture(stream), stream));
    EXPECT_OK(cudaStreamSynchronize(stream));
    EXPECT_EQ(value_of(y), 2);
    EXPECT_EQ(value_of(x), 5);
  });
}

TEST(Graphs, WhatIsForbiddenWhileAStreamIsCaptured) {
  in_child(90, "early", [] {
    int* const x = device_ints(1, 1);
    int* const y = device_ints(1, 0);
    const cudaStream_t stream = make_stream();
    cudaGraph_t graph = nullptr;
    EXPECT_EQ(cudaStreamEndCapture(stream, &graph), cudaErrorIllegalState);
    EXPECT_EQ(cudaStreamBeginCapture(nullptr, cudaStreamCaptureModeThreadLocal),
              cudaErrorStreamCaptureUnsupported);

    capture_fork(stream, x, y, false);
    EXPECT_EQ(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureUnjoined);

    int host = 0;
    void* data = nullptr;
    const cudaEvent_t event = make_event();
    EXPECT_OK(cudaEventRecord(event, nullptr));
    const std::function<cudaError_t()> unsafe[] = {
        [&] { return cudaStreamSynchronize(stream); },
        [&] { return cudaDeviceSynchronize(); },
        [&] { return cudaEventSynchronize(event); },
        [&] { return cudaMemcpy(&host, x, sizeof host, cudaMemcpyDeviceToHost); },
        [&] { return cudaMalloc(&data, 4); },
        [&] { return cudaFree(y); },
    };
    for (const auto& call : unsafe) {
      EXPECT_OK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
      EXPECT_EQ(call(), cudaErrorStreamCaptureUnsupported);
      EXPECT_EQ(enqueue_affine(x, 2, 0, stream), cudaErrorStreamCaptureInvalidated);
      EXPECT_EQ(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureInvalidated);
    }

    // A capture that would depend on work outside of it.
    EXPECT_OK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    EXPECT_EQ(cudaStreamWaitEvent(stream, event, 0), cudaErrorStreamCaptureIsolation);
    EXPECT_EQ(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureInvalidated);
    const cudaStream_t blocking = make_stream(cudaStreamDefault);
    EXPECT_OK(cudaStreamBeginCapture(blocking, cudaStreamCaptureModeThreadLocal));
    EXPECT_EQ(enqueue_affine(x, 2, 0, nullptr), cudaErrorStreamCaptureImplicit);
    EXPECT_EQ(cudaStreamEndCapture(blocking, &graph), cudaErrorStreamCaptureInvalidated);
  });
}

// --- Faults and errors

TEST(Faults, AreOneLineAndForEver) {
  const std::string text = in_child(90, "early", [] {
    int* const x = device_ints(4, 1);
    const cudaStream_t stream = make_stream();
    EXPECT_OK(enqueue_affine(x + 4, 2, 0, stream));
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaErrorIllegalAddress);
    EXPECT_EQ(cudaGetLastError(), cudaErrorIllegalAddress);
    EXPECT_EQ(cudaGetLastError(), cudaErrorIllegalAddress);
    void* data = nullptr;
    EXPECT_EQ(cudaMalloc(&data, 4), cudaErrorIllegalAddress);
    EXPECT_EQ(cudaFree(x), cudaErrorIllegalAddress);
    EXPECT_EQ(enqueue_affine(x, 2, 0, stream), cudaErrorIllegalAddress);
  });
  EXPECT_THAT(text, testing::StartsWith("PTX FAULT in "));
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  for (const char* part : {"affine_kernel", "block (0,0,0)", "thread (0,0,0)", "PTX line "}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(Faults, OfAnAddressThatIsNotAligned) {
  in_child(90, "early", [] {
    auto* const bytes = reinterpret_cast<char*>(device_ints(4, 1));
    EXPECT_OK(enqueue_affine(reinterpret_cast<int*>(bytes + 1), 2, 0, nullptr));
    EXPECT_EQ(cudaDeviceSynchronize(), cudaErrorMisalignedAddress);
  });
}

TEST(Faults, WithinAGraphNameTheNode) {
  const std::string text = in_child(90, "early", [] {
    int* const x = device_ints(4, 1);
    const cudaStream_t stream = make_stream();
    EXPECT_OK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    EXPECT_OK(enqueue_affine(x, 2, 0, stream));
    EXPECT_OK(enqueue_affine(x - 1, 2, 0, stream));
    EXPECT_OK(cudaGraphLaunch(end_capture(stream), stream));
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaErrorIllegalAddress);
  });
  EXPECT_THAT(text, HasSubstr("PTX FAULT in graph: node 1, "));
}

TEST(Faults, OfADependentLaunchThatDoesNotWait) {
  const auto body = [](cudaError_t wanted) {
    int* x = device_ints(1, 1);
    int* y = device_ints(1, 1);
    const cudaStream_t stream = make_stream();
    void* arguments[] = {&y, &x};
    // After nothing, and after a copy, there is nothing that it might overlap.
    EXPECT_OK(launch_with(copy_one, 1, programmatic(), stream, arguments));
    EXPECT_OK(cudaStreamSynchronize(stream));
    EXPECT_OK(enqueue_affine(x, 2, 0, stream));
    EXPECT_OK(launch_with(copy_one, 1, programmatic(), stream, arguments));
    EXPECT_EQ(cudaStreamSynchronize(stream), wanted);
  };
  in_child(90, "early", [&] { body(cudaSuccess); });
  EXPECT_THAT(in_child(90, "races", [&] { body(cudaErrorIllegalAddress); }),
              HasSubstr("PTX FAULT"));
}

TEST(Errors, AreRememberedOnceForEachThread) {
  in_child(90, "early", [] {
    EXPECT_EQ(cudaSetDevice(1), cudaErrorInvalidDevice);
    EXPECT_EQ(cudaPeekAtLastError(), cudaErrorInvalidDevice);
    EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidDevice);
    EXPECT_EQ(cudaGetLastError(), cudaSuccess);
    EXPECT_STREQ(cudaGetErrorName(cudaErrorInvalidDevice), "cudaErrorInvalidDevice");
    EXPECT_STREQ(cudaGetErrorString(cudaErrorInvalidDevice), "invalid device ordinal");
    EXPECT_STREQ(cudaGetErrorName(static_cast<cudaError_t>(77777)), "unrecognized error code");
  });
}

// --- What a program may choose

TEST(Control, NamesWhatThereIs) {
  in_child(75, "late", [] {
    int major = 0, count = 0;
    EXPECT_OK(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, 0));
    EXPECT_OK(cudaDeviceGetAttribute(&count, cudaDevAttrMultiProcessorCount, 0));
    EXPECT_EQ(major, 7);
    EXPECT_EQ(count, 4);
    cudaDeviceProp properties = {};
    EXPECT_OK(cudaGetDeviceProperties(&properties, 0));
    EXPECT_STREQ(properties.name, "Tesla T4 (PTX machine)");
    EXPECT_THROW(runtime::set_device(80), std::logic_error);
    try {
      runtime::set_mode("latest");
      ADD_FAILURE() << "no mode of this name";
    } catch (const std::invalid_argument& error) {
      EXPECT_THAT(error.what(), HasSubstr("early late random1 random2 random3 races"));
    }
  });
  EXPECT_THROW(runtime::set_device(70), std::invalid_argument);
}

TEST(Control, ForkedProcessesRunWhatTheirParentPreloaded) {
  in_child(90, "early", [] {
    runtime::preload();
    const auto body = [] {
      int* const x = device_ints(1, 1);
      runtime::set_mode("late");
      EXPECT_OK(enqueue_affine(x, 2, 0, make_stream()));
      EXPECT_EQ(value_of(x), 1);
      runtime::print_profile();
    };
    const pid_t child = fork();
    if (child == 0) {
      body();
      _exit(testing::Test::HasFailure() ? 1 : 0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  });
}

TEST(Control, PrintsAProfile) {
  const std::string text = in_child(90, "early", [] {
    int* const x = device_ints(1, 1);
    EXPECT_OK(enqueue_affine(x, 2, 0, nullptr));
    EXPECT_OK(enqueue_affine(x, 2, 0, nullptr));
    EXPECT_OK(cudaDeviceSynchronize());
    runtime::print_profile();
  });
  EXPECT_THAT(text, testing::ContainsRegex("PTX PROFILE .* s +2 launches +[1-9][0-9]* warp "
                                           "instructions .*affine_kernel"));
}

}  // namespace
}  // namespace roofproof::ptx
