// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the tests of the audit share: a judge, the files of audit/, figures and what is stated.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <vector>

#include "analysis/audit/output.h"
#include "analysis/audit/readers.h"
#include "kernels/models/find.h"
#include "results/record/atomic_file.h"
#include "tests/analysis/device_fixture.h"

namespace roofproof::analysis {

inline const Judge& judge() {
  static const Judge one(specs());
  return one;
}

inline AuditedReport audited(const std::string& name, const Stated& stated = {}) {
  const std::string file = std::string(AUDIT_FOLDER) + '/' + name;
  return audit(read_report(read_text_file(file), name), stated, judge());
}

inline std::string joined(const std::vector<std::string>& lines) {
  return fmt::format("{}", fmt::join(lines, "; "));
}

inline Stated on(const std::string& gpu, int gpus = 1) {
  Stated stated;
  stated.gpu = gpu;
  stated.gpus = gpus;
  return stated;
}

inline ReportedFigure decode(double tokens_per_s) {
  ReportedFigure figure;
  figure.value = tokens_per_s;
  figure.gpus = 1;
  figure.batch = 1;
  figure.context = 0;
  return figure;
}

inline Stated stated_model(const std::string& gpu, const std::string& model,
                           const std::string& weights) {
  Stated stated = on(gpu);
  stated.layout = find_layout(model);
  if (!weights.empty()) {
    stated.weights = [weights](const ModelLayout&) { return find_weight_format(weights); };
  }
  return stated;
}

}  // namespace roofproof::analysis
