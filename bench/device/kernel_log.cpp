// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/device/kernel_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <regex>

namespace roofproof::bench {

std::filesystem::path kernel_log_of(const std::string& device) {
  return device == "host" ? "" : "/dev/kmsg";
}

KernelLog::KernelLog(const std::filesystem::path& path) : path_(path) {
  if (path_.empty()) return;
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor_ >= 0) ::lseek(descriptor_, 0, SEEK_END);
}

KernelLog::~KernelLog() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string KernelLog::xid() {
  if (path_.empty()) return "";
  if (descriptor_ < 0) return "; Xid unknown: " + path_.string() + " cannot be read";
  std::string text;
  char record[8192];  // the kernel gives one record per read, and EPIPE where it overwrote some
  while (true) {
    const ssize_t got = ::read(descriptor_, record, sizeof record);
    if (got < 0 && (errno == EINTR || errno == EPIPE)) continue;
    if (got <= 0) break;
    text.append(record, static_cast<std::size_t>(got));
  }
  static const std::regex form("NVRM: Xid \\([^)]*\\): ([0-9]+)([^\n]*)");
  std::smatch found;
  if (!std::regex_search(text, found, form)) return "";
  return "; Xid " + found[1].str() + " in the kernel's log" +
         (found[2].length() > 2 ? ": " + found[2].str().substr(2) : "");
}

}  // namespace roofproof::bench
