// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Tests as forked processes: a crash, a hang or a device that is lost costs its own test alone.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace roofproof::ptx::cases {

// What a process came to. `message` is empty where all is right.
struct Outcome {
  std::string message;
  double cpu_time_s = 0;
};

// Runs each test in a process of its own, `jobs` at a time, and calls done(test, outcome) in the
// order in which they end. A test says what is wrong, empty for nothing, or throws. One that takes
// longer than `limit_s` is killed. Throws std::system_error where no process can be started.
void run_in_processes(const std::vector<std::function<std::string()>>& tests, int jobs,
                      double limit_s, const std::function<void(std::size_t, const Outcome&)>& done);

}  // namespace roofproof::ptx::cases
