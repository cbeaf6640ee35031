// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/summary/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "analysis/banner.h"
#include "analysis/claims/output.h"
#include "analysis/observations.h"
#include "analysis/peak_shares.h"
#include "analysis/results_view.h"
#include "analysis/summary/tables.h"
#include "analysis/terminal.h"
#include "analysis/text_table.h"

namespace roofproof::analysis {
namespace {

std::string duration_text(double time_s) {
  const auto seconds = static_cast<long>(time_s + 0.5);
  return seconds < 60 ? fmt::format("{}s", seconds)
                      : fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
}

std::string header(const Record& record) {
  const DeviceRecord& device = record.device;
  std::string text = "roofproof · ";
  if (device.backend == Backend::host) text += "host CPU: ";
  text += device.name;
  if (device.backend == Backend::host && device.processors) {
    text += fmt::format(" · {} cores", *device.processors);
  }
  if (device.simd) text += " · " + *device.simd;
  if (device.power_limit_w) text += fmt::format(" · {:.0f} W", *device.power_limit_w);
  if (device.ecc) text += *device.ecc ? " · ECC on" : " · ECC off";
  if (device.mig.value_or("off") != "off") text += " · MIG " + *device.mig;
  text += fmt::format(" · {}, {}", record.protocol.profile,
                      count_text(record.protocol.sessions, "session"));
  if (record.duration_s) text += ", " + duration_text(*record.duration_s);
  return text + '\n';
}

// Mean clock of the rows whose reason has one behind this cause ("power cap: 1.02 of 1.59 GHz").
std::string held_clock(const Record& record, const std::string& cause) {
  const auto names_clock = [&](const std::string& reason) {
    return reason.starts_with(cause + ": ") && reason.ends_with(" GHz");
  };
  double sum_hz = 0;
  int count = 0;
  for (const Row& row : record.rows) {
    const bool held = std::any_of(row.reasons.begin(), row.reasons.end(), names_clock);
    if (!held || !row.sm_clock_hz) continue;
    sum_hz += *row.sm_clock_hz;
    ++count;
  }
  if (count == 0 || !record.device.sm_clock_max_hz) return "";
  return fmt::format(": {:.2f} of {:.2f} GHz on average; see \"at clock\"", sum_hz / count / 1e9,
                     *record.device.sm_clock_max_hz / 1e9);
}

std::string warnings(const Record& record, const SpecTable& specs) {
  std::string text;
  for (const Observation& seen : observations(record)) {
    text += "! " + seen.words(record, held_clock(record, seen.cause)) + '\n';
  }
  if (record.protocol.sessions < least_sessions_for_interval) {
    text += fmt::format("! fewer than {} sessions: no interval, no verdict\n",
                        least_sessions_for_interval);
  }
  if (record.device.row_remap_pending.value_or(false)) {
    text += "! damaged memory rows will be replaced at the next GPU reset\n";
  }
  const DevicePeaks peaks = device_peaks(record.device, specs);
  if (record.device.backend != Backend::host && !peaks.spec) text += "! " + peaks.basis + '\n';
  return text;
}

// The verdicts that measurement reached; the others are only counted.
std::string claims_block(const Record& record, const std::string& file, const SpecTable& specs) {
  const RunFile run{file, &record};
  const std::vector<ClaimResult> results = decide_claims({&run, 1}, specs);
  std::string text = claims_headline(results);
  for (const ClaimResult& result : results) {
    if (result.measured() != Verdict::not_testable_here) text += claim_line(result) + '\n';
  }
  return text;
}

std::string not_measured_block(const Record& record) {
  std::string text;
  for (const auto& [status, reason, names] : absences(record)) {
    const std::string more = names.size() > 1 ? fmt::format(" and {} more", names.size() - 1) : "";
    text += fmt::format("  {} {}: {} ({}{})\n", names.size(), name(status), reason, *names.begin(),
                        more);
  }
  return text.empty() ? "" : "NOT MEASURED\n" + text;
}

std::string next_steps(bool host, const std::string& path) {
  const std::string file = shell_word(path);
  if (host) return fmt::format("roofproof claims {0} | predict --from {0} | recommend", file);
  return fmt::format("roofproof claims {0} | recommend {0}", file);
}

}  // namespace

std::string summary_text(const Record& record, const std::string& file, const SpecTable& specs) {
  const ResultsView view(record);
  const bool host = record.device.backend == Backend::host;
  std::string text;
  for (const std::string& banner : banners(record, file)) text += banner + '\n';
  text += header(record) + warnings(record, specs);
  for (const std::string& block :
       {ceilings_table(view, specs), projection_table(view), decode_table(view, specs, file),
        ladder_lines(view), batch_table(view), prefill_table(view, specs),
        host ? predictions_table(specs) : std::string(), claims_block(record, file, specs),
        not_measured_block(record)}) {
    if (!block.empty()) text += '\n' + block;
  }
  text += fmt::format("\nsaved {} + .html\nnext: {}\n", file, next_steps(host, file));
  return text;
}

}  // namespace roofproof::analysis
