// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What every output says first about a result that is not an ordinary one.
#pragma once

#include <string>
#include <vector>

#include "results/record/record.h"

namespace roofproof::analysis {

// Lines without an end: made-up figures, runs that did not end or were disturbed. Empty for an
// ordinary result.
std::vector<std::string> banners(const Record& record, const std::string& file);

}  // namespace roofproof::analysis
