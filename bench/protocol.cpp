// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/protocol.h"

#include <stdexcept>

#include "kernels/problem/name_table.h"

namespace roofproof::bench {
namespace {

constexpr NameTable<Profile, 3> profile_names = {
    {Profile::quick, "quick"}, {Profile::standard, "standard"}, {Profile::full, "full"}};

struct ProfileRow {
  Profile profile;
  Protocol protocol;
};

// quick and standard follow from their budgets (90 s and 6 minutes in all). full follows NVIDIA's
// own advice for GEMM (CUTLASS, gemm_performance_measurement_methodology_guidelines.md): clocks
// settle for about 3 s, a measurement lasts at least 1 s and 1000 launches, and between two of them
// the card cools down for 1 s. (1000 launches of the largest GEMM would take minutes on a small
// card: a sample ends at longest_sample_s, far above the clock's resolution.) What is bound by
// memory draws less power: many samples of 50 ms, after a second of the same kernel.
//
// In the short profiles a GEMM still has a short warm-up of its own. A library has just timed its
// algorithms, while the device idled during the check of a hand-written kernel: under a power limit
// the two would start at different clocks.
constexpr Timing brief = {
    .samples = 5, .least_samples = 3, .sample_time_s = 10e-3, .case_time_s = 0.15};
constexpr Timing brief_gemm = {.samples = 5,
                               .least_samples = 3,
                               .sample_time_s = 10e-3,
                               .case_time_s = 0.15,
                               .warmup_s = 0.08};
constexpr Timing full_memory_bound = {
    .samples = 15, .least_samples = 15, .sample_time_s = 50e-3, .case_time_s = 0.75, .warmup_s = 1};
constexpr Timing full_gemm = {.samples = 5,
                              .least_samples = 5,
                              .sample_time_s = 1,
                              .case_time_s = 5,
                              .warmup_s = 3,
                              .least_launches = 1000};
constexpr ProfileRow profiles[] = {
    {Profile::quick, {.sessions = 3, .memory_bound = brief, .gemm = brief_gemm, .warmup_s = 0.2}},
    {Profile::standard, {.sessions = 5, .memory_bound = brief, .gemm = brief_gemm, .warmup_s = 1}},
    {Profile::full,
     {.sessions = 5,
      .memory_bound = full_memory_bound,
      .gemm = full_gemm,
      .warmup_s = 3,
      .idle_s = 1,
      .cool_down_s = 1}},
};

}  // namespace

std::string_view name(Profile profile) { return find_name(profile_names, profile); }
std::optional<Profile> parse_profile(std::string_view text) {
  return find_value(profile_names, text);
}

Protocol protocol(Profile profile) {
  for (const ProfileRow& row : profiles) {
    if (row.profile == profile) return row.protocol;
  }
  throw std::logic_error("protocol: unknown profile");
}

}  // namespace roofproof::bench
