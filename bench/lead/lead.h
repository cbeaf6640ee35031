// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The leading process: finds the devices and has each measured by child processes, from its lock to
// its result on disk. It never touches a device itself: what hangs or crashes a driver costs a
// child.
#pragma once

#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>

#include "bench/options.h"
#include "bench/suite.h"
#include "results/record/record.h"

namespace roofproof::bench {

// Nothing is wrong with the run, but with the machine: exit code 4.
class EnvironmentUnfit : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

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

// Returns the exit code. The results are on disk when this returns. Throws EnvironmentUnfit where
// there is nothing to measure on.
int lead(const Options& options, std::span<const SuiteRow> suite, const Reports& reports);

}  // namespace roofproof::bench
