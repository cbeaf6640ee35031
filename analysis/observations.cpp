// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/observations.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "results/record/row_reasons.h"

namespace roofproof::analysis {
namespace {

// The reason without what is the case's own: of an invalid one that stands behind a colon.
std::string shared_reason(const NotMeasured& entry) {
  return entry.status == NotMeasured::Status::invalid ? cause_of(entry.reason) : entry.reason;
}

}  // namespace

std::string Observation::words(const Record& record, const std::string& remark) const {
  return fmt::format("{}{} ({} of {} rows)", cause, remark, rows, record.rows.size());
}

std::vector<Observation> observations(const Record& record) {
  std::map<std::string, int> rows_with;
  for (const Row& row : record.rows) {
    const std::string prefix = row.validity == Validity::suspect ? "skipped as suspect: " : "";
    for (const std::string& reason : row.reasons) {
      ++rows_with[prefix + cause_of(reason)];
    }
  }
  std::vector<Observation> result;
  for (const auto& [cause, rows] : rows_with) result.push_back({cause, rows});
  return result;
}

std::vector<Absence> absences(const Record& record) {
  std::map<std::pair<std::string_view, std::string>, Absence> by_cause;
  for (const NotMeasured& entry : record.not_measured) {
    const std::string reason = shared_reason(entry);
    Absence& absence = by_cause[{name(entry.status), reason}];
    absence.status = entry.status;
    absence.reason = reason;
    absence.names.insert(entry.name);
  }
  std::vector<Absence> result;
  for (auto& [cause, absence] : by_cause) result.push_back(std::move(absence));
  return result;
}

}  // namespace roofproof::analysis
