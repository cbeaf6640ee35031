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
    : TensorTable(std::move(specs), preparation), threads_(threads) {
  // Memory that is promised but not there would end the process when it is touched.
  std::int64_t needed = 0;
  for (const Place& place : places()) needed += payload_bytes(spec(place)) + 2 * guard_bytes;
  const std::int64_t available = available_memory_bytes();
  if (needed > available) {
    throw std::runtime_error("needs " + std::to_string(needed) + " bytes of memory, " +
                             std::to_string(available) + " are available");
  }
  for (Place& place : places()) {
    memory_.push_back(allocate_array<std::byte>(payload_bytes(spec(place)) + 2 * guard_bytes));
    std::byte* const memory = memory_.back().get();
    place.payload = memory + guard_bytes;
    for_each_guard_byte(spec(place), [&](std::int64_t offset) {
      memory[offset] = guard_byte(place.tensor, place.copy, offset);
    });
    fill(place);
  }
}

void Tensors::fill(const Place& place) {
  const TensorSpec& to = spec(place);
  switch (to.fill) {
    case Fill::random:
      return fill_random(place.payload, to, input(place), threads_);
    case Fill::scales:
      return fill_scales(place.payload, to, input(place), threads_);
    case Fill::norm:
      return fill_norm(place.payload, to, input(place), threads_);
    case Fill::poison:
      return fill_bytes(place.payload, payload_bytes(to), threads_, std::byte{0xff});
  }
}

std::string Tensors::damaged_guard() const {
  for (const Place& place : places()) {
    const std::byte* const memory = place.payload - guard_bytes;
    std::int64_t damaged = 0;
    for_each_guard_byte(spec(place), [&](std::int64_t offset) {
      damaged += memory[offset] != guard_byte(place.tensor, place.copy, offset);
    });
    if (damaged != 0) return damage_text(place, damaged);
  }
  return {};
}

std::vector<std::byte> Tensors::download(std::string_view name, int copy) const {
  const Place& from = place(name, copy);
  return {from.payload, from.payload + payload_bytes(spec(from))};
}

void Tensors::upload(std::string_view name, int copy, const std::vector<std::byte>& bytes) {
  const Place& to = place(name, copy);
  check_upload(spec(to), bytes.size());
  if (!bytes.empty()) std::memcpy(to.payload, bytes.data(), bytes.size());
}

}  // namespace roofproof::host
