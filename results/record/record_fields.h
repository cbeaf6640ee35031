// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The fields of the record, once for the writer and the reader. A visitor is called with each
// field's name and a reference to it; whether a field may be absent follows from its type.
#pragma once

#include <optional>
#include <type_traits>

#include "results/record/record.h"

namespace roofproof {

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

// A part of a record that is an object of its own in the file.
template <class T>
concept HasFields = requires(T& record) {
  visit_fields(record, [](const char*, auto&) {});
};

template <class Visit>
void visit_fields(DeviceRecord& device, Visit&& visit) {
  visit("backend", device.backend);
  visit("name", device.name);
  visit("ordinal", device.ordinal);
  visit("uuid_hash", device.uuid_hash);
  visit("pci_device_id", device.pci_device_id);
  visit("compute_capability", device.compute_capability);
  visit("processors", device.processors);
  visit("sm_clock_max_hz", device.sm_clock_max_hz);
  visit("memory_clock_max_hz", device.memory_clock_max_hz);
  visit("memory_bus_bits", device.memory_bus_bits);
  visit("memory_bytes", device.memory_bytes);
  visit("last_level_cache_bytes", device.last_level_cache_bytes);
  visit("ecc", device.ecc);
  visit("row_remap_pending", device.row_remap_pending);
  visit("mig", device.mig);
  visit("mps", device.mps);
  visit("virtualisation", device.virtualisation);
  visit("compute_mode", device.compute_mode);
  visit("persistence", device.persistence);
  visit("power_limit_w", device.power_limit_w);
  visit("power_limit_default_w", device.power_limit_default_w);
  visit("power_limit_min_w", device.power_limit_min_w);
  visit("power_limit_max_w", device.power_limit_max_w);
  visit("sm_clock_set_hz", device.sm_clock_set_hz);
  visit("sm_clock_set_default_hz", device.sm_clock_set_default_hz);
  visit("memory_clock_set_hz", device.memory_clock_set_hz);
  visit("memory_clock_set_default_hz", device.memory_clock_set_default_hz);
  visit("driver_version", device.driver_version);
  visit("vbios", device.vbios);
  visit("unavailable", device.unavailable);
  visit("simd", device.simd);
}

template <class Visit>
void visit_fields(SoftwareRecord& software, Visit&& visit) {
  visit("roofproof", software.roofproof);
  visit("git_sha", software.git_sha);
  visit("git_dirty", software.git_dirty);
  visit("compiler", software.compiler);
  visit("flags", software.flags);
  visit("cuda_compiler", software.cuda_compiler);
  visit("cuda_runtime", software.cuda_runtime);
  visit("driver", software.driver);
  visit("cublas", software.cublas);
  visit("openblas", software.openblas);
  visit("os", software.os);
}

template <class Visit>
void visit_fields(ProtocolRecord& protocol, Visit&& visit) {
  visit("profile", protocol.profile);
  visit("sessions", protocol.sessions);
  visit("batches", protocol.samples);
  visit("batch_time_s", protocol.sample_time_s);
  visit("warmup_s", protocol.warmup_s);
  visit("fill", protocol.fill);
  visit("filter", protocol.filter);
  visit("gemm_batches", protocol.gemm_samples);
  visit("gemm_batch_time_s", protocol.gemm_sample_time_s);
  visit("gemm_least_launches", protocol.gemm_least_launches);
  visit("case_warmup_s", protocol.case_warmup_s);
  visit("gemm_case_warmup_s", protocol.gemm_case_warmup_s);
  visit("idle_s", protocol.idle_s);
  visit("cool_down_s", protocol.cool_down_s);
}

template <class Visit>
void visit_fields(TelemetryRecord& telemetry, Visit&& visit) {
  visit("sm_clock_hz", telemetry.sm_clock_hz);
  visit("memory_clock_hz", telemetry.memory_clock_hz);
  visit("temperature_c", telemetry.temperature_c);
  visit("energy_j", telemetry.energy_j);
  visit("power_w", telemetry.power_w);
  visit("throttle_reasons", telemetry.throttle_reasons);
  visit("power_violation_s", telemetry.power_violation_s);
  visit("thermal_violation_s", telemetry.thermal_violation_s);
  visit("uncorrected_ecc_errors", telemetry.uncorrected_ecc_errors);
  visit("gpu_utilisation", telemetry.gpu_utilisation);
  visit("memory_utilisation", telemetry.memory_utilisation);
  visit("compute_processes", telemetry.compute_processes);
  visit("memory_used_bytes", telemetry.memory_used_bytes);
}

// Ours beside Google Benchmark's own fields (name, real_time, ... see record.cpp).
template <class Visit>
void visit_fields(Row& row, Visit&& visit) {
  visit("condition", row.condition);
  visit("session", row.session);
  visit("kernel", row.kernel);
  visit("launches_per_batch", row.launches_per_sample);
  visit("samples_s", row.samples_s);
  visit("flop", row.flop);
  visit("bytes", row.bytes);
  visit("copies", row.copies);
  visit("sm_clock_hz", row.sm_clock_hz);
  visit("memory_clock_hz", row.memory_clock_hz);
  visit("power_w", row.power_w);
  visit("energy_j", row.energy_j);
  visit("temperature_c", row.temperature_c);
  visit("throttle_reasons", row.throttle_reasons);
  visit("telemetry_before", row.telemetry_before);
  visit("telemetry_after", row.telemetry_after);
  visit("validity", row.validity);
  visit("reasons", row.reasons);
  visit("extra", row.extra);
}

template <class Visit>
void visit_fields(NotMeasured& entry, Visit&& visit) {
  visit("name", entry.name);
  visit("session", entry.session);
  visit("status", entry.status);
  visit("reason", entry.reason);
  visit("samples_s", entry.samples_s);
}

// context.roofproof, apart from its three sub-objects.
template <class Visit>
void visit_fields(Record& record, Visit&& visit) {
  visit("run_id", record.run_id);
  visit("complete", record.complete);
  visit("synthetic", record.synthetic);
  visit("duration_s", record.duration_s);
}

}  // namespace roofproof
