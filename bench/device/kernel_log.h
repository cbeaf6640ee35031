// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What NVIDIA's driver wrote into the kernel's log: an "Xid" names the fault behind an error that
// CUDA words in general terms (NVIDIA, "XID Errors").
#pragma once

#include <filesystem>
#include <string>

namespace roofproof::bench {

// Where the driver of "cuda:N" writes its faults; empty of "host".
std::filesystem::path kernel_log_of(const std::string& device);

class KernelLog {
 public:
  // Watches from now on; an empty path watches nothing.
  explicit KernelLog(const std::filesystem::path& path);
  ~KernelLog();
  KernelLog(const KernelLog&) = delete;
  KernelLog& operator=(const KernelLog&) = delete;

  // The first Xid since it was last asked, to be put behind a reason: "; Xid 79 in the kernel's
  // log:
  // ...", "; Xid unknown ..." where the log cannot be read, "" where there is none.
  std::string xid();

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace roofproof::bench
