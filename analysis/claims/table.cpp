// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/claims/table.h"

#include <vector>

namespace roofproof::analysis {

std::span<const Claim> claims_table() {
  static const std::vector<Claim> table = [] {
    std::vector<Claim> all;
    for (const auto claims :
         {peak_claims(), one_user_claims(), batch_claims(), format_claims(), gpu_claims()}) {
      all.insert(all.end(), claims.begin(), claims.end());
    }
    return all;
  }();
  return table;
}

}  // namespace roofproof::analysis
