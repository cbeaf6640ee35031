// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// NVIDIA's management library, opened at run time: neither its header nor the library is needed to
// build, and a machine without it loses these fields alone. Prototypes and constants follow
// NVIDIA's NVML API reference. It is only ever asked: no clock, limit or mode is set.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "results/record/record.h"

namespace roofproof::bench {

// The bits of throttle_reasons (nvmlClocksThrottleReasons).
struct ThrottleReason {
  static constexpr std::uint64_t idle = 0x1;
  static constexpr std::uint64_t clock_setting = 0x2;
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

  // What changes while it runs. A field is empty where the library, the board or the permissions do
  // not give it. What passes soonest is read first: energy, then throttle_reasons().
  TelemetryRecord read();

  // What holds the clocks back at this moment, as bits of ThrottleReason.
  std::optional<std::uint64_t> throttle_reasons();

  // Whether processes share this GPU through MIG or MPS, as far as the library knows.
  bool shared_by_design();

  // Adds what does not change, and why the rest is not there.
  void describe(DeviceRecord& device);

  // Which calls gave nothing, and why: "nvmlDeviceGetTotalEnergyConsumption" -> "Not Supported".
  const std::map<std::string, std::string>& unavailable() const { return unavailable_; }

  // Once an answer was that the GPU is gone, or that it must be reset.
  bool lost() const { return lost_; }

 private:
  Nvml() = default;
  template <class... Parameters, class... Arguments>
  int call(const char* symbol, Arguments... arguments);
  template <class... Parameters, class... Arguments>
  bool tell(const char* symbol, Arguments... arguments);
  template <class Value, class... Arguments>
  std::optional<Value> ask(std::initializer_list<const char*> names, Arguments... arguments);
  std::optional<double> clock_hz(const char* symbol, int domain);
  std::optional<bool> mig();
  std::optional<bool> mps();
  std::optional<int> count_processes(std::initializer_list<const char*> names);
  std::string error_text(int status);
  std::string why_not_initialised(int status);

  void* library_ = nullptr;
  bool initialised_ = false;
  bool lost_ = false;
  void* device_ = nullptr;
  std::map<std::string, std::string> unavailable_;
};

}  // namespace roofproof::bench
