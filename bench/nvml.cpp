// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/nvml.h"

#include <dlfcn.h>
#include <fmt/core.h>

namespace roofproof::bench {
namespace {

using NvmlDevice = void*;

constexpr int success = 0;
constexpr int sm_clock_domain = 1;
constexpr int memory_clock_domain = 2;
constexpr int gpu_temperature = 0;
constexpr int power_policy = 0;
constexpr int thermal_policy = 1;
constexpr int uncorrected = 1;
constexpr int since_load = 0;

constexpr double hz_per_mhz = 1e6;
constexpr double w_per_mw = 1e-3;
constexpr double j_per_mj = 1e-3;
constexpr double s_per_ns = 1e-9;

struct ViolationTime {
  unsigned long long reference_us;
  unsigned long long violation_ns;
};

struct Utilisation {
  unsigned gpu_percent;
  unsigned memory_percent;
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

}  // namespace

std::unique_ptr<Nvml> Nvml::open(const std::string& pci_address, std::string& why,
                                 const std::string& library) {
  std::unique_ptr<Nvml> nvml(new Nvml);
  nvml->library_ = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (nvml->library_ == nullptr) {
    why = ::dlerror();
    return nullptr;
  }
  nvml->initialised_ = nvml->call("nvmlInit_v2");
  if (!nvml->initialised_ ||
      !nvml->call<const char*, NvmlDevice*>("nvmlDeviceGetHandleByPciBusId_v2", pci_address.c_str(),
                                            &nvml->device_)) {
    const auto& [symbol, reason] = *nvml->unavailable_.begin();
    why = symbol + ": " + reason;
    return nullptr;
  }
  return nvml;
}

Nvml::~Nvml() {
  if (initialised_) call("nvmlShutdown");
  if (library_ != nullptr) ::dlclose(library_);
}

template <class... Parameters, class... Arguments>
bool Nvml::call(const char* symbol, Arguments... arguments) {
  const auto function = reinterpret_cast<int (*)(Parameters...)>(::dlsym(library_, symbol));
  if (function == nullptr) {
    unavailable_[symbol] = "not in this version of the library";
    return false;
  }
  const int status = function(arguments...);
  if (status == success) return true;
  unavailable_[symbol] = error_text(status);
  return false;
}

std::string Nvml::error_text(int status) {
  const auto text = reinterpret_cast<const char* (*)(int)>(::dlsym(library_, "nvmlErrorString"));
  return text != nullptr ? text(status) : fmt::format("status {}", status);
}

NvmlReading Nvml::read() {
  NvmlReading reading;
  unsigned value = 0;
  unsigned long long large = 0;
  if (call<NvmlDevice, int, unsigned*>("nvmlDeviceGetClockInfo", device_, sm_clock_domain,
                                       &value)) {
    reading.sm_clock_hz = value * hz_per_mhz;
  }
  if (call<NvmlDevice, int, unsigned*>("nvmlDeviceGetClockInfo", device_, memory_clock_domain,
                                       &value)) {
    reading.memory_clock_hz = value * hz_per_mhz;
  }
  if (call<NvmlDevice, int, unsigned*>("nvmlDeviceGetTemperature", device_, gpu_temperature,
                                       &value)) {
    reading.temperature_c = value;
  }
  if (call<NvmlDevice, unsigned long long*>("nvmlDeviceGetTotalEnergyConsumption", device_,
                                            &large)) {
    reading.energy_j = static_cast<double>(large) * j_per_mj;
  }
  if (call<NvmlDevice, unsigned*>("nvmlDeviceGetPowerUsage", device_, &value)) {
    reading.power_w = value * w_per_mw;
  }
  // The second name is the older one of the same call.
  if (call<NvmlDevice, unsigned long long*>("nvmlDeviceGetCurrentClocksEventReasons", device_,
                                            &large) ||
      call<NvmlDevice, unsigned long long*>("nvmlDeviceGetCurrentClocksThrottleReasons", device_,
                                            &large)) {
    reading.throttle_reasons = large;
  }
  ViolationTime violation{};
  if (call<NvmlDevice, int, ViolationTime*>("nvmlDeviceGetViolationStatus", device_, power_policy,
                                            &violation)) {
    reading.power_violation_s = static_cast<double>(violation.violation_ns) * s_per_ns;
  }
  if (call<NvmlDevice, int, ViolationTime*>("nvmlDeviceGetViolationStatus", device_, thermal_policy,
                                            &violation)) {
    reading.thermal_violation_s = static_cast<double>(violation.violation_ns) * s_per_ns;
  }
  if (call<NvmlDevice, int, int, unsigned long long*>("nvmlDeviceGetTotalEccErrors", device_,
                                                      uncorrected, since_load, &large)) {
    reading.uncorrected_ecc_errors = large;
  }
  Utilisation utilisation{};
  if (call<NvmlDevice, Utilisation*>("nvmlDeviceGetUtilizationRates", device_, &utilisation)) {
    reading.gpu_utilisation = utilisation.gpu_percent / 100.0;
    reading.memory_utilisation = utilisation.memory_percent / 100.0;
  }
  return reading;
}

NvmlFacts Nvml::facts() {
  NvmlFacts facts;
  char text[96] = "";
  unsigned value = 0;
  unsigned other = 0;
  if (call<char*, unsigned>("nvmlSystemGetDriverVersion", text,
                            static_cast<unsigned>(sizeof text))) {
    facts.driver = text;
  }
  if (call<NvmlDevice, char*, unsigned>("nvmlDeviceGetVbiosVersion", device_, text,
                                        static_cast<unsigned>(sizeof text))) {
    facts.vbios = text;
  }
  PciInfo pci{};
  if (call<NvmlDevice, PciInfo*>("nvmlDeviceGetPciInfo_v3", device_, &pci)) {
    facts.pci_device_id = fmt::format("{:04X}", pci.device_and_vendor_id >> 16);
  }
  if (call<NvmlDevice, unsigned*>("nvmlDeviceGetEnforcedPowerLimit", device_, &value)) {
    facts.power_limit_w = value * w_per_mw;
  }
  if (call<NvmlDevice, unsigned*>("nvmlDeviceGetPowerManagementDefaultLimit", device_, &value)) {
    facts.power_limit_default_w = value * w_per_mw;
  }
  if (call<NvmlDevice, int, unsigned*>("nvmlDeviceGetMaxClockInfo", device_, sm_clock_domain,
                                       &value)) {
    facts.sm_clock_max_hz = value * hz_per_mhz;
  }
  if (call<NvmlDevice, int, unsigned*>("nvmlDeviceGetMaxClockInfo", device_, memory_clock_domain,
                                       &value)) {
    facts.memory_clock_max_hz = value * hz_per_mhz;
  }
  if (call<NvmlDevice, unsigned*, unsigned*>("nvmlDeviceGetEccMode", device_, &value, &other)) {
    facts.ecc = value != 0;
  }
  if (call<NvmlDevice, unsigned*, unsigned*>("nvmlDeviceGetMigMode", device_, &value, &other)) {
    facts.mig = value != 0;
  }
  if (call<NvmlDevice, unsigned*>("nvmlDeviceGetPersistenceMode", device_, &value)) {
    facts.persistence = value != 0;
  }
  return facts;
}

}  // namespace roofproof::bench
