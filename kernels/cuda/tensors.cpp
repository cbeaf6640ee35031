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

std::int64_t payload_bytes(const TensorSpec& spec) { return spec.count * element_bytes(spec.type); }

// Buffers of one tensor have different guards, as do those of different tensors.
std::uint64_t guard_salt(std::size_t tensor, int copy) {
  return mix_bits((static_cast<std::uint64_t>(tensor) << 32) + static_cast<std::uint64_t>(copy));
}

// Enqueues `action(base, first, last)` for the band before and the band after the payload.
template <class Action>
void for_each_guard(const Buffer& buffer, const TensorSpec& spec, const Action& action) {
  action(buffer.data(), std::int64_t{0}, guard_bytes);
  action(buffer.data(), guard_bytes + payload_bytes(spec),
         static_cast<std::int64_t>(buffer.size()));
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
  throw std::logic_error("kernels/cuda/tensors.cpp: unknown element type");
}

std::int64_t device_bytes(const TensorSpec& spec) {
  constexpr std::int64_t page = std::int64_t{2} << 20;
  const std::int64_t bytes = payload_bytes(spec) + 2 * guard_bytes;
  return bytes < page / 2 ? bytes : (bytes + page - 1) / page * page;
}

Tensors::Tensors(std::vector<TensorSpec> specs, const Preparation& preparation)
    : copies_(preparation.copies), seed_(preparation.seed) {
  const auto stream = static_cast<cudaStream_t>(preparation.stream);
  tensors_.reserve(specs.size());
  for (TensorSpec& spec : specs) {
    tensors_.push_back({std::move(spec), {}});
    Tensor& tensor = tensors_.back();
    const int buffers = tensor.spec.rotated ? copies_ : 1;
    for (int copy = 0; copy < buffers; ++copy) {
      tensor.buffers.emplace_back(
          static_cast<std::size_t>(payload_bytes(tensor.spec) + 2 * guard_bytes));
      for_each_guard(tensor.buffers.back(), tensor.spec,
                     [&](std::byte* base, std::int64_t first, std::int64_t last) {
                       fill_guard(base, first, last, guard_salt(tensors_.size() - 1, copy), stream);
                     });
      fill(tensors_.size() - 1, copy, stream);
    }
  }
  ROOFPROOF_CUDA_CHECK(cudaStreamSynchronize(stream));
}

std::size_t Tensors::index(std::string_view name) const {
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    if (tensors_[i].spec.name == name) return i;
  }
  throw std::out_of_range("no tensor " + std::string(name));
}

const Buffer& Tensors::buffer(std::size_t tensor, int copy) const {
  if (copy < 0 || copy >= copies_) {
    throw std::out_of_range(tensors_[tensor].spec.name + " has no copy " + std::to_string(copy));
  }
  return tensors_[tensor].buffers[tensors_[tensor].spec.rotated ? copy : 0];
}

std::byte* Tensors::data(std::string_view name, int copy) const {
  return buffer(index(name), copy).data() + guard_bytes;
}

InputStream Tensors::input(std::string_view name, int copy) const {
  const std::size_t tensor = index(name);
  const int set = tensors_[tensor].spec.rotated ? copy : 0;
  return input_stream(seed_, tensor, static_cast<std::uint64_t>(set));
}

void Tensors::fill(std::size_t tensor, int copy, cudaStream_t stream) {
  const TensorSpec& spec = tensors_[tensor].spec;
  std::byte* data = buffer(tensor, copy).data() + guard_bytes;
  const InputStream random = input(spec.name, copy);
  const auto set_bytes = [&](int value) {
    ROOFPROOF_CUDA_CHECK(cudaMemsetAsync(data, value, payload_bytes(spec), stream));
  };
  switch (spec.fill) {
    case Fill::random:
      return fill_random_values(data, spec, random, stream);
    case Fill::poison:
      return set_bytes(0xff);
  }
}

