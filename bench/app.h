// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// bench_all as a function: tests run it with a catalogue of their own.
#pragma once

#include <span>

#include "bench/lead/lead.h"
#include "bench/suite.h"
#include "kernels/catalogue.h"

namespace roofproof::bench {

// Returns the exit code.
int run_app(int argc, char** argv, std::span<const SuiteRow> suite,
            std::span<const CatalogueEntry> catalogue, const Reports& reports);

}  // namespace roofproof::bench
