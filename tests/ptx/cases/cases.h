// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What is there to be executed on a device: each row of the catalogue for GPUs, and each
// configuration of the GEMM kernels that choose one by shape, as a row of its own kind.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kernels/device.h"
#include "tests/ptx/cases/shapes.h"

namespace roofproof::ptx::cases {

struct Case {
  std::string shape;
  std::function<std::string()> run;  // empty: right; else what is wrong, see execute()
};

struct CaseRow {
  std::string name;  // "gemm/fp16/wgmma_sm90"; "tiles/fp16/wgmma_sm90" of configurations
  bool of_catalogue = true;
  bool one_mode = false;         // seconds for each: a brief run has it in one mode per generation
  std::vector<Case> cases = {};  // those that the device can do
  std::string unsupported = {};  // why there is none
};

// Rows that only say why nothing computes something are left out.
std::vector<CaseRow> case_rows(const Device& device, Extent extent);

}  // namespace roofproof::ptx::cases
