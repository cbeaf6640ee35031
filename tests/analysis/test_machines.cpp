// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/machines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "analysis/input_error.h"
#include "results/record/json_text.h"
#include "tests/analysis/device_fixture.h"

namespace roofproof::analysis {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr std::chrono::sys_days today = 2026y / 11 / 30;

TEST(Machines, EachIsOfAKnownGpuDatedAndSourced) {
  const std::vector<Machine> all = machines();
  EXPECT_GE(all.size(), 70u);
  std::set<std::string> names;
  for (const Machine& machine : all) {
    SCOPED_TRACE(machine.name);
    EXPECT_TRUE(names.insert(machine.name).second);
    EXPECT_EQ(specs().choose(machine.gpu).gpu->name, machine.gpu);
    EXPECT_TRUE(machine.gpus == 1 || machine.gpus % 2 == 0);
    EXPECT_GT(machine.source.size(), 20u);
    const std::optional<int> age = days_since(machine.as_of, today);
    ASSERT_TRUE(age.has_value());
    EXPECT_GE(*age, 0);
    EXPECT_EQ(machine.usd_per_hour.has_value(), machine.status != FigureStatus::unknown);
    EXPECT_FALSE(machine.status == FigureStatus::read &&
                 machine.source.find("second hand") != std::string::npos);
  }
  EXPECT_TRUE(names.contains("g4dn.xlarge"));
}

TEST(Machines, OfOneGpu) {
  EXPECT_TRUE(machines_of("RTX 4090").empty());
  const std::vector<Machine> a10g = machines_of("A10G");
  ASSERT_FALSE(a10g.empty());
  EXPECT_EQ(a10g.front().name, "g5.xlarge");
  EXPECT_DOUBLE_EQ(*a10g.front().usd_per_hour, 1.006);
  EXPECT_EQ(machines_of("A100 40GB SXM4").front().gpus, 8);
}

// 2026-11-30 is day 334 of its year; August 2025 began 365 - 212 = 153 days before the year did.
TEST(Machines, AgesCountFromTheFirstDay) {
  EXPECT_EQ(days_since("2026-11-30", today), 0);
  EXPECT_EQ(days_since("2026-08-22", today), 100);
  EXPECT_EQ(days_since("2026", today), 333);
  EXPECT_EQ(days_since("2025-08", today), 153 + 333);
  for (const char* no_date :
       {"", "26", "2026-13", "2026-02-30", "2026/01/01", "unknown", "2026-1-1x"})
    EXPECT_EQ(days_since(no_date, today), std::nullopt) << no_date;
}

TEST(Machines, ABadEntryIsRefusedWithItsPlace) {
  const auto refused = [](const char* entry, const char* place) {
    EXPECT_THAT([&] { parse_machines(std::string(R"({"machines": [)") + entry + "]}", "m.json"); },
                ThrowsMessage<RecordError>(AllOf(HasSubstr("m.json"), HasSubstr(place))));
  };
  refused(R"({"provider": "a", "machine": "m", "gpu": "T4", "gpus": 1, "usd_per_hour": -1,
              "region": "r", "as_of": "2026", "status": "read", "source": "s"})",
          "machines[0].usd_per_hour");
  refused(R"({"provider": "a", "machine": "m", "gpu": "T4", "gpus": 1, "usd_per_hour": 1,
              "region": "r", "as_of": "lately", "status": "read", "source": "s"})",
          "machines[0].as_of");
  refused(R"({"provider": "a", "machine": "m", "gpu": "T4", "gpus": 0, "usd_per_hour": 1,
              "region": "r", "as_of": "2026", "status": "read", "source": "s"})",
          "machines[0].gpus");
}

GivenPrices prices(const std::string& text) {
  return parse_prices(text, "p.csv", machines(), specs(), today);
}

