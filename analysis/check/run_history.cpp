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
  return {{"backend", device.backend},
          {"name", device.name},
          {"PCI id", text_of(device.pci_device_id)},
          {"processors", text_of(device.processors)},
          {"memory", fmt::format("{:.0f} GiB", memory_bytes / gibibyte)},
          {"SIMD", text_of(device.simd)}};
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

// Runs of the same board that are left out because it was set otherwise, by how it was set.
void note_other_settings(const std::map<std::string, int>& others, RunHistory& history) {
  for (const auto& [settings, count] : others) {
    history.notices.push_back(fmt::format("{} earlier {} of this board left out: {}", count,
                                          count == 1 ? "run" : "runs", settings));
  }
}

std::optional<PastRun> find_baseline(const std::filesystem::path& folder, const PastRun& newest,
                                     const SpecTable& specs) {
  for (const std::filesystem::path& file : accepted_runs_below(folder)) {
    PastRun run = reduce_run(file.string(), read_record(file), specs);
    if (are_comparable(run, newest)) return run;
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
              .decides = record.complete && !record.synthetic,
              .device = record.device,
              .software = record.software,
              .protocol = record.protocol,
              .figures = {}};
  const ResultsView view(record);
  const Disturbance disturbance(view);
  run.decides = run.decides && disturbance.of_run().empty();
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

bool are_comparable(const PastRun& a, const PastRun& b) {
  return board_of(a.device) == board_of(b.device) &&
         settings_of(a.device) == settings_of(b.device) && a.protocol == b.protocol;
}

RunHistory find_history(const std::filesystem::path& folder, const PastRun& newest,
                        const std::set<std::string>& ignored, const SpecTable& specs) {
  RunHistory history;
  std::map<std::string, int> other_settings;
  for (const std::string& file : result_files_below(folder)) {
    try {
      PastRun run = reduce_run(file, read_record(file), specs);
      if (!run.decides || ignored.contains(run.run_id) || !(run.date < newest.date)) continue;
      if (are_comparable(run, newest)) {
        history.runs.push_back(std::move(run));
      } else if (board_of(run.device) == board_of(newest.device) &&
                 run.protocol == newest.protocol) {
        ++other_settings[fmt::format(
            "{}",
            fmt::join(differences(settings_of(newest.device), settings_of(run.device)), "; "))];
      }
    } catch (const RecordError& error) {
      history.notices.push_back(fmt::format("passed over: {}", error.what()));
    }
  }
  note_other_settings(other_settings, history);
  std::sort(history.runs.begin(), history.runs.end(),
            [](const PastRun& a, const PastRun& b) { return a.date < b.date; });
  if (history.runs.size() > most_past_runs) {
    history.runs.erase(history.runs.begin(), history.runs.end() - most_past_runs);
  }
  history.baseline = find_baseline(folder, newest, specs);
  return history;
}

std::vector<std::string> changed_factors(const PastRun& newest, const PastRun& last) {
  return differences(factors_of(newest), factors_of(last));
}

}  // namespace roofproof::analysis
