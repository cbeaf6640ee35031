// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The CUDA runtime over the PTX machine, through CUDA's own calls: what it grants and what it
// refuses.
#include <cudaTypedefs.h>

#include "tests/ptx/cudart_test.h"

namespace roofproof::ptx {
namespace {

cudaLaunchAttribute cluster_of(unsigned blocks) {
  cudaLaunchAttribute attribute = {};
  attribute.id = cudaLaunchAttributeClusterDimension;
  attribute.val.clusterDim = {blocks, 1, 1};
  return attribute;
}

// --- Launches

TEST(Launches, RefusedByTheirShape) {
  in_child(90, "early", [] {
    int* const x = device_ints(64, 1);
    for (const dim3 block : {dim3(0), dim3(1025), dim3(1024, 2), dim3(1, 1, 65)}) {
      EXPECT_EQ(launch(affine, 1, block, 0, nullptr, x, 1, 1), cudaErrorInvalidConfiguration);
    }
    for (const dim3 grid : {dim3(0), dim3(1, 65536), dim3(1, 1, 65536)}) {
      EXPECT_EQ(launch(affine, grid, 1, 0, nullptr, x, 1, 1), cudaErrorInvalidConfiguration);
    }
    EXPECT_EQ(launch(at_most_64, 1, 65, 0, nullptr, x), cudaErrorInvalidValue);
    EXPECT_OK(launch(at_most_64, 1, 64, 0, nullptr, x));
    EXPECT_EQ(launch(&x, 1, 1, 0, nullptr), cudaErrorInvalidDeviceFunction);
    EXPECT_OK(cudaDeviceSynchronize());
  });
}

TEST(Launches, RefusedByTheirRegisters) {
  in_child(90, "early", [] {
    auto* const x = reinterpret_cast<float*>(device_ints(3200, 0));
    cudaFuncAttributes attributes = {};
    ASSERT_OK(cudaFuncGetAttributes(&attributes, many_registers));
    ASSERT_GT(attributes.numRegs, 100);
    EXPECT_EQ(launch(many_registers, 1, 1024, 0, nullptr, x), cudaErrorLaunchOutOfResources);
    EXPECT_OK(launch(many_registers, 1, 32, 0, nullptr, x));
    EXPECT_OK(cudaDeviceSynchronize());
  });
}

struct Shared {
  int compute_capability;
  int most;  // bytes of dynamic shared memory of a block
};
TEST(Launches, SharedMemoryNeedsOptingInAndEnds) {
  for (const auto& [capability, most] :
       {Shared{75, 65536}, {80, 166912}, {86, 101376}, {89, 101376}, {90, 232448}}) {
    in_child(capability, "early", [most = most] {
      int* const x = device_ints(1, 0);
      const auto run = [&](int bytes) {
        return launch(dynamic_shared, 1, 32, static_cast<std::size_t>(bytes), nullptr, x,
                      bytes / 4);
      };
      EXPECT_OK(run(49152));
      EXPECT_EQ(run(49153), cudaErrorInvalidValue);
      constexpr auto opt_in = cudaFuncAttributeMaxDynamicSharedMemorySize;
      EXPECT_EQ(cudaFuncSetAttribute(dynamic_shared, opt_in, most + 1), cudaErrorInvalidValue);
      EXPECT_OK(cudaFuncSetAttribute(dynamic_shared, opt_in, most));
      EXPECT_OK(run(most));
      EXPECT_EQ(run(most + 1), cudaErrorInvalidValue);
      EXPECT_EQ(value_of(x), most / 8 * (most / 4 - 1));
      constexpr auto carveout = cudaFuncAttributePreferredSharedMemoryCarveout;
      EXPECT_OK(cudaFuncSetAttribute(dynamic_shared, carveout, 100));
      EXPECT_EQ(cudaFuncSetAttribute(dynamic_shared, carveout, 101), cudaErrorInvalidValue);
      // What is static counts.
      EXPECT_EQ(launch(static_40000, 1, 32, 49152 - 40000 + 1, nullptr, x), cudaErrorInvalidValue);
      EXPECT_OK(launch(static_40000, 1, 32, 49152 - 40000, nullptr, x));
      EXPECT_EQ(cudaFuncSetAttribute(static_40000, opt_in, most - 39999), cudaErrorInvalidValue);
      EXPECT_OK(cudaFuncSetAttribute(static_40000, opt_in, most - 40000));
      EXPECT_OK(cudaDeviceSynchronize());
    });
  }
}

TEST(Launches, ClustersAndDependentsNeed90) {
  for (const int capability : {75, 80, 86, 89}) {
    in_child(capability, "early", [] {
      int* x = device_ints(1, 1);
      void* arguments[] = {&x};
      EXPECT_EQ(launch_with(cluster_rank, 2, cluster_of(2), nullptr, arguments),
                cudaErrorNotSupported);
      EXPECT_EQ(launch_with(cluster_rank, 2, programmatic(), nullptr, arguments),
                cudaErrorNotSupported);
    });
  }
  in_child(90, "early", [] {
    int* x = device_ints(16, -1);
    void* arguments[] = {&x};
    EXPECT_EQ(launch_with(cluster_rank, 6, cluster_of(4), nullptr, arguments),
              cudaErrorInvalidClusterSize);
    EXPECT_EQ(launch_with(cluster_rank, 16, cluster_of(16), nullptr, arguments),
              cudaErrorInvalidClusterSize);
    EXPECT_EQ(launch_with(cluster_rank, 2, cluster_of(0), nullptr, arguments),
              cudaErrorInvalidValue);
    EXPECT_OK(launch_with(cluster_rank, 4, cluster_of(2), nullptr, arguments));
    int ranks[5] = {};
    EXPECT_OK(cudaMemcpy(ranks, x, sizeof ranks, cudaMemcpyDeviceToHost));
    EXPECT_THAT(ranks, testing::ElementsAre(0, 1, 0, 1, -1));
  });
}

struct Resident {
  int compute_capability, small, with_static, clusters;
};
// 1 warp; 40000 static bytes; clusters of 4 on all (few) multiprocessors.
TEST(Launches, OccupancyOfAKernel) {
  for (const auto& [capability, small, with_static, clusters] :
       {Resident{75, 16, 1, 0}, {80, 32, 4, 0}, {86, 16, 2, 0}, {90, 32, 5, 8 * 32 / 4}}) {
    in_child(capability, "early", [small = small, with_static = with_static, clusters = clusters] {
      int blocks = -1;
      EXPECT_OK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, affine, 32, 0));
      EXPECT_EQ(blocks, small);
      EXPECT_OK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, static_40000, 32, 0));
      EXPECT_EQ(blocks, with_static);
      EXPECT_OK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, affine, 32, 49153));
      EXPECT_EQ(blocks, 0);
      EXPECT_OK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, at_most_64, 65, 0));
      EXPECT_EQ(blocks, 0);
      if (clusters == 0) return;
      cudaLaunchConfig_t config = {};
      cudaLaunchAttribute attribute = cluster_of(4);
      config.gridDim = 4;
      config.blockDim = 32;
      config.attrs = &attribute;
      config.numAttrs = 1;
      int found = -1;
      EXPECT_OK(cudaOccupancyMaxActiveClusters(&found, cluster_rank, &config));
      EXPECT_EQ(found, clusters);
    });
  }
}

