// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/device_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>

namespace roofproof::bench {
namespace {

constexpr auto between_tries = std::chrono::milliseconds(100);

}  // namespace

std::unique_ptr<DeviceLock> DeviceLock::acquire(const std::string& id, double patience_s) {
  // In the folder that all users share, and open to all of them: root's run must keep others out
  // too.
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("roofproof-" + id + ".lock");
  const mode_t before = ::umask(0);
  auto file = std::make_unique<FileDescriptor>(path, O_RDONLY | O_CREAT);
  ::umask(before);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::duration<double>(patience_s);
  while (::flock(file->get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "cannot lock " + path.string());
    }
    if (std::chrono::steady_clock::now() >= give_up) return nullptr;
    std::this_thread::sleep_for(between_tries);
  }
  return std::unique_ptr<DeviceLock>(new DeviceLock(std::move(file)));
}

}  // namespace roofproof::bench
