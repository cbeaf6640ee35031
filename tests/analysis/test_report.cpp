// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The data inside the page; how the page looks is tests/analysis/check_report.py's.
#include "analysis/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/analysis/device_fixture.h"
#include "tests/record_fixture.h"

namespace roofproof::analysis {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using enum Implementation;

std::string data_text(const std::string& page) {
  const std::string opening = "<script id=\"data\" type=\"application/json\">";
  const std::size_t begin = page.find(opening) + opening.size();
  return page.substr(begin, page.find("</script>", begin) - begin);
}

json data_of(const Report& report) { return json::parse(data_text(report.html())); }

json data_of(const Record& record) {
  Report report(specs());
  report.add("folder/r.json", record);
  return data_of(report);
}

// A T4 that reads 256 GB/s and multiplies at 51.2 TFLOP/s in FP16; ridge 200 FLOP/byte.
Record t4_record() {
  Record record = empty_record(t4_device());
  add_rates(record, read_problem(), hand, {256e9, 256e9, 256e9});
  add_rates(record, square_gemm(Precision::fp16, 4096), hand, {48e12, 48e12, 48e12});
  add_rates(record, square_gemm(Precision::fp16, 4096), cublas, {51.2e12, 51.2e12, 51.2e12});
  return record;
}

const json* find_by(const json& list, const char* key, const std::string& value) {
  for (const json& item : list) {
    if (item.at(key) == value) return &item;
  }
  return nullptr;
}

TEST(Report, JsonIsWhatThePageHas) {
  Report report(specs());
  report.add("t4.json", t4_record());
  EXPECT_EQ(json::parse(report.json()), data_of(report));
}

TEST(Report, AnswersNameTheirStep) {
  Record record = t4_record();
  for (const int batch : {1, 2}) {
    add_rows(record, decode(Precision::fp16, batch, "mistral-7b"), hand, {0.05, 0.05, 0.05});
  }
  const json dials = data_of(record)["runs"][0]["dials"];
  EXPECT_EQ(dials[0]["answers"][0],
            json({"decode of mistral-7b, context 0", "fp16, 1 drafted", "0 [0, 0]"}));
}

// No call of the driver tells of a clock lock: it is not known, which is not the same as none.
TEST(Report, ClockLocksAreNotKnown) {
  Record record = t4_record();
  record.device.unavailable[clock_lock] = "not known: so it is";
  const auto facts = data_of(record)["runs"][0]["conditions"]["device"];
  EXPECT_NE(std::find(facts.begin(), facts.end(), json{clock_lock, "not known"}), facts.end());
}

TEST(Report, NamesCannotEndTheScript) {
  const std::string hostile = "</script><img src=x onerror=alert(1)><!--";
  Record record = t4_record();
  record.device.name = hostile;
  Report report(specs());
  report.add("r.json", record);
  const std::string page = report.html();
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(data_text(page), Not(HasSubstr("<")));
  EXPECT_EQ(data_of(report)["runs"][0]["device"], hostile);
}

TEST(Report, NothingIsToBeLoadedAndTheFolderIsNotTold) {
  Report report(specs());
  report.add("/home/somebody/r.json", t4_record());
  const std::string page = report.html();
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page, Not(HasSubstr("somebody")));
  EXPECT_EQ(data_of(report)["runs"][0]["file"], "r.json");
}

TEST(Report, TheLatestRunIsShownAndTheOthersFollowed) {
  Record earlier = empty_record(t4_device());
  earlier.date = "2026-01-01T00:00:00Z";
  add_rates(earlier, read_problem(), hand, {240e9, 240e9, 240e9});
  Record later = t4_record();
  later.date = "2026-02-01T00:00:00Z";
  Report report(specs());
  report.add("later.json", later);
  report.add("earlier.json", earlier);
  const json data = data_of(report);
  ASSERT_EQ(data["runs"].size(), 1);
  EXPECT_EQ(data["runs"][0]["file"], "later.json");
  ASSERT_EQ(data["history"].size(), 1);
  EXPECT_EQ(data["history"][0]["files"], json({"earlier.json", "later.json"}));
  const json& lines = data["history"][0]["lines"];
  const json* read = find_by(lines, "label", "read fp32");
  ASSERT_NE(read, nullptr);
  EXPECT_EQ((*read)["of"], "roof");
  EXPECT_NEAR((*read)["values"][0].get<double>(), 240. / 320, 1e-5);
  EXPECT_NEAR((*read)["values"][1].get<double>(), 256. / 320, 1e-5);
  const json* gemm = find_by(lines, "label", "gemm fp16");
  ASSERT_NE(gemm, nullptr);
  EXPECT_TRUE((*gemm)["values"][0].is_null());
}

