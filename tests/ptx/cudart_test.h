// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// For tests of the CUDA runtime over the PTX machine: each runs in processes of its own, since a
// device is chosen once and a fault is for ever.
#pragma once

#include <cuda_runtime_api.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/ptx/runtime/control.h"
#include "tests/ptx/runtime_kernels.h"

#define EXPECT_OK(call) EXPECT_EQ((call), cudaSuccess)
#define ASSERT_OK(call) ASSERT_EQ((call), cudaSuccess)

namespace roofproof::ptx {

// Runs the body in a child, on this GPU in this mode; what it has to say against is a failure
// here. Returns what it wrote on stderr.
inline std::string in_child(int compute_capability, std::string_view mode,
                            const std::function<void()>& body) {
  std::fflush(nullptr);
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    runtime::set_device(compute_capability);
    runtime::set_mode(mode);
    body();
    std::fflush(nullptr);
    _exit(testing::Test::HasFailure() ? 1 : 0);
  }
  close(ends[1]);
  std::string text;
  std::array<char, 4096> part;
  for (ssize_t size; (size = read(ends[0], part.data(), part.size())) > 0;) {
    text.append(part.data(), static_cast<std::size_t>(size));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0)
      << compute_capability << " " << mode << ", status " << status << ": " << text;
  return text;
}

inline void in_every_mode(const std::function<void()>& body) {
  for (const std::string_view mode : runtime::modes()) in_child(90, mode, body);
}

template <class... T>
cudaError_t launch(const void* kernel, dim3 grid, dim3 block, std::size_t shared,
                   cudaStream_t stream, T... arguments) {
  void* pointers[] = {&arguments..., nullptr};
  return cudaLaunchKernel(kernel, grid, block, pointers, shared, stream);
}

// x = x * factor + summand: its order shows.
inline cudaError_t enqueue_affine(int* x, int factor, int summand, cudaStream_t stream) {
  return launch(affine, 1, 1, 0, stream, x, factor, summand);
}

inline cudaError_t launch_with(const void* kernel, unsigned grid, cudaLaunchAttribute attribute,
                               cudaStream_t stream, void** arguments) {
  cudaLaunchConfig_t config = {};
  config.gridDim = grid;
  config.blockDim = 1;
  config.stream = stream;
  config.attrs = &attribute;
  config.numAttrs = 1;
  return cudaLaunchKernelExC(&config, kernel, arguments);
}

inline cudaLaunchAttribute programmatic() {
  cudaLaunchAttribute attribute = {};
  attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization;
  attribute.val.programmaticStreamSerializationAllowed = 1;
  return attribute;
}

// `count` ints on the device, all `value`.
inline int* device_ints(int count, int value) {
  void* data = nullptr;
  const std::vector<int> values(static_cast<std::size_t>(count), value);
  EXPECT_OK(cudaMalloc(&data, values.size() * sizeof(int)));
  EXPECT_OK(cudaMemcpy(data, values.data(), values.size() * sizeof(int), cudaMemcpyHostToDevice));
  EXPECT_OK(cudaDeviceSynchronize());
  return static_cast<int*>(data);
}

// Once the device has done what the caller has waited for, and what this copy itself waits for.
inline int value_of(const int* x) {
  int value = 0;
  EXPECT_OK(cudaMemcpy(&value, x, sizeof value, cudaMemcpyDeviceToHost));
  return value;
}

inline cudaStream_t make_stream(unsigned flags = cudaStreamNonBlocking) {
  cudaStream_t stream = nullptr;
  EXPECT_OK(cudaStreamCreateWithFlags(&stream, flags));
  return stream;
}

}  // namespace roofproof::ptx
