// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The table of claims. Tolerances were fixed before any run; changing one is a commit that says
// why.
#pragma once

#include <span>

#include "analysis/claims/decision.h"

namespace roofproof::analysis {

// Tested by up to three functions: one that needs no run, one for each run, one for several runs
// together.
struct Claim {
  std::string_view id;
  std::string_view statement;
  // Its headline figure.
  std::string_view what;
  std::string_view unit;
  Interval predicted;
  double tolerance;
  std::string_view tolerance_reason;
  std::string_view tested_by;
  std::string_view needs;  // what has to be measured for a verdict; "": arithmetic is all of it
  void (*by_arithmetic)(const SpecTable& specs, Decision& decision) = nullptr;
  void (*on_run)(const Run& run, Decision& decision) = nullptr;
  void (*across_runs)(const Evidence& evidence, Decision& decision) = nullptr;
};

// The files of claims: each has its entries, beside the functions that test them. A claim is added
// there alone.
std::span<const Claim> peak_claims();      // peaks.cpp: rates of the device, and their ratios
std::span<const Claim> one_user_claims();  // one_user.cpp: a token for one user
std::span<const Claim> batch_claims();     // batches.cpp: many tokens at once
std::span<const Claim> format_claims();    // formats.cpp: what fewer bytes per weight bring
std::span<const Claim> gpu_claims();       // gpus.cpp: one GPU against another

// All of them, in this order.
std::span<const Claim> claims_table();

// Tolerances of several claims, and their reasons.

// Boards of one model differ by 8 % on average (arXiv:2208.11035).
inline constexpr double other_board = 0.10;
inline constexpr std::string_view why_other_board =
    "a figure quoted from another board: boards of one model differ by 8 % on average";

// A step is a chain of kernels: launches and tails take a share of it that the model leaves out.
inline constexpr double launch_bound = 0.10;
inline constexpr std::string_view why_launch_bound =
    "a ratio of whole steps, which contain launches that the claim leaves out";

inline constexpr double gemm_rate = 0.05;
inline constexpr std::string_view why_gemm_rate =
    "the spread of GEMM rates between shapes and clocks";

inline constexpr std::string_view why_threshold = "a threshold: no tolerance, the interval decides";

inline constexpr std::string_view any_gpu = "a GPU such as a T4";

constexpr Interval exactly(double value) { return {value, value}; }

}  // namespace roofproof::analysis
