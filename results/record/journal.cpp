// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "results/record/journal.h"

#include <fcntl.h>

#include <limits>
#include <map>
#include <set>

#include "results/record/atomic_file.h"
#include "results/record/json_text.h"
#include "results/record/record_json.h"

namespace roofproof {
namespace {

constexpr std::string_view journal_mark = "{\"journal\":";

using CaseKey = std::pair<std::string, int>;

CaseKey case_key(const Place& event) {
  CaseKey key;
  event.at("name").get(key.first);
  event.at("session").get(key.second);
  return key;
}

}  // namespace

void Journal::create(const std::filesystem::path& path, const Record& header) {
  Json line;
  line["journal"] = schema_version;
  line["context"] = header_to_json(header);
  write_file_atomically(path, print_json(line, -1) + "\n");
}

// A process that died while it wrote left part of a line: what comes next must not be joined to it.
Journal::Journal(const std::filesystem::path& path) : file_(path, O_RDWR | O_APPEND) {
  const std::string text = file_.read_all();
  const std::size_t whole = text.rfind('\n') + 1;  // 0 where there is none
  if (whole < text.size()) file_.truncate(whole);
}

// The whole line or nothing of it: after a full disk the journal still ends with a line.
void Journal::append(const std::string& line) {
  const std::size_t before = file_.size();
  try {
    file_.write_all(line + "\n");
  } catch (...) {
    file_.truncate(before);
    throw;
  }
  file_.sync();
}

void Journal::case_started(const std::string& name, int session) {
  append(print_json({{"event", "start"}, {"name", name}, {"session", session}}, -1));
}

void Journal::sample(const std::string& name, int session, double sample_s) {
  append(print_json(
      {{"event", "batch"}, {"name", name}, {"session", session}, {"sample_s", sample_s}}, -1));
}

void Journal::row(const Row& row) {
  append(print_json({{"event", "row"}, {"row", row_to_json(row)}}, -1));
}

void Journal::not_measured(const NotMeasured& entry) {
  append(print_json({{"event", "not_measured"}, {"entry", not_measured_to_json(entry)}}, -1));
}

bool is_journal(std::string_view text) {
  return text.substr(0, journal_mark.size()) == journal_mark;
}

Record replay_journal(std::string_view text, const std::string& file) {
  Record record;
  std::map<CaseKey, std::vector<double>> open_cases;
  std::set<CaseKey> measured;
  int line_number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;  // torn: the process died while writing it
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const JsonDocument document(line, file + ":" + std::to_string(++line_number));
    const Place event(document);
    if (line_number == 1) {
      record = header_from_json(event.at("context"));
      record.complete = false;
      continue;
    }
    std::string kind;
    event.at("event").get(kind);
    if (kind == "start") {
      open_cases[case_key(event)];
    } else if (kind == "batch") {
      double sample_s = 0;
      event.at("sample_s").get(sample_s);
      open_cases[case_key(event)].push_back(sample_s);
    } else if (kind == "row") {
      record.rows.push_back(row_from_json(event.at("row")));
      const CaseKey key{record.rows.back().name, record.rows.back().session};
      if (!measured.insert(key).second) event.at("row").fail(stands_twice(record.rows.back()));
      open_cases.erase(key);
    } else if (kind == "not_measured") {
      record.not_measured.push_back(not_measured_from_json(event.at("entry")));
      NotMeasured& entry = record.not_measured.back();
      const int any = std::numeric_limits<int>::min();
      auto open = open_cases.lower_bound({entry.name, entry.session.value_or(any)});
      while (open != open_cases.end() && open->first.first == entry.name &&
             (!entry.session || open->first.second == *entry.session)) {
        if (entry.session && entry.samples_s.empty()) entry.samples_s = std::move(open->second);
        open = open_cases.erase(open);
      }
    } else {
      event.at("event").fail("'" + kind + "' is not known to this version");
    }
  }
  if (line_number == 0) throw RecordError(file, "", "holds no complete line");
  for (auto& [key, samples_s] : open_cases) {
    record.not_measured.push_back({key.first, key.second, NotMeasured::Status::interrupted,
                                   "the run ended while it was measured", samples_s});
  }
  return record;
}

}  // namespace roofproof
