// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What an exception of a backend means for the session.
#pragma once

#include <exception>

namespace roofproof::bench {

struct DeviceFault {
  bool out_of_memory = false;
  bool sticky = false;  // nothing more can be measured in this process
};

DeviceFault classify_fault(const std::exception& error);

}  // namespace roofproof::bench
