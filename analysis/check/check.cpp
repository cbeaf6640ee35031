// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/check/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <set>

#include "analysis/banner.h"
#include "analysis/input_error.h"
#include "analysis/observations.h"
#include "analysis/terminal.h"
#include "analysis/text_table.h"
#include "results/record/exit_code.h"

namespace roofproof::analysis {
namespace {

constexpr struct {
  bool arithmetic;
  const char* name;
} sides[] = {{false, "memory"}, {true, "arithmetic"}};

// A run as it is asked.
struct CheckedRun {
  explicit CheckedRun(const std::string& from) : file(from), record(read_record(from)) {}
  CheckedRun(const CheckedRun&) = delete;  // the view refers to the record

  std::string file;
  Record record;
  ResultsView view{record};
  Disturbance disturbance{view};
};

// What keeps figures of a run from being held against anything, each cause once.
std::vector<std::string> unfit_marks(const CheckedRun& run) {
  const Record& record = run.record;
  std::vector<std::string> marks = banners(record, run.file);
  for (const Absence& absence : absences(record)) {
    if (absence.status == NotMeasured::Status::unsupported) continue;
    marks.push_back(fmt::format("{} {}: {} ({})", absence.names.size(), name(absence.status),
                                absence.reason, *absence.names.begin()));
  }
  for (const Observation& observation : observations(record)) {
    marks.push_back(observation.words(record));
  }
  const auto conditioned = std::count_if(record.rows.begin(), record.rows.end(),
                                         [](const Row& row) { return row.condition.has_value(); });
  if (conditioned > 0) {
    marks.push_back(fmt::format("skipped {} (cold or hot cache, forced kernel)",
                                count_text(conditioned, "non-headline row")));
  }
  if (record.protocol.filter) {
    marks.push_back("measured only what --filter " + *record.protocol.filter + " selects");
  }
  return marks;
}

// Why a run is no pass, whatever of it holds.
std::set<std::string> find_flaws(const CheckedRun& run) {
  const Record& record = run.record;
  const auto failed = [](const NotMeasured& entry) {
    return entry.status != NotMeasured::Status::unsupported;
  };
  const auto is_suspect = [](const Row& row) {
    return row.validity == Validity::suspect && !row.condition;
  };
  const struct {
    bool is_there;
    const char* words;
  } flaws[] = {
      {!record.complete, "the run did not end"},
      {record.synthetic, "the figures are synthetic"},
      {run.disturbance.any(), "the run was disturbed"},
      {std::any_of(record.not_measured.begin(), record.not_measured.end(), failed),
       "a case failed"},
      {std::any_of(record.rows.begin(), record.rows.end(), is_suspect), "a row is suspect"},
  };
  std::set<std::string> found;
  for (const auto& [is_there, words] : flaws) {
    if (is_there) found.insert(words);
  }
  return found;
}

bool is_of_arithmetic(const FloorRow& row) { return is_arithmetic(row.kind.first); }

// Names of benchmarks begin with their operation.
bool is_of_arithmetic(const HistoryRow& row) {
  const std::optional<Op> op = parse_name<Op>(row.name.substr(0, row.name.find('/')));
  return op && is_arithmetic(*op);
}

std::string subject_of(const Record& record) {
  return fmt::format("{} · {}, {}", record.device.name, record.protocol.profile,
                     count_text(record.protocol.sessions, "session"));
}

}  // namespace

int CheckReport::count(Judgement judgement) const {
  const auto counts = [&](const auto& row) { return row.judgement == judgement; };
  std::ptrdiff_t count = std::count_if(floors.rows.begin(), floors.rows.end(), counts);
  if (history) count += std::count_if(history->rows.begin(), history->rows.end(), counts);
  return static_cast<int>(count);
}

bool CheckReport::was_held(bool arithmetic) const {
  const auto tells = [&](const auto& row) {
    return is_of_arithmetic(row) == arithmetic &&
           (row.judgement == Judgement::fine || row.judgement == Judgement::better);
  };
  return std::any_of(floors.rows.begin(), floors.rows.end(), tells) ||
         (history && std::any_of(history->rows.begin(), history->rows.end(), tells));
}

std::vector<std::string> CheckReport::obstacles() const {
  std::vector<std::string> found;
  if (const int unclear = count(Judgement::inconclusive); unclear > 0) {
    found.push_back(fmt::format("{} without a verdict", unclear));
  }
  for (const auto& [arithmetic, side] : sides) {
    if (!was_held(arithmetic)) found.push_back(fmt::format("no check of {} passed", side));
  }
  found.insert(found.end(), flaws.begin(), flaws.end());
  const std::size_t missing =
      count(Judgement::missing) + (history ? history->missing.size() : std::size_t{0});
  if (strict && missing > 0) found.push_back(fmt::format("{} missing", missing));
  return found;
}

int CheckReport::exit_code() const {
  if (count(Judgement::worse) > 0) return ExitCode::regression;
  if (obstacles().empty()) return ExitCode::fine;
  return strict ? ExitCode::regression : ExitCode::inconclusive;
}

std::string CheckReport::verdict() const {
  const int worse = count(Judgement::worse);
  const int better = count(Judgement::better);
  const std::vector<std::string> found = obstacles();
  std::string text = "no regression";
  if (worse > 0) {
    text = fmt::format("regression: {} slower or below the floor", worse);
  } else if (!found.empty()) {
    text = fmt::format("inconclusive: {}", fmt::join(found, "; "));
  }
  text += fmt::format("; {} fine", count(Judgement::fine));
  if (better > 0) {
    text += fmt::format("; {} faster (to accept: roofproof baseline accept {})", better,
                        shell_word(files.back()));
  }
  if (strict && worse == 0 && !found.empty()) text += "; fails under --strict";
  return text;
}

CheckReport check_files(const CheckRequest& request, const SpecTable& specs) {
  if (request.files.empty() || request.files.size() > 2) {
    throw InputError("check takes one result file, or two: a run and a repeat that confirms it");
  }
  std::list<CheckedRun> runs;
  for (const std::string& file : request.files) runs.emplace_back(file);
  runs.sort([](const auto& a, const auto& b) { return a.record.date < b.record.date; });
  const CheckedRun& first = runs.front();

  CheckReport report;
  report.strict = request.strict;
  report.subject = subject_of(first.record);
  report.date = first.record.date;
  report.host_name = first.record.host_name;
  bool synthetic = false;
  std::vector<PastRun> fresh;
  std::set<std::string> ids;
  for (const CheckedRun& run : runs) {
    report.files.push_back(run.file);
    for (std::string& mark : unfit_marks(run)) report.notices.push_back(std::move(mark));
    report.flaws.merge(find_flaws(run));
    synthetic = synthetic || run.record.synthetic;
    fresh.push_back(reduce_run(run.file, run.record, specs));
    ids.insert(run.record.run_id);
  }
  if (runs.size() == 2 && !request.history) {
    throw InputError("a second run confirms a suspected slowdown: it needs --history DIR");
  }
  report.floors = hold_to_floors(first.view, first.disturbance, specs);
  if (request.history && !synthetic) {
    report.history = hold_to_history(fresh, first.view,
                                     find_history(*request.history, fresh.front(), ids, specs));
  }
  for (const auto& [arithmetic, side] : sides) {
    if (report.was_held(arithmetic) || !report.floors.why_none.empty()) continue;
    const auto& rows = report.floors.rows;
    const bool is_known = std::any_of(rows.begin(), rows.end(), [&](const FloorRow& row) {
      return row.floor && is_of_arithmetic(row) == arithmetic;
    });
    if (is_known) continue;
    report.notices.push_back(
        fmt::format("no {} floor is known for the {}: use --history DIR or a baseline", side,
                    report.floors.board));
  }
  return report;
}

}  // namespace roofproof::analysis
