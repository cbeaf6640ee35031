// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/tensors.h"

#include <stdexcept>
#include <utility>

#include "kernels/cuda/fill.h"
#include "kernels/cuda/runtime/error.h"

namespace roofproof::cuda {
namespace {

// On either side of a tensor. A multiple of the alignment that cudaMalloc gives, and more than a
// row of the tiles in use, so that a tile that overhangs is caught whichever way it does.
constexpr std::int64_t guard_bytes = 16384;

// Buffers of one tensor have different guards, as do those of different tensors.
std::uint64_t guard_salt(std::size_t tensor, int copy) {
  return mix_bits((static_cast<std::uint64_t>(tensor) << 32) + static_cast<std::uint64_t>(copy));
}

// Enqueues `action(base, first, last)` for the band before and the band after the payload.
template <class Action>
void for_each_guard(std::byte* payload, const TensorSpec& spec, const Action& action) {
  std::byte* const base = payload - guard_bytes;
  const std::int64_t after = guard_bytes + payload_bytes(spec);
  action(base, std::int64_t{0}, guard_bytes);
  action(base, after, after + guard_bytes);
}

void fill_random_values(std::byte* data, const TensorSpec& spec, InputStream input,
                        cudaStream_t stream) {
  switch (spec.type) {
    case ElementType::fp32:
      return fill_random(reinterpret_cast<float*>(data), spec.count, input, stream);
    case ElementType::fp16:
      return fill_random(reinterpret_cast<__half*>(data), spec.count, input, stream);
    case ElementType::int8:
      return fill_random(reinterpret_cast<std::int8_t*>(data), spec.count, input, stream);
    case ElementType::uint8:
      return fill_random(reinterpret_cast<std::uint8_t*>(data), spec.count, input, stream);
    case ElementType::int32:
    case ElementType::uint32:
      return fill_random(reinterpret_cast<std::uint32_t*>(data), spec.count, input, stream);
  }
  throw std::logic_error("kernels/cuda/tensors.cpp: no random values for tensor " + spec.name);
}

}  // namespace

std::int64_t device_bytes(const TensorSpec& spec) {
  constexpr std::int64_t page = std::int64_t{2} << 20;
  const std::int64_t bytes = payload_bytes(spec) + 2 * guard_bytes;
  return bytes < page / 2 ? bytes : (bytes + page - 1) / page * page;
}

Tensors::Tensors(std::vector<TensorSpec> specs, const Preparation& preparation)
    : TensorTable(std::move(specs), preparation) {
  const auto stream = static_cast<cudaStream_t>(preparation.stream);
  for (Place& place : places()) {
    memory_.emplace_back(static_cast<std::size_t>(payload_bytes(spec(place)) + 2 * guard_bytes));
    place.payload = memory_.back().data() + guard_bytes;
    for_each_guard(place.payload, spec(place),
                   [&](std::byte* base, std::int64_t first, std::int64_t last) {
                     fill_guard(base, first, last, guard_salt(place.tensor, place.copy), stream);
                   });
    fill(place, stream);
  }
  ROOFPROOF_CUDA_CHECK(cudaStreamSynchronize(stream));
}

void Tensors::fill(const Place& place, cudaStream_t stream) {
  const TensorSpec& to = spec(place);
  if (to.fill == Fill::random) {
    fill_random_values(place.payload, to, input(place), stream);
  } else if (to.fill == Fill::poison) {
    ROOFPROOF_CUDA_CHECK(
        cudaMemsetAsync(place.payload, 0xff, static_cast<std::size_t>(payload_bytes(to)), stream));
  } else {
    throw std::logic_error("kernels/cuda/tensors.cpp: no such contents on a device: " + to.name);
  }
}

void Tensors::refill(std::string_view name, int copy, cudaStream_t stream) {
  fill(place(name, copy), stream);
}

std::string Tensors::damaged_guard(cudaStream_t stream) const {
  if (places().empty()) return {};
  // One counter per buffer, so that the device is waited for once.
  const Buffer counters(places().size() * sizeof(unsigned));
  ROOFPROOF_CUDA_CHECK(cudaMemsetAsync(counters.data(), 0, counters.size(), stream));
  auto* counter = counters.as<unsigned>();
  for (const Place& place : places()) {
    for_each_guard(
        place.payload, spec(place), [&](std::byte* base, std::int64_t first, std::int64_t last) {
          count_damage(base, first, last, guard_salt(place.tensor, place.copy), counter, stream);
        });
    ++counter;
  }
  std::vector<unsigned> damaged(places().size());
  ROOFPROOF_CUDA_CHECK(cudaMemcpyAsync(damaged.data(), counters.data(), counters.size(),
                                       cudaMemcpyDeviceToHost, stream));
  ROOFPROOF_CUDA_CHECK(cudaStreamSynchronize(stream));
  for (std::size_t i = 0; i < damaged.size(); ++i) {
    if (damaged[i] != 0) return damage_text(places()[i], damaged[i]);
  }
  return {};
}

std::vector<std::byte> Tensors::download(std::string_view name, int copy) const {
  const TensorSpec& from = spec(place(name, copy));
  std::vector<std::byte> bytes(static_cast<std::size_t>(payload_bytes(from)));
  download_bytes(name, copy, 0, from.count, static_cast<std::size_t>(element_bytes(from.type)),
                 bytes.data());
  return bytes;
}

void Tensors::download_bytes(std::string_view name, int copy, std::int64_t first,
                             std::int64_t count, std::size_t element_size, void* out) const {
  const Place& from = place(name, copy);
  const std::int64_t size = element_bytes(spec(from).type);
  if (static_cast<std::int64_t>(element_size) != size || first < 0 || count < 0 ||
      count > spec(from).count - first) {
    throw std::out_of_range("elements " + std::to_string(first) + " + " + std::to_string(count) +
                            " of tensor " + spec(from).name);
  }
  // Launches may be under way on a stream that does not wait for the default one.
  ROOFPROOF_CUDA_CHECK(cudaDeviceSynchronize());
  ROOFPROOF_CUDA_CHECK(cudaMemcpy(out, from.payload + first * size,
                                  static_cast<std::size_t>(count * size), cudaMemcpyDeviceToHost));
}

void Tensors::upload(std::string_view name, int copy, const std::vector<std::byte>& bytes) {
  const Place& to = place(name, copy);
  check_upload(spec(to), bytes.size());
  ROOFPROOF_CUDA_CHECK(cudaDeviceSynchronize());
  copy_to_device(to.payload, bytes.data(), bytes.size());
}

}  // namespace roofproof::cuda
