// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/device_fault.h"

#if ROOFPROOF_HAS_CUDA
#include "kernels/cuda/error.h"
#endif

namespace roofproof::bench {

DeviceFault classify_fault([[maybe_unused]] const std::exception& error) {
  DeviceFault fault;
#if ROOFPROOF_HAS_CUDA
  if (const auto* cuda_error = dynamic_cast<const cuda::CudaError*>(&error)) {
    fault.out_of_memory = cuda_error->code() == cudaErrorMemoryAllocation;
    fault.sticky = cuda::is_sticky(cuda_error->code());
  }
#endif
  return fault;
}

}  // namespace roofproof::bench
