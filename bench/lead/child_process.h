// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A child process that is fed by its standard input and followed, line by line, by its output.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace roofproof::bench {

class ChildProcess {
 public:
  // Executes arguments[0] and writes `input` to its standard input. The child is killed when this
  // process dies. Throws std::system_error.
  ChildProcess(const std::vector<std::string>& arguments, const std::string& input);
  // Kills it if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  enum class Event { line, timeout, closed, interrupted };
  struct Output {
    Event event;
    std::string line = {};
  };
  // The next line of output; `interrupted` when a signal came first.
  Output next_line(double timeout_s);

  // SIGTERM, and SIGKILL if that does not end it within a second.
  void stop();

  // Waits for the end: "" for exit code 0, else "exit code 3" or "signal 11 (Segmentation fault)".
  std::string wait();

 private:
  pid_t pid_ = -1;
  int output_ = -1;
  std::string pending_;
};

}  // namespace roofproof::bench
