// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A session with a scripted management library, see fake_nvml.cpp: what its journal and its parent
// are told.

#include "bench/session/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "results/record/journal.h"
#include "tests/bench/stub_workload.h"
#include "tests/record_fixture.h"

namespace roofproof::bench {
namespace {

using testing::HasSubstr;
using testing::Not;

// As the number of inputs; all others work, in no time.
constexpr std::int64_t fails = 2;
constexpr std::int64_t damages = 8;
constexpr std::int64_t waits = 16;  // and more

constexpr int samples_of_a_case = 3;

// Its thread has no CPU, as beside many others.
class WaitingWorkload : public StubWorkload {
 public:
  using StubWorkload::StubWorkload;

 protected:
  void launch(StreamHandle, std::int64_t) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
};

// Each launch meets one more error that the memory cannot correct.
class DamagingWorkload : public WaitingWorkload {
 public:
  using WaitingWorkload::WaitingWorkload;

 private:
  void launch(StreamHandle stream, std::int64_t count) override {
    WaitingWorkload::launch(stream, count);
    ::setenv("FAKE_NVML", ("ecc_errors=" + std::to_string(++errors_)).c_str(), 1);
  }
  int errors_ = 0;
};

class FailingWorkload : public StubWorkload {
  Check check(StreamHandle) override {
    ::setenv("FAKE_NVML", "nvmlDeviceGetTemperature=15", 1);
    nvml->read();
    throw std::runtime_error("unspecified launch failure\nof a kernel");
  }

 public:
  using StubWorkload::StubWorkload;
  static inline Nvml* nvml = nullptr;
};

const std::vector<CatalogueEntry> entries = entries_of(std::vector<KernelFamily>{
    {{Op::gemv},
     {Precision::fp32},
     Implementation::hand,
     {{"stub"}},
     Backend::host,
     [](std::string_view, const Problem&, const Device&) { return std::string(); },
     [](std::string_view, const Problem& problem, const Device&,
        const Preparation&) -> std::unique_ptr<Workload> {
       if (problem.shape.k == fails) return std::make_unique<FailingWorkload>(problem);
       if (problem.shape.k == damages) return std::make_unique<DamagingWorkload>(problem);
       if (problem.shape.k >= waits) return std::make_unique<WaitingWorkload>(problem);
       return std::make_unique<StubWorkload>(problem);
     }}});

class WorkerTest : public testing::Test {
 protected:
  WorkerTest() {
    std::string pattern = testing::TempDir() + "worker-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    std::ofstream(folder_ / "kmsg") << "";
    Journal::create(folder_ / "journal", empty_record(host_device()));
  }
  ~WorkerTest() override {
    ::unsetenv("FAKE_NVML");
    std::filesystem::remove_all(folder_);
  }

  // Runs the cases with so many inputs each; returns what the parent is told.
  std::string run(const char* script, std::initializer_list<std::int64_t> inputs) {
    ::setenv("FAKE_NVML", script, 1);
    std::string why;
    const auto nvml = Nvml::open("0000:00:1e.0", why, FAKE_NVML);
    FailingWorkload::nvml = nvml.get();
    std::vector<Case> cases;
    for (const std::int64_t k : inputs) {
      const Problem problem{Op::gemv, Precision::fp32, {.n = 1, .k = k, .batch = 1}};
      cases.push_back(
          {benchmark_name(problem, Implementation::hand), problem, Implementation::hand});
    }
    Device device;
    device.processors = 1;
    device.memory_bytes = 1 << 20;
    const Timing timing{samples_of_a_case, samples_of_a_case, 1e-4, 1e-2};
    testing::internal::CaptureStdout();
    goes_on_ = run_session(entries, cases,
                           {device,
                            {1, timing, timing, 0, 0, 0},
                            0,
                            folder_ / "journal",
                            nvml.get(),
                            folder_ / "kmsg",
                            ignore_busy_});
    return testing::internal::GetCapturedStdout();
  }
  Record record() const { return read_record(folder_ / "journal"); }

