// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The record of one run: what bench writes and analysis reads. Field names, units and what is
// required stand in record_fields.h, once for both directions; results/README.md explains them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/problem/backend.h"
#include "kernels/problem/problem.h"

namespace roofproof {

// Readers refuse another major version. Version 1 grows by optional fields only.
inline constexpr int schema_version = 1;

// Of DeviceRecord::unavailable: whether somebody locked the clocks.
inline constexpr const char* clock_lock = "clock lock (nvidia-smi -lgc, -lmc)";

// The machine that was measured. Unknown is absent, never zero.
struct DeviceRecord {
  Backend backend = Backend::host;
  std::string name;
  std::optional<int> ordinal;
  std::optional<std::string> uuid_hash;
  std::optional<std::string> pci_device_id;       // "1EB8": four hexadecimal digits
  std::optional<std::string> compute_capability;  // "7.5"
  std::optional<int> processors;                  // SMs, or cores in use
  std::optional<double> sm_clock_max_hz;
  std::optional<double> memory_clock_max_hz;
  std::optional<int> memory_bus_bits;
  std::optional<std::int64_t> memory_bytes;
  std::optional<std::int64_t> last_level_cache_bytes;
  std::optional<bool> ecc;
  std::optional<bool> row_remap_pending;      // memory rows wait for a reset to be replaced
  std::optional<std::string> mig;             // "off", or the profile
  std::optional<bool> mps;                    // processes share the GPU through MPS
  std::optional<std::string> virtualisation;  // "none", "passthrough", "vgpu", "host"
  std::optional<std::string> compute_mode;    // "default", "exclusive process", "prohibited"
  std::optional<bool> persistence;
  std::optional<double> power_limit_w;
  std::optional<double> power_limit_default_w;
  std::optional<double> power_limit_min_w;  // that one may set
  std::optional<double> power_limit_max_w;
  // Applications clocks; set to something else than the default, they hold the GPU back.
  std::optional<double> sm_clock_set_hz;
  std::optional<double> sm_clock_set_default_hz;
  std::optional<double> memory_clock_set_hz;
  std::optional<double> memory_clock_set_default_hz;
  std::optional<std::string> driver_version;  // "550.90.07"
  std::optional<std::string> vbios;
  // What the management library did not tell, and its reason: {"nvmlDeviceGetMigMode": "Not
  // Supported"}; of a GPU always clock_lock.
  std::map<std::string, std::string> unavailable;
  std::optional<std::string> simd;  // host: the instruction set the kernels dispatched to
};

struct SoftwareRecord {
  std::string roofproof;  // version
  std::optional<std::string> git_sha;
  std::optional<bool> git_dirty;
  std::string compiler;
  std::string flags;
  std::optional<std::string> cuda_compiler;
  std::optional<std::string> cuda_runtime;
  std::optional<std::string> driver;
  std::optional<std::string> cublas;
  std::optional<std::string> openblas;
  std::optional<std::string> os;
};

struct ProtocolRecord {
  std::string profile;  // "quick", "standard", "full"
  int sessions = 0;     // asked for
  int samples = 0;      // per case and session
  double sample_time_s = 0;
  double warmup_s = 0;
  std::string fill;  // "uniform"
  std::optional<std::string> filter;
  std::optional<int> gemm_samples;  // where GEMM is timed in its own way
  std::optional<double> gemm_sample_time_s;
  std::optional<std::int64_t> gemm_least_launches;  // in a sample, unless that takes too long
  std::optional<double> case_warmup_s;              // of each case
  std::optional<double> gemm_case_warmup_s;
  std::optional<double> idle_s;       // before each session
  std::optional<double> cool_down_s;  // before each GEMM

