// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// One run at a time on a device: two would measure each other.
#pragma once

#include <memory>
#include <string>

#include "results/file_descriptor.h"

namespace roofproof::bench {

// Held until destroyed, or until the process ends in whatever way; children do not inherit it.
class DeviceLock {
 public:
  // Waits up to `patience_s` for another run on the device that `id` names. Null when that one
  // still holds it. Throws std::system_error where no lock can be made.
  static std::unique_ptr<DeviceLock> acquire(const std::string& id, double patience_s);

 private:
  explicit DeviceLock(std::unique_ptr<FileDescriptor> file) : file_(std::move(file)) {}
  std::unique_ptr<FileDescriptor> file_;
};

}  // namespace roofproof::bench
