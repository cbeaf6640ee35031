// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/lead/device_lock.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace roofproof::bench {
namespace {

constexpr auto between_tries = std::chrono::milliseconds(100);

}  // namespace

std::unique_ptr<DeviceLock> DeviceLock::acquire(const std::string& name, double patience_s) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.size() >= sizeof address.sun_path) {
    throw std::invalid_argument("the name of a lock is too long: " + name);
  }
  // Behind a first byte of 0 the name is no path: "abstract", see unix(7).
  name.copy(address.sun_path + 1, name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  std::unique_ptr<DeviceLock> lock(new DeviceLock(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)));
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::duration<double>(patience_s);
  while (::bind(lock->socket_, reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    if (errno != EADDRINUSE) {
      throw std::runtime_error("cannot keep other runs off the device: the socket @" + name + ": " +
                               std::generic_category().message(errno));
    }
    if (std::chrono::steady_clock::now() >= give_up) return nullptr;
    std::this_thread::sleep_for(between_tries);
  }
  return lock;
}

DeviceLock::~DeviceLock() {
  if (socket_ >= 0) ::close(socket_);
}

}  // namespace roofproof::bench
