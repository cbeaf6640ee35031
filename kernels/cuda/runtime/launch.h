// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Launches of kernels that the host chooses at run time. C++17, so that .cu files may include it.
#pragma once

#include <cuda_runtime_api.h>

#include "kernels/cuda/runtime/error.h"
#ifdef ROOFPROOF_SIMT_EMULATION
#include ROOFPROOF_SIMT_EMULATION
#endif

namespace roofproof::cuda {

struct LaunchShape {
  int grid = 1;
  int threads = 1;
  int shared_bytes = 0;
  // May begin before its predecessor on the stream has ended (programmatic dependent launch, sm_90
  // on). Only for kernels that wait for it themselves.
  bool dependent = false;
  int cluster = 0;  // blocks of a cluster; 0: there are none
};

#ifdef ROOFPROOF_SIMT_EMULATION  // see ptx/ptx.cuh

template <class Parameter>
void launch_kernel(void (*kernel)(Parameter), const LaunchShape& shape, cudaStream_t,
                   Parameter parameter) {
  simt::enqueue(reinterpret_cast<const void*>(kernel), shape.grid, shape.threads,
                shape.shared_bytes, shape.dependent, [=] { kernel(parameter); });
}

#else

// A shape as the runtime has it.
class LaunchConfig {
 public:
  explicit LaunchConfig(const LaunchShape& shape, cudaStream_t stream = nullptr) {
    config_.gridDim = dim3(static_cast<unsigned>(shape.grid));
    config_.blockDim = dim3(static_cast<unsigned>(shape.threads));
    config_.dynamicSmemBytes = static_cast<std::size_t>(shape.shared_bytes);
    config_.stream = stream;
    config_.attrs = attributes_;
    if (shape.cluster > 0) {
      cudaLaunchAttribute& attribute = attributes_[config_.numAttrs++];
      attribute.id = cudaLaunchAttributeClusterDimension;
      attribute.val.clusterDim = {static_cast<unsigned>(shape.cluster), 1, 1};
    }
    if (shape.dependent) {
      cudaLaunchAttribute& attribute = attributes_[config_.numAttrs++];
      attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization;
      attribute.val.programmaticStreamSerializationAllowed = 1;
    }
  }
  LaunchConfig(const LaunchConfig&) = delete;
  LaunchConfig& operator=(const LaunchConfig&) = delete;

  const cudaLaunchConfig_t* get() const { return &config_; }

 private:
  cudaLaunchAttribute attributes_[2] = {};
  cudaLaunchConfig_t config_ = {};
};

// `parameters`: the address of each of the kernel's.
inline void launch_function(const void* function, const LaunchShape& shape, cudaStream_t stream,
                            void** parameters) {
  const LaunchConfig config(shape, stream);
  ROOFPROOF_CUDA_CHECK(cudaLaunchKernelExC(config.get(), function, parameters));
}

template <class Parameter>
void launch_kernel(void (*kernel)(Parameter), const LaunchShape& shape, cudaStream_t stream,
                   Parameter parameter) {
  void* parameters[] = {&parameter};
  launch_function(reinterpret_cast<const void*>(kernel), shape, stream, parameters);
}

#endif

// Asks for the division of an SM's memory that leaves most of it shared, whatever the kernel needs
// itself. Where kernels of a chain ask for different ones, an SM has to be empty before the next
// kernel's block may begin on it; so all kernels of a chain ask for this one. A hint.
template <class Parameter>
void prefer_shared_memory(void (*kernel)(Parameter)) {
  ROOFPROOF_CUDA_CHECK(cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
                                            cudaFuncAttributePreferredSharedMemoryCarveout,
                                            cudaSharedmemCarveoutMaxShared));
}

// The same, and lets a kernel have more dynamic shared memory than the 48 KiB that need no asking.
// Never less than it was allowed before: the matrices of a layer share kernels, each with needs of
// its own.
template <class Parameter>
void allow_shared_memory(void (*kernel)(Parameter), int bytes) {
  prefer_shared_memory(kernel);
  const auto* const function = reinterpret_cast<const void*>(kernel);
  cudaFuncAttributes attributes = {};
  ROOFPROOF_CUDA_CHECK(cudaFuncGetAttributes(&attributes, function));
  if (bytes <= attributes.maxDynamicSharedSizeBytes) return;
  ROOFPROOF_CUDA_CHECK(
      cudaFuncSetAttribute(function, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes));
}

}  // namespace roofproof::cuda
