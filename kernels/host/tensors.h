// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The buffers of a host workload, in its memory. Implements the testing half of Workload.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/tensors.h"

namespace roofproof::host {

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

class Tensors : public TensorTable {
 public:
  // Buffers are 64-byte aligned. Fills with `threads` threads, contiguous shares in order, so that
  // on a machine with several memory nodes a thread's share lies with it. Throws std::runtime_error
  // that names the bytes when memory does not suffice.
  Tensors(std::vector<TensorSpec> specs, const Preparation& preparation, int threads);

  // Gives a tensor its first contents again: before a check, when launches have been before it.
  void refill(std::string_view name, int copy) { fill(place(name, copy)); }

  // Empty, or which guard band is damaged.
  std::string damaged_guard() const;

  // For Workload's virtual functions of the same names.
  std::vector<std::byte> download(std::string_view name, int copy) const;
  void upload(std::string_view name, int copy, const std::vector<std::byte>& bytes);

 private:
  void fill(const Place& place);

  int threads_;
  std::vector<AlignedArray<std::byte>> memory_;
};

}  // namespace roofproof::host
