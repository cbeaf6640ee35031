// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The parent's side of a run: sessions as child processes, one after another, each going on after a
// crash, a hang or a lost device with a fresh process. Never touches the device itself.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "bench/lead/progress.h"
#include "bench/plan.h"
#include "bench/protocol.h"

namespace roofproof::bench {

struct RunPlan {
  std::vector<Case> cases;
  Protocol protocol;
  std::filesystem::path journal;  // exists, with its header
  std::filesystem::path kernel_log =
      {};                     // where the device's driver writes its faults, if anywhere
  double case_timeout_s = 0;  // silence of a worker after which it counts as hung
  // The command of a worker for one session; the case names go to its standard input.
  std::function<std::vector<std::string>(int session)> worker_command;
};

struct RunOutcome {
  bool interrupted = false;      // by SIGINT or SIGTERM
  bool any_failed = false;       // a case failed, hung, crashed or gave wrong results
  std::string device_gone = {};  // why no process can measure on the device any more
  std::string device_busy = {};  // what others do on it
  std::string build_unfit = {};  // why it runs nothing of this build
  bool device_lost() const {
    return !device_gone.empty() || !device_busy.empty() || !build_unfit.empty();
  }
  bool over() const { return interrupted || device_lost(); }
};

// Several plans take turns, session by session, and change who goes first: what the machine does in
// the meantime meets them alike. One outcome per plan.
std::vector<RunOutcome> run_sessions(std::span<const RunPlan> plans, Progress& progress);

// Ctrl-C and SIGTERM end a run in order: what was measured is kept. From now on the two signals are
// noted instead of ending the process; the third one ends it.
void note_interrupts();
bool interrupt_requested();

}  // namespace roofproof::bench
