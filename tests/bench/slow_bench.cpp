// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// bench_all with a GEMV that takes a tenth longer, for against_trials.py: each launch also computes
// a tenth of the outputs once more, from weights of its own.

#include <fmt/core.h>

#include <stdexcept>
#include <utility>

#include "analysis/compare/against.h"
#include "bench/app.h"

namespace roofproof {
namespace {

class SlowerWorkload : public Workload {
 public:
  SlowerWorkload(std::unique_ptr<Workload> work, std::unique_ptr<Workload> more)
      : work_(std::move(work)), more_(std::move(more)) {}

  void launch(StreamHandle stream, std::int64_t i) override {
    work_->launch(stream, i);
    more_->launch(stream, i);
  }
  Check check(StreamHandle stream) override { return work_->check(stream); }
  bool capturable() const override { return work_->capturable() && more_->capturable(); }
  std::string label() const override { return work_->label(); }
  double flop() const override { return work_->flop(); }
  double bytes() const override { return work_->bytes(); }
  std::vector<TensorInfo> tensors() const override { return work_->tensors(); }
  std::vector<std::byte> download(std::string_view tensor, int copy) const override {
    return work_->download(tensor, copy);
  }
  void upload(std::string_view tensor, int copy, const std::vector<std::byte>& bytes) override {
    work_->upload(tensor, copy, bytes);
  }
  bool guards_intact() const override { return work_->guards_intact() && more_->guards_intact(); }

 private:
  std::unique_ptr<Workload> work_;
  std::unique_ptr<Workload> more_;
};

// As the catalogue's own.
std::unique_ptr<Workload> prepare_slower(std::string_view kernel, const Problem& problem,
                                         const Device& device, const Preparation& preparation) {
  constexpr std::int64_t tile = 16;
  Problem tenth = problem;
  tenth.shape.n = (problem.shape.n / 10 + tile - 1) / tile * tile;
  const auto prepare = [&](const Problem& part) {
    for (const CatalogueEntry& entry : catalogue()) {
      if (entry.op == part.op && entry.precision == part.precision &&
          entry.backend == device.backend && entry.kernel.name == kernel) {
        return entry.prepare(part, device, preparation);
      }
    }
    throw std::invalid_argument("no kernel " + std::string(kernel));
  };
  return std::make_unique<SlowerWorkload>(prepare(problem), prepare(tenth));
}

std::vector<CatalogueEntry> slower_catalogue() {
  std::vector<KernelFamily> families(kernel_families().begin(), kernel_families().end());
  for (KernelFamily& family : families) {
    if (family.ops == std::vector{Op::gemv}) family.prepare = prepare_slower;
  }
  return entries_of(families);
}

int print_against(const bench::Result& mine, const bench::Result& other) {
  const analysis::AgainstReport report = analysis::hold_against(mine.record, other.record);
  fmt::print("{}", report.text);
  return report.exit_code;
}

}  // namespace
}  // namespace roofproof

int main(int argc, char** argv) {
  using namespace roofproof;
  return bench::run_app(argc, argv, bench::suite(), slower_catalogue(),
                        {[](const bench::Result&) {}, print_against});
}
