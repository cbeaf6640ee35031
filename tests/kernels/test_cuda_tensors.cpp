// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The buffers of CUDA workloads, on a GPU: contents, copies, guard bands.

#include "kernels/cuda/tensors.h"

#include <chrono>
#include <cmath>
#include <thread>

#include "bench/cuda/gate.h"
#include "kernels/cuda/runtime/event.h"
#include "kernels/cuda/runtime/graph.h"
#include "kernels/float16.h"
#include "kernels/played.h"
#include "kernels/weights.h"
#include "tests/cuda_fixture.h"

namespace roofproof::cuda {
namespace {

class CudaTensors : public CudaTest {
 protected:
  // One tensor of each kind, of an odd size.
  Tensors make() const {
    Preparation preparation;
    preparation.seed = 99;
    preparation.copies = 2;
    return Tensors({{"f32", ElementType::fp32, 1001, Fill::random},
                    {"f16", ElementType::fp16, 1001, Fill::random},
                    {"i8", ElementType::int8, 1001, Fill::random},
                    {"u8", ElementType::uint8, 1001, Fill::random, false},
                    {"u32", ElementType::uint32, 1001, Fill::random},
                    {"out", ElementType::fp32, 1001, Fill::poison}},
                   preparation);
  }
};

TEST_F(CudaTensors, DeviceFillsWhatTheHostRecomputes) {
  const Tensors tensors = make();
  for (const int copy : {0, 1}) {
    const auto f32 = tensors.download_range<float>("f32", copy, 0, 1001);
    const auto f16 = tensors.download_range<std::uint16_t>("f16", copy, 0, 1001);
    const auto i8 = tensors.download_range<std::int8_t>("i8", copy, 0, 1001);
    const auto u8 = tensors.download_range<std::uint8_t>("u8", copy, 0, 1001);
    const auto u32 = tensors.download_range<std::uint32_t>("u32", copy, 0, 1001);
    for (std::uint64_t i = 0; i < 1001; ++i) {
      ASSERT_EQ(f32[i], tensors.input("f32", copy).uniform(i));
      ASSERT_EQ(f16[i], to_float16(tensors.input("f16", copy).uniform(i)));
      ASSERT_EQ(i8[i], tensors.input("i8", copy).int8(i));
      ASSERT_EQ(u8[i], random_int4_pair(tensors.input("u8", copy), i));
      ASSERT_EQ(u32[i], tensors.input("u32", copy).bits(i));
    }
    for (const float value : tensors.download_range<float>("out", copy, 0, 1001)) {
      ASSERT_TRUE(std::isnan(value));
    }
  }
}

TEST_F(CudaTensors, CopiesDifferWhereTheyRotate) {
  const Tensors tensors = make();
  EXPECT_NE(tensors.download("f32", 0), tensors.download("f32", 1));
  EXPECT_NE(tensors.data("f32", 0), tensors.data("f32", 1));
  EXPECT_EQ(tensors.data("u8", 0), tensors.data("u8", 1));
  EXPECT_NE(tensors.download("f32", 0), tensors.download("u32", 0));
  EXPECT_THROW(tensors.data("f32", 2), std::out_of_range);
  EXPECT_THROW(tensors.data("f33", 0), std::out_of_range);
}

TEST_F(CudaTensors, UploadAndRefill) {
  Tensors tensors = make();
  const auto first = tensors.download("i8", 1);
  std::vector<std::byte> other(1001, std::byte{42});
  tensors.upload("i8", 1, other);
  EXPECT_EQ(tensors.download("i8", 1), other);
  tensors.refill("i8", 1, nullptr);
  EXPECT_EQ(tensors.download("i8", 1), first);
  other.pop_back();
  EXPECT_THROW(tensors.upload("i8", 1, other), std::invalid_argument);
  EXPECT_THROW(tensors.download_range<std::int8_t>("i8", 0, 1000, 2), std::out_of_range);
  EXPECT_THROW(tensors.download_range<float>("i8", 0, 0, 1), std::out_of_range);
  EXPECT_TRUE(tensors.guards_intact());
}

// Each byte next to a tensor counts, on both sides, and is named.
TEST_F(CudaTensors, GuardsShowASingleByte) {
  for (const std::int64_t offset :
       {std::int64_t{-1}, std::int64_t{-16384}, std::int64_t{1001}, std::int64_t{1001 + 16383}}) {
    const Tensors tensors = make();
    ASSERT_EQ(tensors.damaged_guard(nullptr), "");
    std::byte* place = tensors.data("i8", 1) + offset;
    std::byte value{};
    ROOFPROOF_CUDA_CHECK(cudaMemcpy(&value, place, 1, cudaMemcpyDeviceToHost));
    value ^= std::byte{1};
    ROOFPROOF_CUDA_CHECK(cudaMemcpy(place, &value, 1, cudaMemcpyHostToDevice));
    EXPECT_EQ(tensors.damaged_guard(nullptr), "guard bands of i8 (copy 1): 1 bytes overwritten");
    EXPECT_FALSE(tensors.guards_intact());
  }
}

// What a kernel reads beyond its operand must not look like a number.
TEST_F(CudaTensors, GuardsAreNaN) {
  const Tensors tensors = make();
  std::vector<std::uint16_t> band(8192);
  ROOFPROOF_CUDA_CHECK(cudaMemcpy(band.data(), tensors.data("f16", 0) - 2 * band.size(),
                                  2 * band.size(), cudaMemcpyDeviceToHost));
  for (const std::uint16_t half : band) ASSERT_TRUE(std::isnan(to_float(half)));
  for (std::size_t i = 0; i < band.size(); i += 2) {
    float value = 0;
    std::memcpy(&value, &band[i], sizeof value);
    ASSERT_TRUE(std::isnan(value));
  }
}

TEST_F(CudaTensors, GraphReplaysWhatWasCaptured) {
  const Stream stream;
  const Tensors tensors = make();
  const Graph graph = Graph::capture(stream.get(), [&] {
    ROOFPROOF_CUDA_CHECK(cudaMemsetAsync(tensors.data("out", 0), 0, 4, stream.get()));
  });
  EXPECT_TRUE(std::isnan(tensors.download_range<float>("out", 0, 0, 1)[0])) << "ran when captured";
  Event start;
  Event stop;
  graph.upload(stream.get());
  start.record(stream.get());
  graph.launch(stream.get());
  stop.record(stream.get());
  EXPECT_GT(elapsed_s(start, stop), 0);
  EXPECT_LT(elapsed_s(start, stop), 10);
  EXPECT_EQ(tensors.download_range<float>("out", 0, 0, 1)[0], 0);
}

TEST_F(CudaTensors, FailedCaptureLeavesTheStreamUsable) {
  const Stream stream;
  EXPECT_THROW(Graph::capture(stream.get(), [] { throw std::runtime_error("no"); }),
               std::runtime_error);
  const Tensors tensors = make();
  ROOFPROOF_CUDA_CHECK(cudaMemsetAsync(tensors.data("out", 0), 0, 4, stream.get()));
  stream.synchronize();
  EXPECT_EQ(tensors.download_range<float>("out", 0, 0, 1)[0], 0);
}

TEST_F(CudaTensors, ErrorsThatAreNotStickyAreForgotten) {
  EXPECT_THROW(Buffer(std::size_t{1} << 60), CudaError);
  EXPECT_EQ(cudaPeekAtLastError(), cudaSuccess);
  ROOFPROOF_CUDA_LOG_ERROR(cudaFree(reinterpret_cast<void*>(16)));
  EXPECT_EQ(cudaPeekAtLastError(), cudaSuccess);
  EXPECT_NO_THROW(make());
}

TEST_F(CudaTensors, AGateHoldsAStreamUntilItIsReleased) {
  if (is_played(device_.name)) GTEST_SKIP() << "the time of the PTX machine is that of the host";
  const Stream stream;
  Gate gate;
  Event start;
  Event stop;
  gate.hold(stream.get());  // loads the kernel
  gate.release();
  start.record(stream.get());
  gate.hold(stream.get());
  stop.record(stream.get());
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  gate.release();
  EXPECT_GE(elapsed_s(start, stop), 4e-3);
  EXPECT_LE(elapsed_s(start, stop), 0.1);
  EXPECT_FALSE(gate.was_given_up());
}

TEST_F(CudaTensors, AGateThatNobodyReleasesIsGivenUp) {
  const Stream stream;
  Gate gate;
  gate.hold(stream.get());
  stream.synchronize();
  EXPECT_TRUE(gate.was_given_up());
}

TEST_F(CudaTensors, DeviceIsDescribed) {
  const DeviceProperties properties = device_properties(0);
  EXPECT_GE(properties.device.compute_capability, 50);
  EXPECT_GT(properties.device.processors, 0);
  EXPECT_GT(properties.device.memory_bytes, std::int64_t{1} << 30);
  EXPECT_GT(properties.device.last_level_cache_bytes, 0);
  EXPECT_GE(properties.device.shared_memory_per_block, 48 * 1024);
  EXPECT_FALSE(properties.device.name.empty());
  EXPECT_GE(properties.shared_memory_per_sm, properties.device.shared_memory_per_block);
}

}  // namespace
}  // namespace roofproof::cuda
