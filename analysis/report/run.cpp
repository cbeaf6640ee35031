// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include "analysis/report/parts.h"
#include "analysis/text_table.h"

namespace roofproof::analysis {
namespace {

// "Tesla T4 · 70 W · ECC on · standard, 5 sessions"
std::string headline(const Record& record) {
  const DeviceRecord& device = record.device;
  std::string text = device.backend == Backend::host ? "this CPU, not a GPU" : "GPU";
  if (device.processors) {
    text += fmt::format(" · {} {}", *device.processors,
                        device.backend == Backend::host ? "cores" : "SMs");
  }
  if (device.simd) text += " · " + *device.simd;
  if (device.power_limit_w) text += fmt::format(" · {:.0f} W", *device.power_limit_w);
  if (device.ecc) text += *device.ecc ? " · ECC on" : " · ECC off";
  return text + fmt::format(" · {} profile, {}", record.protocol.profile,
                            count_text(record.protocol.sessions, "session"));
}

}  // namespace

ReportRun::ReportRun(const std::string& name, const Record& of, const SpecTable& specs)
    : file(name),
      view(of),
      peaks(device_peaks(of.device, specs)),
      disturbance(view),
      compared(extract_run(name, of, specs)) {}

Json run_json(const ReportRun& run) {
  const Record& record = run.record();
  Json json;
  json["device"] = record.device.name;
  json["headline"] = headline(record);
  json["file"] = run.file;
  json["date"] = record.date;
  json["synthetic"] = record.synthetic;
  json["rooflines"] = rooflines_part(run);
  json["shares"] = shares_part(run);
  json["decode"] = decode_part(run);
  json["batches"] = batches_part(run);
  json["dials"] = dials_part(run);
  json["conditions"] = conditions_part(run);
  json["measurements"] = measurements_part(run);
  return json;
}

}  // namespace roofproof::analysis