// --- Memory

TEST(Memory, IsCountedAndFreedOnce) {
  in_child(90, "early", [] {
    std::size_t before = 0, between = 0, after = 0, total = 0;
    ASSERT_OK(cudaMemGetInfo(&before, &total));
    void *data = nullptr, *host = nullptr;
    ASSERT_OK(cudaMalloc(&data, 1000));
    ASSERT_OK(cudaHostAlloc(&host, 1000, cudaHostAllocMapped));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(data) % 512, 256u) << "promised are 256 bytes";
    EXPECT_OK(cudaMemGetInfo(&between, &total));
    EXPECT_EQ(between, before - 1000);
    EXPECT_EQ(cudaFreeHost(data), cudaErrorInvalidValue);
    EXPECT_EQ(cudaFree(host), cudaErrorInvalidValue);
    EXPECT_EQ(cudaFree(static_cast<char*>(data) + 1), cudaErrorInvalidValue);
    EXPECT_OK(cudaFree(data));
    EXPECT_EQ(cudaFree(data), cudaErrorInvalidValue);
    EXPECT_OK(cudaFreeHost(host));
    EXPECT_OK(cudaFree(nullptr));
    EXPECT_OK(cudaMemGetInfo(&after, &total));
    EXPECT_EQ(after, before);
    EXPECT_EQ(cudaMalloc(&data, total + 1), cudaErrorMemoryAllocation);
    EXPECT_EQ(data, nullptr);
  });
}

TEST(Memory, IsNotTouchedOnceFreed) {
  in_child(90, "early", [] {
    int* const x = device_ints(1, 1);
    EXPECT_OK(cudaFree(x));
    EXPECT_OK(enqueue_affine(x, 2, 0, nullptr));
    EXPECT_EQ(cudaDeviceSynchronize(), cudaErrorIllegalAddress);
  });
}

TEST(Memory, IsFreedAfterWhatUsesIt) {
  in_child(90, "late", [] {
    int* const x = device_ints(1, 1);
    EXPECT_OK(enqueue_affine(x, 2, 0, make_stream()));
    EXPECT_OK(cudaFree(x));
    EXPECT_OK(cudaDeviceSynchronize());
  });
}

