// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Whole workloads of the CUDA backend on the CPU: host code, launches and kernels as they are, the
// CUDA runtime replaced by host memory (tests/simt/runtime). Each workload's own check, against the
// double-precision reference, is the test: what goes wrong between operations shows here.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "kernels/cuda/gemv/workload.h"
#include "tests/simt/cuda.h"

namespace roofproof::cuda {
namespace {

using gemv::Variant;

Device small_device(int capability) {
  Device device;
  device.backend = Backend::cuda;
  device.compute_capability = capability;
  device.processors = 3;
  device.last_level_cache_bytes = 1 << 20;
  device.memory_bytes = std::int64_t{4} << 30;
  device.shared_memory_per_block = (capability >= 90 ? 227 : capability >= 80 ? 99 : 64) * 1024;
  return device;
}

void expect_ok(Workload& workload) {
  const Check check = workload.check(nullptr);
  EXPECT_TRUE(check.ok) << workload.label() << ": " << check.message;
  EXPECT_LT(check.worst, 1.0);
  EXPECT_TRUE(workload.guards_intact());
}

TEST(PackedWorkloads, Gemv) {
  gemv::mma_depth = 16;
  Problem gemv{Op::gemv, Precision::int4, {}};
  gemv.shape.n = 100;
  gemv.shape.k = 300;
  gemv.shape.batch = 5;
  expect_ok(*gemv::prepare_gemv<Variant::mma_sm80>(gemv, small_device(80), {.copies = 2}));
  gemv.precision = Precision::int8;
  gemv.shape.batch = 1;
  expect_ok(*gemv::prepare_gemv<Variant::bulk_sm90>(gemv, small_device(90), {.copies = 1}));
  gemv.precision = Precision::fp32;
  gemv.shape.batch = 3;
  expect_ok(*gemv::prepare_gemv<Variant::simt>(gemv, small_device(75), {.copies = 1}));
}

}  // namespace
}  // namespace roofproof::cuda
