// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A measured rate as a share of the ceilings that theory gives it.
#pragma once

#include <optional>

#include "analysis/results_view.h"
#include "analysis/spec.h"

namespace roofproof::analysis {

// Nothing where the ceiling is not known.
struct PeakShares {
  std::optional<double> datasheet;  // of the printed peak or bandwidth
  std::optional<double> derived;    // of SMs x clock x rate, or clock x bus, at the maximum clock
  std::optional<double> at_clock;   // of the same at the clock measured during the kernel: tells a
                                    // slow kernel from a GPU held back by its power limit
};

// Which peak is over this operation. Weights that are expanded to FP16 multiply at FP16's rate: of
// a GEMM W8A16 and W4A16, of a step or a prefill INT8 and INT4.
Arithmetic arithmetic_of(Op op, Precision precision);

// The printed peak or bandwidth: operations/s or bytes/s.
const Figure& datasheet_ceiling(const GpuSpec& spec, Op op, Precision precision);

// By the arithmetic where it bounds the operation, else by the memory bandwidth.
PeakShares peak_shares(const Series& series, const DeviceRecord& device, const DevicePeaks& peaks);

}  // namespace roofproof::analysis
