// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the tests on a GPU share: skipping without one, rows of the catalogue as parameters, tensors
// as vectors.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "kernels/cuda/runtime/device.h"
#include "kernels/cuda/runtime/stream.h"
#include "tests/kernels/catalogue_names.h"

namespace roofproof {

class CudaTest : public testing::Test {
 protected:
  void SetUp() override {
    const cuda::DeviceCount found = cuda::count_devices();
    if (found.count == 0) GTEST_SKIP() << found.why_none;
    device_ = cuda::describe(0);
    ROOFPROOF_CUDA_CHECK(cudaSetDevice(0));
  }
  void TearDown() override {
    if (!IsSkipped()) {
      EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);
    }
  }

  Device device_;
};

// The CUDA rows of the catalogue that compute one of `ops`, as parameters of a test suite.
inline std::vector<const CatalogueEntry*> cuda_rows(std::initializer_list<Op> ops) {
  std::vector<const CatalogueEntry*> rows;
  for (const CatalogueEntry& entry : catalogue()) {
    for (const Op op : ops) {
      if (entry.backend == Backend::cuda && entry.op == op) rows.push_back(&entry);
    }
  }
  return rows;
}

template <class T>
std::vector<T> download(const Workload& workload, std::string_view tensor, int copy) {
  const std::vector<std::byte> bytes = workload.download(tensor, copy);
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

template <class T>
void upload(Workload& workload, std::string_view tensor, int copy, const std::vector<T>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  workload.upload(tensor, copy, bytes);
}

}  // namespace roofproof
