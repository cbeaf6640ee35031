// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The shapes at which every kernel is executed on the PTX machine: small, since a machine in
// software runs them, and awkward: single elements, primes, edges of tiles, chunks and groups +- 1.
#pragma once

#include <vector>

#include "kernels/catalogue.h"

namespace roofproof::ptx::cases {

enum class Extent {
  brief,  // what every run of the tests bears
  full,   // brief and more
};

// A GEMM computes alpha A B^T + beta C.
struct CaseShape {
  Shape shape = {};
  double alpha = 1;
  double beta = 0;
};

// What a row of the catalogue is run at, before unsupported() is asked: one table per operation.
std::vector<CaseShape> shapes(const CatalogueEntry& entry, Extent extent);

// m x n x k at which each configuration of the tiled and of the wgmma kernels is run.
std::vector<CaseShape> configuration_shapes(Extent extent);

// The same for the wgmma kernels alone, whose ring of stages holds more of K.
std::vector<CaseShape> deep_shapes(Extent extent);

// Whether a gemm's weights are packed as a gemv's, with activations in FP16: w8a16, w4a16.
bool has_packed_weights(const CatalogueEntry& entry);

}  // namespace roofproof::ptx::cases