  bool operator==(const ProtocolRecord&) const = default;
};

// What the driver's management library told at one moment. Times, energy and errors count since the
// driver was loaded.
struct TelemetryRecord {
  std::optional<double> sm_clock_hz;
  std::optional<double> memory_clock_hz;
  std::optional<double> temperature_c;
  std::optional<double> energy_j;
  std::optional<double> power_w;  // over the last second on some boards: energy is better
  std::optional<std::uint64_t> throttle_reasons;
  std::optional<double> power_violation_s;    // held back by the power limit
  std::optional<double> thermal_violation_s;  // held back by temperature
  std::optional<std::uint64_t> uncorrected_ecc_errors;
  std::optional<double> gpu_utilisation;     // share of the last interval with a kernel running
  std::optional<double> memory_utilisation;  // share of it with memory being read or written
  std::optional<int> compute_processes;      // ours among them, once it has a context
  std::optional<std::int64_t> memory_used_bytes;  // without what the driver keeps for itself
};

// What a row may be used for. The later, the less.
enum class Validity {
  ok,
  annotated,  // valid, and something is to be known
  disturbed,  // shown, and decides nothing
  suspect,    // not to be built on
};
std::string_view name(Validity validity);
template <>
std::optional<Validity> parse_name(std::string_view text);

// One benchmark, one session.
struct Row {
  std::string name;  // benchmark_name() and, where there is one, "/" + condition
  Problem problem;
  Implementation implementation = Implementation::hand;
  std::optional<std::string> condition;  // "kernel:mma_sm80", "cache:hot": not a headline figure
  int session = 0;
  int sessions = 0;
  std::string kernel = {};  // of the catalogue: "simt", "mma_sm80", "cublaslt"
  std::string label;        // the same with its configuration, or the library's algorithm
  double time_s = 0;        // median of samples_s; in the file real_time, in ns
  // CPU time of the process in the samples, per launch and thread that computes; in the file
  // cpu_time, in ns.
  std::optional<double> cpu_time_s = {};
  std::int64_t launches_per_sample = 0;
  std::vector<double> samples_s;  // seconds per launch, one per sample, in order
  double flop = 0;
  double bytes = 0;
  std::optional<int> copies;  // sets of buffers in rotation
  std::optional<double> sm_clock_hz;
  std::optional<double> memory_clock_hz;
  std::optional<double> power_w;
  std::optional<double> energy_j;  // per launch
  std::optional<double> temperature_c;
  std::optional<std::uint64_t> throttle_reasons;
  std::optional<TelemetryRecord> telemetry_before;  // the samples
  std::optional<TelemetryRecord> telemetry_after;
  Validity validity = Validity::ok;
  std::vector<std::string> reasons;
  std::map<std::string, double> extra;  // counters that only some operations have, unit in the name

  double flop_per_s() const { return flop / time_s; }
  double bytes_per_s() const { return bytes / time_s; }
};

// A case without a figure, and why.
struct NotMeasured {
  enum class Status {
    unsupported,  // by the build, the device or the library: the same in every session
    wrong_result,
    failed,
    out_of_memory,
    crashed,
    timeout,
    invalid,      // timed, under conditions that no figure can stand beside
    interrupted,  // the run ended while it was measured
  };
  std::string name;
  std::optional<int> session;
  Status status = Status::failed;
  std::string reason;
  std::vector<double> samples_s;
};
std::string_view name(NotMeasured::Status status);
template <>
std::optional<NotMeasured::Status> parse_name(std::string_view text);

struct Record {
  std::string run_id;
  std::string date;  // UTC, ISO 8601
  std::string host_name;
  std::string executable;
  bool complete = false;
  bool synthetic =
      false;  // made up, or of a GPU that tests play (kernels/played.h): never a verdict
  DeviceRecord device;
  SoftwareRecord software;
  ProtocolRecord protocol;
  std::optional<double> duration_s;
  int num_cpus = 0;
  std::optional<double> mhz_per_cpu;
  std::optional<bool> cpu_scaling_enabled;  // the system changes the CPU's clock by load
  std::vector<double> load_avg;  // of the machine when the run began: over 1, 5 and 15 minutes
  std::vector<Row> rows;
  std::vector<NotMeasured> not_measured;
};

// A result that cannot be read: names the file and the place in it.
class RecordError : public std::runtime_error {
 public:
  RecordError(const std::string& file, const std::string& place, const std::string& what);
};

// Reads a result file, or the journal of a run that did not end. Throws RecordError; where the file
// looks like the result of another program, that says so.
Record read_record(const std::filesystem::path& path);
// The same from memory; `name` stands for the file in messages.
Record parse_record(std::string_view text, const std::string& name);

std::string to_json_text(const Record& record);

// Atomic: a temporary file beside it, synced, then renamed. Throws std::system_error.
void write_record(const Record& record, const std::filesystem::path& path);

}  // namespace roofproof
