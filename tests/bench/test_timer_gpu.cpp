// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The timer on a GPU: what its host code enqueues is tested without one (test_cuda_timer.cpp), here
// it is whether the kernels of bench/cuda/isolation.cu do what it relies on.

#include "bench/session/timer.h"
#include "kernels/played.h"
#include "tests/cuda_fixture.h"

namespace roofproof::bench {
namespace {

class TimerGpu : public CudaTest {
 protected:
  void SetUp() override {
    CudaTest::SetUp();
    if (is_played(device_.name)) GTEST_SKIP() << "the time of the PTX machine is that of the host";
  }

  // Reads a quarter of what the last-level cache holds.
  std::unique_ptr<Workload> small_read(const Timer& timer) {
    Problem problem{Op::read, Precision::fp32, {}};
    problem.shape.bytes = device_.last_level_cache_bytes / 4 / 4096 * 4096;
    for (const CatalogueEntry* row : cuda_rows({Op::read})) {
      if (!row->unsupported(problem, device_).empty()) continue;
      Preparation preparation;
      preparation.stream = timer.stream();
      return row->prepare(problem, device_, preparation);
    }
    return nullptr;
  }
};

TEST_F(TimerGpu, ColdTakesLongerThanHotAndBothLongerThanNothing) {
  constexpr std::int64_t launches = 200;
  const std::unique_ptr<Timer> timer = make_cuda_timer(device_);
  const std::unique_ptr<Workload> workload = small_read(*timer);
  ASSERT_TRUE(workload);
  timer->prepare(*workload, launches);
  timer->launches_s();
  const double hot_s = timer->launches_s() / launches;
  const double empty_together_s = timer->empty_launch_s().value();
  timer->prepare_alone(*workload, launches);
  const double cold_s = timer->launches_s() / launches;
  const double empty_alone_s = timer->empty_launch_s().value();
  EXPECT_GT(hot_s, empty_together_s);
  EXPECT_GT(cold_s - empty_alone_s, hot_s - empty_together_s);
  EXPECT_GT(empty_together_s, 0);
  EXPECT_GT(empty_alone_s, 0);
  EXPECT_LT(empty_alone_s, 20e-6);  // the host's own launches would be in it else
}

}  // namespace
}  // namespace roofproof::bench
