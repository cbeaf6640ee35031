// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// bench_all as a whole, with kernels that crash, hang and lie: what was measured is kept, the rest
// still runs, and the exit code tells.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <random>

#include "results/record/record.h"
#include "tests/bench/bench_process.h"

namespace roofproof {
namespace {

using testing::HasSubstr;
using testing::Not;

using BenchFaults = BenchProcess;

int times(const std::string& part, const std::string& text) {
  int found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++found;
  return found;
}

TEST_F(BenchFaults, GoodCaseIsMeasuredInEverySession) {
  EXPECT_EQ(run("fp32.*k:1/"), 0);
  EXPECT_EQ(rows_by_behaviour()[1], 3);
}

TEST_F(BenchFaults, NoKernelIsUnsupportedAndNoFailure) {
  EXPECT_EQ(run("int4"), 0);
  EXPECT_EQ(only_not_measured().status, NotMeasured::Status::unsupported);
  EXPECT_THAT(only_not_measured().reason, HasSubstr("no kernel"));
}

TEST_F(BenchFaults, WrongKernelIsNeverTimed) {
  EXPECT_EQ(run("fp32.*k:2/", {"--sessions", "1"}), 5);
  EXPECT_TRUE(read_record(result).rows.empty());
  EXPECT_EQ(only_not_measured().status, NotMeasured::Status::wrong_result);
  EXPECT_THAT(only_not_measured().reason, HasSubstr("y[0, 3] is 1, should be 2"));
  EXPECT_THAT(text("err"), HasSubstr("wrong result of new"));
}

// The rung comes first in the catalogue and is the faster one.
TEST_F(BenchFaults, ARungIsNeverTheKernelOfTheWholeProblem) {
  EXPECT_EQ(run("decode", {"--sessions", "1"}), 0);
  std::map<std::string, std::string> kernels;
  for (const Row& row : read_record(result).rows) kernels[row.name] = row.kernel;
  const std::string name = "decode/fp16/hand/model:tiny/batch:";
  EXPECT_THAT(kernels, testing::UnorderedElementsAre(
                           testing::Pair(name + "1/context:0", "new"),
                           testing::Pair(name + "2/context:0", "new"),
                           testing::Pair(name + "1/context:0/kernel:part", "part")));
}

TEST_F(BenchFaults, AModelOfOnesOwnIsMeasuredAndNamed) {
  EXPECT_EQ(run("decode.*batch:1/context:0$", {"--sessions", "1", "--model", "1x24x40x4x2x8x30"}),
            0);
  const Record record = read_record(result);
  ASSERT_EQ(record.rows.size(), 1u);
  EXPECT_EQ(record.rows[0].problem.shape.model, "1x24x40x4x2x8x30");
  EXPECT_EQ(record.rows[0].name, "decode/fp16/hand/model:1x24x40x4x2x8x30/batch:1/context:0");
}

TEST_F(BenchFaults, AModelThatIsNoneIsBadUsage) {
  EXPECT_EQ(run("decode", {"--model", "1x24x40x4x3x8x30"}), 2);
  EXPECT_THAT(text("err"), HasSubstr("its heads must be a multiple of its kv heads"));
}

TEST_F(BenchFaults, NextOlderKernelTakesOverAndTheRunStillFails) {
  EXPECT_EQ(run("fp32.*k:8/", {"--sessions", "1"}), 5);
  const Record record = read_record(result);
  ASSERT_EQ(record.rows.size(), 1u);
  EXPECT_EQ(record.rows[0].label, "old");
  EXPECT_NE(record.rows[0].validity, Validity::ok);
  EXPECT_THAT(record.rows[0].reasons, testing::Contains(HasSubstr("wrong result of new")));
}

TEST_F(BenchFaults, NextOlderKernelTakesOverFromOneThatCannotBePrepared) {
  EXPECT_EQ(run("fp32.*k:12/", {"--sessions", "1"}), 5);
  const Record record = read_record(result);
  ASSERT_EQ(record.rows.size(), 1u);
  EXPECT_EQ(record.rows[0].label, "old");
  EXPECT_NE(record.rows[0].validity, Validity::ok);
  EXPECT_THAT(record.rows[0].reasons, testing::Contains("failure of new: no tensor map for new"));
  EXPECT_THAT(text("err"), HasSubstr("failure of new: no tensor map for new"));
}

TEST_F(BenchFaults, WithNoKernelPreparedTheNewestSaysWhy) {
  EXPECT_EQ(run("fp32.*k:13/", {"--sessions", "1"}), 5);
  EXPECT_EQ(only_not_measured().status, NotMeasured::Status::failed);
  EXPECT_EQ(only_not_measured().reason, "no tensor map for new");
}

TEST_F(BenchFaults, CrashIsNamedAndTheRestStillRuns) {
  EXPECT_EQ(run("fp32.*k:(1|3)/", {"--sessions", "1"}), 5);
  EXPECT_EQ(rows_by_behaviour()[1], 1);
  EXPECT_EQ(only_not_measured().status, NotMeasured::Status::crashed);
  EXPECT_THAT(only_not_measured().reason, HasSubstr("signal 6"));
}

TEST_F(BenchFaults, CrashWhileTimedKeepsTheBatches) {
  EXPECT_EQ(run("fp32.*k:(1|9)/", {"--sessions", "1"}), 5);
  EXPECT_EQ(rows_by_behaviour()[1], 1);
  EXPECT_EQ(only_not_measured().status, NotMeasured::Status::crashed);
  EXPECT_EQ(only_not_measured().samples_s.size(), 2u);
}

TEST_F(BenchFaults, KilledWorkerIsReplaced) {
  EXPECT_EQ(run("fp32.*k:(1|7)/", {"--sessions", "1"}), 5);
  EXPECT_EQ(rows_by_behaviour()[1], 1);
  EXPECT_THAT(only_not_measured().reason, HasSubstr("signal 9"));
}

TEST_F(BenchFaults, HangEndsAfterTheTimeoutAndTheRestStillRuns) {
  EXPECT_EQ(run("fp32.*k:(1|4)/", {"--sessions", "1", "--case-timeout", "10"}), 5);
  EXPECT_EQ(rows_by_behaviour()[1], 1);
  EXPECT_EQ(only_not_measured().status, NotMeasured::Status::timeout);
}

TEST_F(BenchFaults, ExceptionAndLackOfMemoryAreRecordedWithTheirWords) {
  EXPECT_EQ(run("fp32.*k:5/", {"--sessions", "1"}), 5);
  EXPECT_EQ(only_not_measured().status, NotMeasured::Status::failed);
  EXPECT_THAT(only_not_measured().reason, HasSubstr("illegal memory access"));
  EXPECT_EQ(run("fp32.*k:6/", {"--sessions", "1"}), 5);
  EXPECT_EQ(only_not_measured().status, NotMeasured::Status::out_of_memory);
  EXPECT_THAT(text("err"), Not(HasSubstr("failure of")));  // an older kernel was not asked
}

TEST_F(BenchFaults, InterruptLeavesAReadableFileThatIsNotComplete) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const pid_t child = start(filtered("fp32.*k:(1|4)/"));
    // Once the case that hangs has started, the good one before it is in the journal.
    ASSERT_TRUE(wait_for_progress(child, "k:4/"));
    ::kill(child, signal);
    EXPECT_EQ(wait(child), 5);
    EXPECT_THAT(text("err"), HasSubstr("! interrupted; results so far: " + result.string()));
    const Record record = read_record(result);
    EXPECT_FALSE(record.complete);
    ASSERT_FALSE(record.rows.empty());
    EXPECT_EQ(record.rows[0].problem.shape.k, 1);
  }
}

