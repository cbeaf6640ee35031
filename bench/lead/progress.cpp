// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/lead/progress.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cmath>

namespace roofproof::bench {
namespace {

std::string minutes(double time_s) {
  const long seconds = std::lround(time_s);
  return seconds < 60 ? fmt::format("{}s", seconds)
                      : fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
}

}  // namespace

Progress::Progress(std::FILE* out, int cases, int sessions)
    : out_(out), terminal_(::isatty(::fileno(out)) != 0), cases_(cases), sessions_(sessions) {}

double Progress::elapsed_s() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void Progress::clear_line() {
  if (terminal_) fmt::print(out_, "\r\033[K");
}

void Progress::case_started(const std::string& name, int session) {
  // The first case also warms up: an estimate from it alone would mislead.
  std::string left;
  if (finished_ > 1) {
    left = " · " + minutes(elapsed_s() / finished_ * (cases_ - finished_)) + " left";
  }
  clear_line();
  fmt::print(out_, "[{}/{}] session {}/{} · {}{}{}", finished_ + 1, cases_, session + 1, sessions_,
             name, left, terminal_ ? "" : "\n");
  std::fflush(out_);
}

void Progress::case_finished() { ++finished_; }

void Progress::cases_dropped(int count) { cases_ -= count; }

void Progress::note(const std::string& text) {
  clear_line();
  fmt::print(out_, "! {}\n", text);
  std::fflush(out_);
}

void Progress::end() {
  clear_line();
  std::fflush(out_);
}

}  // namespace roofproof::bench
