// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/audit/reported.h"

#include <fmt/format.h>

#include <cmath>

namespace roofproof::analysis {

void check_stated(ReportedFigure& figure, std::string_view what, double stated, double computed,
                  double tolerance) {
  if (std::abs(stated / computed - 1) <= tolerance) return;
  figure.contradictions.push_back(
      fmt::format("{}: {:.5g} is stated, {:.5g} follows from the rest", what, stated, computed));
}

}  // namespace roofproof::analysis
