// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Times every configuration of wgmma_sm90 beside cuBLASLt on a Hopper GPU, and what the model of
// wgmma_sm90_select.h expects of each: the measurement that the model is to be corrected by. Not a
// test, and no benchmark either: one process, no clocks recorded. Rounds over all configurations
// alternate, so that the clock's drift hits all alike.
//
//   sweep_wgmma [fp16|int8] [M N K]...

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "kernels/catalogue.h"
#include "kernels/cuda/gemm/wgmma_sm90.h"
#include "kernels/cuda/gemm/workload.h"
#include "kernels/cuda/runtime/device.h"
#include "kernels/cuda/runtime/event.h"
#include "kernels/cuda/runtime/stream.h"

namespace roofproof {
namespace {

namespace wgmma = cuda::wgmma_sm90;

constexpr int rounds = 7;
constexpr double batch_s = 5e-3;

struct Contestant {
  std::unique_ptr<Workload> workload;
  double model_clocks;
  bool chosen;
  int launches = 1;  // of a batch
  std::vector<double> times_s = {};
};

double time_s(Workload& workload, int launches, cuda::Stream& stream) {
  cuda::Event start;
  cuda::Event stop;
  start.record(stream.get());
  for (int i = 0; i < launches; ++i) workload.launch(stream.get(), i);
  stop.record(stream.get());
  return cuda::elapsed_s(start, stop) / launches;
}

void sweep(const Problem& problem, const Device& device, cuda::Stream& stream) {
  Preparation preparation;
  preparation.stream = stream.get();
  // Operands cold, as a benchmark has them: 4 times the L2 in rotation.
  preparation.copies =
      1 + static_cast<int>(4.0 * static_cast<double>(device.last_level_cache_bytes) /
                           compulsory_bytes(problem));
  const bool fp16 = problem.precision == Precision::fp16;
  const wgmma::GemmShape shape{problem.shape.m, problem.shape.n, problem.shape.k, fp16 ? 2 : 1,
                               fp16 ? 2 : 4};
  const wgmma::Capacity capacity = wgmma::device_capacity(problem.precision, device.processors);
  const wgmma::Choice chosen = wgmma::select(shape, capacity);

  std::vector<Contestant> contestants;
  for (const CatalogueEntry* row :
       candidates(catalogue(), problem, Implementation::cublaslt, Backend::cuda)) {
    if (!row->unsupported(problem, device).empty()) continue;
    contestants.push_back({row->prepare(problem, device, preparation), 0, false});
  }
  for (const wgmma::Choice& choice : wgmma::all_choices(shape.k, shape.input_bytes, capacity)) {
    const double clocks =
        choice.skinny ? wgmma::skinny_clocks(choice.config, choice.split_shift, shape, capacity)
                      : wgmma::tile_clocks(choice.config, shape, capacity);
    const bool same = choice.skinny == chosen.skinny && choice.config == chosen.config &&
                      choice.split_shift == chosen.split_shift;
    // Many tokens on a skinny configuration take long and say little.
    if (clocks > 4 * chosen.clocks) continue;
    contestants.push_back(
        {cuda::make_gemm_workload(problem, device, preparation,
                                  [&](const cuda::GemmOperands& operands, cudaStream_t) {
                                    return wgmma::make_launch(problem.precision, operands, choice,
                                                              capacity);
                                  }),
         clocks, same});
  }

  for (Contestant& contestant : contestants) {
    time_s(*contestant.workload, 3, stream);
    const double once_s = time_s(*contestant.workload, 3, stream);
    contestant.launches = std::clamp(static_cast<int>(batch_s / once_s), 3, 1000);
  }
  for (int round = 0; round < rounds; ++round) {
    for (Contestant& contestant : contestants) {
      contestant.times_s.push_back(time_s(*contestant.workload, contestant.launches, stream));
    }
  }

  std::printf("\n%s: %d copies\n", benchmark_name(problem, Implementation::hand).c_str(),
              preparation.copies);
  std::printf("%10s %8s %8s %10s\n", "us", "TFLOP/s", "GB/s", "clocks");
  for (Contestant& contestant : contestants) {
    std::sort(contestant.times_s.begin(), contestant.times_s.end());
    const double median_s = contestant.times_s[rounds / 2];
    std::printf("%10.2f %8.1f %8.0f %10.0f %c %s\n", median_s * 1e6,
                flop(problem) / median_s * 1e-12, compulsory_bytes(problem) / median_s * 1e-9,
                contestant.model_clocks, contestant.chosen ? '*' : ' ',
                contestant.workload->label().c_str());
  }
  std::fflush(stdout);  // a run that is cut off keeps the shapes before
}

int run(int argc, char** argv) {
  const cuda::DeviceCount found = cuda::count_devices();
  const Device device = found.count > 0 ? cuda::describe(0) : Device{};
  if (device.compute_capability != 90) {
    std::fprintf(stderr, "sweep_wgmma: %s\n",
                 found.count > 0 ? "not a Hopper GPU" : found.why_none.c_str());
    return 4;
  }
  std::vector<Shape> shapes;
  for (int i = 2; i + 2 < argc; i += 3) {
    Shape shape;
    shape.m = std::atoll(argv[i]);
    shape.n = std::atoll(argv[i + 1]);
    shape.k = std::atoll(argv[i + 2]);
    shapes.push_back(shape);
  }
  if (shapes.empty()) {
    const auto add = [&](std::int64_t m, std::int64_t n, std::int64_t k) {
      Shape shape;
      shape.m = m;
      shape.n = n;
      shape.k = k;
      shapes.push_back(shape);
    };
    add(4096, 4096, 4096);
    add(8192, 8192, 8192);
    add(8192, 14336, 4096);
    for (const std::int64_t m : {1, 16, 64, 128, 512}) {
      add(m, 4096, 4096);
      add(m, 6144, 4096);
      add(m, 28672, 4096);
      add(m, 4096, 14336);
    }
  }
  const std::string wanted = argc > 1 ? argv[1] : "";
  cuda::Stream stream;
  for (const Precision precision : {Precision::fp16, Precision::int8}) {
    if (!wanted.empty() && wanted != name(precision)) continue;
    for (const Shape& shape : shapes) sweep({Op::gemm, precision, shape}, device, stream);
  }
  return 0;
}

}  // namespace
}  // namespace roofproof

int main(int argc, char** argv) {
  try {
    return roofproof::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sweep_wgmma: %s\n", error.what());
    return 5;
  }
}
