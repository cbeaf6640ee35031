// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What options accept.
#pragma once

#include <CLI/CLI.hpp>

namespace roofproof::analysis {

// Of NaN CLI::Range says that it is within any range.
CLI::Validator above_zero(double most);

// Nothing has an empty name: a shell variable that is not set.
CLI::Validator not_empty();

}  // namespace roofproof::analysis
