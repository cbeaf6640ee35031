// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/device_lock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "bench/child_process.h"

namespace roofproof::bench {
namespace {

std::string id() { return "test-" + std::to_string(::getpid()); }

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

}  // namespace
}  // namespace roofproof::bench
