// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// 500 results of 2,000 rows: `roofproof compare` takes no more than 5 s and 500 MB for them on an
// idle machine. Held here are processor seconds, which other work on the machine lengthens less
// than the wall's, with room for it; measured on two busy cores: 2.6 to 4.1 s and 190 to 400 MB.
// ROOFPROOF_PROGRAM is the path of the program under test.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>

#include "tests/record_fixture.h"

namespace roofproof {
namespace {

constexpr int files = 500;
constexpr int distinct_files = 10;  // the others are links to them: read and parsed all the same
constexpr int sessions = 5;
constexpr double most_processor_s = 10;
constexpr double most_bytes = 500e6;

// 400 benchmarks in 5 sessions: 2,000 rows, as many of each operation as there are sizes.
Record large_record(int number) {
  constexpr const char* devices[] = {"Tesla T4", "NVIDIA L4", "NVIDIA A10G",
                                     "NVIDIA A100-SXM4-40GB", "NVIDIA H100 80GB HBM3"};
  DeviceRecord device = t4_device();
  device.name = devices[number % std::size(devices)];
  device.pci_device_id.reset();
  Record record = empty_record(device);
  for (int size = 1; size <= 80; ++size) {
    const std::vector<double> times_s(sessions, 1e-3 * size * (1 + 0.01 * number));
    for (const Problem& problem :
         {read_problem(std::int64_t{size} << 26), square_gemm(Precision::fp16, 64 * size),
          projection(Precision::int8, size), projection(Precision::int4, size),
          decode(Precision::fp16, 1, "mistral-7b", 64 * size)}) {
      add_rows(record, problem, Implementation::hand, times_s);
    }
  }
  for (Row& row : record.rows) {
    row.samples_s.assign(5, row.time_s);
    row.sm_clock_hz = 1.59e9;
    row.power_w = 68.25;
    row.energy_j = 0.0625;
    row.temperature_c = 61;
  }
  return record;
}

class ManyResults : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string pattern = std::filesystem::temp_directory_path() / "roofproof-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    for (int number = 0; number < files; ++number) {
      const std::filesystem::path path = folder_ / (std::to_string(number) + ".json");
      paths_.push_back(path);
      if (number < distinct_files) {
        write_record(large_record(number), path);
      } else {
        std::filesystem::create_hard_link(paths_[number % distinct_files], path);
      }
    }
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }

  struct Usage {
    int exit_code = -1;
    double processor_s = 0;
    double bytes = 0;
    std::string out;
  };

  static Usage compare(const char* option) {
    const std::filesystem::path out = folder_ / "out";
    std::vector<const char*> arguments = {ROOFPROOF_PROGRAM, "compare", option};
    for (const std::string& path : paths_) arguments.push_back(path.c_str());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
    pid_t child = 0;
    const int error = posix_spawn(&child, ROOFPROOF_PROGRAM, &actions, nullptr,
                                  const_cast<char* const*>(arguments.data()), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::system_error(error, std::generic_category(), ROOFPROOF_PROGRAM);
    int status = 0;
    rusage used{};
    if (wait4(child, &status, 0, &used) != child) {
      throw std::system_error(errno, std::generic_category(), "wait4");
    }
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    std::ifstream stream(out);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1,
            seconds(used.ru_utime) + seconds(used.ru_stime),
            1024.0 * static_cast<double>(used.ru_maxrss),
            std::string(std::istreambuf_iterator<char>(stream), {})};
  }

  static void expect_within_limits(const Usage& usage) {
    EXPECT_EQ(usage.exit_code, 0);
    EXPECT_TRUE(usage.processor_s <= most_processor_s) << usage.processor_s << " s";
    EXPECT_TRUE(usage.bytes <= most_bytes) << usage.bytes / 1e6 << " MB";
    RecordProperty("processor_s", std::to_string(usage.processor_s));
    RecordProperty("megabytes", std::to_string(usage.bytes / 1e6));
  }

  static std::filesystem::path folder_;
  static std::vector<std::string> paths_;
};
std::filesystem::path ManyResults::folder_;
std::vector<std::string> ManyResults::paths_;

// 400 benchmarks, each in all 500: one line in CSV for each, and a heading.
TEST_F(ManyResults, ComparedAsCsv) {
  const Usage usage = compare("--csv");
  expect_within_limits(usage);
  EXPECT_EQ(std::count(usage.out.begin(), usage.out.end(), '\n'), 400 * files + 1);
}

TEST_F(ManyResults, ComparedAsMarkdown) { expect_within_limits(compare("--markdown")); }

TEST_F(ManyResults, ComparedAsJson) { expect_within_limits(compare("--json")); }

}  // namespace
}  // namespace roofproof