TEST(Prices, AreReadByLine) {
  const GivenPrices given = prices(
      "# what we pay\n\ng5.xlarge, 0.9, 2026-11-01\r\nRTX 4090,0.35\np5.48xlarge,40,2026-10");
  ASSERT_EQ(given.size(), 3u);
  EXPECT_DOUBLE_EQ(given.at("g5.xlarge").usd_per_hour, 0.9);
  EXPECT_EQ(given.at("g5.xlarge").as_of, "2026-11-01");
  EXPECT_DOUBLE_EQ(given.at("RTX 4090").usd_per_hour, 0.35);
  EXPECT_EQ(given.at("RTX 4090").as_of, "");
  EXPECT_EQ(given.at("p5.48xlarge").as_of, "2026-10");
}

TEST(Prices, ABadLineIsRefusedByItsNumber) {
  const auto refused = [](const std::string& line, const char* why) {
    EXPECT_THAT([&] { prices("g5.xlarge,1\n#\n" + line + "\nT4,1\n"); },
                ThrowsMessage<InputError>(AllOf(HasSubstr("p.csv:3: "), HasSubstr(why))))
        << line;
  };
  for (const char* line : {"g6.xlarge", "g6.xlarge,", "g6.xlarge,0", "g6.xlarge,-1",
                           "g6.xlarge,nan", "g6.xlarge,1e400", "g6.xlarge,1e308",
                           "g6.xlarge,1e-320", "g6.xlarge,1 USD", "g6.xlarge,1,2026-01-01,x", ","})
    refused(line, "must be NAME,USD_PER_HOUR");
  refused("g6.xlrage,1", "unknown machine or GPU 'g6.xlrage'; closest: g6.xlarge, ");
  refused("g6.xlarge,1,yesterday", "the date must be");
  for (const char* line : {"g6.xlarge,1,2026-12-01", "g6.xlarge,1,2026-12", "g6.xlarge,1,2027"}) {
    refused(line, "is in the future");
  }
  refused("g5.xlarge,2", "has a price already");
}

TEST(Prices, OfASpreadsheetBeginWithAByteOrderMark) {
  EXPECT_DOUBLE_EQ(prices("\xEF\xBB\xBFT4,0.5\r\n").at("T4").usd_per_hour, 0.5);
}

TEST(Prices, OfTodayAreNoneOfTheFuture) {
  for (const char* date : {"2026-11-30", "2026-11", "2026"}) {
    EXPECT_EQ(prices(std::string("T4,1,") + date).at("T4").as_of, date);
  }
}

TEST(Prices, OfACommandLine) {
  const auto given = [](const std::vector<std::string>& texts) {
    return parse_prices(texts, machines(), specs());
  };
  const GivenPrices prices = given({"g5.xlarge=0.9", "H100 SXM5=2"});
  ASSERT_EQ(prices.size(), 2u);
  EXPECT_DOUBLE_EQ(prices.at("H100 SXM5").usd_per_hour, 2);
  EXPECT_EQ(prices.at("H100 SXM5").as_of, "");
  for (const char* text : {"", "=", "T4", "T4=", "T4=x", "T4=0", "T4=nan", "T4=1e6", "T4=1,5"}) {
    EXPECT_THAT([&] { given({text}); },
                ThrowsMessage<InputError>(HasSubstr("must be NAME=USD_PER_HOUR")))
        << text;
  }
  EXPECT_THAT([&] { given({"=1"}); }, ThrowsMessage<InputError>(HasSubstr("unknown machine")));
  EXPECT_THAT(
      [&] {
        given({"T4=1", "T4=2"});
      },
      ThrowsMessage<InputError>(HasSubstr("'T4' has a price already")));
}

// The list of all names is no help: there are more than a hundred.
TEST(Prices, AnUnknownNameIsToldTheClosest) {
  EXPECT_THAT([] { require_priceable("H100", machines(), specs()); },
              ThrowsMessage<InputError>("unknown machine or GPU 'H100'; closest: H100 NVL, H100 "
                                        "PCIe, H100 SXM5, Standard_ND96isr_H100_v5"));
}

// 7.2 USD an hour are 0.002 a second, of which 50 tokens take a fiftieth each.
TEST(Prices, OfAMillionTokens) { EXPECT_NEAR(usd_per_million_tokens(7.2, 50), 40, 1e-12); }

}  // namespace
}  // namespace roofproof::analysis
