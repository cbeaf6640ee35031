// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/report/report.h"

#include <fmt/format.h>

#include <filesystem>

#include "analysis/banner.h"
#include "analysis/report/page.h"
#include "analysis/report/parts.h"

namespace roofproof::analysis {
namespace {

// More devices than this are no longer told apart on a page.
constexpr std::size_t most_devices = 12;

// The same board where the driver told its identity, else the same name on the same host.
std::string identity(const Record& record) {
  return record.device.name + '\n' + record.device.uuid_hash.value_or(record.host_name);
}

}  // namespace

void Report::add(const std::string& file, Record record) {
  const std::string name = std::filesystem::path(file).filename().string();
  const std::string device = identity(record);
  auto place = places_.find(device);
  if (place == places_.end()) {
    if (runs_.size() == most_devices) {
      ++runs_left_out_;
      return;
    }
    place = places_.emplace(device, runs_.size()).first;
    runs_.push_back({name, {}, {}});
    history_.emplace_back();
  }
  history_[place->second].push_back(follow(name, record, *specs_));
  KeptRun& kept = runs_[place->second];
  if (record.date < kept.record.date) return;
  std::vector<std::string> lines = banners(record, name);
  for (Row& row : record.rows) row.samples_s = {};
  for (NotMeasured& entry : record.not_measured) entry.samples_s = {};
  kept = {name, std::move(lines), std::move(record)};
}

Json Report::data() const {
  Json data;
  data["notices"] = Json::array();
  std::vector<ReportRun> runs;
  std::vector<RunFile> files;
  for (const KeptRun& kept : runs_) {
    runs.emplace_back(kept.file, kept.record, *specs_);
    files.push_back({kept.file, &kept.record});
    for (const std::string& line : kept.banners) data["notices"].push_back(line);
  }
  data["runs"] = Json::array();
  for (const ReportRun& run : runs) {
    data["runs"].push_back(run_json(run));
  }
  if (runs_left_out_ > 0) {
    data["notices"].push_back(fmt::format(
        "{} runs of further devices are left out: a page shows {}", runs_left_out_, most_devices));
  }
  const std::vector<ClaimResult> claims = decide_claims(files, *specs_);
  data["claims"] = claims_part(claims);
  data["verdict_counts"] = verdict_counts_part(claims);
  data["compared"] = compared_part(runs);
  const SpecTable built_in = SpecTable::load();
  data["published"] = published_part(score(engine_rates(), built_in, machines()), built_in);
  data["history"] = history_part(history_, runs);
  return data;
}

std::string Report::html() const { return report_page(data()); }

std::string Report::json() const { return print_json(data(), 2) + '\n'; }

}  // namespace roofproof::analysis
