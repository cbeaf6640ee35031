// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Ctrl-C and SIGTERM end a run in order: what was measured is kept.
#pragma once

namespace roofproof::bench {

// From now on the two signals are noted instead of ending the process; the third one ends it.
void note_interrupts();
bool interrupt_requested();

}  // namespace roofproof::bench
