// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/check/run_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/check/baseline.h"
#include "analysis/disturbance.h"
#include "analysis/input_error.h"
#include "analysis/peak_shares.h"
#include "analysis/result_files.h"
#include "analysis/results_view.h"
#include "analysis/text_table.h"
#include "results/record/record_fields.h"

namespace roofproof::analysis {
namespace {

using Facts = std::vector<std::pair<std::string, std::string>>;

std::string text_of(const std::optional<std::string>& value) { return value.value_or("unknown"); }
std::string text_of(const std::optional<int>& value) {
  return value ? fmt::format("{}", *value) : "unknown";
}
std::string text_of(const std::optional<bool>& value) {
  return value ? (*value ? "on" : "off") : "unknown";
}

std::string clock_text(const std::optional<double>& clock_hz) {
  return clock_hz ? fmt::format("{:.0f} MHz", *clock_hz / 1e6) : "unknown";
}

// What can be set on a board, and then makes it another one to compare with.
Facts settings_of(const DeviceRecord& device) {
  const std::string power_limit =
      device.power_limit_w ? fmt::format("{:.0f} W", *device.power_limit_w) : "unknown";
  return {{"power limit", power_limit},
          {"ECC", text_of(device.ecc)},
          {"MIG", device.mig.value_or("off")}};
}

// Drivers differ in how much of the memory they keep: GiB are enough to tell boards apart.
Facts board_of(const DeviceRecord& device) {
  constexpr double gibibyte = 1024.0 * 1024 * 1024;
  const double memory_bytes = static_cast<double>(device.memory_bytes.value_or(0));
  return {{"backend", std::string(name(device.backend))},
          {"name", device.name},
          {"PCI id", text_of(device.pci_device_id)},
          {"processors", text_of(device.processors)},
          {"memory", fmt::format("{:.0f} GiB", memory_bytes / gibibyte)},
          {"SIMD", text_of(device.simd)}};
}

Facts protocol_of(ProtocolRecord protocol) {
  Facts facts;
  visit_fields(protocol, [&](const char* key, const auto& value) {
    if constexpr (is_optional<std::remove_cvref_t<decltype(value)>>::value) {
      facts.emplace_back(key, value ? fmt::format("{}", *value) : "none");
    } else {
      facts.emplace_back(key, fmt::format("{}", value));
    }
  });
  return facts;
}

Facts factors_of(const PastRun& run) {
  const SoftwareRecord& software = run.software;
  return {{"SM clock set", clock_text(run.device.sm_clock_set_hz)},
          {"memory clock set", clock_text(run.device.memory_clock_set_hz)},
          {"VBIOS", text_of(run.device.vbios)},
          {"driver", text_of(run.device.driver_version)},
          {"CUDA of the driver", text_of(software.driver)},
          {"CUDA runtime", text_of(software.cuda_runtime)},
          {"CUDA compiler", text_of(software.cuda_compiler)},
          {"cuBLAS", text_of(software.cublas)},
          {"OpenBLAS", text_of(software.openblas)},
          {"compiler", software.compiler},
          {"flags", software.flags},
          {"system", text_of(software.os)}};
}

std::vector<std::string> differences(const Facts& now, const Facts& before) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (now[i].second == before[i].second) continue;
    lines.push_back(
        fmt::format("{}: {}, before {}", now[i].first, now[i].second, before[i].second));
  }
  return lines;
}

// Why a run cannot be compared with the newest; "" where it can.
std::string why_not_comparable(const PastRun& newest, const PastRun& run) {
  if (board_of(newest.device) != board_of(run.device)) return "another device";
  const auto explain = [](const char* what, const Facts& now, const Facts& before) {
    const std::vector<std::string> lines = differences(now, before);
    return lines.empty() ? "" : fmt::format("{}: {}", what, fmt::join(lines, "; "));
  };
  // From which all the rest of its protocol follows.
  const std::string& profile = newest.protocol.profile;
  if (profile != run.protocol.profile) {
    return fmt::format("another profile: {}, before {}", profile, run.protocol.profile);
  }
  const std::string why =
      explain("another protocol", protocol_of(newest.protocol), protocol_of(run.protocol));
  if (!why.empty()) return why;
  return explain("device settings differ", settings_of(newest.device), settings_of(run.device));
}

