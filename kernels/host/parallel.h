// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Work split over threads in contiguous shares.
#pragma once

#include <algorithm>
#include <cstdint>

namespace roofproof::host {

struct Share {
  std::int64_t begin;
  std::int64_t end;

  std::int64_t size() const { return end - begin; }
};

// The share of part `part` of `parts` in [0, count), as even as whole grains allow; grains are
// counted from 0, and only the last one may be incomplete.
inline Share share_of(std::int64_t count, std::int64_t grain, int part, int parts) {
  const std::int64_t grains = (count + grain - 1) / grain;
  const auto bound = [&](int index) { return std::min(grains * index / parts * grain, count); };
  return {bound(part), bound(part + 1)};
}

// The threads, `most` at most, that a parallel region of this thread has from now on, each time the
// same number: OpenMP gives fewer than it is asked for where OMP_THREAD_LIMIT or OMP_NUM_THREADS
// say so, and OpenBLAS waits for ever for those that it does not get.
int granted_threads(int most);

// body(share) in `threads` threads at once.
template <class Body>
void parallel_shares(int threads, std::int64_t count, std::int64_t grain, const Body& body) {
#pragma omp parallel for schedule(static, 1) num_threads(threads)
  for (int thread = 0; thread < threads; ++thread) {
    const Share share = share_of(count, grain, thread, threads);
    if (share.size() > 0) body(share);
  }
}

}  // namespace roofproof::host
