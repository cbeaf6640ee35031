// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Owned device memory.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "kernels/cuda/runtime/error.h"

namespace roofproof::cuda {

// `size` uninitialised bytes, 256-byte aligned (as cudaMalloc gives); none at all for size 0.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t size) : size_(size) {
    if (size == 0) return;
    void* data = nullptr;
    const cudaError_t code = cudaMalloc(&data, size);
    if (code != cudaSuccess) {
      check(code, ("cudaMalloc of " + std::to_string(size) + " bytes").c_str(), __FILE__, __LINE__);
    }
    data_.reset(data);
  }
  Buffer(Buffer&& other) noexcept
      : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  std::size_t size() const { return size_; }
  std::byte* data() const { return static_cast<std::byte*>(data_.get()); }
  template <class T>
  T* as() const {
    return static_cast<T*>(data_.get());
  }

 private:
  struct Free {
    void operator()(void* data) const noexcept { ROOFPROOF_CUDA_LOG_ERROR(cudaFree(data)); }
  };
  std::unique_ptr<void, Free> data_;
  std::size_t size_ = 0;
};

// Copies from the host and waits until the bytes are there. cudaMemcpy() of pageable memory returns
// when they are on their way (CUDA runtime API, "API synchronization behavior"), and the streams of
// stream.h do not wait for the one they are on.
inline void copy_to_device(void* to, const void* from, std::size_t size) {
  ROOFPROOF_CUDA_CHECK(cudaMemcpy(to, from, size, cudaMemcpyHostToDevice));
  ROOFPROOF_CUDA_CHECK(cudaDeviceSynchronize());
}

}  // namespace roofproof::cuda
