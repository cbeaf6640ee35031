// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/gemm.h"

#include <algorithm>

namespace roofproof::host {
namespace {

std::int64_t divide_up(std::int64_t value, std::int64_t by) { return (value + by - 1) / by; }
std::int64_t round_up(std::int64_t value, std::int64_t to) { return divide_up(value, to) * to; }

// The size of equal blocks, whole grains, none above `most`, that cover `size`.
std::int64_t even_block(std::int64_t size, std::int64_t most, std::int64_t grain) {
  const std::int64_t blocks = divide_up(size, std::max(most / grain * grain, grain));
  return round_up(divide_up(size, blocks), grain);
}

}  // namespace

Gemm::Gemm(std::int64_t m, std::int64_t n, std::int64_t k, int threads, const Caches& caches)
    : kernel_(gemm_kernel()), m_(m), n_(n), k_(k) {
  // Of the ways to cut C into one rectangle per thread, the one whose largest has the fewest tiles;
  // of equals the one that cuts N, because threads that share columns pack the same part of B.
  std::int64_t fewest = 0;
  for (int threads_m = 1; threads_m <= threads; ++threads_m) {
    if (threads % threads_m != 0) continue;
    const std::int64_t tiles = divide_up(divide_up(m, kernel_.rows), threads_m) *
                               divide_up(divide_up(n, kernel_.columns), threads / threads_m);
    if (threads_m == 1 || tiles < fewest) {
      fewest = tiles;
      threads_m_ = threads_m;
      threads_n_ = threads / threads_m;
    }
  }
  constexpr auto element = static_cast<std::int64_t>(sizeof(float));
  // Two thirds of L1 for a panel of A, half of L2 for a block of B, half of the last level for A:
  // the rest is for what streams past.
  block_k_ = even_block(k, caches.l1_data_bytes * 2 / 3 / (kernel_.rows * element), 8);
  const std::int64_t columns = round_up(divide_up(n, threads_n_), kernel_.columns);
  block_n_ = even_block(columns, caches.l2_bytes / 2 / (block_k_ * element), kernel_.columns);
  block_m_ =
      even_block(m, caches.last_level_bytes / 2 / (block_k_ * element), kernel_.rows * threads_m_);
  panels_a_ = allocate_array<float>(block_m_ * block_k_);
  for (int thread = 0; thread < threads; ++thread) {
    panels_b_.push_back(allocate_array<float>(block_n_ * block_k_));
  }
}

// One panel of A: rows.begin + panel * kernel_.rows and following.
void Gemm::pack_a(const float* a, Share rows, Share depth, std::int64_t panel) const {
  const std::int64_t first = rows.begin + panel * kernel_.rows;
  kernel_.pack(panels_a_.get() + panel * kernel_.rows * depth.size(), kernel_.rows,
               a + first * k_ + depth.begin, k_, std::min(kernel_.rows, rows.end - first),
               depth.size());
}

// A thread's part of C += A B^T for the packed rows of A and a range of k.
void Gemm::multiply_rectangle(int thread, float* c, const float* b, Share rows, Share depth,
                              float alpha, float beta) const {
  const Share own_rows = share_of(rows.size(), kernel_.rows, thread % threads_m_, threads_m_);
  const Share own_columns = share_of(n_, kernel_.columns, thread / threads_m_, threads_n_);
  if (own_rows.size() == 0) return;
  float* const panels_b = panels_b_[static_cast<std::size_t>(thread)].get();
  for (std::int64_t block = own_columns.begin; block < own_columns.end; block += block_n_) {
    const std::int64_t block_end = std::min(block + block_n_, own_columns.end);
    for (std::int64_t j = block; j < block_end; j += kernel_.columns) {
      kernel_.pack(panels_b + (j - block) * depth.size(), kernel_.columns, b + j * k_ + depth.begin,
                   k_, std::min(kernel_.columns, block_end - j), depth.size());
    }
    for (std::int64_t i = own_rows.begin; i < own_rows.end; i += kernel_.rows) {
      for (std::int64_t j = block; j < block_end; j += kernel_.columns) {
        kernel_.multiply(
            c + (rows.begin + i) * n_ + j, n_, std::min(kernel_.rows, own_rows.end - i),
            std::min(kernel_.columns, block_end - j), panels_a_.get() + i * depth.size(),
            panels_b + (j - block) * depth.size(), depth.size(), alpha, beta);
      }
    }
  }
}

void Gemm::run(float* c, const float* a, const float* b, float alpha, float beta) const {
  const int threads = threads_m_ * threads_n_;
#pragma omp parallel num_threads(threads)
  for (Share rows{0, 0}; rows.end < m_;) {
    rows = {rows.end, std::min(rows.end + block_m_, m_)};
    for (Share depth{0, 0}; depth.end < k_;) {
      depth = {depth.end, std::min(depth.end + block_k_, k_)};
      const std::int64_t panels = divide_up(rows.size(), kernel_.rows);
#pragma omp for schedule(static)
      for (std::int64_t panel = 0; panel < panels; ++panel) pack_a(a, rows, depth, panel);
        // The loop's end is a barrier: all of A is packed. The next one's keeps it until all are
        // done.
#pragma omp for schedule(static, 1)
      for (int thread = 0; thread < threads; ++thread) {
        multiply_rectangle(thread, c, b, rows, depth, alpha, depth.begin == 0 ? beta : 1);
      }
    }
  }
}

std::string Gemm::label() const {
  return std::string("highway ") + kernel_.simd + " " + std::to_string(kernel_.rows) + "x" +
         std::to_string(kernel_.columns);
}

}  // namespace roofproof::host
