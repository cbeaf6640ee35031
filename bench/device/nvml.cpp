// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/device/nvml.h"

#include <dlfcn.h>
#include <fmt/core.h>

#include <iterator>

#include "kernels/kernel_module.h"

namespace roofproof::bench {
namespace {

using NvmlDevice = void*;

struct Status {
  static constexpr int success = 0;
  static constexpr int insufficient_size = 7;
  static constexpr int gpu_is_lost = 15;
  static constexpr int reset_required = 16;
  static constexpr int version_mismatch = 18;
  static constexpr int no_symbol = -1;  // ours
};

constexpr int sm_clock = 1;
constexpr int memory_clock = 2;
constexpr int gpu_temperature = 0;
constexpr int power_policy = 0;
constexpr int thermal_policy = 1;
constexpr int uncorrected = 1;
constexpr int since_load = 0;

constexpr double hz_per_mhz = 1e6;
constexpr double w_per_mw = 1e-3;
constexpr double j_per_mj = 1e-3;
constexpr double s_per_ns = 1e-9;

constexpr const char* compute_modes[] = {"default", "exclusive thread", "prohibited",
                                         "exclusive process"};
constexpr const char* virtualisations[] = {"none", "passthrough", "vgpu", "host", "host"};

struct ViolationTime {
  unsigned long long reference_us;
  unsigned long long violation_ns;
};

struct Utilisation {
  unsigned gpu_percent;
  unsigned memory_percent;
};

struct Memory {
  unsigned version;
  unsigned long long total_bytes;
  unsigned long long reserved_bytes;  // by the driver, for itself
  unsigned long long free_bytes;
  unsigned long long used_bytes;
};

struct PciInfo {
  char legacy_address[16];
  unsigned domain;
  unsigned bus;
  unsigned device;
  unsigned device_and_vendor_id;  // device in the upper half
  unsigned subsystem_id;
  char address[32];
};

template <class Value>
std::optional<double> scaled(const std::optional<Value>& value, double unit) {
  if (!value) return std::nullopt;
  return static_cast<double>(*value) * unit;
}

template <std::size_t size>
std::optional<std::string> named(const std::optional<unsigned>& value,
                                 const char* const (&names)[size]) {
  if (!value || *value >= size) return std::nullopt;
  return names[*value];
}

}  // namespace

std::unique_ptr<Nvml> Nvml::open(const std::string& pci_address, std::string& why,
                                 const std::string& library) {
  std::unique_ptr<Nvml> nvml(new Nvml);
  nvml->library_ = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (nvml->library_ == nullptr) {
    why = ::dlerror();
    return nullptr;
  }
  const int status = nvml->call("nvmlInit_v2");
  nvml->initialised_ = status == Status::success;
  if (!nvml->initialised_) {
    why = nvml->why_not_initialised(status);
    return nullptr;
  }
  if (!nvml->tell<const char*, NvmlDevice*>("nvmlDeviceGetHandleByPciBusId_v2", pci_address.c_str(),
                                            &nvml->device_)) {
    why = "nvmlDeviceGetHandleByPciBusId_v2: " + nvml->unavailable_.begin()->second;
    return nullptr;
  }
  return nvml;
}

Nvml::~Nvml() {
  if (initialised_) call("nvmlShutdown");
  if (library_ != nullptr) ::dlclose(library_);
}

// Calls it and returns its status.
template <class... Parameters, class... Arguments>
int Nvml::call(const char* symbol, Arguments... arguments) {
  const auto function = reinterpret_cast<int (*)(Parameters...)>(::dlsym(library_, symbol));
  if (function == nullptr) return Status::no_symbol;
  const int status = function(arguments...);
  if (status == Status::gpu_is_lost || status == Status::reset_required) lost_ = true;
  return status;
}

// Calls it and notes a failure; true for success.
template <class... Parameters, class... Arguments>
bool Nvml::tell(const char* symbol, Arguments... arguments) {
  const int status = call<Parameters...>(symbol, arguments...);
  if (status != Status::success) unavailable_[symbol] = error_text(status);
  return status == Status::success;
}

// What the device says, by the first name that works: the others are older ones of the same call.
template <class Value, class... Arguments>
std::optional<Value> Nvml::ask(std::initializer_list<const char*> names, Arguments... arguments) {
  Value value{};
  int status = Status::no_symbol;
  for (const char* symbol : names) {
    status = call<NvmlDevice, Arguments..., Value*>(symbol, device_, arguments..., &value);
    if (status == Status::success) return value;
  }
  unavailable_[*names.begin()] = error_text(status);
  return std::nullopt;
}

std::string Nvml::error_text(int status) {
  if (status == Status::no_symbol) return "not in this version of the library";
  const auto text = reinterpret_cast<const char* (*)(int)>(::dlsym(library_, "nvmlErrorString"));
  return text != nullptr ? text(status) : fmt::format("status {}", status);
}

std::string Nvml::why_not_initialised(int status) {
  if (status != Status::version_mismatch) return "nvmlInit_v2: " + error_text(status);
  char version[80] = "unknown";  // this may be asked before nvmlInit()
  call<char*, unsigned>("nvmlSystemGetNVMLVersion", version, static_cast<unsigned>(sizeof version));
  return fmt::format(
      "the driver was updated and not reloaded: its library is of {}, the kernel module that runs "
      "is of {}; reboot, or reload the kernel module",
      version, kernel_module_version().value_or("an unknown version"));
}

std::optional<double> Nvml::clock_hz(const char* symbol, int domain) {
  return scaled(ask<unsigned>({symbol}, domain), hz_per_mhz);
}

// Asked without room for the list, it tells how long that would be.
std::optional<int> Nvml::count_processes(std::initializer_list<const char*> names) {
  int status = Status::no_symbol;
  for (const char* symbol : names) {
    unsigned count = 0;
    status = call<NvmlDevice, unsigned*, void*>(symbol, device_, &count, nullptr);
    if (status == Status::success || status == Status::insufficient_size) {
      return static_cast<int>(count);
    }
  }
  unavailable_[*names.begin()] = error_text(status);
  return std::nullopt;
}

std::optional<std::uint64_t> Nvml::throttle_reasons() {
  return ask<unsigned long long>(
      {"nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons"});
}

TelemetryRecord Nvml::read() {
  TelemetryRecord reading;
  reading.energy_j =
      scaled(ask<unsigned long long>({"nvmlDeviceGetTotalEnergyConsumption"}), j_per_mj);
  reading.throttle_reasons = throttle_reasons();
  reading.sm_clock_hz = clock_hz("nvmlDeviceGetClockInfo", sm_clock);
  reading.memory_clock_hz = clock_hz("nvmlDeviceGetClockInfo", memory_clock);
  reading.temperature_c = ask<unsigned>({"nvmlDeviceGetTemperature"}, gpu_temperature);
  reading.power_w = scaled(ask<unsigned>({"nvmlDeviceGetPowerUsage"}), w_per_mw);
  if (const auto time = ask<ViolationTime>({"nvmlDeviceGetViolationStatus"}, power_policy)) {
    reading.power_violation_s = static_cast<double>(time->violation_ns) * s_per_ns;
  }
  if (const auto time = ask<ViolationTime>({"nvmlDeviceGetViolationStatus"}, thermal_policy)) {
    reading.thermal_violation_s = static_cast<double>(time->violation_ns) * s_per_ns;
  }
  reading.uncorrected_ecc_errors =
      ask<unsigned long long>({"nvmlDeviceGetTotalEccErrors"}, uncorrected, since_load);
  if (const auto utilisation = ask<Utilisation>({"nvmlDeviceGetUtilizationRates"})) {
    reading.gpu_utilisation = utilisation->gpu_percent / 100.0;
    reading.memory_utilisation = utilisation->memory_percent / 100.0;
  }
  reading.compute_processes = count_processes({"nvmlDeviceGetComputeRunningProcesses_v3",
                                               "nvmlDeviceGetComputeRunningProcesses_v2",
                                               "nvmlDeviceGetComputeRunningProcesses"});
  Memory memory{};
  memory.version = sizeof memory | 2u << 24;
  if (tell<NvmlDevice, Memory*>("nvmlDeviceGetMemoryInfo_v2", device_, &memory)) {
    reading.memory_used_bytes = static_cast<std::int64_t>(memory.used_bytes);
  }
  return reading;
}

std::optional<bool> Nvml::mig() {
  unsigned current = 0;
  unsigned pending = 0;
  if (!tell<NvmlDevice, unsigned*, unsigned*>("nvmlDeviceGetMigMode", device_, &current,
                                              &pending)) {
    return std::nullopt;
  }
  return current != 0;
}

std::optional<bool> Nvml::mps() {
  const auto processes = count_processes({"nvmlDeviceGetMPSComputeRunningProcesses_v3",
                                          "nvmlDeviceGetMPSComputeRunningProcesses_v2",
                                          "nvmlDeviceGetMPSComputeRunningProcesses"});
  if (!processes) return std::nullopt;
  return *processes > 0;
}

bool Nvml::shared_by_design() { return mig().value_or(false) || mps().value_or(false); }

void Nvml::describe(DeviceRecord& device) {
  char text[96] = "";
  const auto size = static_cast<unsigned>(sizeof text);
  if (tell<char*, unsigned>("nvmlSystemGetDriverVersion", text, size)) device.driver_version = text;
  if (tell<NvmlDevice, char*, unsigned>("nvmlDeviceGetVbiosVersion", device_, text, size)) {
    device.vbios = text;
  }
  if (const auto pci = ask<PciInfo>({"nvmlDeviceGetPciInfo_v3"})) {
    device.pci_device_id = fmt::format("{:04X}", pci->device_and_vendor_id >> 16);
  }
  device.power_limit_w = scaled(ask<unsigned>({"nvmlDeviceGetEnforcedPowerLimit"}), w_per_mw);
  device.power_limit_default_w =
      scaled(ask<unsigned>({"nvmlDeviceGetPowerManagementDefaultLimit"}), w_per_mw);
  unsigned first = 0;
  unsigned second = 0;
  if (tell<NvmlDevice, unsigned*, unsigned*>("nvmlDeviceGetPowerManagementLimitConstraints",
                                             device_, &first, &second)) {
    device.power_limit_min_w = first * w_per_mw;
    device.power_limit_max_w = second * w_per_mw;
  }
  // Its maximum is the top of the voltage curve, which GeForce does not run at: 3105 of 2520 MHz on
  // an RTX 4090. What CUDA said stands.
  if (!device.sm_clock_max_hz) {
    device.sm_clock_max_hz = clock_hz("nvmlDeviceGetMaxClockInfo", sm_clock);
  }
  if (!device.memory_clock_max_hz) {
    device.memory_clock_max_hz = clock_hz("nvmlDeviceGetMaxClockInfo", memory_clock);
  }
  device.sm_clock_set_hz = clock_hz("nvmlDeviceGetApplicationsClock", sm_clock);
  device.sm_clock_set_default_hz = clock_hz("nvmlDeviceGetDefaultApplicationsClock", sm_clock);
  device.memory_clock_set_hz = clock_hz("nvmlDeviceGetApplicationsClock", memory_clock);
  device.memory_clock_set_default_hz =
      clock_hz("nvmlDeviceGetDefaultApplicationsClock", memory_clock);
  if (tell<NvmlDevice, unsigned*, unsigned*>("nvmlDeviceGetEccMode", device_, &first, &second)) {
    device.ecc = first != 0;
  }
  unsigned corrected = 0;
  unsigned not_corrected = 0;
  if (tell<NvmlDevice, unsigned*, unsigned*, unsigned*, unsigned*>(
          "nvmlDeviceGetRemappedRows", device_, &corrected, &not_corrected, &first, &second)) {
    device.row_remap_pending = first != 0;
  }
  if (const auto on = mig()) device.mig = *on ? "on" : "off";
  device.mps = mps();
  device.virtualisation =
      named(ask<unsigned>({"nvmlDeviceGetVirtualizationMode"}), virtualisations);
  device.compute_mode = named(ask<unsigned>({"nvmlDeviceGetComputeMode"}), compute_modes);
  if (const auto mode = ask<unsigned>({"nvmlDeviceGetPersistenceMode"})) {
    device.persistence = *mode != 0;
  }
  device.unavailable.insert(unavailable_.begin(), unavailable_.end());
  // NVML's call that locks the clocks has no counterpart that asks.
  device.unavailable[clock_lock] = "not known: NVML can set such locks but not report them";
}

}  // namespace roofproof::bench
