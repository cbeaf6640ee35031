// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The buffers of a CUDA workload: named tensors, each between guard bands, the rotated ones once
// per copy, filled on the device. Implements the testing half of Workload.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/cuda/runtime/buffer.h"
#include "kernels/inputs.h"
#include "kernels/workload.h"

namespace roofproof::cuda {

// What a tensor holds at first.
enum class Fill {
  random,  // fill_random()
  poison,  // all bits set: what a kernel or an upload writes
};

struct TensorSpec {
  std::string name;
  ElementType type;
  std::int64_t count;  // elements
  Fill fill;
  bool rotated = true;  // one per copy; else one that all copies share (activations stay hot)
};

class Tensors {
 public:
  // Allocates and fills on preparation.stream and waits for it. Throws CudaError when memory does
  // not suffice.
  Tensors(std::vector<TensorSpec> specs, const Preparation& preparation);

  int copies() const { return copies_; }

  // Device pointer, 256-byte aligned. Throws std::out_of_range for a name or copy that is not
  // there.
  std::byte* data(std::string_view name, int copy) const;
  template <class T>
  T* as(std::string_view name, int copy) const {
    return reinterpret_cast<T*>(data(name, copy));
  }

  // The random numbers that this tensor is filled with, for a reference.
  InputStream input(std::string_view name, int copy) const;

  // Gives a tensor its first contents again: before a check, when launches have been before it.
  void refill(std::string_view name, int copy, cudaStream_t stream);

  // Empty, or which guard band is damaged, as in "guard bands of c (copy 0): 128 bytes
  // overwritten".
  std::string damaged_guard(cudaStream_t stream) const;

  // For Workload's virtual functions of the same names. These wait for the device.
  std::vector<TensorInfo> info() const;
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
  struct Tensor {
    TensorSpec spec;
    std::vector<Buffer> buffers;  // one per copy, or one
  };

  std::size_t index(std::string_view name) const;
  const Buffer& buffer(std::size_t tensor, int copy) const;
  void fill(std::size_t tensor, int copy, cudaStream_t stream);
  void download_bytes(std::string_view name, int copy, std::int64_t first, std::int64_t count,
                      std::size_t element_size, void* out) const;

  int copies_;
  std::uint64_t seed_;
  std::vector<Tensor> tensors_;
};

// Bytes of one element.
std::int64_t element_bytes(ElementType type);

// Device memory that one buffer of a tensor takes: with its guard bands, and whole pages of 2 MiB
// where it is large (what cudaMalloc takes for it; small ones share a page).
std::int64_t device_bytes(const TensorSpec& spec);

}  // namespace roofproof::cuda
