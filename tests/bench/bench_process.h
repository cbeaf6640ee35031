// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Runs faulty_bench, whose kernels fail in scripted ways, as a user would run bench_all, and has
// what the user then sees: the exit code, both streams and the files.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "results/record/record.h"

namespace roofproof {

namespace fs = std::filesystem;

class BenchProcess : public testing::Test {
 protected:
  BenchProcess() {
    std::string pattern = fs::temp_directory_path() / "roofproof bench-XXXXXX";
    folder = ::mkdtemp(pattern.data());
    result = folder / "r.json";
    journal = folder / "r.json.journal";
  }
  ~BenchProcess() override { fs::remove_all(folder); }

  // `in_child` runs in the new process before the program does.
  pid_t execute(
      std::vector<std::string> command, const std::function<void()>& in_child = [] {}) {
    std::vector<char*> raw;
    for (std::string& argument : command) raw.push_back(argument.data());
    raw.push_back(nullptr);
    fs::remove(folder / "err");  // nobody shall take the last one for this one's
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
      if (!std::freopen((folder / "out").c_str(), "w", stdout)) ::_exit(126);
      if (!std::freopen((folder / "err").c_str(), "w", stderr)) ::_exit(126);
      in_child();
      ::execv(raw[0], raw.data());
      ::_exit(127);
    }
    return child;
  }
  pid_t start(
      std::vector<std::string> arguments, const std::function<void()>& in_child = [] {}) {
    arguments.insert(arguments.begin(), FAULTY_BENCH);
    // Tests beside this one measure the same device.
    arguments.insert(arguments.end(), {"--device", "host", "--profile", "quick", "--lock",
                                       folder.filename().string()});
    return execute(std::move(arguments), in_child);
  }
  static int wait(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  std::vector<std::string> filtered(const std::string& filter, std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--out", result.string(), "--filter", filter});
    return more;
  }
  int run(const std::string& filter, std::vector<std::string> more = {}) {
    return wait(start(filtered(filter, std::move(more))));
  }
  std::string text(const char* name) const {
    std::ifstream stream(folder / name);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  // However long that takes: until `seen` or until the child has ended, which is false.
  static bool wait_until(pid_t child, const std::function<bool()>& seen) {
    while (!seen()) {
      siginfo_t ended{};
      if (::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOHANG | WNOWAIT) != 0 ||
          ended.si_pid == child) {
        return seen();
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }
  bool wait_for_progress(pid_t child, const std::string& what) const {
    return wait_until(child, [&] { return text("err").find(what) != std::string::npos; });
  }
  // Rows by k, which says how the kernel behaves.
  std::map<std::int64_t, int> rows_by_behaviour() const {
    std::map<std::int64_t, int> counts;
    for (const Row& row : read_record(result).rows) ++counts[row.problem.shape.k];
    return counts;
  }
  NotMeasured only_not_measured() const {
    const Record record = read_record(result);
    EXPECT_EQ(record.not_measured.size(), 1u);
    return record.not_measured.empty() ? NotMeasured{} : record.not_measured.front();
  }

  fs::path folder;
  fs::path result;
  fs::path journal;
};

}  // namespace roofproof
