// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// bench_all with kernels that fail in every way a kernel can, for test_bench_faults. The number of
// inputs k says how; the kernels compute nothing worth the name, but their check tells the truth.

#include <csignal>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <thread>

#include "bench/app.h"
#include "tests/bench/stub_workload.h"
#if ROOFPROOF_HAS_CUDA
#include "kernels/cublas/error.h"
#include "kernels/cuda/runtime/error.h"
#endif

namespace roofproof {
namespace {

enum Behaviour : std::int64_t {
  good = 1,
  wrong,
  crash,
  hang,
  throws,
  out_of_memory,
  killed,
  older_is_right,  // the newest kernel is wrong, the next one is not
  crash_while_timed,
  slow,
  also_good,
  older_is_prepared,  // the newest kernel cannot be
  none_is_prepared,
  cuda_error = 1000,    // and above: that error of CUDA, 1700 is error 700
  cublas_error = 2000,  // and above: that status of cuBLAS
};

constexpr std::string_view newest = "new";
constexpr std::string_view older = "old";
constexpr std::string_view part = "part";

class ScriptedWorkload : public StubWorkload {
 public:
  ScriptedWorkload(const Problem& problem, std::string_view kernel)
      : StubWorkload(problem), behaviour_(problem.shape.k), kernel_(kernel) {}

  void launch(StreamHandle, std::int64_t) override {
    ++launches_;
    std::this_thread::sleep_for(time());
    // One launch to calibrate, one to count the samples: the third sample.
    if (behaviour_ == crash_while_timed && launches_ == 5) std::abort();
  }
  Check check(StreamHandle) override {
#if ROOFPROOF_HAS_CUDA
    if (behaviour_ >= cublas_error) {
      cublas::check(static_cast<cublasStatus_t>(behaviour_ - cublas_error), "gemm", "f.cpp", 7);
    } else if (behaviour_ >= cuda_error) {
      cuda::check(static_cast<cudaError_t>(behaviour_ - cuda_error), "launch of f", "f.cu", 7);
    }
#endif
    switch (behaviour_) {
      case crash:
        std::abort();
        break;
      case killed:
        std::raise(SIGKILL);
        break;
      case hang:
        std::this_thread::sleep_for(std::chrono::hours(1));
        break;
      case throws:
        throw std::runtime_error("cudaLaunchKernel: an illegal memory access was encountered");
      case wrong:
        return {false, 7.5, "y[0, 3] is 1, should be 2"};
      case older_is_right:
        if (kernel_ == "new") return {false, 9, "y[0, 0] is nan, should be 1"};
        break;
      default:
        break;
    }
    return {true, 0.5, ""};
  }
  std::string label() const override { return std::string(kernel_); }

 private:
  std::chrono::microseconds time() const {
    // A part of the work takes less than all of it.
    const bool longer_than_a_batch = behaviour_ == slow || behaviour_ == crash_while_timed;
    return std::chrono::microseconds(kernel_ == part ? 100 : longer_than_a_batch ? 50000 : 1000);
  }

  std::int64_t behaviour_;
  std::string_view kernel_;
  int launches_ = 0;
};

std::unique_ptr<Workload> prepare(std::string_view kernel, const Problem& problem, const Device&,
                                  const Preparation&) {
  const std::int64_t behaviour = problem.shape.k;
  if (behaviour == out_of_memory) throw std::bad_alloc();
  if (behaviour == none_is_prepared || (behaviour == older_is_prepared && kernel == newest)) {
    throw std::runtime_error("no tensor map for " + std::string(kernel));
  }
  return std::make_unique<ScriptedWorkload>(problem, kernel);
}

std::string always_supported(std::string_view, const Problem&, const Device&) { return ""; }

const std::vector<CatalogueEntry> entries = entries_of(std::vector<KernelFamily>{
    {{Op::gemv},
     {Precision::fp32},
     Implementation::hand,
     {{newest}, {older}},
     Backend::host,
     always_supported,
     prepare},
    {{Op::decode},
     {Precision::fp16},
     Implementation::hand,
     {{part}},
     Backend::host,
     always_supported,
     prepare,
     /*rungs=*/true},
    {{Op::decode},
     {Precision::fp16},
     Implementation::hand,
     {{newest}},
     Backend::host,
     always_supported,
     prepare},
});

bench::SuiteRow row(std::initializer_list<std::int64_t> behaviours,
                    std::vector<Precision> precisions) {
  std::vector<Shape> shapes;
  for (const std::int64_t k : behaviours) shapes.push_back({.n = 1, .k = k, .batch = 1});
  return {Op::gemv,      std::move(precisions), shapes, {Implementation::hand},
          Backend::host, bench::Profile::quick};
}

bench::SuiteRow decode_row(bench::Choice choice, std::int64_t batch,
                           std::vector<std::string_view> kernels) {
  return {Op::decode,
          {Precision::fp16},
          {{.batch = batch, .model = "tiny"}},
          {Implementation::hand},
          Backend::host,
          bench::Profile::quick,
          {.choice = choice, .kernels = std::move(kernels)}};
}

}  // namespace
}  // namespace roofproof

int main(int argc, char** argv) {
  using namespace roofproof;
  const bench::SuiteRow rows[] = {
      row({good, wrong, crash, hang, throws, out_of_memory, killed, older_is_right,
           crash_while_timed, slow, older_is_prepared, none_is_prepared},
          {Precision::fp32}),
      row({cuda_error + 2, cuda_error + 46, cuda_error + 209, cuda_error + 214, cuda_error + 222,
           cuda_error + 700, cuda_error + 714, cuda_error + 719, cuda_error + 802, cublas_error + 8,
           cublas_error + 15, also_good},
          {Precision::fp32}),
      row({good}, {Precision::int4}),  // no entry computes it
      decode_row(bench::Choice::newest, 1, {}),
      decode_row(bench::Choice::fastest, 2, {}),
      decode_row(bench::Choice::newest, 1, {part}),
  };
  const bench::Reports silent{[](const bench::Result&) {},
                              [](const bench::Result&, const bench::Result&) { return 0; }};
  return bench::run_app(argc, argv, rows, entries, silent);
}
