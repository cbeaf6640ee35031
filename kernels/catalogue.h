// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The catalogue: every kernel of the suite, in families. Tests and benchmarks iterate it; a new
// kernel is its own file and its name in a family.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/device.h"
#include "kernels/problem/problem.h"
#include "kernels/workload.h"

namespace roofproof {

struct Kernel {
  // The variant: "simt", "mma_sm80", "highway"; the library's name otherwise.
  std::string_view name;
  // Of GPUs: the oldest and the newest compute capability that it is for (75 for 7.5).
  int oldest_capability = 0;
  int newest_capability = any_newer;

  static constexpr int any_newer = 999;
};

// A row: kernels that compute the same in the same precisions, and are prepared by the same
// function.
struct KernelFamily {
  std::vector<Op> ops;
  std::vector<Precision> precisions;
  Implementation implementation;
  std::vector<Kernel> kernels;  // preferred (newest) first; none: unsupported() says why
  Backend backend;
  Unsupported* unsupported;    // capabilities are checked before
  Prepare* prepare = nullptr;  // null where there are no kernels
  // Rungs of the ladder: they do a part of the problem's work, to say what that part takes. Only
  // measured where they are asked for by name.
  bool rungs = false;
};

// A kernel of a family, for one operation in one precision.
class CatalogueEntry {
 public:
  CatalogueEntry(const KernelFamily& family, Op op, Precision precision, const Kernel& kernel);

  // Why this entry cannot run the problem on the device; empty where it can.
  std::string unsupported(const Problem& problem, const Device& device) const;

  // Throws std::invalid_argument where the entry has no kernel.
  std::unique_ptr<Workload> prepare(const Problem& problem, const Device& device,
                                    const Preparation& preparation) const;

  Op op;
  Precision precision;
  Implementation implementation;
  Kernel kernel;  // without a name in a family that has none
  Backend backend;
  bool rung;

 private:
  Unsupported* unsupported_;
  Prepare* prepare_;
};

// Each kernel of each family, for each operation and precision; one entry where there is none.
std::vector<CatalogueEntry> entries_of(std::span<const KernelFamily> families);

// The families of this build, and their entries. Of entries that differ in kernel alone the
// preferred (newest) comes first.
std::span<const KernelFamily> kernel_families();
std::span<const CatalogueEntry> catalogue();

// The entries that compute (op, precision) by this implementation on this backend, preferred first.
std::vector<const CatalogueEntry*> candidates(std::span<const CatalogueEntry> entries,
                                              const Problem& problem, Implementation implementation,
                                              Backend backend);

}  // namespace roofproof
