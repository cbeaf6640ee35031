// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include <map>

#include "analysis/observations.h"
#include "analysis/quantity.h"
#include "analysis/report/figures.h"
#include "analysis/report/parts.h"

namespace roofproof::analysis {
namespace {

// Facts with nothing to say are left out.
class Facts {
 public:
  void add(const char* what, const std::optional<std::string>& value) {
    if (value && !value->empty()) list_.push_back({what, *value});
  }
  void add(const char* what, std::optional<double> value, std::string_view unit) {
    if (value) add(what, quantity_text(*value, unit));
  }
  void add(const char* what, const std::optional<bool>& value) {
    if (value) add(what, std::string(*value ? "yes" : "no"));
  }
  Json list() && { return std::move(list_); }

 private:
  Json list_ = Json::array();
};

std::optional<double> number(const std::optional<std::int64_t>& value) {
  return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
}

std::optional<std::string> count(const std::optional<int>& value, const char* unit = "") {
  return value ? std::optional(fmt::format("{}{}", *value, unit)) : std::nullopt;
}

Json device_facts(const DeviceRecord& device) {
  Facts facts;
  facts.add("device", device.name);
  facts.add("compute capability", device.compute_capability);
  facts.add(device.backend == Backend::host ? "cores" : "SMs", count(device.processors));
  facts.add("instructions", device.simd);
  facts.add("maximum SM clock", device.sm_clock_max_hz, "Hz");
  facts.add("maximum memory clock", device.memory_clock_max_hz, "Hz");
  facts.add("SM clock set", device.sm_clock_set_hz, "Hz");
  facts.add("default SM clock", device.sm_clock_set_default_hz, "Hz");
  if (device.unavailable.contains(clock_lock)) facts.add(clock_lock, std::string("not known"));
  facts.add("memory bus", count(device.memory_bus_bits, " bit"));
  facts.add("memory", number(device.memory_bytes), "B");
  facts.add("last-level cache", number(device.last_level_cache_bytes), "B");
  facts.add("power limit", device.power_limit_w, "W");
  facts.add("default power limit", device.power_limit_default_w, "W");
  facts.add("ECC", device.ecc);
  facts.add("MIG", device.mig);
  return std::move(facts).list();
}

Json software_facts(const SoftwareRecord& software) {
  Facts facts;
  facts.add("roofproof", software.roofproof);
  facts.add("commit", software.git_sha);
  facts.add("with changes", software.git_dirty);
  facts.add("compiler", software.compiler);
  facts.add("flags", software.flags);
  facts.add("CUDA compiler", software.cuda_compiler);
  facts.add("CUDA runtime", software.cuda_runtime);
  facts.add("driver", software.driver);
  facts.add("cuBLAS", software.cublas);
  facts.add("OpenBLAS", software.openblas);
  facts.add("system", software.os);
  return std::move(facts).list();
}

Json protocol_facts(const Record& record) {
  const ProtocolRecord& protocol = record.protocol;
  Facts facts;
  facts.add("profile", protocol.profile);
  facts.add("sessions", fmt::format("{}", protocol.sessions));
  facts.add("batches per session", fmt::format("{}", protocol.samples));
  facts.add("minimum batch time", protocol.sample_time_s, "s");
  facts.add("GEMM batches per session", count(protocol.gemm_samples));
  facts.add("minimum GEMM batch time", protocol.gemm_sample_time_s, "s");
  facts.add("warm-up per session", protocol.warmup_s, "s");
  facts.add("data", protocol.fill);
  facts.add("filter", protocol.filter);
  facts.add("date", record.date);
  facts.add("took", record.duration_s, "s");
  return std::move(facts).list();
}

// Bits of the driver's clocks throttle reasons, nvmlClocksThrottleReasons. The first, idle, is left
// out: they are asked for when a sample has ended.
std::string throttle_words(std::uint64_t reasons) {
  constexpr std::pair<std::uint64_t, std::string_view> bits[] = {{0x2, "clock setting"},
                                                                 {0x4, "power cap"},
                                                                 {0x8, "hardware slowdown"},
                                                                 {0x10, "sync boost"},
                                                                 {0x20, "software thermal limit"},
                                                                 {0x40, "hardware thermal limit"},
                                                                 {0x80, "power brake"},
                                                                 {0x100, "display clock"}};
  std::string words;
  for (const auto& [bit, word] : bits) {
    if ((reasons & bit) == 0) continue;
    words += (words.empty() ? "" : ", ") + std::string(word);
  }
  return words;
}

std::string mean_text(const Series& series, std::optional<double> Row::*field,
                      std::string_view unit) {
  const std::optional<double> mean = series.mean(field);
  return mean ? quantity_text(*mean, unit) : "";
}

// Clock, power and temperature while each operation ran fastest; nothing that no row has.
Json clocks_json(const ReportRun& run) {
  std::map<std::pair<Op, Precision>, const Series*> fastest;
  for (const Series& series : run.view.series()) {
    const Series*& entry = fastest[{series.problem.op, series.problem.precision}];
    if (!entry || estimate(rate(series)).value > estimate(rate(*entry)).value) entry = &series;
  }
  Json rows = Json::array();
  for (const auto& [kind, series] : fastest) {
    std::uint64_t reasons = 0;
    for (const Row* row : series->rows) reasons |= row->throttle_reasons.value_or(0);
    Json cells = {mean_text(*series, &Row::sm_clock_hz, "Hz"),
                  mean_text(*series, &Row::memory_clock_hz, "Hz"),
                  mean_text(*series, &Row::power_w, "W"),
                  mean_text(*series, &Row::temperature_c, "°C"), throttle_words(reasons)};
    bool known = false;
    for (const Json& cell : cells) known = known || cell != "";
    if (!known) continue;
    cells.insert(cells.begin(), series->name);
    rows.push_back(std::move(cells));
  }
  return rows;
}

Json observations_json(const Record& record) {
  Json list = Json::array();
  for (const Observation& seen : observations(record)) list.push_back(seen.words(record));
  return list;
}

Json not_measured_json(const Record& record) {
  Json rows = Json::array();
  for (const Absence& absence : absences(record)) {
    rows.push_back({name(absence.status), absence.reason, fmt::format("{}", absence.names.size()),
                    *absence.names.begin()});
  }
  return rows;
}

}  // namespace

Json conditions_part(const ReportRun& run) {
  const Record& record = run.record();
  return {
      {"device", device_facts(record.device)},     {"software", software_facts(record.software)},
      {"protocol", protocol_facts(record)},        {"clocks", clocks_json(run)},
      {"observations", observations_json(record)}, {"not_measured", not_measured_json(record)}};
}

}  // namespace roofproof::analysis
