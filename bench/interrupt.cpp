// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/interrupt.h"

#include <signal.h>

namespace roofproof::bench {
namespace {

volatile sig_atomic_t requested = 0;

}  // namespace

void note_interrupts() {
  struct sigaction action {};
  action.sa_handler = [](int) { requested = 1; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // the second one has its usual effect
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  // A worker that died must not take the parent along when it is written to.
  signal(SIGPIPE, SIG_IGN);
}

bool interrupt_requested() { return requested != 0; }

}  // namespace roofproof::bench
