// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a user sees of CUDA's errors, without a GPU. Those of the start come from CUDA's own
// runtime, which asks a driver that refuses (fake_libcuda.cpp); those of kernels are thrown by
// faulty_bench as the checks of the CUDA backend throw them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/bench/bench_process.h"

namespace roofproof {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class CudaFaults : public BenchProcess {
 protected:
  CudaFaults() { ::setenv("LD_LIBRARY_PATH", FAKE_LIBCUDA_FOLDER, 1); }
  ~CudaFaults() override {
    for (const char* name : {"LD_LIBRARY_PATH", "FAKE_CUDA_INIT", "FAKE_CUDA_VERSION"}) {
      ::unsetenv(name);
    }
  }

  // bench_all where the driver answers in this way.
  int run_bench_all(const char* init, const char* version = "99000") {
    ::setenv("FAKE_CUDA_INIT", init, 1);
    ::setenv("FAKE_CUDA_VERSION", version, 1);
    return wait(execute({BENCH_ALL, "--device", "cuda:0", "--out", result.string()}));
  }
  // One good case, then one that ends with this error of CUDA, then another good one.
  int run_case(int code) {
    return run("fp32.*k:(1|11|" + std::to_string(1000 + code) + ")/", {"--sessions", "2"});
  }
};

TEST_F(CudaFaults, EveryRefusalOfTheDriverIsExplainedAndEndsWithFour) {
  struct Refusal {
    const char* init;
    const char* version;
    std::vector<const char*> said;
  };
  const Refusal refusals[] = {
      {"100", "0", {"no NVIDIA driver"}},
      {"34", "99000", {"cudaErrorStubLibrary (34)", "take its folder 'stubs' out of"}},
      {"0", "11000", {"the NVIDIA driver supports CUDA 11.0, this build needs CUDA 1"}},
      {"803",
       "99000",
       {"cudaErrorSystemDriverMismatch (803)", "library is for CUDA 99.0", "kernel module"}},
      {"804",
       "99000",
       {"cudaErrorCompatNotSupportedOnDevice (804)", "cuda-compat library for CUDA 99.0",
        "kernel module"}},
      {"802", "99000", {"cudaErrorSystemNotReady (802)", "nvidia-fabricmanager"}},
      {"46", "99000", {"cudaErrorDevicesUnavailable (46)", "another process holds the GPU"}},
      {"100", "99000", {"no GPU is visible to CUDA"}},
      {"999", "99000", {"cudaErrorUnknown (999)", "see nvidia-smi"}},
  };
  for (const Refusal& refusal : refusals) {
    EXPECT_EQ(run_bench_all(refusal.init, refusal.version), 4) << refusal.init;
    const std::string err = text("err");
    EXPECT_THAT(err, HasSubstr("bench_all: no GPU can be used: "));
    for (const char* said : refusal.said) EXPECT_THAT(err, HasSubstr(said));
    EXPECT_THAT(err, HasSubstr("to measure the CPU instead: bench_all --device host"));
    EXPECT_FALSE(fs::exists(result));
  }
}

// The toolkit has such a library, for linking on machines without a driver.
TEST_F(CudaFaults, TheToolkitsOwnStubIsKnown) {
  const fs::path stub = fs::path(CUDA_STUBS) / "libcuda.so";
  if (!fs::exists(stub)) GTEST_SKIP() << "this toolkit has no " << stub;
  fs::create_symlink(stub, folder / "libcuda.so.1");
  ::setenv("LD_LIBRARY_PATH", folder.c_str(), 1);
  EXPECT_EQ(wait(execute({BENCH_ALL, "--device", "cuda:0"})), 4);
  EXPECT_THAT(text("err"), HasSubstr("cudaErrorStubLibrary (34)"));
}

TEST_F(CudaFaults, StickyErrorCostsItsCaseAloneAndTheRestRunsInAFreshProcess) {
  for (const int code : {700, 714, 719}) {
    EXPECT_EQ(run_case(code), 5) << code;
    EXPECT_EQ(rows_by_behaviour()[1], 2);
    EXPECT_EQ(rows_by_behaviour()[11], 2);
    const Record record = read_record(result);
    EXPECT_TRUE(record.complete);
    ASSERT_EQ(record.not_measured.size(), 2u);
    EXPECT_EQ(record.not_measured[0].status, NotMeasured::Status::failed);
    EXPECT_THAT(record.not_measured[0].reason, HasSubstr("(" + std::to_string(code) + ")"));
  }
}

TEST_F(CudaFaults, OutOfMemoryCostsItsCaseAlone) {
  EXPECT_EQ(run_case(2), 5);
  EXPECT_EQ(rows_by_behaviour()[11], 2);
  EXPECT_EQ(read_record(result).not_measured.at(0).status, NotMeasured::Status::out_of_memory);
  EXPECT_THAT(read_record(result).not_measured[0].reason,
              HasSubstr("cudaErrorMemoryAllocation (2)"));
}

TEST_F(CudaFaults, CodeThatTheGpuCannotRunIsUnsupportedAndNoFailure) {
  EXPECT_EQ(run_case(209), 0);
  EXPECT_EQ(rows_by_behaviour()[11], 2);
  EXPECT_EQ(only_not_measured().status, NotMeasured::Status::unsupported);
  EXPECT_EQ(only_not_measured().session, std::nullopt);  // in every one
  EXPECT_THAT(only_not_measured().reason,
              AllOf(HasSubstr("cudaErrorNoKernelImageForDevice (209)"),
                    HasSubstr("this build has code for compute capability ")));
}

TEST_F(CudaFaults, WhatTheLibraryDoesNotHaveIsUnsupportedAndNoFailure) {
  const std::pair<int, const char*> statuses[] = {{1008, "CUBLAS_STATUS_ARCH_MISMATCH (8)"},
                                                  {1015, "CUBLAS_STATUS_NOT_SUPPORTED (15)"}};
  for (const auto& [status, said] : statuses) {
    EXPECT_EQ(run_case(status), 0);
    EXPECT_EQ(rows_by_behaviour()[11], 2);
    EXPECT_EQ(only_not_measured().status, NotMeasured::Status::unsupported);
    EXPECT_EQ(only_not_measured().session, std::nullopt);
    EXPECT_THAT(only_not_measured().reason, HasSubstr(said));
  }
}

TEST_F(CudaFaults, PtxNewerThanTheDriverIsNamedWithBothVersions) {
  ::setenv("FAKE_CUDA_VERSION", "12040", 1);
  EXPECT_EQ(run_case(222), 0);
  EXPECT_EQ(only_not_measured().status, NotMeasured::Status::unsupported);
  EXPECT_THAT(only_not_measured().reason,
              AllOf(HasSubstr("the driver supports CUDA 12.4"), HasSubstr("PTX is of CUDA 1")));
}

// On the PTX machine, whose GPU has every kernel but one.
TEST_F(CudaFaults, WithoutCodeForTheTimersKernelsTheRunEndsWithFourAndOneSentence) {
  struct Lack {
    const char* kernel;
    std::vector<const char*> said;
  };
  const Lack lacks[] = {
      {"209:wait_at",
       {"cudaErrorNoKernelImageForDevice (209)", "this build has code for compute capability "}},
      {"209:read_counters", {"launch of ", "(209)"}},
      {"222:wait_at",
       {"cudaErrorUnsupportedPtxVersion (222)", "the driver supports CUDA 1",
        "this build's PTX is of CUDA 1"}},
  };
  for (const Lack& lack : lacks) {
    ::setenv("PTX_LACKS", lack.kernel, 1);
    ::setenv("PTX_SM", "75", 1);
    EXPECT_EQ(wait(execute({PTX_BENCH, "--device", "cuda:0", "--profile", "quick", "--lock",
                            folder.filename().string(), "--out", result.string()})),
              4)
        << lack.kernel;
    const std::string err = text("err");
    const std::size_t sentence = err.find("bench_all: ");
    ASSERT_NE(sentence, std::string::npos) << err;
    EXPECT_THAT(err.substr(sentence),
                HasSubstr("(compute capability 7.5) cannot run this build: "));
    for (const char* said : lack.said) EXPECT_THAT(err.substr(sentence), HasSubstr(said));
    EXPECT_EQ(std::count(err.begin() + static_cast<std::ptrdiff_t>(sentence), err.end(), '\n'), 1);
    EXPECT_FALSE(fs::exists(result));
    EXPECT_FALSE(fs::exists(journal));
  }
  ::unsetenv("PTX_LACKS");
  ::unsetenv("PTX_SM");
}

TEST_F(CudaFaults, DeviceThatNoProcessCanUseEndsTheRunWithFour) {
  struct Gone {
    int code;
    const char* hint;
  };
  for (const Gone& gone :
       {Gone{214, "reset it (nvidia-smi --gpu-reset) or replace it"},
        Gone{46, "another process holds the GPU"}, Gone{802, "is nvidia-fabricmanager running?"}}) {
    EXPECT_EQ(run_case(gone.code), 4) << gone.code;
    EXPECT_THAT(text("err"), AllOf(HasSubstr("is no longer usable: "), HasSubstr(gone.hint),
                                   HasSubstr("results so far: " + result.string())));
    const Record record = read_record(result);
    EXPECT_FALSE(record.complete);
    EXPECT_EQ(rows_by_behaviour()[1], 1);   // measured before
    EXPECT_EQ(rows_by_behaviour()[11], 0);  // after it nothing was tried
    ASSERT_EQ(record.not_measured.size(), 1u);
    EXPECT_THAT(record.not_measured[0].reason, HasSubstr(gone.hint));
  }
}

}  // namespace
}  // namespace roofproof
