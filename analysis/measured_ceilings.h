// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The ceilings that a run measured, in the form in which predict() takes those of a datasheet.
#pragma once

#include "analysis/predict.h"
#include "analysis/results_view.h"

namespace roofproof::analysis {

// Counter of a decode row: kernels per step.
inline constexpr const char* launches_counter = "kernel_launches";

// Read bandwidth, the GEMM rate of what is multiplied in, and the memory of the device. Each
// source names its row, and whether it was disturbed. What the run has no row for is `spec`'s, and
// says so; throws InputError naming `file` where there is no spec either. A host without a FP16
// GEMM computes in FP32.
Ceilings measured_ceilings(const ResultsView& view, const std::string& file, Arithmetic arithmetic,
                           const GpuSpec* spec);
Ceilings measured_ceilings(const ResultsView& view, const std::string& file, Precision weights,
                           const GpuSpec* spec);

// Kernels per step and the time that each takes at least: that of the ladder's rung which launches
// as many empty ones. From this model's step with these weights where it was measured, else from
// another's, whose launches go by their layers. Nothing is changed where no such rung was measured.
void add_measured_launches(const ResultsView& view, Ceilings& ceilings, ModelWorkload& workload);

}  // namespace roofproof::analysis
