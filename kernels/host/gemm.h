// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// C[M,N] = alpha A[M,K] B[N,K]^T + beta C in FP32 on all cores.
//
// Blocks and packs as Goto and van de Geijn describe (ACM Trans. Math. Softw. 34 (2008) 12) and
// BLIS names: both operands are copied into panels of the micro-kernel's width, transposed so that
// one step of k is contiguous. A, in panels of few rows, is packed once for all threads and stays
// in the last-level cache; each thread packs its part of B, in wide panels, block by block into its
// L2 cache; one panel of A stays in L1 while it meets all panels of the block.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/host/device.h"
#include "kernels/host/gemm_kernel.h"
#include "kernels/host/parallel.h"
#include "kernels/host/tensors.h"

namespace roofproof::host {

class Gemm {
 public:
  // Chooses the blocks and allocates the panels. Throws std::bad_alloc.
  Gemm(std::int64_t m, std::int64_t n, std::int64_t k, int threads, const Caches& caches);

  void run(float* c, const float* a, const float* b, float alpha, float beta) const;

  // "highway AVX3 12x32"
  std::string label() const;

 private:
  void pack_a(const float* a, Share rows, Share depth, std::int64_t panel) const;
  void multiply_rectangle(int thread, float* c, const float* b, Share rows, Share depth,
                          float alpha, float beta) const;

  GemmKernel kernel_;
  std::int64_t m_;
  std::int64_t n_;
  std::int64_t k_;
  int threads_m_ = 1;  // C is cut into threads_m_ x threads_n_ rectangles, one per thread
  int threads_n_ = 1;
  std::int64_t block_m_;  // rows of A that are packed at a time
  std::int64_t block_n_;  // columns of B that a thread packs at a time
  std::int64_t block_k_;
  AlignedArray<float> panels_a_;
  std::vector<AlignedArray<float>> panels_b_;  // one per thread
};

}  // namespace roofproof::host
