// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Where a share of the roof stands among what others published.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/audit/reported.h"
#include "analysis/spec.h"

namespace roofproof::analysis {

struct Standing {
  double percentile = 0;  // of the rows, 0 to 100, that are below
  std::size_t rows = 0;
  std::string of;  // "of decode steps", "of matrix products"
};

// The rows of results/published/, each as a share of its own roof.
class PublishedShares {
 public:
  explicit PublishedShares(const SpecTable& specs);

  // Among the rows of that engine where there are some, else among all. Nothing where none is of
  // this kind.
  std::optional<Standing> standing(Quantity quantity, double share,
                                   const std::string& engine) const;

 private:
  struct Row {
    Quantity quantity;
    double share;
    std::string software;  // in lower case
  };
  std::vector<Row> rows_;
};

}  // namespace roofproof::analysis
