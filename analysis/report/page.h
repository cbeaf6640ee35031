// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The page around the data.
#pragma once

#include <string>

#include "results/record/json_text.h"

namespace roofproof::analysis {

// report.html with styles, scripts and data in place. Its Content-Security-Policy lets nothing run
// but these scripts, by their hash, and nothing be loaded at all.
std::string report_page(const Json& data);

}  // namespace roofproof::analysis
