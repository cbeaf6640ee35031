// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A decode step as a table of operations, each of which waits for the one before: what is run in
// order by layer and decode, and in part or without waiting by the rungs of the ladder.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "kernels/host/parallel.h"

namespace roofproof::host {

struct Operation {
  std::int64_t count = 0;  // shared out among the threads in whole grains
  std::int64_t grain = 1;
  std::function<void(Share)> multiply = {};  // a matrix product's share, else empty
  std::function<void(Share)> finish = {};    // what else is done with the same share, or empty

  void run(Share share) const {
    if (multiply) multiply(share);
    if (finish) finish(share);
  }

  // What cannot be shared is done by the caller.
  bool is_parallel() const { return count > 1; }
};

using Operations = std::vector<Operation>;

// One parallel region for each operation that has something to share.
void run_in_order(const Operations& operations, int threads);
int parallel_regions(const Operations& operations);

// One parallel region for all: body(operation, share) for each, and no thread waits for another.
template <class Body>
void run_unordered(const Operations& operations, int threads, const Body& body) {
  parallel_shares(threads, threads, 1, [&](Share thread) {
    for (std::int64_t part = thread.begin; part < thread.end; ++part) {
      for (const Operation& operation : operations) {
        const Share share =
            share_of(operation.count, operation.grain, static_cast<int>(part), threads);
        if (share.size() > 0) body(operation, share);
      }
    }
  });
}

}  // namespace roofproof::host