TEST(Memory, CopiesSayWhatTheyCopy) {
  in_child(90, "early", [] {
    int* const x = device_ints(4, 1);
    int* const y = device_ints(4, 2);
    int host[4] = {};
    EXPECT_OK(cudaMemcpy(x, y, 16, cudaMemcpyDeviceToDevice));
    EXPECT_OK(cudaMemcpy(host, x, 16, cudaMemcpyDeviceToHost));
    EXPECT_EQ(host[3], 2);
    EXPECT_EQ(cudaMemcpy(x, host, 16, cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
    EXPECT_EQ(cudaMemcpy(host, x, 16, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
    EXPECT_EQ(cudaMemcpy(host, x, 16, cudaMemcpyHostToHost), cudaErrorInvalidValue);
    EXPECT_EQ(cudaMemcpy(x, host, 17, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
    EXPECT_EQ(cudaMemcpy(x, host, 16, static_cast<cudaMemcpyKind>(9)),
              cudaErrorInvalidMemcpyDirection);
    EXPECT_EQ(cudaMemset(x, 0, 17), cudaErrorInvalidValue);
    EXPECT_EQ(cudaMemset(host, 0, 16), cudaErrorInvalidValue);
    EXPECT_OK(cudaMemset(x, 0, 8));
    EXPECT_OK(cudaMemcpy(host, x, 16, cudaMemcpyDeviceToHost));
    EXPECT_THAT(host, testing::ElementsAre(0, 0, 2, 2));
  });
}

TEST(Memory, WhenAnAsynchronousCopyReadsAndWritesTheHost) {
  in_child(90, "late", [] {
    int* const x = device_ints(1, 1);
    const cudaStream_t stream = make_stream();
    // From pageable memory: before the call returns.
    int host = 5;
    EXPECT_OK(cudaMemcpyAsync(x, &host, sizeof host, cudaMemcpyHostToDevice, stream));
    host = 6;
    EXPECT_OK(cudaStreamSynchronize(stream));
    EXPECT_EQ(value_of(x), 5);
    // From page-locked memory: when the device comes to it.
    void* data = nullptr;
    ASSERT_OK(cudaHostAlloc(&data, sizeof(int), cudaHostAllocDefault));
    auto* const locked = static_cast<volatile int*>(data);
    *locked = 7;
    EXPECT_OK(cudaMemcpyAsync(x, data, sizeof(int), cudaMemcpyHostToDevice, stream));
    *locked = 8;
    EXPECT_OK(cudaStreamSynchronize(stream));
    EXPECT_EQ(value_of(x), 8);
    // To pageable memory: before the call returns. To page-locked memory: when it is waited for.
    EXPECT_OK(enqueue_affine(x, 1, 1, stream));
    EXPECT_OK(cudaMemcpyAsync(&host, x, sizeof host, cudaMemcpyDeviceToHost, stream));
    EXPECT_EQ(host, 9);
    EXPECT_OK(enqueue_affine(x, 1, 1, stream));
    EXPECT_OK(cudaMemcpyAsync(data, x, sizeof(int), cudaMemcpyDeviceToHost, stream));
    EXPECT_EQ(*locked, 8);
    EXPECT_OK(cudaStreamSynchronize(stream));
    EXPECT_EQ(*locked, 10);
  });
}

// --- Tensor maps

struct MapRequest {
  std::size_t map_offset = 0, address_offset = 0;
  cuuint32_t rank = 2;
  cuuint64_t dims[6] = {64, 8}, stride = 256;
  cuuint32_t box[6] = {32, 8}, element_strides[6] = {1, 1};
  CUtensorMapSwizzle swizzle = CU_TENSOR_MAP_SWIZZLE_128B;
};

CUresult encode(const MapRequest& request) {
  void* function = nullptr;
  cudaDriverEntryPointQueryResult found = {};
  EXPECT_OK(cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &function, 12000,
                                             cudaEnableDefault, &found));
  static char* const data = reinterpret_cast<char*>(device_ints(64 * 8, 0));
  alignas(128) char maps[256];
  return reinterpret_cast<PFN_cuTensorMapEncodeTiled_v12000>(function)(
      reinterpret_cast<CUtensorMap*>(maps + request.map_offset), CU_TENSOR_MAP_DATA_TYPE_FLOAT32,
      request.rank, data + request.address_offset, request.dims, &request.stride, request.box,
      request.element_strides, CU_TENSOR_MAP_INTERLEAVE_NONE, request.swizzle,
      CU_TENSOR_MAP_L2_PROMOTION_NONE, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
}

TEST(TensorMaps, RefusedOneByOne) {
  in_child(90, "early", [] {
    EXPECT_EQ(encode({}), CUDA_SUCCESS);
    EXPECT_EQ(encode({.map_offset = 64}), CUDA_SUCCESS);
    const MapRequest wrong[] = {
        {.map_offset = 32},
        {.address_offset = 8},
        {.address_offset = 16},  // the last row ends 16 bytes behind the allocation
        {.rank = 0},
        {.rank = 6},
        {.dims = {0, 8}},
        {.dims = {64, (cuuint64_t{1} << 32) + 1}},
        {.dims = {64, 9}},
        {.stride = 264},
        {.stride = cuuint64_t{1} << 40},
        {.box = {0, 8}},
        {.box = {32, 257}},
        {.box = {3, 8}},   // 12 bytes
        {.box = {36, 8}},  // more than the swizzle's 128 bytes
        {.element_strides = {9, 1}},
        {.swizzle = CU_TENSOR_MAP_SWIZZLE_64B},
    };
    for (const MapRequest& request : wrong) {
      EXPECT_EQ(encode(request), CUDA_ERROR_INVALID_VALUE) << &request - wrong;
    }
  });
}

}  // namespace
}  // namespace roofproof::ptx
