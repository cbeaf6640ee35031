// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/lead/interrupt.h"

#include <signal.h>

namespace roofproof::bench {
namespace {

// timeout(1) sends its signal to the process and to its group, so that two come at once.
constexpr sig_atomic_t most_signals = 2;

volatile sig_atomic_t signals = 0;

void on_signal(int number) {
  if (signals < most_signals) {
    signals = signals + 1;
    return;
  }
  signal(number, SIG_DFL);
  raise(number);
}

}  // namespace

void note_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaddset(&action.sa_mask, SIGINT);
  sigaddset(&action.sa_mask, SIGTERM);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  // A worker that died must not take the parent along when it is written to.
  signal(SIGPIPE, SIG_IGN);
}

bool interrupt_requested() { return signals != 0; }

}  // namespace roofproof::bench
