// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The parent's side of a run, with shell scripts as workers.

#include "bench/lead/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "results/record/journal.h"
#include "tests/record_fixture.h"

namespace roofproof::bench {
namespace {

using testing::HasSubstr;
using testing::Not;

class RunnerTest : public testing::Test {
 protected:
  RunnerTest() {
    std::string pattern = testing::TempDir() + "runner-XXXXXX";
    folder = ::mkdtemp(pattern.data());
    log = folder / "kmsg";
    std::ofstream(log) << "6,1,1,-;NVRM: Xid (PCI:0000:3b:00): 31, of an earlier program\n";
    Journal::create(folder / "journal", empty_record(host_device()));
  }
  ~RunnerTest() override { std::filesystem::remove_all(folder); }

  // Two cases, "a" and "b"; `script` is every worker, and may write to $LOG and $STARTED.
  RunOutcome run(const std::string& script, int sessions = 1) {
    RunPlan plan;
    for (const char* name : {"a", "b"}) plan.cases.push_back({name, {}, Implementation::hand});
    plan.protocol.sessions = sessions;
    plan.journal = folder / "journal";
    plan.kernel_log = log;
    plan.case_timeout_s = case_timeout_s;
    const std::string variables =
        "LOG='" + log.string() + "'; STARTED='" + (folder / "started").string() + "'; ";
    plan.worker_command = [=](int) {
      return std::vector<std::string>{"/bin/sh", "-c", variables + script};
    };
    std::FILE* nowhere = std::fopen("/dev/null", "w");
    Progress progress(nowhere, 2, sessions);
    const RunOutcome outcome = run_sessions({&plan, 1}, progress).front();
    std::fclose(nowhere);
    return outcome;
  }
  std::vector<NotMeasured> not_measured() const {
    return read_record(folder / "journal").not_measured;
  }

  std::filesystem::path folder;
  std::filesystem::path log;
  double case_timeout_s = 600;  // longer than any machine takes to start a shell
};

constexpr const char* die_with_xid =
    "read name; echo start $name; echo '6,2,2,-;NVRM: Xid (PCI:0000:3b:00): 79, pid=7, GPU has "
    "fallen off the bus.' >> \"$LOG\"; kill -9 $$";

TEST_F(RunnerTest, CrashIsExplainedByTheKernelsLog) {
  EXPECT_TRUE(run(die_with_xid).any_failed);
  ASSERT_EQ(not_measured().size(), 2u);
  EXPECT_THAT(not_measured()[0].reason,
              HasSubstr("signal 9 (Killed); Xid 79 in the kernel's log: pid=7, GPU has fallen"));
}

TEST_F(RunnerTest, XidOfEarlierProgramsIsNotTakenForOurs) {
  run("read name; echo start $name; kill -9 $$");
  EXPECT_THAT(not_measured().at(0).reason, Not(HasSubstr("Xid")));
}

TEST_F(RunnerTest, LogThatCannotBeReadLeavesTheXidUnknown) {
  std::filesystem::remove(log);
  log = folder / "nobody-may-read-this";
  run("read name; echo start $name; kill -9 $$");
  EXPECT_THAT(not_measured().at(0).reason, HasSubstr("Xid unknown: "));
}

TEST_F(RunnerTest, HangIsExplainedByTheKernelsLogToo) {
  case_timeout_s = 5;
  run("read name; echo start $name; echo 'NVRM: Xid (PCI:0000:3b:00): 8, stopped' >> \"$LOG\"; "
      "exec sleep 60");
  EXPECT_EQ(not_measured().at(0).status, NotMeasured::Status::timeout);
  EXPECT_THAT(not_measured().at(0).reason, HasSubstr("Xid 8 in the kernel's log: stopped"));
}

TEST_F(RunnerTest, DeviceThatIsGoneEndsTheRun) {
  const RunOutcome outcome =
      run("echo x >> \"$STARTED\"; read name; echo start $name; echo done failed: ECC; "
          "echo gone ECC; exit 5",
          3);
  EXPECT_EQ(outcome.device_gone, "ECC");
  EXPECT_TRUE(outcome.over());
  EXPECT_EQ(std::filesystem::file_size(folder / "started"), 2u);  // one worker, in three sessions
}

TEST_F(RunnerTest, DeviceThatOthersUseEndsTheRun) {
  const RunOutcome outcome = run("echo x >> \"$STARTED\"; echo busy by others; exit 5", 3);
  EXPECT_EQ(outcome.device_busy, "by others");
  EXPECT_TRUE(outcome.over());
  EXPECT_FALSE(outcome.any_failed);
  EXPECT_TRUE(not_measured().empty());
  EXPECT_EQ(std::filesystem::file_size(folder / "started"), 2u);
}

TEST_F(RunnerTest, BuildThatTheDeviceDoesNotRunEndsTheRun) {
  const RunOutcome outcome = run("echo x >> \"$STARTED\"; echo unfit no code; exit 5", 3);
  EXPECT_EQ(outcome.build_unfit, "no code");
  EXPECT_TRUE(outcome.over());
  EXPECT_FALSE(outcome.any_failed);
  EXPECT_TRUE(not_measured().empty());
  EXPECT_EQ(std::filesystem::file_size(folder / "started"), 2u);
}

TEST_F(RunnerTest, StickyErrorCostsOneCaseAndOneWorker) {
  const RunOutcome outcome =
      run("echo x >> \"$STARTED\"; read name; echo start $name; "
          "if [ $name = a ]; then echo done failed: 700; exit 5; fi; echo done ok");
  EXPECT_TRUE(outcome.any_failed);
  EXPECT_FALSE(outcome.over());
  EXPECT_EQ(std::filesystem::file_size(folder / "started"), 4u);
  EXPECT_TRUE(not_measured().empty());  // the worker's own to write
}

TEST_F(RunnerTest, WorkerThatCannotStartIsNotStartedForEver) {
  EXPECT_TRUE(run("exit 3").any_failed);
  ASSERT_EQ(not_measured().size(), 2u);
  EXPECT_EQ(not_measured()[1].reason, "the worker ended before its first case: exit code 3");
}

}  // namespace
}  // namespace roofproof::bench
