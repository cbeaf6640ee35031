// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Runs a workload and says what is wrong with its results.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "kernels/catalogue.h"
#include "tests/ptx/cases/shapes.h"

namespace roofproof::ptx::cases {

using Prepare = std::function<std::unique_ptr<Workload>(const Preparation&)>;

// Prepares the problem with two copies, as the benchmark's worker does. Products (gemm, gemv) and
// read, copy and triad are launched on both without waiting between and compared element by element
// with plain loops in double precision over what the device holds; then all by the workload's own
// check and its guard bands; then more launches and a replayed graph bit for bit. Empty where all
// is right, else what is not. Throws what the workload throws.
std::string execute(const CatalogueEntry& entry, const CaseShape& shape, const Prepare& prepare);

}  // namespace roofproof::ptx::cases