// Of a T4 whose reads were disturbed.
Record disturbed_t4() {
  Record record = t4_record();
  add_rates(record, decode(Precision::int8, 1, "tiny"), hand, std::vector<double>(20, 100e9));
  add_rates(record, decode(Precision::int8, 2, "tiny"), hand, {100e9, 100e9, 100e9});
  disturb(record.rows[1], 0.31);
  return record;
}

TEST(Report, WhatWasDisturbedIsMarkedWhereverItIsShown) {
  const json data = data_of(disturbed_t4());
  EXPECT_THAT(data["notices"][0],
              HasSubstr("DISTURBED: r.json: 1 of 32 rows were disturbed; other "
                        "processes used the CPUs: the benchmark got 31 % of the time"));
  const json& run = data["runs"][0];
  const std::string read = "256 [256, 256] GB/s, disturbed";
  const std::string gemm = "51.2 [51.2, 51.2] TFLOP/s";
  EXPECT_EQ(run["measurements"]["rows"][0][3], read);
  EXPECT_EQ(run["measurements"]["rows"][2][3], gemm);
  EXPECT_EQ((*find_by(run["shares"], "label", "read fp32"))["hand"]["text"], read);
  const json& fp16 = *find_by(run["rooflines"], "arithmetic", "fp16");
  const json& points = fp16["points"];
  EXPECT_EQ((*find_by(points, "op", "gemm"))["text"], "48.0 [48.0, 48.0] TFLOP/s");
  EXPECT_THAT((*find_by(fp16["roofs"], "kind", "measured"))["source"],
              testing::MatchesRegex(".*cublas.* and read/.*, disturbed"));
  EXPECT_THAT(run["decode"]["steps"][0]["predicted_text"], testing::EndsWith(", disturbed"));
  EXPECT_THAT(run["batches"][0]["lines"][0]["crossover_text"], testing::EndsWith(", disturbed"));
  EXPECT_THAT(run["decode"]["steps"][0]["tokens_text"], Not(HasSubstr("disturbed")));
  // The same with the steps in place of the reads.
  Record other = disturbed_t4();
  std::swap(other.rows[1].validity, other.rows.back().validity);
  const json steps = data_of(other)["runs"][0];
  EXPECT_THAT(steps["decode"]["steps"][0]["tokens_text"], testing::EndsWith(", disturbed"));
  EXPECT_THAT(steps["batches"][0]["lines"][0]["points"][0]["text"],
              testing::EndsWith(", disturbed"));
  EXPECT_THAT((*find_by((*find_by(steps["rooflines"], "arithmetic", "fp16"))["points"], "op",
                        "decode"))["text"],
              testing::EndsWith(", disturbed"));
}

TEST(Report, WhatWasDisturbedIsMarkedBesideAnotherRunAndNotFollowed) {
  Record a100 = t4_record();
  a100.device.name = "NVIDIA A100-SXM4-80GB";
  Record later = t4_record();
  later.date = "2027-01-01T00:00:00Z";
  Report report(specs());
  for (const Record& record : {disturbed_t4(), a100}) report.add("r.json", record);
  const json data = data_of(report);
  EXPECT_EQ((*find_by(data["compared"]["tables"], "op", "read"))["rows"][0]["cells"][0][0],
            "256 [256, 256] GB/s, disturbed");
  report.add("later.json", later);
  const json lines = data_of(report)["history"][0]["lines"];
  EXPECT_TRUE((*find_by(lines, "label", "read fp32"))["values"][0].is_null());
  EXPECT_FALSE((*find_by(lines, "label", "gemm fp16"))["values"][0].is_null());
}

TEST(Report, ACpuIsFollowedFromItsFirstRun) {
  Report report(specs());
  for (const double bandwidth : {20e9, 25e9}) {
    Record record = empty_record(host_device());
    record.date = bandwidth == 20e9 ? "2026-01-01T00:00:00Z" : "2026-02-01T00:00:00Z";
    add_rates(record, read_problem(), hand, {bandwidth, bandwidth, bandwidth});
    report.add("r.json", record);
  }
  const json line = data_of(report)["history"][0]["lines"][0];
  EXPECT_EQ(line["of"], "first run");
  EXPECT_NEAR(line["values"][1].get<double>(), 1.25, 1e-5);
}

TEST(Report, APageHoldsTwelveDevicesAndSaysHowManyItLeavesOut) {
  Report report(specs());
  for (int i = 0; i < 14; ++i) {
    Record record = t4_record();
    record.device.uuid_hash = std::to_string(i);
    report.add("r.json", record);
  }
  const json data = data_of(report);
  EXPECT_EQ(data["runs"].size(), 12);
  EXPECT_THAT(data["notices"].dump(), HasSubstr("2 runs of further devices are left out"));
}