// No signal waits to be taken.
bool took_its_signals(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("ShdPnd:")) return line.find_first_not_of("ShdPn:\t0") == line.npos;
  }
  return false;
}

// timeout(1) sends its signal to the process and to the group of both.
TEST_F(BenchFaults, InterruptThatComesTwiceIsOne) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const pid_t child = start(filtered("fp32.*k:(1|4)/"));
    ASSERT_TRUE(wait_for_progress(child, "k:4/"));
    ::kill(child, signal);
    wait_until(child, [&] { return took_its_signals(child); });
    ::kill(child, signal);
    EXPECT_EQ(wait(child), 5);
    EXPECT_FALSE(read_record(result).complete);
    EXPECT_FALSE(fs::exists(journal));
  }
}

// $ROOFPROOF_KILLS times, 10 without it: once so many lines are in the journal, which is how far
// the run has come however fast the machine is, and long before its last session.
TEST_F(BenchFaults, KillAtAnyMomentLeavesAReadableJournalWithAllFinishedCases) {
  const char* wanted = std::getenv("ROOFPROOF_KILLS");
  const int kills = wanted != nullptr ? std::atoi(wanted) : 10;
  // The header; of each of two cases in three sessions its start, three samples or more, its row.
  constexpr int lines_of_three_sessions = 1 + 3 * 2 * (1 + 3 + 1);
  std::mt19937 random(20261122);
  std::uniform_int_distribution<int> lines_before_the_kill(1, lines_of_three_sessions);
  std::size_t finished = 0;
  for (int i = 0; i < kills; ++i) {
    fs::remove(journal);
    const int before = lines_before_the_kill(random);
    const pid_t child = start(filtered("fp32.*k:(1|10)/", {"--sessions", "100"}));
    std::string seen;
    EXPECT_TRUE(wait_until(child, [&] {
      seen = text("r.json.journal");
      seen.resize(seen.rfind('\n') + 1);  // without a line that is being written
      return times("\n", seen) >= before;
    }));
    ::kill(child, SIGKILL);
    EXPECT_EQ(wait(child), -SIGKILL) << before;
    // Each case that was begun, but for the last one, has ended.
    const int started = times("] session", text("err"));
    const Record record = read_record(journal);
    EXPECT_FALSE(record.complete);
    EXPECT_GE(static_cast<int>(record.rows.size()) + 1, started);
    EXPECT_GE(static_cast<int>(record.rows.size()), times("\"event\":\"row\"", seen));
    finished += record.rows.size();
  }
  EXPECT_GT(finished, 0u);
  std::printf("%d kills, %zu finished cases in their journals\n", kills, finished);
}

