// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The command line of bench_all.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/plan.h"
#include "bench/protocol.h"
#include "kernels/device.h"

namespace roofproof::bench {

struct Options {
  Profile profile = Profile::standard;
  std::string device = "auto";  // "auto", "cuda:N", "all", "host"
  std::string filter = {};
  std::string kernel = {};
  std::string model = {};          // the kernels' name for it; as given where they have none
  bool is_predicted_only = false;  // no kernel computes the layers of `model`
  std::string model_notice = {};   // what of `model` is not measured
  std::optional<int> sessions = {};
  std::filesystem::path out = {};      // empty: results/<device>/<utc>-<id>.json
  std::filesystem::path against = {};  // another bench_all, to be held against this one
  bool list = false;
  bool kernels = false;
  bool show_host_name = false;
  double case_timeout_s = 120;
  double wait_s = 0;  // for another run on the same device
  bool ignore_busy = false;

  std::string lock = "roofproof";  // begins the names of device locks: tests have their own

  // How the parent calls its children; not shown in --help.
  bool probe = false;
  int worker_session = -1;
  std::filesystem::path journal = {};
};

// The options, or the exit code with which to end at once (--help, bad usage).
struct ParsedOptions {
  Options options = {};
  std::optional<int> exit_code = {};
};
ParsedOptions parse_options(int argc, char** argv);

// What the options select; `device` is "host" or "cuda:N".
Backend backend_of(const std::string& device);
Protocol protocol_of(const Options& options);
std::vector<Case> plan_of(const Options& options, std::span<const SuiteRow> suite,
                          const std::string& device);

}  // namespace roofproof::bench
