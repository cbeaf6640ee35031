// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The buffers of a CUDA workload, filled on the device. Implements the testing half of Workload.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/cuda/runtime/buffer.h"
#include "kernels/tensors.h"

namespace roofproof::cuda {

class Tensors : public TensorTable {
 public:
  // Allocates and fills on preparation.stream and waits for it. Buffers are 256-byte aligned.
  // Throws CudaError when memory does not suffice.
  Tensors(std::vector<TensorSpec> specs, const Preparation& preparation);

  // Gives a tensor its first contents again: before a check, when launches have been before it.
  void refill(std::string_view name, int copy, cudaStream_t stream);

  // Empty, or which guard band is damaged.
  std::string damaged_guard(cudaStream_t stream) const;

  // For Workload's virtual functions of the same names. These wait for the device.
  std::vector<std::byte> download(std::string_view name, int copy) const;
  void upload(std::string_view name, int copy, const std::vector<std::byte>& bytes);
  bool guards_intact() const { return damaged_guard(nullptr).empty(); }

  // `count` elements from `first` on; T must have the tensor's element size. Waits for the device.
  template <class T>
  std::vector<T> download_range(std::string_view name, int copy, std::int64_t first,
                                std::int64_t count) const {
    std::vector<T> values(static_cast<std::size_t>(count));
    download_bytes(name, copy, first, count, sizeof(T), values.data());
    return values;
  }

 private:
  void fill(const Place& place, cudaStream_t stream);
  void download_bytes(std::string_view name, int copy, std::int64_t first, std::int64_t count,
                      std::size_t element_size, void* out) const;

  std::vector<Buffer> memory_;
};

// Device memory that one buffer of a tensor takes: with its guard bands, and whole pages of 2 MiB
// where it is large (what cudaMalloc takes for it; small ones share a page).
std::int64_t device_bytes(const TensorSpec& spec);

}  // namespace roofproof::cuda