void Tensors::refill(std::string_view name, int copy, cudaStream_t stream) {
  fill(index(name), copy, stream);
}

std::string Tensors::damaged_guard(cudaStream_t stream) const {
  std::vector<std::string> names;
  std::size_t buffers = 0;
  for (const Tensor& tensor : tensors_) buffers += tensor.buffers.size();
  if (buffers == 0) return {};
  // One counter per buffer, so that the device is waited for once.
  const Buffer counters(buffers * sizeof(unsigned));
  ROOFPROOF_CUDA_CHECK(cudaMemsetAsync(counters.data(), 0, counters.size(), stream));
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    for (std::size_t copy = 0; copy < tensors_[i].buffers.size(); ++copy) {
      for_each_guard(tensors_[i].buffers[copy], tensors_[i].spec,
                     [&](const std::byte* base, std::int64_t first, std::int64_t last) {
                       count_damage(base, first, last, guard_salt(i, static_cast<int>(copy)),
                                    counters.as<unsigned>() + names.size(), stream);
                     });
      names.push_back(tensors_[i].spec.name + " (copy " + std::to_string(copy) + ")");
    }
  }
  std::vector<unsigned> damaged(buffers);
  ROOFPROOF_CUDA_CHECK(cudaMemcpyAsync(damaged.data(), counters.data(), counters.size(),
                                       cudaMemcpyDeviceToHost, stream));
  ROOFPROOF_CUDA_CHECK(cudaStreamSynchronize(stream));
  for (std::size_t i = 0; i < buffers; ++i) {
    if (damaged[i] != 0) {
      return "guard bands of " + names[i] + ": " + std::to_string(damaged[i]) +
             " bytes overwritten";
    }
  }
  return {};
}

std::vector<TensorInfo> Tensors::info() const {
  std::vector<TensorInfo> result;
  for (const Tensor& tensor : tensors_) {
    result.push_back({tensor.spec.name, tensor.spec.type, tensor.spec.count});
  }
  return result;
}

std::vector<std::byte> Tensors::download(std::string_view name, int copy) const {
  const TensorSpec& spec = tensors_[index(name)].spec;
  std::vector<std::byte> bytes(static_cast<std::size_t>(payload_bytes(spec)));
  download_bytes(name, copy, 0, spec.count, static_cast<std::size_t>(element_bytes(spec.type)),
                 bytes.data());
  return bytes;
}

void Tensors::download_bytes(std::string_view name, int copy, std::int64_t first,
                             std::int64_t count, std::size_t element_size, void* out) const {
  const TensorSpec& spec = tensors_[index(name)].spec;
  const std::int64_t size = element_bytes(spec.type);
  if (static_cast<std::int64_t>(element_size) != size || first < 0 || count < 0 ||
      count > spec.count - first) {
    throw std::out_of_range("elements " + std::to_string(first) + " + " + std::to_string(count) +
                            " of tensor " + spec.name);
  }
  // Launches may be under way on a stream that does not wait for the default one.
  ROOFPROOF_CUDA_CHECK(cudaDeviceSynchronize());
  ROOFPROOF_CUDA_CHECK(cudaMemcpy(out, data(name, copy) + first * size,
                                  static_cast<std::size_t>(count * size), cudaMemcpyDeviceToHost));
}

void Tensors::upload(std::string_view name, int copy, const std::vector<std::byte>& bytes) {
  const TensorSpec& spec = tensors_[index(name)].spec;
  if (static_cast<std::int64_t>(bytes.size()) != payload_bytes(spec)) {
    throw std::invalid_argument("tensor " + spec.name + " has " +
                                std::to_string(payload_bytes(spec)) + " bytes, not " +
                                std::to_string(bytes.size()));
  }
  ROOFPROOF_CUDA_CHECK(cudaDeviceSynchronize());
  copy_to_device(data(name, copy), bytes.data(), bytes.size());
}

}  // namespace roofproof::cuda
