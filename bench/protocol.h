// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// How long, how often and how many: the three profiles.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "kernels/problem/problem.h"

namespace roofproof::bench {

enum class Profile { quick, standard, full };

std::string_view name(Profile profile);
std::optional<Profile> parse_profile(std::string_view text);

// A case is timed in samples: so many launches between two readings of the clock.
struct Timing {
  int samples;           // wanted per case and session
  int least_samples;     // kept when one launch alone outlasts the case
  double sample_time_s;  // at least, between the two clock readings
  double case_time_s;    // samples are left out, down to the least, to stay below it
  // Of each case before its samples: at least, and on until the clocks have settled. A warm-up
  // shorter than settle_window_s lasts just that long: the clocks cannot be judged in it.
  double warmup_s = 0;
  // In a sample at least, however long they take, up to longest_sample_s.
  std::int64_t least_launches = 1;
};

inline constexpr double longest_sample_s = 5;

// Below this an empty launch is timed too: most of the time may be the launch itself.
inline constexpr double short_launch_s = 20e-6;

// Launches that are timed one by one, in a sample.
inline constexpr std::int64_t lone_launches = 200;

// What draws the most power: GEMM, and prefill, which is a sequence of GEMMs.
inline bool multiplies(Op op) { return op == Op::gemm || op == Op::prefill; }

// A session is a fresh process that runs every case. It is the statistical unit: samples of one
// process repeat its own bias.
struct Protocol {
  int sessions;
  Timing memory_bound;     // and the peak loops
  Timing gemm;             // and prefill: what multiplies
  double warmup_s;         // of the first case, per session, at least
  double idle_s = 0;       // before each session
  double cool_down_s = 0;  // before each of these

  const Timing& timing(Op op) const { return multiplies(op) ? gemm : memory_bound; }
};

Protocol protocol(Profile profile);

}  // namespace roofproof::bench
