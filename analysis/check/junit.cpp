// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A check as a JUnit report, in the form of Ant's JUnit task, the strictest of those in use.
//
// Its readers take "skipped" for passed. So what could not be decided is an error, what is worse a
// failure, and skipped alone what there is nothing to hold against, or that is missing and need not
// be there. The first case is the verdict: it passes where, and only where, the exit code is 0.

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "analysis/check/check.h"
#include "results/exit_code.h"

namespace roofproof::analysis {
namespace {

// The code point at the start of `text`, which is taken off it; U+FFFD, and one byte, where no
// UTF-8 begins.
char32_t take_code_point(std::string_view& text) {
  constexpr char32_t replacement = 0xFFFD;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t size = lead < 0x80              ? 1
                           : (lead >> 5) == 0b110   ? 2
                           : (lead >> 4) == 0b1110  ? 3
                           : (lead >> 3) == 0b11110 ? 4
                                                    : 0;
  char32_t point = size == 1 ? lead : lead & (0x7F >> size);
  bool whole = size > 0 && size <= text.size();
  for (std::size_t i = 1; whole && i < size; ++i) {
    whole = (byte(i) & 0xC0) == 0x80;
    point = point << 6 | (byte(i) & 0x3F);
  }
  constexpr char32_t least_of_size[] = {0, 0, 0x80, 0x800, 0x10000};
  whole = whole && point >= least_of_size[size] && point <= 0x10FFFF;
  text.remove_prefix(whole ? size : 1);
  return whole ? point : replacement;
}

// Characters that XML 1.0 has: https://www.w3.org/TR/xml/#charsets
bool is_of_xml(char32_t point) {
  return point == '\t' || point == '\n' || point == '\r' || (point >= 0x20 && point <= 0xD7FF) ||
         (point >= 0xE000 && point <= 0xFFFD) || point >= 0x10000;
}

// For contents and attributes alike. Names hold any bytes that a file system or a driver gave us:
// what is not UTF-8, or has no form in XML, is replaced.
std::string xml(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t point = take_code_point(text);
    const std::string_view bytes = before.substr(0, before.size() - text.size());
    const bool replaced = point == 0xFFFD || !is_of_xml(point);
    result += point == '&'    ? "&amp;"
              : point == '<'  ? "&lt;"
              : point == '>'  ? "&gt;"
              : point == '"'  ? "&quot;"
              : point == '\r' ? "&#13;"
              : replaced      ? "\uFFFD"
                              : bytes;
  }
  return result;
}

struct TestCase {
  enum class Outcome { passed, skipped, error, failure };

  const char* group;
  std::string name;
  Outcome outcome;
  std::string_view type;  // of an error or failure
  std::string message;
};
using Outcome = TestCase::Outcome;

Outcome outcome_of(Judgement judgement, bool strict) {
  switch (judgement) {
    case Judgement::none:
      return Outcome::skipped;
    case Judgement::missing:
      return strict ? Outcome::failure : Outcome::skipped;
    case Judgement::fine:
    case Judgement::better:
      return Outcome::passed;
    case Judgement::inconclusive:
      return Outcome::error;
    case Judgement::worse:
      break;
  }
  return Outcome::failure;
}

std::vector<TestCase> cases_of(const CheckReport& report) {
  const int exit_code = report.exit_code();
  std::vector<TestCase> cases = {{"roofproof", "verdict",
                                  exit_code == ExitCode::fine         ? Outcome::passed
                                  : exit_code == ExitCode::regression ? Outcome::failure
                                                                      : Outcome::error,
                                  exit_code == ExitCode::regression ? "regression" : "inconclusive",
                                  report.verdict()}};
  const auto add = [&](const char* group, const std::string& name, Judgement judgement,
                       const std::string& why) {
    cases.push_back(
        {group, name, outcome_of(judgement, report.strict), analysis::name(judgement), why});
  };
  for (const FloorRow& row : report.floors.rows) {
    add("roofproof.floors", row.name.empty() ? kind_name(row.kind) : row.name, row.judgement,
        row.why.empty() ? report.floors.why_none : row.why);
  }
  if (!report.history) return cases;
  for (const HistoryRow& row : report.history->rows) {
    add("roofproof.history", row.name, row.judgement,
        row.why.empty() ? report.history->shortage() : row.why);
  }
  for (const MissingRow& row : report.history->missing) {
    add("roofproof.history", row.name, Judgement::missing, row.why);
  }
  return cases;
}

std::string element_of(const TestCase& test) {
  switch (test.outcome) {
    case Outcome::passed:
      return "";
    case Outcome::skipped:
      return fmt::format("<skipped message=\"{}\"/>", xml(test.message));
    case Outcome::error:
      return fmt::format("<error type=\"{}\" message=\"{}\"/>", test.type, xml(test.message));
    case Outcome::failure:
      break;
  }
  return fmt::format("<failure type=\"{}\" message=\"{}\"/>", test.type, xml(test.message));
}

}  // namespace

std::string check_junit(const CheckReport& report) {
  const std::vector<TestCase> cases = cases_of(report);
  const auto count = [&](Outcome outcome) {
    return std::count_if(cases.begin(), cases.end(),
                         [&](const TestCase& test) { return test.outcome == outcome; });
  };
  // Times are those of testing, of which this program does none.
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
      "<testsuite id=\"0\" package=\"roofproof\" name=\"{}\" timestamp=\"{}\" hostname=\"{}\" "
      "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"0\">\n<properties>\n",
      xml(report.subject), report.date.substr(0, report.date.find('Z')), xml(report.host_name),
      cases.size(), count(Outcome::failure), count(Outcome::error), count(Outcome::skipped));
  for (const std::string& file : report.files) {
    text += fmt::format("<property name=\"result\" value=\"{}\"/>\n", xml(file));
  }
  text += "</properties>\n";
  for (const TestCase& test : cases) {
    text += fmt::format("<testcase classname=\"{}\" name=\"{}\" time=\"0\">{}</testcase>\n",
                        test.group, xml(test.name), element_of(test));
  }
  return text + fmt::format(
                    "<system-out>{}</system-out>\n<system-err></system-err>\n</testsuite>\n"
                    "</testsuites>\n",
                    xml(check_text(report)));
}

}  // namespace roofproof::analysis
