// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/tensors.h"

#include <sys/mman.h>

#include <cmath>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>

#include "kernels/float16.h"
#include "kernels/host/device.h"
#include "kernels/weights.h"

namespace roofproof::host {
namespace {

// On either side of a tensor: more than a row of any tile in use, and it keeps the payload aligned
// to a page.
constexpr std::int64_t guard_bytes = 4096;
constexpr std::int64_t page_bytes = 4096;
constexpr std::int64_t huge_page_bytes = 2 << 20;

std::int64_t payload_bytes(const TensorSpec& spec) { return spec.count * element_bytes(spec.type); }

// The guard's byte at an offset from the buffer's begin. Any aligned FP32 or FP16 number read from
// a guard is NaN, and each buffer's guards differ from all others'.
std::byte guard_byte(std::size_t tensor, int copy, std::int64_t offset) {
  const std::uint64_t salt = static_cast<std::uint64_t>(tensor) << 48 |
                             static_cast<std::uint64_t>(copy) << 32 |
                             static_cast<std::uint64_t>(offset / 4);
  const auto word = static_cast<std::uint32_t>(mix_bits(salt)) | 0xff80ff80u;
  return static_cast<std::byte>(word >> (offset % 4 * 8));
}

// Calls action(offset) for each byte of the band before and of the band after the payload.
template <class Action>
void for_each_guard_byte(const TensorSpec& spec, const Action& action) {
  for (std::int64_t i = 0; i < guard_bytes; ++i) action(i);
  const std::int64_t after = guard_bytes + payload_bytes(spec);
  for (std::int64_t i = after; i < after + guard_bytes; ++i) action(i);
}

// values[i] = value(i), in contiguous shares.
template <class T, class Value>
void fill_values(std::byte* data, std::int64_t count, int threads, const Value& value) {
  T* const values = reinterpret_cast<T*>(data);
#pragma omp parallel for schedule(static) num_threads(threads)
  for (std::int64_t i = 0; i < count; ++i) values[i] = value(static_cast<std::uint64_t>(i));
}

void fill_bytes(std::byte* data, std::int64_t count, int threads, std::byte byte) {
  fill_values<std::byte>(data, count, threads, [byte](std::uint64_t) { return byte; });
}

void fill_random(std::byte* data, const TensorSpec& spec, InputStream input, int threads) {
  switch (spec.type) {
    case ElementType::fp32:
      return fill_values<float>(data, spec.count, threads,
                                [input](std::uint64_t i) { return input.uniform(i); });
    case ElementType::fp16:
      return fill_values<std::uint16_t>(data, spec.count, threads, [input](std::uint64_t i) {
        return to_float16(input.uniform(i));
      });
    case ElementType::int8:
      return fill_values<std::int8_t>(data, spec.count, threads,
                                      [input](std::uint64_t i) { return input.int8(i); });
    case ElementType::uint8:
      return fill_values<std::uint8_t>(data, spec.count, threads, [input](std::uint64_t i) {
        return random_int4_pair(input, i);
      });
    case ElementType::int32:
    case ElementType::uint32:
      return fill_values<std::uint32_t>(data, spec.count, threads,
                                        [input](std::uint64_t i) { return input.bits(i); });
  }
  throw std::logic_error("kernels/host/tensors.cpp: no random values for tensor " + spec.name);
}

void fill_scales(std::byte* data, const TensorSpec& spec, InputStream input, int threads) {
  switch (spec.type) {
    case ElementType::fp32:
      return fill_values<float>(data, spec.count, threads,
                                [input](std::uint64_t i) { return random_int8_scale(input, i); });
    case ElementType::fp16:
      return fill_values<std::uint16_t>(data, spec.count, threads, [input](std::uint64_t i) {
        return to_float16(random_int4_scale(input, i));
      });
    default:
      throw std::logic_error("kernels/host/tensors.cpp: scales are FP32 or FP16: " + spec.name);
  }
}

void fill_norm(std::byte* data, const TensorSpec& spec, InputStream input, int threads) {
  const float root = 1 / std::sqrt(static_cast<float>(spec.count));
  const auto value = [=](std::uint64_t i) { return random_norm_weight(input, i, root); };
  if (spec.type == ElementType::fp32) return fill_values<float>(data, spec.count, threads, value);
  fill_values<std::uint16_t>(data, spec.count, threads,
                             [=](std::uint64_t i) { return to_float16(value(i)); });
}

}  // namespace

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
  throw std::logic_error("kernels/host/tensors.cpp: unknown element type");
}

void* allocate_pages(std::int64_t bytes) {
  const std::int64_t alignment = bytes >= huge_page_bytes ? huge_page_bytes : page_bytes;
  const auto size = static_cast<std::size_t>((bytes + alignment - 1) / alignment * alignment);
  void* memory = std::aligned_alloc(static_cast<std::size_t>(alignment), size);
  if (memory == nullptr) throw std::bad_alloc();
  // Advice: where the system has no huge pages the memory is as good, only slower.
  if (alignment == huge_page_bytes) madvise(memory, size, MADV_HUGEPAGE);
  return memory;
}

