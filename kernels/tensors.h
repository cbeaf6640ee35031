// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The buffers of a workload: named tensors, each between guard bands, the rotated ones once per
// copy. What both backends keep of them; memory, first contents and guards are the backend's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/inputs.h"
#include "kernels/workload.h"

namespace roofproof {

// What a tensor holds at first.
enum class Fill {
  random,  // [-1, 1) in FP32, the same rounded to FP16, all values of the integer types
  scales,  // of kernels/weights.h: fp32 for INT8 weights, fp16 for INT4; on the host alone
  norm,    // of kernels/weights.h, the tensor being one: fp32 or fp16; on the host alone
  poison,  // all bits set: what a kernel or an upload writes
};

struct TensorSpec {
  std::string name;
  ElementType type;
  std::int64_t count;  // elements
  Fill fill;
  bool rotated = true;  // one per copy; else one that all copies share (activations stay hot)
};

// Bytes of one element, and of all.
std::int64_t element_bytes(ElementType type);
std::int64_t payload_bytes(const TensorSpec& spec);

class TensorTable {
 public:
  int copies() const { return copies_; }

  // Throws std::out_of_range for a name or copy that is not there.
  std::byte* data(std::string_view name, int copy) const { return place(name, copy).payload; }
  template <class T>
  T* as(std::string_view name, int copy) const {
    return reinterpret_cast<T*>(data(name, copy));
  }

  // The random numbers that this tensor is filled with, for a reference.
  InputStream input(std::string_view name, int copy) const;

  // For Workload::tensors().
  std::vector<TensorInfo> info() const;

 protected:
  // A buffer; the constructor of a backend's class gives each its payload.
  struct Place {
    std::size_t tensor;
    int copy;
    std::byte* payload = nullptr;
  };

  TensorTable(std::vector<TensorSpec> specs, const Preparation& preparation);

  // In the order of the tensors, and of their copies.
  std::vector<Place>& places() { return places_; }
  const std::vector<Place>& places() const { return places_; }

  const Place& place(std::string_view name, int copy) const;
  const TensorSpec& spec(const Place& place) const { return specs_[place.tensor]; }
  InputStream input(const Place& place) const;

  // Throws std::invalid_argument where the tensor does not have so many bytes.
  void check_upload(const TensorSpec& spec, std::size_t bytes) const;
  // "guard bands of c (copy 0): 128 bytes overwritten"
  std::string damage_text(const Place& place, std::int64_t bytes) const;

 private:
  int copies_;
  std::uint64_t seed_;
  std::vector<TensorSpec> specs_;
  std::vector<Place> places_;
};

}  // namespace roofproof
