// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/tensors.h"

#include <gtest/gtest.h>

#include <cstring>
#include <stdexcept>

#include "kernels/host/device.h"
#include "tests/kernels/naive.h"

namespace roofproof::host {
namespace {

std::vector<TensorSpec> specs() {
  return {{"w", ElementType::int8, 1001, Fill::random},
          {"scales", ElementType::fp16, 7, Fill::scales},
          {"x", ElementType::fp16, 33, Fill::random, /*rotated=*/false},
          {"y", ElementType::fp32, 5, Fill::poison}};
}

TEST(HostTensors, RotatedOnesDifferPerCopyAndOthersAreShared) {
  const Tensors tensors(specs(), {.seed = 2, .copies = 3}, 2);
  EXPECT_NE(tensors.data("w", 0), tensors.data("w", 1));
  EXPECT_NE(tensors.download("w", 0), tensors.download("w", 1));
  EXPECT_EQ(tensors.data("x", 0), tensors.data("x", 2));
  EXPECT_EQ(tensors.input("x", 0).key, tensors.input("x", 2).key);
  EXPECT_NE(tensors.input("w", 0).key, tensors.input("scales", 0).key);
}

TEST(HostTensors, HoldWhatTheirStreamSaysWhateverTheThreads) {
  const Tensors tensors(specs(), {.seed = 2, .copies = 2}, 1);
  const Tensors same(specs(), {.seed = 2, .copies = 2}, 5);
  for (const TensorInfo& tensor : tensors.info()) {
    EXPECT_EQ(tensors.download(tensor.name, 1), same.download(tensor.name, 1));
  }
  const auto w = naive::elements<std::int8_t>(tensors.download("w", 1));
  const auto x = naive::doubles_of_halves(tensors.download("x", 1));
  for (std::size_t i = 0; i < w.size(); ++i) EXPECT_EQ(w[i], tensors.input("w", 1).int8(i));
  for (std::size_t i = 0; i < x.size(); ++i) {
    EXPECT_NEAR(x[i], tensors.input("x", 0).uniform(i), 0x1p-12);
  }
}

TEST(HostTensors, OutputsArePoisonedAndAlignedToLines) {
  const Tensors tensors(specs(), {}, 2);
  for (const float value : naive::elements<float>(tensors.download("y", 0))) {
    EXPECT_TRUE(std::isnan(value));
  }
  for (const TensorInfo& tensor : tensors.info()) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensors.data(tensor.name, 0)) % 64, 0u);
  }
}

TEST(HostTensors, RefillGivesBackTheFirstContents) {
  Tensors tensors(specs(), {.seed = 4}, 2);
  for (const TensorInfo& tensor : tensors.info()) {
    const auto first = tensors.download(tensor.name, 0);
    tensors.upload(tensor.name, 0, std::vector<std::byte>(first.size(), std::byte{1}));
    EXPECT_NE(tensors.download(tensor.name, 0), first);
    tensors.refill(tensor.name, 0);
    EXPECT_EQ(tensors.download(tensor.name, 0), first);
  }
}

TEST(HostTensors, OneByteOutsideIsFound) {
  for (const char* name : {"w", "scales", "x", "y"}) {
    Tensors tensors(specs(), {.copies = 2}, 1);
    EXPECT_EQ(tensors.damaged_guard(), "");
    std::byte* const data = tensors.data(name, 1);
    const std::size_t size = tensors.download(name, 1).size();
    for (std::byte* const outside : {data - 1, data + size, data - 4096, data + size + 4095}) {
      const std::byte before = *outside;
      *outside ^= std::byte{0x10};
      const std::string damage = tensors.damaged_guard();
      EXPECT_NE(damage.find(name), std::string::npos) << damage;
      EXPECT_NE(damage.find("1 bytes"), std::string::npos) << damage;
      *outside = before;
    }
  }
}

TEST(HostTensors, WhatLiesOutsideIsNan) {
  const Tensors tensors(specs(), {}, 1);
  const std::byte* const y = tensors.data("y", 0);
  float neighbours[2];
  std::memcpy(neighbours, y - 4, 4);
  std::memcpy(neighbours + 1, y + 5 * 4, 4);
  std::uint16_t half;
  std::memcpy(&half, tensors.data("x", 0) + 33 * 2, 2);
  EXPECT_TRUE(std::isnan(neighbours[0]));
  EXPECT_TRUE(std::isnan(neighbours[1]));
  EXPECT_TRUE(std::isnan(naive::half_value(half)));
}

TEST(HostTensors, RefuseWhatIsNotThere) {
  Tensors tensors(specs(), {.copies = 2}, 1);
  EXPECT_THROW(tensors.data("z", 0), std::out_of_range);
  EXPECT_THROW(tensors.data("w", 2), std::out_of_range);
  EXPECT_THROW(tensors.upload("w", 0, {}), std::invalid_argument);
  const std::int64_t too_many = available_memory_bytes();
  EXPECT_THROW(Tensors({{"a", ElementType::fp32, too_many, Fill::random}}, {}, 1),
               std::runtime_error);
}

TEST(HostDevice, IsPlausible) {
  const Device device = describe_device();
  EXPECT_EQ(device.backend, Backend::host);
  EXPECT_FALSE(device.name.empty());
  EXPECT_GE(device.processors, 1);
  EXPECT_GT(device.memory_bytes, 1 << 20);
  EXPECT_LE(available_memory_bytes(), device.memory_bytes);
  const Caches sizes = caches();
  EXPECT_GE(sizes.l1_data_bytes, 4 << 10);
  EXPECT_GE(sizes.l2_bytes, sizes.l1_data_bytes);
  EXPECT_GE(sizes.last_level_bytes, sizes.l2_bytes);
  EXPECT_EQ(device.last_level_cache_bytes, sizes.last_level_bytes);
}

}  // namespace
}  // namespace roofproof::host
