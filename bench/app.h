// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// bench_all as a function: tests run it with a catalogue of their own.
#pragma once

#include <filesystem>
#include <span>

#include "bench/suite.h"
#include "kernels/catalogue.h"
#include "results/record.h"

namespace roofproof::bench {

// A result on disk.
struct Result {
  Record record;
  std::filesystem::path path;
};

// What is said about results, by whoever knows what they mean.
struct Reports {
  // Once for each result.
  void (*summary)(const Result& result);
  // Of two builds measured in turns: whether `mine` is slower; the exit code.
  int (*against)(const Result& mine, const Result& other);
};

// Returns the exit code.
int run_app(int argc, char** argv, std::span<const SuiteRow> suite,
            std::span<const CatalogueEntry> catalogue, const Reports& reports);

}  // namespace roofproof::bench
