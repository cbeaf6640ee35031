// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Which GPU of the table a device is, and whether it is all of it.

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <regex>

#include "analysis/spec.h"

namespace roofproof::analysis {
namespace {

// Of what is on the board CUDA reports less: ECC keeps a sixteenth of a GDDR6 memory, the driver up
// to 3 % of any (L4: 22478 of 24576 MiB). A part with less memory than the whole has half at most.
constexpr double least_memory_share = 0.875;
constexpr double most_memory_share = 1.02;  // a size is printed without decimals

std::string_view without_vendor(std::string_view device_name) {
  constexpr std::string_view vendor = "NVIDIA ";
  return device_name.starts_with(vendor) ? device_name.substr(vendor.size()) : device_name;
}

// A driver that is older than the GPU has no name for it.
bool has_no_name(const DeviceRecord& device) {
  return device.name.empty() || without_vendor(device.name) == "Graphics Device";
}

bool has_name_of(const GpuSpec& gpu, const DeviceRecord& device) {
  const auto& known = gpu.device_names.values;
  return std::any_of(known.begin(), known.end(), [&](const std::string& name) {
    return without_vendor(name) == without_vendor(device.name);
  });
}

bool has_pci_id_of(const GpuSpec& gpu, const DeviceRecord& device) {
  std::string id = device.pci_device_id.value_or("");
  std::transform(id.begin(), id.end(), id.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const auto& known = gpu.pci_device_ids.values;
  return std::find(known.begin(), known.end(), id) != known.end();
}

bool has_memory_of(const GpuSpec& gpu, double memory_bytes) {
  const double share = memory_bytes / *gpu.memory_bytes.value;
  return share >= least_memory_share && share <= most_memory_share;
}

// "GRID T4-8C", "NVIDIA A40-48Q", "GRID A100-1-5C": the size of the memory and a series.
bool is_virtual(const DeviceRecord& device) {
  static const std::regex profile("^GRID |-[0-9]+[ABCQ]$");
  return device.virtualisation == "vgpu" || std::regex_search(device.name, profile);
}

// The profile; "off" where it is no MIG slice. Without NVML the name alone tells.
std::string mig_of(const DeviceRecord& device) {
  constexpr std::string_view word = " MIG ";
  const std::string told = device.mig.value_or("off");
  const std::size_t position = device.name.find(word);
  if (told != "off" || position == std::string::npos) return told;
  return device.name.substr(position + word.size());
}

std::string why_part(const DeviceRecord& device) {
  if (const std::string mig = mig_of(device); mig != "off") {
    return "a MIG slice (" + mig + ") is not the whole GPU";
  }
  if (is_virtual(device)) return "a virtual GPU is not the whole GPU";
  if (device.mps.value_or(false)) return "a GPU shared through MPS is not the whole GPU";
  return "";
}

// The first in which the device is not as its spec; "" where there is none.
std::string find_difference(const GpuSpec& gpu, const DeviceRecord& device) {
  constexpr double gibibyte = 1024.0 * 1024 * 1024;
  const int sm_count = static_cast<int>(*gpu.sm_count.value);
  const double memory_bytes =
      device.memory_bytes ? static_cast<double>(*device.memory_bytes) : *gpu.memory_bytes.value;
  const struct {
    bool agrees;
    const char* trait;
    std::string found;
    std::string known;
  } traits[] = {
      {has_name_of(gpu, device) || has_no_name(device), "name", device.name,
       fmt::format("{}", fmt::join(gpu.device_names.values, " or "))},
      {has_pci_id_of(gpu, device) || !device.pci_device_id, "PCI id",
       device.pci_device_id.value_or(""),
       fmt::format("{}", fmt::join(gpu.pci_device_ids.values, " or "))},
      {device.processors.value_or(sm_count) == sm_count, "number of SMs",
       fmt::format("{}", device.processors.value_or(0)), fmt::format("{}", sm_count)},
      {has_memory_of(gpu, memory_bytes), "memory",
       fmt::format("{:.1f} GiB", memory_bytes / gibibyte),
       fmt::format("{:.0f} GiB", *gpu.memory_bytes.value / gibibyte)},
  };
  for (const auto& [agrees, trait, found, known] : traits) {
    if (agrees) continue;
    return fmt::format("not the whole {} as it is known: its {} is {}, not {}", gpu.name, trait,
                       found, known);
  }
  return "";
}

}  // namespace

DeviceMatch SpecTable::match_device(const DeviceRecord& device) const {
  DeviceMatch match{nullptr, why_part(device)};
  for (const auto is_of : {has_name_of, has_pci_id_of}) {
    const auto found = std::find_if(gpus_.begin(), gpus_.end(),
                                    [&](const GpuSpec& gpu) { return is_of(gpu, device); });
    if (found == gpus_.end()) continue;
    match.spec = &*found;
    if (match.why_not_whole.empty()) match.why_not_whole = find_difference(*found, device);
    break;
  }
  return match;
}

}  // namespace roofproof::analysis
