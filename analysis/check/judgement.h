// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What comes of holding a figure against what it should be.
#pragma once

#include <string_view>

namespace roofproof::analysis {

enum class Judgement {
  none,          // there is nothing to hold it against
  missing,       // there is, and this run has no figure of it
  fine,          // within what was to be expected
  better,        // faster than that; reported, never accepted by itself
  inconclusive,  // may be either; a second run or more sessions would tell
  worse,         // below the floor, or slower in two runs
};

constexpr std::string_view name(Judgement judgement) {
  switch (judgement) {
    case Judgement::none:
      return "none";
    case Judgement::missing:
      return "missing";
    case Judgement::fine:
      return "fine";
    case Judgement::better:
      return "better";
    case Judgement::inconclusive:
      return "inconclusive";
    case Judgement::worse:
      break;
  }
  return "worse";
}

}  // namespace roofproof::analysis
