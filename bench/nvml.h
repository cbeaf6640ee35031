// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// NVIDIA's management library, opened at run time: neither its header nor the library is needed to
// build, and a machine without it loses these fields alone. Prototypes and constants follow
// NVIDIA's NVML API reference.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace roofproof::bench {

// What changes while it runs. A field is empty where the library, the board or the permissions do
// not give it.
struct NvmlReading {
  std::optional<double> sm_clock_hz;
  std::optional<double> memory_clock_hz;
  std::optional<double> temperature_c;
  std::optional<double> energy_j;  // since the driver was loaded
  std::optional<double> power_w;   // over the last second on some boards: energy is better
  std::optional<std::uint64_t> throttle_reasons;
  std::optional<double> power_violation_s;    // time held back by the power limit, since load
  std::optional<double> thermal_violation_s;  // the same by temperature
  std::optional<std::uint64_t> uncorrected_ecc_errors;
  std::optional<double> gpu_utilisation;     // share of the last interval with a kernel running
  std::optional<double> memory_utilisation;  // share of it with memory being read or written
};

// What does not.
struct NvmlFacts {
  std::optional<std::string> driver;
  std::optional<std::string> vbios;
  std::optional<std::string> pci_device_id;  // "1EB8"
  std::optional<double> power_limit_w;
  std::optional<double> power_limit_default_w;
  std::optional<double> sm_clock_max_hz;
  std::optional<double> memory_clock_max_hz;
  std::optional<bool> ecc;
  std::optional<bool> mig;
  std::optional<bool> persistence;
};

// The bits of throttle_reasons (nvmlClocksThrottleReasons).
struct ThrottleReason {
  static constexpr std::uint64_t power_cap = 0x4;
  static constexpr std::uint64_t hardware_slowdown = 0x8;
  static constexpr std::uint64_t software_thermal = 0x20;
  static constexpr std::uint64_t hardware_thermal = 0x40;
  static constexpr std::uint64_t power_brake = 0x80;
};

class Nvml {
 public:
  // The GPU at this PCI address ("0000:3b:00.0"); null where there is no library or no such GPU,
  // and then `why` says so. `library` is another path in tests alone.
  static std::unique_ptr<Nvml> open(const std::string& pci_address, std::string& why,
                                    const std::string& library = "libnvidia-ml.so.1");
  ~Nvml();

  NvmlReading read();
  NvmlFacts facts();

  // Which calls gave nothing, and why: "nvmlDeviceGetTotalEnergyConsumption" -> "Not Supported".
  const std::map<std::string, std::string>& unavailable() const { return unavailable_; }

 private:
  Nvml() = default;
  template <class... Parameters, class... Arguments>
  bool call(const char* symbol, Arguments... arguments);
  std::string error_text(int status);

  void* library_ = nullptr;
  bool initialised_ = false;
  void* device_ = nullptr;
  std::map<std::string, std::string> unavailable_;
};

}  // namespace roofproof::bench
