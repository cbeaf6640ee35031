// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The fast reader takes what parse_json() takes, refuses what it refuses, and says the same.

#include "results/record/json_place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "results/record/json_text.h"

namespace roofproof {
namespace {

using ::testing::HasSubstr;

// The message, or "" where the text is taken.
template <class Read>
std::string refusal(Read&& read) {
  try {
    read();
    return "";
  } catch (const RecordError& error) {
    return error.what();
  }
}

std::string refusal_of(const std::string& text) {
  return refusal([&] { JsonDocument(text, "f.json"); });
}

std::string expected_refusal_of(const std::string& text) {
  return refusal([&] { parse_json(text, "f.json"); });
}

std::string nested(int levels, const std::string& open, const std::string& inner,
                   const std::string& close) {
  std::string text;
  for (int i = 0; i < levels; ++i) text += open;
  text += inner;
  for (int i = 0; i < levels; ++i) text += close;
  return text;
}

std::string object_of(int keys) {
  std::string text = "{";
  for (int i = 0; i < keys; ++i) text += "\"k" + std::to_string(i) + "\": 1, ";
  return text;
}

TEST(JsonDocument, IsAsStrictAsTheOtherReader) {
  const std::string refused[] = {"",
                                 " ",
                                 "{\"a\": 1, \"a\": 2}",
                                 "{\"a\": {\"b\": 1, \"c\": 2, \"b\": 3}}",
                                 "[[{\"a\": 1, \"\\u0061\": 2}]]",
                                 object_of(64) + "\"k0\": 1}",
                                 object_of(100) + "\"k99\": 1}",
                                 "{\"a\": NaN}",
                                 "[1e999]",
                                 "[01]",
                                 "[1,]",
                                 "[\"\\ud800\"]",
                                 "[\"\\udc00\"]",
                                 "[\"\x80\"]",
                                 "[\"\t\"]",
                                 "{} {}",
                                 nested(33, "[", "", "]"),
                                 nested(33, "{\"a\":", "1", "}"),
                                 std::string(100000, '[')};
  for (const std::string& text : refused) {
    SCOPED_TRACE(text.substr(0, 80));
    EXPECT_THAT(refusal_of(text), HasSubstr("f.json: "));
    EXPECT_EQ(refusal_of(text), expected_refusal_of(text));
  }
  const std::string taken[] = {"1",
                               "null",
                               "\xEF\xBB\xBF[1]",
                               "[18446744073709551616]",
                               "[1e-999]",
                               object_of(64) + "\"x\": 1}",
                               nested(32, "[", "", "]"),
                               nested(32, "{\"a\":", "1", "}")};
  for (const std::string& text : taken) {
    EXPECT_EQ(refusal_of(text), "") << text;
    EXPECT_EQ(expected_refusal_of(text), "") << text;
  }
}

// A parser that goes through all items at the end of each would take an hour.
TEST(JsonDocument, OfMillionsOfItemsIsReadOnce) {
  std::string text = "[{}";
  for (int i = 0; i < 3000000; ++i) text += ",{}";
  EXPECT_EQ(expected_refusal_of(text + "]"), "");
  EXPECT_THAT(refusal_of(text + ",]"), HasSubstr("byte 9000005"));
}

TEST(JsonDocument, DisagreesOnNoMutant) {
  const std::string seed =
      "{\"a\": [1, -2.5e3, \"x\\ud83d\\ude00\\n\"], \"b\": {\"c\": null, \"d\": true}, \"e\": "
      "\"\xc3\xa9\\u00e9\"}";
  const std::string bytes =
      "{}[]\":,\\u0dDcCeE-+.19tfn \nr\x80\xc3\xa9\xed\xa0/" + std::string(1, 0);
  std::mt19937 random(1);
  const auto below = [&](std::size_t count) { return random() % count; };
  int taken = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = seed;
    for (std::size_t changes = 1 + below(3); changes > 0; --changes) {
      const std::size_t at = below(text.size());
      const char byte = bytes[below(bytes.size())];
      switch (below(3)) {
        case 0:
          text[at] = byte;
          break;
        case 1:
          text.erase(at, 1);
          break;
        default:
          text.insert(at, 1, byte);
      }
    }
    ASSERT_EQ(refusal_of(text), expected_refusal_of(text)) << text;
    if (refusal_of(text).empty()) ++taken;
  }
  EXPECT_GT(taken, 500);
}

TEST(Place, ReadsValuesAndSaysWhereTheyStand) {
  const JsonDocument document(
      R"({"rows": [{"n": 3, "x": -2, "t": "a", "f": 1e3, "huge": 18446744073709551615},
                   {"n": 2.5, "x": 300, "t": null, "f": "1"}], "map": {"a": 1, "b": 2}})",
      "f.json");
  const Place root(document);
  const Place rows = root.at("rows");
  ASSERT_EQ(rows.size(), 2u);
  const Place good = rows.at(0);
  const Place bad = rows.at(1);
  int n = 0;
  signed char small = 0;
  std::uint64_t huge = 0;
  double f = 0;
  std::string t;
  std::map<std::string, double> map;
  good.at("n").get(n);
  good.at("x").get(small);
  good.at("huge").get(huge);
  good.at("f").get(f);
  good.at("t").get(t);
  root.at("map").get(map);
  EXPECT_EQ(n, 3);
  EXPECT_EQ(small, -2);
  EXPECT_EQ(huge, 18446744073709551615u);
  EXPECT_EQ(f, 1000);
  EXPECT_EQ(t, "a");
  EXPECT_EQ(map, (std::map<std::string, double>{{"a", 1}, {"b", 2}}));
  good.at("n").get(f);  // a whole number is a number
  EXPECT_EQ(f, 3);

  const auto message = [&](auto&& read) { return refusal(read); };
  EXPECT_EQ(message([&] { bad.at("n").get(n); }), "f.json: rows[1].n: must be an integer");
  EXPECT_EQ(message([&] { bad.at("x").get(small); }), "f.json: rows[1].x: is out of range");
  EXPECT_EQ(message([&] { good.at("huge").get(n); }), "f.json: rows[0].huge: is out of range");
  EXPECT_EQ(message([&] { good.at("x").get(huge); }), "f.json: rows[0].x: is out of range");
  EXPECT_EQ(message([&] { bad.at("t").get(t); }), "f.json: rows[1].t: must be a string");
  EXPECT_EQ(message([&] { bad.at("f").get(f); }), "f.json: rows[1].f: must be a number");
  EXPECT_EQ(message([&] { bad.at("m"); }), "f.json: rows[1]: 'm' is missing");
  EXPECT_EQ(message([&] { rows.at("m"); }), "f.json: rows: must be an object");
  EXPECT_EQ(message([&] { root.size(); }), "f.json: must be an array");
}

TEST(Place, ANumberTooLargeForAnIntegerIsStillANumber) {
  const JsonDocument document("\xEF\xBB\xBF{\"x\": 1000000000000000000000000}", "f.json");
  const Place root(document);
  double x = 0;
  root.at("x").get(x);
  EXPECT_EQ(x, 1e24);
}

}  // namespace
}  // namespace roofproof