TEST_F(BenchFaults, JournalOfAKilledRunIsKeptByTheNext) {
  const pid_t killed = start(filtered("fp32.*k:(1|4)/"));
  ASSERT_TRUE(wait_for_progress(killed, "k:4/"));
  ::kill(killed, SIGKILL);
  wait(killed);
  EXPECT_EQ(run("fp32.*k:1/", {"--sessions", "1"}), 0);
  int kept = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".journal") continue;
    ++kept;
    EXPECT_EQ(read_record(entry.path()).rows.at(0).problem.shape.k, 1);
  }
  EXPECT_EQ(kept, 1);
}

TEST_F(BenchFaults, SecondRunOnTheSameDeviceIsRefusedUntilTheFirstEnds) {
  const pid_t first = start(filtered("fp32.*k:4/"));  // for as long as it is let
  ASSERT_TRUE(wait_for_progress(first, "k:4/"));
  const std::string second = (folder / "second.json").string();
  EXPECT_EQ(wait(start({"--out", second, "--filter", "fp32.*k:1/"})), 4);
  EXPECT_THAT(text("err"), HasSubstr("another run is measuring"));
  const pid_t patient = start({"--out", second, "--filter", "fp32.*k:1/", "--wait", "600"});
  ::kill(first, SIGINT);
  EXPECT_EQ(wait(first), 5);
  EXPECT_EQ(wait(patient), 0);
}

TEST_F(BenchFaults, UnwritableFolderIsFoundBeforeAnythingRuns) {
  EXPECT_EQ(wait(start({"--out", "/proc/roofproof/r.json"})), 2);
  EXPECT_THAT(text("err"), HasSubstr("/proc/roofproof"));
  EXPECT_THAT(text("err"), Not(HasSubstr("session")));
}

// A disk that fills up while it runs, as the kernel reports it: no file grows beyond this size.
TEST_F(BenchFaults, DiskThatFillsUpEndsTheRunAndKeepsWhatWasFinished) {
  ASSERT_EQ(run("fp32.*k:1/", {"--sessions", "1"}), 0);
  const pid_t child = start(filtered("fp32.*k:1/", {"--sessions", "100"}), [] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit full{9000, 9000};
    ::setrlimit(RLIMIT_FSIZE, &full);
  });
  EXPECT_EQ(wait(child), 2);
  EXPECT_THAT(text("err"), HasSubstr("cannot write " + journal.string()));
  EXPECT_THAT(text("err"), HasSubstr("results so far: " + journal.string()));
  EXPECT_GE(read_record(journal).rows.size(), 2u);
  EXPECT_EQ(read_record(result).rows.size(), 1u);  // of the run before
}