TEST(Report, SaysWhatIsMadeUpOrUnfinished) {
  Record record = t4_record();
  record.synthetic = true;
  record.complete = false;
  const std::string notices = data_of(record)["notices"].dump();
  EXPECT_THAT(notices, HasSubstr("SYNTHETIC"));
  EXPECT_THAT(notices, HasSubstr("INCOMPLETE"));
  EXPECT_TRUE(data_of(t4_record())["notices"].empty());
}

TEST(Report, KernelsStandUnderTheRoofThatBoundsThem) {
  Record record = t4_record();
  add_rates(record, projection(Precision::int8, 1), hand, {230e9, 230e9, 230e9});
  add_rates(record, {Op::triad, Precision::fp32, {.bytes = 1 << 30}}, hand, {250e9, 250e9, 250e9});
  const json rooflines = data_of(record)["runs"][0]["rooflines"];
  ASSERT_EQ(rooflines.size(), 2);
  const json& fp16 = rooflines[0];
  EXPECT_EQ(fp16["arithmetic"], "fp16");
  EXPECT_EQ(fp16["points"].size(), 3);  // INT8 weights are expanded to FP16
  const json* datasheet = find_by(fp16["roofs"], "kind", "datasheet");
  const json* measured = find_by(fp16["roofs"], "kind", "measured");
  ASSERT_TRUE(datasheet && measured);
  EXPECT_DOUBLE_EQ((*datasheet)["flop_per_s"].get<double>(), 65e12);
  EXPECT_DOUBLE_EQ((*datasheet)["bytes_per_s"].get<double>(), 320e9);
  EXPECT_DOUBLE_EQ((*measured)["flop_per_s"].get<double>(), 51.2e12);
  EXPECT_DOUBLE_EQ((*measured)["bytes_per_s"].get<double>(), 256e9);
  const json* gemv = find_by(fp16["points"], "op", "gemv");
  ASSERT_NE(gemv, nullptr);
  EXPECT_THAT((*gemv)["shares"].dump(), HasSubstr("71.9 % of the datasheet roof"));  // 230 of 320
  EXPECT_THAT((*gemv)["shares"].dump(), HasSubstr("89.8 % of the measured roof"));   // 230 of 256
  EXPECT_EQ(rooflines[1]["points"][0]["op"], "triad");
}

TEST(Report, HandStandsBesideTheLibrary) {
  const json shares = data_of(t4_record())["runs"][0]["shares"];
  const json* gemm = find_by(shares, "label", "gemm fp16");
  ASSERT_NE(gemm, nullptr);
  EXPECT_NEAR((*gemm)["hand"]["datasheet"].get<double>(), 48. / 65, 1e-5);
  EXPECT_NEAR((*gemm)["library"]["datasheet"].get<double>(), 51.2 / 65, 1e-5);
  EXPECT_THAT((*gemm)["ratio"].get<std::string>(), HasSubstr("0.938"));
}

TEST(Report, AGemvStandsBesideTheLibraryAndIsFollowedByHand) {
  Report report(specs());
  for (const double library : {200e9, 250e9}) {
    Record record = t4_record();
    record.date = library == 200e9 ? "2026-01-01T00:00:00Z" : "2026-02-01T00:00:00Z";
    for (const int batch : {1, 8}) {
      add_rates(record, projection(Precision::fp16, batch), hand, {230e9, 230e9, 230e9});
      add_rates(record, projection(Precision::fp16, batch), cublas, {library, library, library});
    }
    report.add(record.date, record);
  }
  const json data = data_of(report);
  const json* gemv = find_by(data["runs"][0]["shares"], "label", "gemv fp16");
  ASSERT_NE(gemv, nullptr);
  EXPECT_THAT((*gemv)["ratio"].get<std::string>(), HasSubstr("0.920"));  // 230 / 250
  const json* line = find_by(data["history"][0]["lines"], "label", "gemv fp16");
  ASSERT_NE(line, nullptr);
  for (const json& value : (*line)["values"]) {
    EXPECT_NEAR(value.get<double>(), 230. / 320, 1e-5);
  }
  const json points = data["runs"][0]["batches"][0]["lines"][0]["points"];
  ASSERT_EQ(points.size(), 2);
  for (const json& point : points) {
    EXPECT_THAT(point["name"].get<std::string>(), HasSubstr("gemv/fp16/hand/"));
  }
}

