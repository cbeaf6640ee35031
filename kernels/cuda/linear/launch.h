// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Launches of the decode kernels. Each variant is compiled in a library of its own, for its own
// machines. C++17, so that .cu files may include it.
#pragma once

#include <cuda_runtime_api.h>

#include "kernels/cuda/linear/job.h"
#include "kernels/cuda/linear/variant.h"
#include "kernels/cuda/runtime/error.h"
#ifdef ROOFPROOF_SIMT_EMULATION
#include ROOFPROOF_SIMT_EMULATION
#endif

namespace roofproof::cuda::linear {

struct LaunchShape {
  int grid = 1;
  int threads = 1;
  int shared_bytes = 0;
  // May begin before its predecessor on the stream has ended (programmatic dependent launch, sm_90
  // on). Only for kernels that wait for it themselves.
  bool dependent = false;
};

template <class Parameter>
void launch_kernel(void (*kernel)(Parameter), const LaunchShape& shape,
                   [[maybe_unused]] cudaStream_t stream, Parameter parameter) {
#ifdef ROOFPROOF_SIMT_EMULATION  // see ptx.cuh
  simt::enqueue(reinterpret_cast<const void*>(kernel), shape.grid, shape.threads,
                shape.shared_bytes, shape.dependent, [=] { kernel(parameter); });
#else
  cudaLaunchAttribute attribute = {};
  attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization;
  attribute.val.programmaticStreamSerializationAllowed = 1;
  cudaLaunchConfig_t config = {};
  config.gridDim = dim3(static_cast<unsigned>(shape.grid));
  config.blockDim = dim3(static_cast<unsigned>(shape.threads));
  config.dynamicSmemBytes = static_cast<std::size_t>(shape.shared_bytes);
  config.stream = stream;
  config.attrs = &attribute;
  config.numAttrs = shape.dependent ? 1 : 0;
  void* parameters[] = {&parameter};
  ROOFPROOF_CUDA_CHECK(
      cudaLaunchKernelExC(&config, reinterpret_cast<const void*>(kernel), parameters));
#endif
}

// Lets a kernel have more dynamic shared memory than the 48 KiB that need no asking. Never less
// than it was let have before: the matrices of a layer share kernels, each with needs of its own.
template <class Parameter>
void allow_shared_memory(void (*kernel)(Parameter), int bytes) {
  const auto* const function = reinterpret_cast<const void*>(kernel);
  cudaFuncAttributes attributes = {};
  ROOFPROOF_CUDA_CHECK(cudaFuncGetAttributes(&attributes, function));
  if (bytes <= attributes.maxDynamicSharedSizeBytes) return;
  ROOFPROOF_CUDA_CHECK(
      cudaFuncSetAttribute(function, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes));
}

// A kernel of a family that takes a LinearJob.
using LinearKernel = void (*)(LinearJob);

// The instantiation, or null where there is none. `columns` and `config` as the plans say.
template <Variant V>
LinearKernel skinny_instance(WeightFormat format, int columns);
template <Variant V>
LinearKernel tiled_instance(WeightFormat format, TiledConfig config);

}  // namespace roofproof::cuda::linear