TEST_F(BenchFaults, DiskWithoutRoomIsFoundBeforeAnythingRuns) {
  const fs::path disk = folder / "disk";
  fs::create_directory(disk);
  if (::mount("none", disk.c_str(), "tmpfs", 0, "size=1m") != 0) {
    GTEST_SKIP() << "no right to mount a small disk";
  }
  EXPECT_EQ(wait(start({"--out", (disk / "r.json").string(), "--filter", "fp32.*k:1/"})), 2);
  EXPECT_THAT(text("err"), HasSubstr("less than 64 MiB free for results in " + disk.string()));
  EXPECT_THAT(text("err"), Not(HasSubstr("session")));
  EXPECT_TRUE(fs::is_empty(disk));
  ::umount(disk.c_str());
}

TEST_F(BenchFaults, FolderInPlaceOfTheFileIsRefused) {
  fs::create_directory(result);
  EXPECT_EQ(run("fp32.*k:1/"), 2);
  EXPECT_THAT(text("err"), HasSubstr("cannot write " + result.string()));
  EXPECT_THAT(text("err"), Not(HasSubstr("session")));
}

// The other build stands for a GPU that somebody began to use: its worker says so.
TEST_F(BenchFaults, DeviceThatOthersUseEndsTheRunWithFour) {
  const fs::path other = folder / "other";
  std::ofstream(other) << "#!/bin/sh\ncase $* in *--probe*) exec '" FAULTY_BENCH
                          "' \"$@\";; esac\necho busy 2 other processes\nexit 5\n";
  fs::permissions(other, fs::perms::owner_all);
  EXPECT_EQ(run("fp32.*k:1/", {"--against", other.string()}), 4);
  EXPECT_THAT(text("err"), HasSubstr("is busy: 2 other processes; wait until it is free, or "
                                     "measure anyway with --ignore-busy"));
  EXPECT_THAT(text("err"), HasSubstr("results so far: " + result.string()));
  EXPECT_FALSE(read_record(result).complete);
  EXPECT_EQ(read_record(result).rows.size(), 1u);
  // With nothing measured there is nothing to keep.
  fs::remove(result);
  EXPECT_EQ(run("int4", {"--against", other.string()}), 4);
  EXPECT_THAT(text("err"), HasSubstr("is busy"));
  EXPECT_FALSE(fs::exists(result));
  EXPECT_FALSE(fs::exists(journal));
}

TEST_F(BenchFaults, BadUsageIsExplained) {
  EXPECT_EQ(run("("), 2);
  EXPECT_THAT(text("err"), HasSubstr("not a regular expression"));
  EXPECT_EQ(run("nothing-has-this-name"), 2);
  EXPECT_THAT(text("err"), HasSubstr("--list"));
  EXPECT_EQ(wait(start({"--sessions", "0"})), 2);
}

// A module file or a batch system gives OpenMP fewer threads than there are cores.
TEST_F(BenchFaults, ThreadsThatOpenMpGivesAreTheOnesRecorded) {
  const auto processors = [&](const char* name, const char* value) {
    const pid_t child =
        start(filtered("fp32.*k:1/", {"--sessions", "1"}), [=] { ::setenv(name, value, 1); });
    EXPECT_EQ(wait(child), 0) << name;
    return read_record(result).device.processors;
  };
  EXPECT_EQ(processors("OMP_THREAD_LIMIT", "1"), 1);
  EXPECT_EQ(processors("OMP_NUM_THREADS", "1"), 1);
  // More than there are cores stay without work.
  EXPECT_EQ(processors("OMP_NUM_THREADS", "4000"), processors("OMP_STACKSIZE", "4M"));
  // Of itself OpenMP takes fewer on a busy machine: each time another number.
  EXPECT_EQ(processors("OMP_DYNAMIC", "true"), processors("OMP_DYNAMIC", "false"));
}

TEST_F(BenchFaults, ForcedKernelIsANameOfItsOwn) {
  EXPECT_EQ(run("fp32.*k:1/", {"--kernel", "old", "--sessions", "1"}), 0);
  const Record record = read_record(result);
  ASSERT_EQ(record.rows.size(), 1u);
  EXPECT_EQ(record.rows[0].label, "old");
  EXPECT_EQ(record.rows[0].condition, "kernel:old");
  EXPECT_THAT(record.rows[0].name, testing::EndsWith("/kernel:old"));
}

}  // namespace
}  // namespace roofproof
