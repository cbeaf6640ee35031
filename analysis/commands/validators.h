// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What options with a number accept.
#pragma once

#include <CLI/CLI.hpp>

namespace roofproof::analysis {

// Of NaN CLI::Range says that it is within any range.
CLI::Validator above_zero(double most);

}  // namespace roofproof::analysis
