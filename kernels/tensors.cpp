// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/tensors.h"

#include <stdexcept>
#include <utility>

namespace roofproof {

std::int64_t element_bytes(ElementType type) {
  switch (type) {
    case ElementType::fp32:
    case ElementType::int32:
    case ElementType::uint32:
      return 4;
    case ElementType::fp16:
      return 2;
    case ElementType::int8:
    case ElementType::uint8:
      return 1;
  }
  throw std::logic_error("kernels/tensors.cpp: unknown element type");
}

std::int64_t payload_bytes(const TensorSpec& spec) { return spec.count * element_bytes(spec.type); }

TensorTable::TensorTable(std::vector<TensorSpec> specs, const Preparation& preparation)
    : copies_(preparation.copies), seed_(preparation.seed), specs_(std::move(specs)) {
  for (std::size_t tensor = 0; tensor < specs_.size(); ++tensor) {
    for (int copy = 0; copy < (specs_[tensor].rotated ? copies_ : 1); ++copy) {
      places_.push_back({tensor, copy});
    }
  }
}

const TensorTable::Place& TensorTable::place(std::string_view name, int copy) const {
  if (copy < 0 || copy >= copies_) {
    throw std::out_of_range(std::string(name) + " has no copy " + std::to_string(copy));
  }
  for (const Place& place : places_) {
    if (spec(place).name == name && (place.copy == copy || !spec(place).rotated)) return place;
  }
  throw std::out_of_range("no tensor " + std::string(name));
}

InputStream TensorTable::input(std::string_view name, int copy) const {
  return input(place(name, copy));
}

InputStream TensorTable::input(const Place& place) const {
  return input_stream(seed_, place.tensor, static_cast<std::uint64_t>(place.copy));
}

std::vector<TensorInfo> TensorTable::info() const {
  std::vector<TensorInfo> all;
  for (const TensorSpec& spec : specs_) all.push_back({spec.name, spec.type, spec.count});
  return all;
}

void TensorTable::check_upload(const TensorSpec& spec, std::size_t bytes) const {
  if (static_cast<std::int64_t>(bytes) == payload_bytes(spec)) return;
  throw std::invalid_argument("tensor " + spec.name + " has " +
                              std::to_string(payload_bytes(spec)) + " bytes, not " +
                              std::to_string(bytes));
}

std::string TensorTable::damage_text(const Place& place, std::int64_t bytes) const {
  return "guard bands of " + spec(place).name + " (copy " + std::to_string(place.copy) +
         "): " + std::to_string(bytes) + " bytes overwritten";
}

}  // namespace roofproof