Tensors::Tensors(std::vector<TensorSpec> specs, const Preparation& preparation, int threads)
    : copies_(preparation.copies), seed_(preparation.seed), threads_(threads) {
  // Memory that is promised but not there would end the process when it is touched.
  std::int64_t needed = 0;
  for (const TensorSpec& spec : specs) {
    needed += (payload_bytes(spec) + 2 * guard_bytes) * (spec.rotated ? copies_ : 1);
  }
  const std::int64_t available = available_memory_bytes();
  if (needed > available) {
    throw std::runtime_error("needs " + std::to_string(needed) + " bytes of memory, " +
                             std::to_string(available) + " are available");
  }
  for (TensorSpec& spec : specs) {
    const std::size_t tensor = tensors_.size();
    tensors_.push_back({std::move(spec), {}});
    const TensorSpec& kept = tensors_.back().spec;
    for (int copy = 0; copy < (kept.rotated ? copies_ : 1); ++copy) {
      auto buffer = allocate_array<std::byte>(payload_bytes(kept) + 2 * guard_bytes);
      for_each_guard_byte(kept, [&](std::int64_t offset) {
        buffer[static_cast<std::size_t>(offset)] = guard_byte(tensor, copy, offset);
      });
      tensors_.back().buffers.push_back(std::move(buffer));
      refill(kept.name, copy);
    }
  }
}

std::size_t Tensors::index(std::string_view name) const {
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    if (tensors_[i].spec.name == name) return i;
  }
  throw std::out_of_range("no tensor " + std::string(name));
}

std::byte* Tensors::payload(std::size_t tensor, int copy) const {
  if (copy < 0 || copy >= copies_) {
    throw std::out_of_range("no copy " + std::to_string(copy) + " of tensor " +
                            tensors_[tensor].spec.name);
  }
  const auto& buffers = tensors_[tensor].buffers;
  return buffers[buffers.size() == 1 ? 0 : static_cast<std::size_t>(copy)].get() + guard_bytes;
}

std::byte* Tensors::data(std::string_view name, int copy) const {
  return payload(index(name), copy);
}

InputStream Tensors::input(std::string_view name, int copy) const {
  const std::size_t tensor = index(name);
  const bool rotated = tensors_[tensor].spec.rotated;
  return input_stream(seed_, tensor, static_cast<std::uint64_t>(rotated ? copy : 0));
}

void Tensors::refill(std::string_view name, int copy) {
  const std::size_t tensor = index(name);
  const TensorSpec& spec = tensors_[tensor].spec;
  std::byte* const to = payload(tensor, copy);
  if (spec.fill == Fill::poison) {
    fill_bytes(to, payload_bytes(spec), threads_, std::byte{0xff});
  } else if (spec.fill == Fill::scales) {
    fill_scales(to, spec, input(name, copy), threads_);
  } else if (spec.fill == Fill::norm) {
    fill_norm(to, spec, input(name, copy), threads_);
  } else {
    fill_random(to, spec, input(name, copy), threads_);
  }
}

std::string Tensors::damaged_guard() const {
  for (std::size_t tensor = 0; tensor < tensors_.size(); ++tensor) {
    const auto& [spec, buffers] = tensors_[tensor];
    for (std::size_t copy = 0; copy < buffers.size(); ++copy) {
      std::int64_t damaged = 0;
      for_each_guard_byte(spec, [&](std::int64_t offset) {
        damaged += buffers[copy][static_cast<std::size_t>(offset)] !=
                   guard_byte(tensor, static_cast<int>(copy), offset);
      });
      if (damaged != 0) {
        return "guard bands of " + spec.name + " (copy " + std::to_string(copy) +
               "): " + std::to_string(damaged) + " bytes overwritten";
      }
    }
  }
  return {};
}

std::vector<TensorInfo> Tensors::info() const {
  std::vector<TensorInfo> all;
  for (const Tensor& tensor : tensors_) {
    all.push_back({tensor.spec.name, tensor.spec.type, tensor.spec.count});
  }
  return all;
}

std::vector<std::byte> Tensors::download(std::string_view name, int copy) const {
  const std::size_t tensor = index(name);
  const std::byte* from = payload(tensor, copy);
  return {from, from + payload_bytes(tensors_[tensor].spec)};
}

void Tensors::upload(std::string_view name, int copy, const std::vector<std::byte>& bytes) {
  const std::size_t tensor = index(name);
  if (static_cast<std::int64_t>(bytes.size()) != payload_bytes(tensors_[tensor].spec)) {
    throw std::invalid_argument("upload of " + std::to_string(bytes.size()) + " bytes to tensor " +
                                tensors_[tensor].spec.name);
  }
  if (!bytes.empty()) std::memcpy(payload(tensor, copy), bytes.data(), bytes.size());
}

}  // namespace roofproof::host
