// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a session tells its parent arrives as it was told.

#include "bench/worker_event.h"

#include <gtest/gtest.h>

namespace roofproof::bench {
namespace {

using Kind = WorkerEvent::Kind;

constexpr Kind kinds[] = {Kind::start, Kind::sample, Kind::rejected, Kind::done,
                          Kind::gone,  Kind::busy,   Kind::unfit};

TEST(WorkerEvent, WhatIsPrintedIsReadAgain) {
  for (const Kind kind : kinds) {
    for (const char* text :
         {"", "gemv/fp32/hand/n:1", "out of memory: 3 of 2 GiB", " two  blanks "}) {
      const std::optional<WorkerEvent> read = parse_worker_event(print({kind, text}));
      ASSERT_TRUE(read) << text;
      EXPECT_EQ(read->kind, kind) << text;
      EXPECT_EQ(read->text, text);
    }
  }
}

TEST(WorkerEvent, IsOneLineWhateverItsTextHolds) {
  EXPECT_EQ(print({Kind::gone, "an error\nof two lines\n"}), "gone an error of two lines ");
}

TEST(WorkerEvent, WhatLibrariesWriteIsNone) {
  for (const char* line : {"", " ", "OpenBLAS warning: start", "starting", "done:", "Start a"}) {
    EXPECT_FALSE(parse_worker_event(line)) << line;
  }
}

}  // namespace
}  // namespace roofproof::bench
