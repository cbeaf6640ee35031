// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the environment or control.h chose.
#pragma once

#include <random>
#include <string>

#include "tests/ptx/runtime/played_device.h"

namespace roofproof::ptx::runtime {

// When an operation runs of those that may: as soon as it may, in the order of the calls; only when
// the host waits for what needs it, the last enqueued first; at random. Nodes of a graph likewise.
enum class Order { early, late, random };

struct Settings {
  PlayedDevice device;
  Order streams = Order::early;
  std::mt19937_64 random;  // of Order::random
  bool trace = false;      // calls and launches on stderr
  // Kernels with this in their name cannot be loaded, but end with this error; empty: all can.
  std::string lacking;
  int lacking_error = 0;
};

// Read from the environment when first called.
Settings& settings();

}  // namespace roofproof::ptx::runtime
