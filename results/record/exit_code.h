// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What both programs end with.
#pragma once

namespace roofproof {

struct ExitCode {
  static constexpr int fine = 0;  // unsupported cases included
  static constexpr int regression = 1;
  static constexpr int bad_input = 2;
  static constexpr int inconclusive = 3;
  static constexpr int environment_unfit = 4;
  static constexpr int case_failed = 5;
};

}  // namespace roofproof
