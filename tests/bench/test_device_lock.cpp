// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/lead/device_lock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "bench/lead/child_process.h"

namespace roofproof::bench {
namespace {

std::string id_of(pid_t process) { return "test-" + std::to_string(process); }
std::string id() { return id_of(::getpid()); }

TEST(DeviceLock, IsExclusiveAndEndsWithItsOwner) {
  auto first = DeviceLock::acquire(id(), 0);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(DeviceLock::acquire(id(), 0.2), nullptr);
  EXPECT_NE(DeviceLock::acquire(id() + "-other", 0), nullptr);
  first.reset();
  EXPECT_NE(DeviceLock::acquire(id(), 0), nullptr);
}

// A worker that outlives its parent, as one that hangs in the driver can, must not lock out others.
TEST(DeviceLock, ChildrenDoNotInheritIt) {
  auto lock = DeviceLock::acquire(id(), 0);
  ASSERT_NE(lock, nullptr);
  ChildProcess child({"/bin/sh", "-c", "echo up; exec sleep 60"}, "");
  ASSERT_EQ(child.next_line(600).line, "up");
  lock.reset();
  EXPECT_NE(DeviceLock::acquire(id(), 0), nullptr);
}

// Whoever it is, and whatever has become of the temporary folder: gone, another one, read-only.
TEST(DeviceLock, NeitherUserNorTemporaryFolderMatters) {
  const char* before = std::getenv("TMPDIR");
  const std::string kept = before != nullptr ? before : "";
  ::setenv("TMPDIR", "/not-there", 1);
  auto lock = DeviceLock::acquire(id(), 0);
  ::setenv("TMPDIR", "/proc", 1);
  EXPECT_EQ(DeviceLock::acquire(id(), 0), nullptr);
  before != nullptr ? ::setenv("TMPDIR", kept.c_str(), 1) : ::unsetenv("TMPDIR");
  ASSERT_NE(lock, nullptr);
  if (::getuid() != 0) GTEST_SKIP() << "only root can be somebody else";
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    const bool other = ::setgid(65534) == 0 && ::setuid(65534) == 0;
    ::_exit(other && DeviceLock::acquire(id_of(::getppid()), 0) == nullptr ? 0 : 1);
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace roofproof::bench
