// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/banner.h"

#include <utility>

#include "analysis/disturbance.h"

namespace roofproof::analysis {

std::vector<std::string> banners(const Record& record, const std::string& file) {
  std::vector<std::string> lines;
  if (record.synthetic) {
    lines.push_back("SYNTHETIC: the figures of " + file +
                    " were not measured; no verdict uses them");
  }
  if (!record.complete) {
    lines.push_back("INCOMPLETE: the run in " + file +
                    " did not finish; the file holds only part of the cases");
  }
  if (std::string disturbed = disturbance_banner(record, file); !disturbed.empty()) {
    lines.push_back(std::move(disturbed));
  }
  return lines;
}

}  // namespace roofproof::analysis
