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
#include <utility>
#include <vector>

#include "analysis/check/check.h"
#include "results/record/exit_code.h"
#include "results/record/json_text.h"

namespace roofproof::analysis {
namespace {

constexpr std::string_view replacement = "\uFFFD";

// What XML 1.0 (https://www.w3.org/TR/xml/#charsets) writes otherwise, or has not; "" where that is
// not so.
std::string_view xml_form(char c) {
  constexpr std::pair<char, std::string_view> forms[] = {
      {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\r', "&#13;"}};
  for (const auto& [character, form] : forms) {
    if (c == character) return form;
  }
  const bool is_control = static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n';
  return is_control ? replacement : "";
}

// For contents and attributes alike. Names hold any bytes that a file system or a driver gave us;
// print_json() replaces what is not UTF-8.
std::string xml(std::string_view text) {
  const std::string utf8 = Json::parse(print_json(Json(text), -1)).get<std::string>();
  std::string result;
  for (std::string_view rest = utf8; !rest.empty();) {
    const bool is_none = rest.starts_with("\xEF\xBF\xBE") || rest.starts_with("\xEF\xBF\xBF");
    const std::string_view form = is_none ? replacement : xml_form(rest.front());
    result += form.empty() ? rest.substr(0, 1) : form;
    rest.remove_prefix(is_none ? 3 : 1);
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
