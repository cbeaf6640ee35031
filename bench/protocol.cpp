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
// the card cools down for one. (1000 launches of the largest would be minutes on a small card: they
// end at longest_batch_s, where the clock's resolution is long forgotten.) What is bound by memory
// draws less power: many batches of 50 ms, after a second of the same kernel.
//
// Where time is short, a GEMM is at least led in by itself: a library has just tried its algorithms
// when a kernel of ours has rested during its check, and a power limit remembers both.
constexpr Timing brief = {5, 3, 10e-3, 0.15};
constexpr Timing brief_gemm = {5, 3, 10e-3, 0.15, 0.08};
constexpr ProfileRow profiles[] = {
    {Profile::quick, {3, brief, brief_gemm, 0.2, 0, 0}},
    {Profile::standard, {5, brief, brief_gemm, 1, 0, 0}},
    {Profile::full, {5, {15, 15, 50e-3, 0.75, 1}, {5, 5, 1, 5, 3, 1000}, 3, 1, 1}},
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