void note_later(std::vector<std::string> dates, const PastRun& newest, RunHistory& history) {
  if (dates.empty()) return;
  const auto [first, last] = std::minmax_element(dates.begin(), dates.end());
  history.notices.push_back(
      fmt::format("skipped {}: dated later than {} ({}), {} to {}; if a clock was wrong, correct "
                  "context.date in the files dated by it",
                  count_text(std::ssize(dates), "run"), newest.file, newest.date, *first, *last));
}

std::optional<PastRun> find_baseline(const std::filesystem::path& folder, const PastRun& newest,
                                     const SpecTable& specs, std::vector<std::string>& notices) {
  for (const std::filesystem::path& file : accepted_runs_below(folder)) {
    PastRun run = reduce_run(file.string(), read_record(file), specs);
    const std::string why = why_not_comparable(newest, run);
    if (why.empty()) return run;
    if (board_of(newest.device) != board_of(run.device)) continue;  // not meant for this one
    notices.push_back(fmt::format("skipped baseline {}: {}", run.file, why));
  }
  return std::nullopt;
}

}  // namespace

const PastFigure* PastRun::find(const std::string& name) const {
  const auto found = figures.find(name);
  return found == figures.end() ? nullptr : &found->second;
}

PastRun reduce_run(const std::string& file, const Record& record, const SpecTable& specs) {
  PastRun run{.file = file,
              .run_id = record.run_id,
              .date = record.date,
              .unfit = {},
              .device = record.device,
              .software = record.software,
              .protocol = record.protocol,
              .figures = {}};
  const ResultsView view(record);
  const Disturbance disturbance(view);
  if (!disturbance.of_run().empty()) run.unfit = "disturbed";
  if (!record.complete) run.unfit = "did not end";
  if (record.synthetic) run.unfit = "made up";
  const DevicePeaks peaks = device_peaks(record.device, specs);
  for (const Series& series : view.series()) {
    const Estimate time_s = estimate(series.time_s());
    const PeakShares shares = peak_shares(series, record.device, peaks);
    const std::optional<double> of_theory = shares.at_clock  ? shares.at_clock
                                            : shares.derived ? shares.derived
                                                             : shares.datasheet;
    run.figures[series.name] = {time_s.value, time_s.sessions, of_theory,
                                disturbance.of(series.problem)};
  }
  return run;
}

bool are_comparable(const PastRun& a, const PastRun& b) { return why_not_comparable(a, b).empty(); }

RunHistory find_history(const std::filesystem::path& folder, const PastRun& newest,
                        const std::set<std::string>& ignored, const SpecTable& specs) {
  RunHistory history;
  std::map<std::string, int> left_out;  // by reason
  std::vector<std::string> later;       // dates
  for (const std::string& file : result_files_below(folder)) {
    try {
      PastRun run = reduce_run(file, read_record(file), specs);
      if (ignored.contains(run.run_id)) continue;
      const std::string why = why_not_comparable(newest, run);
      if (!why.empty() || !run.unfit.empty()) {
        ++left_out[why.empty() ? run.unfit : why];
      } else if (run.date > newest.date) {
        later.push_back(run.date);
      } else {
        history.runs.push_back(std::move(run));
      }
    } catch (const RecordError& error) {
      history.notices.push_back(fmt::format("skipped: {}", error.what()));
    }
  }
  for (const auto& [why, count] : left_out) {
    history.notices.push_back(fmt::format("skipped {}: {}", count_text(count, "run"), why));
  }
  note_later(later, newest, history);
  std::sort(history.runs.begin(), history.runs.end(),
            [](const PastRun& a, const PastRun& b) { return a.date < b.date; });
  if (history.runs.size() > most_past_runs) {
    history.runs.erase(history.runs.begin(), history.runs.end() - most_past_runs);
  }
  history.baseline = find_baseline(folder, newest, specs, history.notices);
  return history;
}

std::vector<std::string> changed_factors(const PastRun& newest, const PastRun& last) {
  return differences(factors_of(newest), factors_of(last));
}

}  // namespace roofproof::analysis
