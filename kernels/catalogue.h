// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The catalogue: every kernel of the suite, one row each. Tests and benchmarks iterate it; a new
// kernel is its own file and one row here.
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

struct CatalogueEntry {
  Op op;
  Precision precision;
  Implementation implementation;
  std::string_view
      kernel;  // the variant: "simt", "mma_sm80", "highway"; the library's name otherwise
  Backend backend;

  // Why this entry cannot run the problem on the device; empty where it can.
  std::string (*unsupported)(const Problem&, const Device&);

  std::unique_ptr<Workload> (*prepare)(const Problem&, const Device&, const Preparation&);

  // A rung of the ladder: it does a part of the problem's work, to say what that part takes. Only
  // measured where it is asked for by name.
  bool rung = false;
};

// All rows of this build. Of rows that differ in kernel alone the preferred (newest) comes first.
std::span<const CatalogueEntry> catalogue();

// The rows of a catalogue that compute (op, precision) by this implementation on this backend,
// preferred first.
std::vector<const CatalogueEntry*> candidates(std::span<const CatalogueEntry> rows,
                                              const Problem& problem, Implementation implementation,
                                              Backend backend);

}  // namespace roofproof
