// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// How a device says that it failed: in an exception of a backend, and in the kernel's log.
#pragma once

#include <exception>
#include <filesystem>
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

// No call failed, but the device reports that it is damaged.
class DeviceBroken : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

Fault classify_fault(const std::exception& error);

// What NVIDIA's driver wrote into the kernel's log: an "Xid" names the fault behind an error that
// CUDA words in general terms (NVIDIA, "XID Errors").
class KernelLog {
 public:
  // Watches from now on; an empty path watches nothing.
  explicit KernelLog(const std::filesystem::path& path);
  ~KernelLog();
  KernelLog(const KernelLog&) = delete;
  KernelLog& operator=(const KernelLog&) = delete;

  // The first Xid since the last call, as the end of a reason: "; Xid 79 in the kernel's log: ...";
  // "; Xid unknown ..." where the log cannot be read, "" where there is none.
  std::string xid();

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

// Where the driver of "cuda:N" writes its faults; empty of "host".
std::filesystem::path kernel_log_of(const std::string& device);

}  // namespace roofproof::bench
