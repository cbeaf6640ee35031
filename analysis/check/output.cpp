// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A check as text, Markdown and JSON; junit.cpp has the fourth form.

#include <fmt/format.h>

#include <algorithm>

#include "analysis/check/check.h"
#include "analysis/estimate_json.h"
#include "analysis/peak_shares.h"
#include "analysis/quantity.h"
#include "analysis/text_table.h"
#include "results/record/exit_code.h"
#include "results/record/json_text.h"

namespace roofproof::analysis {
namespace {

std::string_view unit_of(const Kind& kind) { return is_arithmetic(kind.first) ? "FLOP/s" : "B/s"; }

std::string judgement_text(Judgement judgement, const std::string& why) {
  if (judgement == Judgement::none) return why;
  return std::string(name(judgement)) + (why.empty() ? "" : ": ") + why;
}

// Where the floors are from, each source once.
std::vector<std::string> citations_of(const FloorCheck& floors) {
  std::vector<std::string> citations;
  for (const FloorRow& row : floors.rows) {
    for (const std::string& citation : row.citations) {
      if (std::find(citations.begin(), citations.end(), citation) == citations.end()) {
        citations.push_back(citation);
      }
    }
  }
  return citations;
}

// "240 GB/s, verified (1)": the figure, its status, its sources by number.
std::string achieved_text(const FloorRow& row, const std::vector<std::string>& citations) {
  if (!row.achieved) return "";
  const Figure& figure = *row.achieved;
  std::string text = fmt::format("{} {}, {}", figure.printed, figure.unit, words(figure.status));
  for (const std::string& citation : row.citations) {
    const auto found = std::find(citations.begin(), citations.end(), citation);
    text += fmt::format(" ({})", found - citations.begin() + 1);
  }
  return text;
}

TextTable floors_table(const FloorCheck& floors, const std::vector<std::string>& citations) {
  TextTable table("lrrrll");
  table.add({"floor", "measured", "of datasheet", "floor", "", "90 % of published"});
  for (const FloorRow& row : floors.rows) {
    table.add({row.name.empty() ? kind_name(row.kind) : row.name,
               row.rate ? estimate_text(*row.rate, unit_of(row.kind)) : "",
               row.share ? estimate_text(*row.share, "share") : "",
               row.floor ? quantity_text(*row.floor, "share") : "",
               judgement_text(row.judgement, row.why), achieved_text(row, citations)});
  }
  return table;
}

std::string times_text(const HistoryRow& row) {
  std::string text;
  for (const double time_s : row.times_s) {
    text += (text.empty() ? "" : ", ") + quantity_text(time_s, "s");
  }
  return text;
}

// What a yardstick allows, as a change of what was to be expected.
std::string allowed_text(const HistoryRow& row, Yardstick yardstick) {
  for (const HistoryTest& test : row.tests) {
    if (test.yardstick != yardstick) continue;
    return fmt::format("{} (up to {})", percent_text(test.values.front() / test.limit.centre - 1),
                       percent_text(test.limit.limit / test.limit.centre - 1));
  }
  return "";
}

// Without those of which nothing is to be said but the shortage of all.
std::vector<HistoryRow> rows_to_show(const HistoryCheck& history) {
  std::vector<HistoryRow> rows = history.rows;
  if (!history.shortage().empty()) {
    std::erase_if(rows, [](const HistoryRow& row) { return row.why.empty(); });
  }
  return rows;
}

// "" where there is nothing to show.
TextTable history_table(const HistoryCheck& history) {
  TextTable table("lrrrrrl");
  const std::vector<HistoryRow> rows = rows_to_show(history);
  if (rows.empty() && history.missing.empty()) return table;
  table.add({"history", "time", "runs", "vs history", "at its clock", "vs baseline", ""});
  for (const HistoryRow& row : rows) {
    std::string why = judgement_text(row.judgement, row.why);
    if (row.two_modes) why += "; bimodal history: small changes are not detected";
    table.add({row.name, times_text(row), fmt::format("{}", row.past_runs),
               allowed_text(row, Yardstick::time), allowed_text(row, Yardstick::theory),
               allowed_text(row, Yardstick::baseline), why});
  }
  for (const MissingRow& row : history.missing) {
    table.add({row.name, "", "", "", "", "", "missing: " + row.why});
  }
  return table;
}

std::vector<std::string> history_notices(const HistoryCheck& history) {
  std::vector<std::string> lines = history.notices;
  if (const std::string shortage = history.shortage(); !shortage.empty()) {
    lines.push_back(shortage);
  }
  if (const auto by_chance = history.suspicions_by_chance(); by_chance && *by_chance > 0) {
    lines.push_back(
        fmt::format("with {:.0f} comparisons expect up to {:.2g} false alarms; a second run "
                    "confirms a real one "
                    "(roofproof check RUN SECOND_RUN --history DIR)",
                    *by_chance / limit_error, *by_chance));
  }
  if (history.baseline.empty()) {
    lines.push_back("no baseline; to set one: roofproof baseline accept RESULT");
  }
  for (const std::string& factor : history.factors) {
    lines.push_back("environment changed since the last run: " + factor);
  }
  return lines;
}

std::string history_heading(const HistoryCheck& history) {
  std::string text = fmt::format("{} comparable runs", history.past_runs);
  if (!history.since.empty()) text += " since " + history.since;
  if (!history.baseline.empty()) text += " · baseline " + history.baseline;
  return text;
}

// The frame that text and Markdown share.
struct Form {
  std::string (*line)(const std::string& text);
  const char* before_notices;
  std::string (*notice)(const std::string& text);
  std::string (*table)(const TextTable& table);
};
constexpr Form text_form = {[](const std::string& text) { return text + '\n'; }, "",
                            [](const std::string& text) { return "! " + text + '\n'; },
                            [](const TextTable& table) { return table.text(); }};
// Each line a paragraph.
constexpr Form markdown_form = {
    [](const std::string& text) { return '\n' + markdown_text(text) + '\n'; }, "\n",
    [](const std::string& text) { return "- " + markdown_text(text) + '\n'; },
    [](const TextTable& table) { return table.markdown(); }};

std::string report_in(const Form& form, const CheckReport& report) {
  std::string text = form.line(report.subject);
  for (const std::string& file : report.files) text += form.line(file);
  const auto add_notices = [&](const std::vector<std::string>& lines) {
    if (!lines.empty()) text += form.before_notices;
    for (const std::string& line : lines) text += form.notice(line);
  };
  std::vector<std::string> notices = report.notices;
  if (!report.floors.why_none.empty()) notices.push_back(report.floors.why_none);
  add_notices(notices);
  if (report.floors.why_none.empty()) {
    const std::vector<std::string> citations = citations_of(report.floors);
    text += '\n' + form.table(floors_table(report.floors, citations)) + '\n';
    // Ours, with addresses: they stay links.
    for (std::size_t i = 0; i < citations.size(); ++i) {
      text += fmt::format("{}. {}\n", i + 1, citations[i]);
    }
  }
  if (report.history) {
    text += '\n' + form.line(history_heading(*report.history));
    add_notices(history_notices(*report.history));
    const std::string table = form.table(history_table(*report.history));
    if (!table.empty()) text += '\n' + table;
  }
  return text;
}

Json json_of(const FloorRow& row) {
  Json json;
  json["kind"] = kind_name(row.kind);
  json["name"] = row.name.empty() ? Json(nullptr) : Json(row.name);
  json["unit"] = unit_of(row.kind);
  json["measured"] = estimate_json(row.rate);
  json["of_datasheet"] = estimate_json(row.share);
  json["floor"] = nullable(row.floor);
  json["achieved"] = nullptr;
  if (row.achieved) {
    Json& achieved = json["achieved"] = Json::object();
    achieved["value"] = *row.achieved->value;
    achieved["status"] = name(row.achieved->status);
    achieved["source"] = row.citations;
    achieved["note"] = row.achieved->note;
  }
  json["judgement"] = name(row.judgement);
  json["why"] = row.why;
  return json;
}

Json json_of(const HistoryTest& test) {
  Json json;
  json["yardstick"] = name(test.yardstick);
  json["values"] = test.values;
  json["expected"] = test.limit.centre;
  json["limit"] = test.limit.limit;
  json["judgement"] = name(test.judgement);
  return json;
}

Json json_of(const HistoryRow& row) {
  Json json;
  json["name"] = row.name;
  json["times_s"] = row.times_s;
  json["past_runs"] = row.past_runs;
  json["tests"] = Json::array();
  for (const HistoryTest& test : row.tests) json["tests"].push_back(json_of(test));
  json["two_modes"] = row.two_modes;
  json["judgement"] = name(row.judgement);
  json["why"] = row.why;
  return json;
}

Json json_of(const HistoryCheck& history) {
  Json json;
  json["past_runs"] = history.past_runs;
  json["since"] = history.since.empty() ? Json(nullptr) : Json(history.since);
  json["shortage"] = history.shortage().empty() ? Json(nullptr) : Json(history.shortage());
  json["baseline"] = history.baseline.empty() ? Json(nullptr) : Json(history.baseline);
  json["suspicions_by_chance"] = nullable(history.suspicions_by_chance());
  json["factors"] = history.factors;
  json["notices"] = history.notices;
  json["rows"] = Json::array();
  for (const HistoryRow& row : history.rows) json["rows"].push_back(json_of(row));
  json["missing"] = Json::array();
  for (const MissingRow& row : history.missing) {
    Json entry;
    entry["name"] = row.name;
    entry["why"] = row.why;
    json["missing"].push_back(entry);
  }
  return json;
}

constexpr std::string_view verdict_name(int exit_code) {
  if (exit_code == ExitCode::fine) return "fine";
  return exit_code == ExitCode::regression ? "regression" : "inconclusive";
}

}  // namespace

std::string check_text(const CheckReport& report) {
  return report_in(text_form, report) + '\n' + report.verdict() + '\n';
}

// Where it is read, many such stand one below the other: the verdict is its heading.
std::string check_markdown(const CheckReport& report) {
  return "### " + markdown_text(report.verdict()) + '\n' + report_in(markdown_form, report);
}

std::string check_json(const CheckReport& report) {
  Json json;
  json["verdict"] = verdict_name(report.exit_code());
  json["exit_code"] = report.exit_code();
  json["text"] = report.verdict();
  json["files"] = report.files;
  json["subject"] = report.subject;
  json["notices"] = report.notices;
  Json& floors = json["floors"] = Json::object();
  floors["why_none"] =
      report.floors.why_none.empty() ? Json(nullptr) : Json(report.floors.why_none);
  floors["rows"] = Json::array();
  for (const FloorRow& row : report.floors.rows) floors["rows"].push_back(json_of(row));
  json["history"] = report.history ? json_of(*report.history) : Json(nullptr);
  return print_json(json, 2) + '\n';
}

}  // namespace roofproof::analysis