TEST(Report, AStepIsTakenApart) {
  Record record = t4_record();
  const Problem step = decode(Precision::fp16, 1, "mistral-7b");
  add_rows(record, step, hand, {60e-3, 60e-3, 60e-3});
  const std::pair<const char*, double> rungs[] = {{"stream_only", 54e-3},
                                                  {"gemv_only", 55e-3},
                                                  {"unordered", 56.5e-3},
                                                  {"launches_only", 2e-3}};
  for (const auto& [rung, time_s] : rungs) {
    const std::size_t first = record.rows.size();
    add_rows(record, step, hand, {time_s, time_s, time_s});
    for (std::size_t i = first; i < record.rows.size(); ++i) {
      record.rows[i].condition = std::string("kernel:") + rung;
      record.rows[i].name += std::string("/kernel:") + rung;
    }
  }
  const json steps = data_of(record)["runs"][0]["decode"]["steps"];
  ASSERT_EQ(steps.size(), 1);
  std::vector<double> parts_ms;
  for (const json& part : steps[0]["parts"]) {
    parts_ms.push_back(1e3 * part["value"].get<double>());
  }
  using testing::DoubleNear;
  EXPECT_THAT(parts_ms,
              testing::ElementsAre(DoubleNear(54, 1e-3), DoubleNear(1, 1e-3), DoubleNear(1.5, 1e-3),
                                   DoubleNear(2, 1e-3), DoubleNear(1.5, 1e-3)));
}

TEST(Report, TheRoofsSayWhereABatchTurns) {
  Record record = t4_record();
  for (const int batch : {1, 8}) {
    add_rates(record, projection(Precision::fp16, batch), hand, {230e9, 230e9, 230e9});
  }
  const json batches = data_of(record)["runs"][0]["batches"];
  ASSERT_EQ(batches.size(), 1);
  const json& line = batches[0]["lines"][0];
  ASSERT_EQ(line["points"].size(), 2);
  // b 2nk / P = (2nk + b 2(n + k)) / W
  const double nk = 14336. * 4096;
  const double sum = 14336 + 4096;
  const double by_hand = nk / 256e9 / (nk / 51.2e12 - sum / 256e9);
  EXPECT_NEAR(line["crossover"].get<double>(), by_hand, 1e-4 * by_hand);
  // Below it 8 sequences take what their bytes take.
  EXPECT_NEAR(line["law"].back()[1].get<double>(), 8 / ((2 * nk + 16 * sum) / 256e9), 1);
}

TEST(Report, GpusStandSideBySideAndOneAloneDoesNot) {
  Record other = t4_record();
  other.device.name = "NVIDIA L4";
  Report report(specs());
  report.add("t4.json", t4_record());
  EXPECT_TRUE(data_of(report)["compared"].is_null());
  report.add("l4.json", other);
  const json compared = data_of(report)["compared"];
  EXPECT_EQ(compared["columns"], json({"Tesla T4", "NVIDIA L4"}));
  EXPECT_EQ(compared["tables"].size(), 2);  // read, gemm
}

TEST(Report, EveryClaimIsThere) { EXPECT_EQ(data_of(t4_record())["claims"].size(), 22); }

// By arithmetic, by measurement, and of a CPU what it says of the same law.
TEST(Report, AClaimHasTwoVerdicts) {
  const auto verdicts = [](const json& data) {
    json found;
    for (const json& one : (*find_by(data["claims"], "id", "unit-scale"))["verdicts"]) {
      found.push_back({one["by"], one["words"], one["symbol"]});
    }
    return found;
  };
  Record record = t4_record();
  add_rates(record, square_gemm(Precision::fp32, 4096), hand, {4e12, 4e12, 4e12});
  const json gpu = data_of(record);
  EXPECT_EQ(verdicts(gpu), json({{"by arithmetic", "nothing to compute", "·"},
                                 {"by measurement", "confirmed", "✓"}}));
  EXPECT_THAT(gpu["verdict_counts"]["by measurement"], HasSubstr("decided on a GPU: "));
  Record cpu = empty_record(host_device());
  add_rates(cpu, square_gemm(Precision::fp32, 1024), hand, {4e10, 4e10, 4e10});
  EXPECT_EQ(verdicts(data_of(cpu)), json({{"by arithmetic", "nothing to compute", "·"},
                                          {"by measurement", "needs a GPU such as a T4", "·"},
                                          {"same law on this CPU", "agrees", "="}}));
  EXPECT_EQ(data_of(cpu)["verdict_counts"]["by measurement"],
            "0 decided on a GPU; same law on this CPU: 1 agree");
}

TEST(Report, ATableOfManyRowsIsCutAndSaysSo) {
  Record record = empty_record(t4_device());
  for (int i = 1; i <= 1100; ++i) {
    add_rows(record, projection(Precision::fp16, i), hand, {1e-3});
  }
  const json measurements = data_of(record)["runs"][0]["measurements"];
  EXPECT_EQ(measurements["rows"].size(), 1000);
  EXPECT_EQ(measurements["of"], 1100);
}

}  // namespace
}  // namespace roofproof::analysis
