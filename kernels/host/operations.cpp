// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/operations.h"

#include <algorithm>

namespace roofproof::host {

void run_in_order(const Operations& operations, int threads) {
  for (const Operation& operation : operations) {
    if (!operation.is_parallel()) {
      operation.run({0, operation.count});
      continue;
    }
    parallel_shares(threads, operation.count, operation.grain,
                    [&](Share share) { operation.run(share); });
  }
}

int parallel_regions(const Operations& operations) {
  return static_cast<int>(
      std::count_if(operations.begin(), operations.end(),
                    [](const Operation& operation) { return operation.is_parallel(); }));
}

}  // namespace roofproof::host
