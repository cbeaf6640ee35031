// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What an exception of a backend means for the session.
#pragma once

#include <exception>
#include <stdexcept>
#include <string>

namespace roofproof::bench {

enum class DeviceFault {
  of_the_case,  // the next case may work
  out_of_memory,
  no_code,      // neither this build nor the library holds anything that the device could run
  sticky,       // nothing more can be measured in this process
  device_gone,  // nor in another one: the device is broken, or not ours to use
};

struct Fault {
  DeviceFault kind = DeviceFault::of_the_case;
  std::string hint = {};  // what to do about it; empty where the error says enough
};

// What no call failed of: the device itself says that it is damaged.
class DeviceBroken : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

Fault classify_fault(const std::exception& error);

}  // namespace roofproof::bench
