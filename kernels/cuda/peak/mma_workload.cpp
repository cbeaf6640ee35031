// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/peak/mma.h"
#include "kernels/cuda/peak/mma_launch.h"
#include "kernels/cuda/peak/peak.h"
#include "kernels/cuda/peak/tensor_workload.h"
#include "kernels/kernel_row.h"

namespace roofproof::cuda {
namespace {

namespace loop = peak_mma;

struct Variant {
  std::string_view kernel;
  loop::Launch fp16;
  loop::Launch int8;
};
template <Generation G>
constexpr Variant variant(std::string_view kernel) {
  return {kernel, loop::launch<G, Fp16>, loop::launch<G, Int8>};
}
constexpr Variant variants[] = {variant<Generation::sm80>("mma_sm80"),
                                variant<Generation::sm75>("mma_sm75")};

class PeakMmaWorkload : public TensorPeakWorkload {
 public:
  PeakMmaWorkload(const Variant& variant, const Problem& problem, const Device& device,
                  const Preparation& preparation)
      : TensorPeakWorkload(problem, device, preparation,
                           {variant.kernel, loop::blocks_per_sm, loop::threads,
                            double{loop::iterations} * loop::steps * loop::rows * loop::columns *
                                depth(problem.precision),
                            ElementType::int32}),
        launch_(problem.precision == Precision::fp16 ? variant.fp16 : variant.int8) {}

  void launch(StreamHandle stream, std::int64_t) override {
    launch_(input(), tensors_.as<std::int32_t>("out", 0), blocks(),
            static_cast<cudaStream_t>(stream));
  }

 private:
  static int depth(Precision precision) {
    return precision == Precision::fp16 ? loop::depth<2> : loop::depth<1>;
  }

  // Exactly: see the operands in mma.h.
  Expected expected(int thread) const override {
    return {static_cast<double>(fp16() ? folded<2>(thread) : folded<1>(thread)), 0};
  }
  template <int ElementBytes>
  std::int32_t folded(int thread) const {
    std::uint32_t folded = 0;
    for (int i = 0; i < loop::sums; ++i) {
      const loop::Position place = loop::sum_position(thread, i);
      std::int64_t sum = 0;
      for (int step = 0; step < loop::steps; ++step) {
        for (int k = 0; k < loop::depth<ElementBytes>; ++k) {
          sum += loop::a_element<ElementBytes>(input(), place.row, k) *
                 loop::b_element<ElementBytes>(input(), step, place.column, k);
        }
      }
      folded = loop::fold(folded, static_cast<std::uint32_t>(sum * loop::iterations));
    }
    return static_cast<std::int32_t>(folded);
  }

  loop::Launch launch_;
};

// Compute capabilities 10.x and 11.x compute at their rate by tcgen05 alone; mma.sync runs there,
// and its loop would be a roof far below the GPU's. On 12.x it is the GPU's own instruction.
bool has_tcgen05(const Device& device) {
  return device.compute_capability / 10 == 10 || device.compute_capability / 10 == 11;
}

}  // namespace

std::string peak_mma_unsupported(std::string_view, const Problem&, const Device& device) {
  if (!has_tcgen05(device)) return {};
  return "mma.sync does not reach this GPU's tensor core peak (tcgen05 does): "
         "its best GEMM is the roof";
}

std::unique_ptr<Workload> prepare_peak_mma(std::string_view kernel, const Problem& problem,
                                           const Device& device, const Preparation& preparation) {
  return std::make_unique<PeakMmaWorkload>(row_of(variants, kernel), problem, device, preparation);
}

}  // namespace roofproof::cuda
