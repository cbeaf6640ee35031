// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A run on one device, from its lock to its result on disk.
#pragma once

#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>

#include "bench/lead/probe.h"
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

// `device` is "host" or "cuda:N". The results are on disk when this returns; the exit code. Throws
// EnvironmentUnfit where nothing was measured.
int measure_device(const Options& options, const std::string& executable, const std::string& device,
                   const ProbeReport& report, std::span<const SuiteRow> suite,
                   const Reports& reports);

}  // namespace roofproof::bench
