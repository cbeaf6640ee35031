// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "tests/ptx/machine/warp.h"

namespace roofproof::ptx {

void start_warp(Warp& w, Block& b, int index, u32 threads);
// Runs a warp for at most `budget` instructions, until it waits or polls.
void run_slice(Warp& w, int budget);

}  // namespace roofproof::ptx
