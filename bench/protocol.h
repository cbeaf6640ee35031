// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// How long, how often and how many: the three profiles.
#pragma once

#include <optional>
#include <string_view>

namespace roofproof::bench {

enum class Profile { quick, standard, full };

std::string_view name(Profile profile);
std::optional<Profile> parse_profile(std::string_view text);

// A case is timed in batches of launches; a session is a fresh process that runs every case. The
// session is the statistical unit: batches of one process repeat its own bias.
struct Protocol {
  int sessions;
  int batches;          // wanted per case and session
  int least_batches;    // kept when one launch alone outlasts the case
  double batch_time_s;  // at least, between the two clock readings
  double case_time_s;   // batches are left out, down to the least, to stay below it
  double warmup_s;      // of the first case, per session
  double idle_s;        // before each session
};

Protocol protocol(Profile profile);

}  // namespace roofproof::bench
