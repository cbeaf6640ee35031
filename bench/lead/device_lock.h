// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// One run at a time on a device: two would measure each other. The lock is a name that one socket
// of the machine can have, Linux's "abstract" ones: no file, so it has no owner, no folder that
// TMPDIR, a read-only disk or permissions could take away, and ends with its process. It reaches as
// far as a network namespace: a container that has its own is not kept out.
#pragma once

#include <memory>
#include <string>

namespace roofproof::bench {

// Held until destroyed, or until the process ends in whatever way; children do not inherit it.
class DeviceLock {
 public:
  // Waits up to `patience_s` for another run that has this name, which is of the device. Null when
  // that one still holds it. Throws std::runtime_error where no lock can be made.
  static std::unique_ptr<DeviceLock> acquire(const std::string& name, double patience_s);
  ~DeviceLock();
  DeviceLock(const DeviceLock&) = delete;
  DeviceLock& operator=(const DeviceLock&) = delete;

 private:
  explicit DeviceLock(int socket) : socket_(socket) {}
  int socket_;
};

}  // namespace roofproof::bench
