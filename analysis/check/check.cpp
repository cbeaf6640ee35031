// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/check/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "analysis/banner.h"
#include "analysis/disturbance.h"
#include "analysis/input_error.h"
#include "results/exit_code.h"

namespace roofproof::analysis {
namespace {

// Each cause once, with the first case it befell.
std::vector<std::string> unfit_marks(const Record& record, const std::string& file) {
  std::vector<std::string> marks = banners(record, file);
  std::map<std::string, std::vector<const NotMeasured*>> failed;
  for (const NotMeasured& entry : record.not_measured) {
    if (entry.status != "unsupported") failed[entry.status].push_back(&entry);
  }
  for (const auto& [status, entries] : failed) {
    marks.push_back(fmt::format("{} {}: {} ({})", entries.size(), status, entries.front()->reason,
                                entries.front()->name));
  }
  const auto left_out = [&](const char* why, auto&& applies) {
    const auto count = std::count_if(record.rows.begin(), record.rows.end(), applies);
    if (count == 0) return;
    marks.push_back(fmt::format("{} {} left out: {}", count, count == 1 ? "row" : "rows", why));
  };
  left_out("suspect", [](const Row& row) { return row.validity == "suspect"; });
  left_out("of a condition that is not the standard one",
           [](const Row& row) { return row.condition && row.validity != "suspect"; });
  return marks;
}

std::string subject_of(const Record& record) {
  return fmt::format("{} · {}, {} {}", record.device.name, record.protocol.profile,
                     record.protocol.sessions,
                     record.protocol.sessions == 1 ? "session" : "sessions");
}

}  // namespace

int CheckReport::count(Judgement judgement) const {
  const auto counts = [&](const auto& row) { return row.judgement == judgement; };
  std::ptrdiff_t count = std::count_if(floors.rows.begin(), floors.rows.end(), counts);
  if (history) count += std::count_if(history->rows.begin(), history->rows.end(), counts);
  return static_cast<int>(count);
}

int CheckReport::exit_code() const {
  if (count(Judgement::worse) > 0) return ExitCode::regression;
  const bool missing = history && !history->missing.empty();
  if (strict && missing) return ExitCode::regression;
  const bool judged = count(Judgement::fine) + count(Judgement::better) > 0;
  if (may_pass && judged && count(Judgement::inconclusive) == 0) return ExitCode::fine;
  return strict ? ExitCode::regression : ExitCode::inconclusive;
}

std::string CheckReport::verdict() const {
  const int worse = count(Judgement::worse);
  const int unclear = count(Judgement::inconclusive);
  const int better = count(Judgement::better);
  std::string text;
  if (worse > 0) {
    text = fmt::format("regression: {} slower or below the floor", worse);
  } else if (unclear > 0) {
    text = fmt::format("inconclusive: {} without an answer", unclear);
  } else if (count(Judgement::fine) + better == 0) {
    text = "inconclusive: nothing could be judged";
  } else if (!may_pass) {
    text = "inconclusive: no regression, but the run is not whole or was disturbed";
  } else {
    text = "no regression";
  }
  text += fmt::format("; {} fine", count(Judgement::fine));
  if (better > 0) {
    text += fmt::format("; {} faster (nothing is accepted by itself: roofproof baseline accept {})",
                        better, files.back());
  }
  if (strict && worse == 0 && exit_code() != ExitCode::fine) text += "; fails under --strict";
  return text;
}

CheckReport check_files(const CheckRequest& request, const SpecTable& specs) {
  if (request.files.empty() || request.files.size() > 2) {
    throw InputError("check takes one run, or two: the run and the one that confirms it");
  }
  struct Loaded {
    std::string file;
    Record record;
  };
  std::vector<Loaded> loaded;
  for (const std::string& file : request.files) loaded.push_back({file, read_record(file)});
  std::stable_sort(loaded.begin(), loaded.end(),
                   [](const Loaded& a, const Loaded& b) { return a.record.date < b.record.date; });

  CheckReport report;
  report.strict = request.strict;
  report.subject = subject_of(loaded.front().record);
  bool synthetic = false;
  std::vector<PastRun> fresh;
  std::set<std::string> ids;
  for (const Loaded& run : loaded) {
    report.files.push_back(run.file);
    for (std::string& mark : unfit_marks(run.record, run.file)) {
      report.notices.push_back(std::move(mark));
    }
    report.may_pass = report.may_pass && run.record.complete && !run.record.synthetic &&
                      !Disturbance(ResultsView(run.record)).any();
    synthetic = synthetic || run.record.synthetic;
    fresh.push_back(reduce_run(run.file, run.record, specs));
    ids.insert(run.record.run_id);
  }
  if (loaded.size() == 2 && !request.history) {
    throw InputError("a second run confirms what history suspects: it needs --history DIR");
  }
  report.floors = hold_to_floors(loaded.front().record, specs);
  if (request.history && !synthetic) {
    report.history = hold_to_history(fresh, loaded.front().record.not_measured,
                                     find_history(*request.history, fresh.front(), ids, specs));
  }
  return report;
}

}  // namespace roofproof::analysis
