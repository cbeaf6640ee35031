// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a person sees while it runs: one line that renews itself on a terminal, plain lines
// elsewhere.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

namespace roofproof::bench {

class Progress {
 public:
  // `cases` in all sessions together.
  Progress(std::FILE* out, int cases, int sessions);

  void case_started(const std::string& name, int session);
  void case_finished();
  // So many of the cases will not be run after all.
  void cases_dropped(int count);
  // Something worth knowing that must not be overwritten.
  void note(const std::string& text);
  void end();

 private:
  double elapsed_s() const;
  void clear_line();

  std::FILE* out_;
  bool terminal_;
  int cases_;
  int sessions_;
  int finished_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace roofproof::bench
