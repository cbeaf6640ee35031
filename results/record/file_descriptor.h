// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A file descriptor that closes itself; every failure throws std::system_error with the path.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace roofproof {

class FileDescriptor {
 public:
  FileDescriptor(std::filesystem::path path, int flags);
  ~FileDescriptor();
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  void write_all(std::string_view text);
  // Of the file as it is now.
  std::size_t size() const;
  std::string read_all() const;
  void truncate(std::size_t size);
  // To the disk. Pipes and devices that cannot be synced are left alone.
  void sync();
  // Reports what closing found, which the destructor cannot.
  void close();
  int get() const { return descriptor_; }

 private:
  [[noreturn]] void fail(const char* action) const;

  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace roofproof
