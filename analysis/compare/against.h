// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Two builds that were measured in turns, session by session: did the one get slower?
#pragma once

#include <string>

#include "results/record/record.h"

namespace roofproof::analysis {

struct AgainstReport {
  std::string text;   // a line per benchmark
  int exit_code = 0;  // regression where any is slower, else inconclusive where any is unclear
};

// Session n of one belongs to session n of the other, and counts where neither row was disturbed. A
// benchmark that only one of them has is unclear, and every one where a run was disturbed as a
// whole.
AgainstReport hold_against(const Record& mine, const Record& other);

}  // namespace roofproof::analysis
