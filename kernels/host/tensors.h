// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The buffers of a host workload: named tensors, each between guard bands, the rotated ones once
// per copy. Implements the testing half of Workload.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/inputs.h"
#include "kernels/workload.h"

namespace roofproof::host {

// What a tensor holds at first.
enum class Fill {
  random,  // [-1, 1) in FP32, the same rounded to FP16, all values of the integer types
  scales,  // of kernels/weights.h: fp32 for INT8 weights, fp16 for INT4
  norm,    // of kernels/weights.h, the tensor being one: fp32 or fp16
  poison,  // all bits set: an output
};

struct TensorSpec {
  std::string name;
  ElementType type;
  std::int64_t count;  // elements
  Fill fill;
  bool rotated = true;  // one per copy; else one that all copies share
};

// Bytes of one element.
std::int64_t element_bytes(ElementType type);

// Owns memory from std::aligned_alloc.
struct FreeMemory {
  void operator()(void* memory) const { std::free(memory); }
};
template <class T>
using AlignedArray = std::unique_ptr<T[], FreeMemory>;

// `bytes` of untouched memory, aligned to a page, in huge pages where it is large: a matrix of
// gigabytes in 4 KiB pages would measure the TLB. Throws std::bad_alloc.
void* allocate_pages(std::int64_t bytes);

template <class T>
AlignedArray<T> allocate_array(std::int64_t count) {
  return AlignedArray<T>(
      static_cast<T*>(allocate_pages(count * static_cast<std::int64_t>(sizeof(T)))));
}

class Tensors {
 public:
  // Fills with `threads` threads, contiguous shares in order, so that on a machine with several
  // memory nodes a thread's share lies with it. Throws std::runtime_error that names the bytes
  // when memory does not suffice.
  Tensors(std::vector<TensorSpec> specs, const Preparation& preparation, int threads);

  int copies() const { return copies_; }

  // 64-byte aligned. Throws std::out_of_range for a name or copy that is not there.
  std::byte* data(std::string_view name, int copy) const;
  template <class T>
  T* as(std::string_view name, int copy) const {
    return reinterpret_cast<T*>(data(name, copy));
  }

  // The random numbers that this tensor is filled with, for a reference.
  InputStream input(std::string_view name, int copy) const;

  // Gives a tensor its first contents again: before a check, when launches have been before it.
  void refill(std::string_view name, int copy);

  // Empty, or which guard band is damaged.
  std::string damaged_guard() const;

  // For Workload's virtual functions of the same names.
  std::vector<TensorInfo> info() const;
  std::vector<std::byte> download(std::string_view name, int copy) const;
  void upload(std::string_view name, int copy, const std::vector<std::byte>& bytes);

 private:
  struct Tensor {
    TensorSpec spec;
    std::vector<AlignedArray<std::byte>> buffers;  // one per copy, or one
  };

  std::size_t index(std::string_view name) const;
  std::byte* payload(std::size_t tensor, int copy) const;

  int copies_;
  std::uint64_t seed_;
  int threads_;
  std::vector<Tensor> tensors_;
};

}  // namespace roofproof::host
