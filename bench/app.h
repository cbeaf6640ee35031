// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// bench_all as a function: tests run it with a catalogue of their own.
#pragma once

#include <span>

#include "bench/suite.h"
#include "kernels/catalogue.h"
#include "results/record.h"

namespace roofproof::bench {

// Says what a result means; called once for each result, after it is on disk.
using Report = void (*)(const Record& record, const std::filesystem::path& path);

// Returns the exit code.
int run_app(int argc, char** argv, std::span<const SuiteRow> suite,
            std::span<const CatalogueEntry> catalogue, Report report);

}  // namespace roofproof::bench
