// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The parts of the page's data, one file each. Texts are for reading, numbers are SI.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analysis/claims/claims.h"
#include "analysis/compare/compare.h"
#include "analysis/disturbance.h"
#include "analysis/engines/score.h"
#include "analysis/report/history.h"
#include "analysis/results_view.h"
#include "analysis/spec.h"
#include "results/record/json_text.h"

namespace roofproof::analysis {

// A run ready to be asked. The record must outlive it.
struct ReportRun {
  std::string file;
  ResultsView view;
  DevicePeaks peaks;
  Disturbance disturbance;
  ComparedRun compared;  // its series are those of the view, in the same order

  ReportRun(const std::string& name, const Record& of, const SpecTable& specs);
  const Record& record() const { return view.record(); }
  bool on_host() const { return record().device.backend == Backend::host; }
};

// All of one run: who, and the parts below.
Json run_json(const ReportRun& run);

// rooflines.cpp: roofs and kernels by the arithmetic that bounds them.
Json rooflines_part(const ReportRun& run);
// shares.cpp: of each operation and precision, hand and library against the roofs.
Json shares_part(const ReportRun& run);
// decode.cpp: whole steps for one user, predicted and measured, and where the time went.
Json decode_part(const ReportRun& run);
// batches.cpp: rate by batch, and what the measured roofs allow.
Json batches_part(const ReportRun& run);
// conditions.cpp: device, software, protocol, clocks, and what was not measured.
Json conditions_part(const ReportRun& run);
// predictions.cpp: four answers from the measured steps.
Json dials_part(const ReportRun& run);
// measurements.cpp: every figure.
Json measurements_part(const ReportRun& run);

// claims.cpp
Json claims_part(std::span<const ClaimResult> results);
Json verdict_counts_part(std::span<const ClaimResult> results);
// predictions.cpp: published rates and what is predicted of them without their boards.
Json published_part(const Score& score, const SpecTable& specs);
// compared.cpp: null for a single run.
Json compared_part(const std::vector<ReportRun>& runs);

}  // namespace roofproof::analysis
