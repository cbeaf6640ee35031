// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The rule of `roofproof check`, for every GPU of the table: 0 only where memory and arithmetic
// were each held against something that was measured, and nothing is worse or unclear.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include "analysis/check/check.h"
#include "tests/analysis/device_fixture.h"
#include "tests/record_fixture.h"

namespace roofproof::analysis {
namespace {

using testing::HasSubstr;

// What became of the rows of some kinds.
enum class Fate { healthy, low, annotated, annotated_low, disturbed, suspect, missing, filtered };

struct FateWords {
  Fate fate;
  const char* name;
  const char* reason;  // that bench gives, and the check must repeat
};
constexpr FateWords fates[] = {
    {Fate::healthy, "healthy", ""},
    {Fate::low, "low", ""},
    {Fate::annotated, "annotated", "power cap: 1.02 of 1.59 GHz"},
    {Fate::annotated_low, "annotated and low", "power cap: 1.02 of 1.59 GHz"},
    {Fate::disturbed, "disturbed", "other processes ran"},
    {Fate::suspect, "suspect", "more than the bus can carry"},
    {Fate::missing, "missing", "in this run"},
    {Fate::filtered, "filtered", "--filter some"},
};

using Kinds = std::set<Kind>;

bool multiplies(const Kind& kind) { return kind.first == Op::gemm || kind.first == Op::peak; }

Problem problem_of(const Kind& kind) {
  if (kind.first == Op::peak) return {kind.first, kind.second, {}};
  if (kind.first == Op::gemm) return square_gemm(kind.second, 4096);
  if (kind.first == Op::gemv) return projection(kind.second, 1);
  return {kind.first, kind.second, {.bytes = std::int64_t{4} << 30}};
}

// Every kind of which a floor is known at what was published of it, but for those that something
// befell; and with a kind on either side of which no floor is known.
Record run_of(const GpuSpec& gpu, Fate fate, const Kinds& befallen) {
  Record record = empty_record(whole_device(gpu));
  if (fate == Fate::filtered) record.protocol.filter = "some";
  for (const auto& [kind, figure] : gpu.achieved) {
    const bool hit = befallen.contains(kind);
    if (hit && (fate == Fate::missing || fate == Fate::filtered)) continue;
    const bool low = hit && (fate == Fate::low || fate == Fate::annotated_low);
    const double rate = (low ? 0.85 : 0.95) * *figure.value;
    const std::size_t first = record.rows.size();
    add_rates(record, problem_of(kind), Implementation::hand,
              {0.999 * rate, rate, 1.001 * rate, rate, rate});
    if (!hit || fate == Fate::healthy) continue;
    const Validity validity = fate == Fate::disturbed ? Validity::disturbed
                              : fate == Fate::suspect ? Validity::suspect
                              : fate == Fate::low     ? Validity::ok
                                                      : Validity::annotated;
    for (std::size_t i = first; i < record.rows.size(); ++i) {
      record.rows[i].validity = validity;
      if (fate != Fate::low) record.rows[i].reasons = {fates[static_cast<int>(fate)].reason};
    }
  }
  add_rates(record, {Op::peak, Precision::int8, {}}, Implementation::hand, {1e12, 1e12, 1e12});
  add_rates(record, projection(Precision::fp32, 8), Implementation::hand, {1e9, 1e9, 1e9});
  return record;
}

// The rule, from nothing but what befell which kinds.
int expected_code(const GpuSpec& gpu, Fate fate, const Kinds& befallen, bool strict) {
  const bool counts = fate == Fate::healthy || fate == Fate::annotated;
  bool memory = false, arithmetic = false, worse = false, unclear = false, absent = false;
  for (const auto& [kind, figure] : gpu.achieved) {
    if (!befallen.contains(kind) || counts) {
      (multiplies(kind) ? arithmetic : memory) = true;
    } else if (fate == Fate::low && figure.status != FigureStatus::unconfirmed) {
      worse = true;
    } else if (fate == Fate::missing || fate == Fate::filtered) {
      absent = true;
    } else {
      unclear = true;
    }
  }
  if (worse) return 1;
  if (memory && arithmetic && !unclear && !(strict && absent)) return 0;
  return strict ? 1 : 3;
}

class CheckRule : public testing::TestWithParam<std::string> {
 protected:
  CheckReport check(const Record& record) const {
    const std::filesystem::path file =
        std::filesystem::path(testing::TempDir()) /
        ("check rule " + GetParam() + ' ' + std::to_string(getpid()) + ".json");
    std::ofstream(file) << to_json_text(record);  // unlike write_record() without a sync
    CheckReport report = check_files({{file.string()}, std::nullopt, false}, specs());
    std::filesystem::remove(file);
    return report;
  }
  const GpuSpec& gpu() const { return *specs().choose(GetParam()).gpu; }
};

TEST_P(CheckRule, DecidesTheExitCode) {
  Kinds memory, arithmetic, all;
  for (const auto& [kind, figure] : gpu().achieved) {
    (multiplies(kind) ? arithmetic : memory).insert(kind);
    all.insert(kind);
  }
  std::vector<Kinds> subsets = {memory, arithmetic, all};
  for (const Kind& kind : all) subsets.push_back({kind});
  for (const auto& [fate, fate_name, reason] : fates) {
    for (const Kinds& befallen : subsets) {
      std::string what = fate_name;
      for (const Kind& kind : befallen) what += ' ' + kind_name(kind);
      SCOPED_TRACE(what);
      CheckReport report = check(run_of(gpu(), fate, befallen));
      EXPECT_EQ(report.exit_code(), expected_code(gpu(), fate, befallen, false));
      const std::string text = check_text(report);
      for (const Kind& kind : befallen) {
        EXPECT_THAT(text, HasSubstr(kind_name(kind)));
        EXPECT_THAT(text, HasSubstr(reason));
      }
      report.strict = true;
      EXPECT_EQ(report.exit_code(), expected_code(gpu(), fate, befallen, true));
    }
  }
}

// What is known of the board as a whole says nothing of a part of it, healthy or not.
TEST_P(CheckRule, GivesAPartOfTheGpuNoVerdict) {
  const std::function<void(DeviceRecord&)> parts[] = {
      [](DeviceRecord& device) { device.mig = "1g.10gb"; },
      [](DeviceRecord& device) { device.name += " MIG 1g.10gb"; },
      [](DeviceRecord& device) { device.name = "GRID " + device.name + "-8C"; },
      [](DeviceRecord& device) { device.virtualisation = "vgpu"; },
      [](DeviceRecord& device) { device.processors = *device.processors / 2; },
      [](DeviceRecord& device) { device.memory_bytes = *device.memory_bytes / 2; }};
  for (const auto& make_part : parts) {
    for (const Fate fate : {Fate::healthy, Fate::low}) {
      Kinds all;
      for (const auto& [kind, figure] : gpu().achieved) all.insert(kind);
      Record record = run_of(gpu(), fate, all);
      make_part(record.device);
      const CheckReport report = check(record);
      EXPECT_EQ(report.exit_code(), 3);
      EXPECT_THAT(check_text(report), HasSubstr("not the whole"));
    }
  }
}

TEST_P(CheckRule, SaysOfWhichSideNoFloorIsKnown) {
  const CheckReport report = check(run_of(gpu(), Fate::healthy, {}));
  if (gpu().achieved.empty()) return;
  const auto any = [&](bool arithmetic) {
    for (const auto& [kind, figure] : gpu().achieved) {
      if (multiplies(kind) == arithmetic) return true;
    }
    return false;
  };
  const auto words = [&](const char* side) {
    return fmt::format("no {} floor is known for the {}", side, gpu().name);
  };
  const std::string text = check_text(report);
  EXPECT_EQ(text.find(words("memory")) == text.npos, any(false)) << text;
  EXPECT_EQ(text.find(words("arithmetic")) == text.npos, any(true)) << text;
}

std::vector<std::string> board_names() {
  std::vector<std::string> names;
  for (const GpuSpec& gpu : specs().gpus()) names.push_back(gpu.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Boards, CheckRule, testing::ValuesIn(board_names()),
                         [](const auto& board) {
                           std::string name = board.param;
                           std::erase_if(name, [](char c) { return c == ' ' || c == '-'; });
                           return name;
                         });

}  // namespace
}  // namespace roofproof::analysis