  std::filesystem::path folder_;
  bool ignore_busy_ = false;
  bool goes_on_ = false;
};

TEST_F(WorkerTest, LaunchesDoNotBlockWhateverTheEnvironmentSays) {
  ::setenv("CUDA_LAUNCH_BLOCKING", "1", 1);
  run("utilisation=0 processes=0", {1});
  EXPECT_EQ(std::getenv("CUDA_LAUNCH_BLOCKING"), nullptr);
}

TEST_F(WorkerTest, TelemetryAroundTheBatchesIsInTheRow) {
  run("utilisation=0 processes=0", {1});
  ASSERT_EQ(record().rows.size(), 1u);
  const Row row = record().rows[0];
  ASSERT_TRUE(row.telemetry_before && row.telemetry_after);
  for (const TelemetryRecord& telemetry : {*row.telemetry_before, *row.telemetry_after}) {
    EXPECT_EQ(telemetry.sm_clock_hz, 1.02e9);
    EXPECT_EQ(telemetry.power_violation_s, 2.5);
    EXPECT_EQ(telemetry.gpu_utilisation, 0.0);
    EXPECT_EQ(telemetry.compute_processes, 0);
    EXPECT_EQ(telemetry.memory_used_bytes, 3000000);
    EXPECT_EQ(telemetry.energy_j, std::nullopt);
  }
  EXPECT_EQ(row.memory_clock_hz, 5e9);
  EXPECT_THAT(row.reasons, testing::Contains("power cap"));
}

// Asked for reasons in the idle reading, before the samples, and then after each of three.
TEST_F(WorkerTest, APowerCapThatOnlyABatchMetIsSaid) {
  run("utilisation=0 processes=0 capped_at=4", {1});
  ASSERT_EQ(record().rows.size(), 1u);
  EXPECT_THAT(record().rows[0].reasons, testing::Contains("power cap"));
  EXPECT_NE(record().rows[0].throttle_reasons.value() & ThrottleReason::power_cap, 0u);
}

TEST_F(WorkerTest, BusyDeviceEndsTheRunBeforeItsFirstCase) {
  EXPECT_EQ(run("utilisation=35", {1}), "busy it is in use for 35 % of the time\n");
  EXPECT_FALSE(goes_on_);
  EXPECT_EQ(run("utilisation=0 processes=2", {1}), "busy 2 other process(es) compute on it\n");
  EXPECT_TRUE(record().rows.empty());
  EXPECT_TRUE(record().not_measured.empty());
}

TEST_F(WorkerTest, BusyDeviceIsMeasuredWhereThatIsWantedAndSaid) {
  ignore_busy_ = true;
  run("utilisation=35 processes=0", {1});
  EXPECT_TRUE(goes_on_);
  ASSERT_EQ(record().rows.size(), 1u);
  EXPECT_THAT(record().rows[0].reasons,
              testing::Contains("other work used this GPU before the run: 35 %"));
}

TEST_F(WorkerTest, ADisplayIsNobodyWhoComputes) {
  run("utilisation=3 processes=0", {1});
  ASSERT_EQ(record().rows.size(), 1u);
  EXPECT_NE(record().rows[0].validity, Validity::ok);
  EXPECT_THAT(record().rows[0].reasons,
              testing::Contains("other work used this GPU before the run: 3 %"));
}

TEST_F(WorkerTest, WhereTheMachineStaysBusyNothingIsTriedTwice) {
  const std::string told = run("utilisation=0 processes=0", {waits, waits + 1, waits + 2});
  const auto samples = [&] {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = told.find("batch\n", at)) != std::string::npos; ++at) ++count;
    return count;
  };
  EXPECT_EQ(samples(), (2u + 1 + 1) * samples_of_a_case) << told;
  for (const Row& row : record().rows) EXPECT_EQ(row.validity, Validity::disturbed);
}

TEST_F(WorkerTest, ProcessesOfAGpuThatIsSharedByDesignAreNotCounted) {
  for (const char* shared : {"mig=1 utilisation=0 processes=3", "mps_processes=1 processes=2"}) {
    run(shared, {1});
    ASSERT_FALSE(record().rows.empty()) << shared;
    EXPECT_THAT(record().rows.back().reasons, Not(testing::Contains(HasSubstr("other process"))))
        << shared;
    Journal::create(folder_ / "journal", empty_record(host_device()));
  }
  // The server of MPS, before it has a client.
  ::setenv("CUDA_MPS_PIPE_DIRECTORY", folder_.c_str(), 1);
  std::ofstream(folder_ / "control") << "";
  run("processes=1", {1});
  ::unsetenv("CUDA_MPS_PIPE_DIRECTORY");
  EXPECT_EQ(record().rows.size(), 1u);
}

TEST_F(WorkerTest, LostGpuEndsTheRunAndKeepsWhatWasMeasured) {
  const std::string told = run("", {1, fails, 3});
  EXPECT_FALSE(goes_on_);
  EXPECT_EQ(record().rows.size(), 1u);
  ASSERT_EQ(record().not_measured.size(), 1u);
  EXPECT_EQ(record().not_measured[0].status, NotMeasured::Status::failed);
  EXPECT_THAT(told, HasSubstr("\ngone unspecified launch failure of a kernel; the driver says that "
                              "the GPU is lost or must be reset\n"));
  EXPECT_THAT(told, Not(HasSubstr("k:3/")));
}

TEST_F(WorkerTest, MemoryErrorsEndTheRunAndKeepWhatWasMeasured) {
  const std::string told = run("", {1, damages, 3});
  EXPECT_FALSE(goes_on_);
  EXPECT_EQ(record().rows.size(), 1u);
  ASSERT_EQ(record().not_measured.size(), 1u);
  EXPECT_EQ(record().not_measured[0].samples_s.size(), 3u);
  EXPECT_THAT(told, HasSubstr("\ngone power cap; "));
  EXPECT_THAT(told, HasSubstr("; uncorrected memory errors; the GPU's memory is damaged"));
  EXPECT_THAT(told, Not(HasSubstr("k:3/")));
}

// Disturbed as well, which alone is a reason for a second attempt.
TEST_F(WorkerTest, DamagedMemoryIsNotMeasuredTwice) {
  run("", {damages});
  ASSERT_EQ(record().not_measured.size(), 1u);
  EXPECT_EQ(record().not_measured[0].samples_s.size(), samples_of_a_case);
}

}  // namespace
}  // namespace roofproof::bench
