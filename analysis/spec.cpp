// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/spec.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <system_error>

#include "analysis/embedded.h"
#include "analysis/input_error.h"
#include "analysis/names.h"
#include "analysis/roofline.h"

namespace roofproof::analysis {
namespace {

// "Tesla T4", "T4" and "t4" are the same words; so are "A100 80GB" and "a100-80gb".
std::string normalized(std::string_view words) {
  std::string text = plain_name(words);
  for (const std::string_view prefix : {"nvidia", "tesla", "geforce"}) {
    if (text.starts_with(prefix)) text.erase(0, prefix.size());
  }
  return text;
}

bool answers_to(const GpuSpec& gpu, const std::string& words) {
  const auto same = [&](const std::string& name) { return normalized(name) == words; };
  return same(gpu.name) || std::any_of(gpu.aliases.begin(), gpu.aliases.end(), same) ||
         std::any_of(gpu.device_names.values.begin(), gpu.device_names.values.end(), same);
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (!stream && !stream.eof()) throw RecordError(path.string(), "", "cannot be read");
  return text;
}

// Files of the folder by name; an error where there is none.
std::map<std::string, std::string> read_folder(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  std::error_code error;
  std::filesystem::directory_iterator entries(folder, error);
  if (error) throw RecordError(folder.string(), "", "cannot be read: " + error.message());
  for (const auto& entry : entries) {
    if (entry.path().extension() != ".json") continue;
    files[entry.path().filename().string()] = read_text(entry.path());
  }
  if (files.empty()) throw RecordError(folder.string(), "", "holds no spec file (*.json)");
  return files;
}

// Two specs must not answer to the same name or PCI id.
void refuse_doubles(const std::vector<GpuSpec>& gpus) {
  std::map<std::string, const GpuSpec*> owners;
  const auto claim = [&](const GpuSpec& gpu, const std::string& key, const std::string& shown) {
    const auto [owner, is_new] = owners.emplace(key, &gpu);
    if (!is_new && owner->second != &gpu) {
      throw RecordError(gpu.file, "", "'" + shown + "' is also in " + owner->second->file);
    }
  };
  for (const GpuSpec& gpu : gpus) {
    claim(gpu, "name " + normalized(gpu.name), gpu.name);
    for (const std::string& alias : gpu.aliases) claim(gpu, "name " + normalized(alias), alias);
    for (const std::string& device : gpu.device_names.values) {
      claim(gpu, "name " + normalized(device), device);
    }
    for (const std::string& id : gpu.pci_device_ids.values) claim(gpu, "pci " + id, id);
  }
}

const Discrepancy* find_discrepancy(const GpuSpec& spec, std::string_view figure) {
  for (const Discrepancy& discrepancy : spec.known_discrepancies) {
    const auto& figures = discrepancy.figures;
    if (std::find(figures.begin(), figures.end(), figure) != figures.end()) return &discrepancy;
  }
  return nullptr;
}

// The highest rate of any known GPU of this compute capability.
std::optional<double> highest_rate(const SpecTable& table, const std::string& compute_capability,
                                   Arithmetic arithmetic) {
  std::optional<double> highest;
  for (const GpuSpec& gpu : table.gpus()) {
    if (gpu.compute_capability.values.front() != compute_capability) continue;
    const std::optional<double>& rate = gpu.rate(arithmetic).value;
    if (rate && !(highest && *highest >= *rate)) highest = rate;
  }
  return highest;
}

std::string describe_basis(const GpuSpec* spec, const DeviceRecord& device, bool any_rate) {
  if (spec) return "rates per SM of the " + spec->name;
  const std::string capability = device.compute_capability.value_or("unknown");
  if (!any_rate) {
    return device.name + " is not in the spec table, nor is a GPU of compute capability " +
           capability + ": no arithmetic peak can be derived";
  }
  return device.name + " is not in the spec table: peaks are its SMs and clock at the highest " +
         "rates known for compute capability " + capability + ", an upper bound";
}

}  // namespace

std::string kind_name(const Kind& kind) {
  return std::string(name(kind.first)) + '/' + std::string(name(kind.second));
}

SpecTable SpecTable::load(const std::optional<std::filesystem::path>& folder) {
  std::map<std::string, std::string> files;
  if (folder) files = read_folder(*folder);
  std::vector<GpuSpec> gpus;
  for (const EmbeddedFile& file : embedded_specs()) {
    if (!files.contains(std::string(file.name))) {
      gpus.push_back(parse_spec(file.bytes, std::string(file.name)));
    }
  }
  for (const auto& [file, text] : files) {
    gpus.push_back(parse_spec(text, (*folder / file).string()));
  }
  return SpecTable(std::move(gpus));
}

SpecTable::SpecTable(std::vector<GpuSpec> gpus) : gpus_(std::move(gpus)) {
  refuse_doubles(gpus_);
  std::sort(gpus_.begin(), gpus_.end(),
            [](const GpuSpec& a, const GpuSpec& b) { return a.name < b.name; });
}

SpecChoice SpecTable::choose(std::string_view words) const {
  const std::string wanted = normalized(words);
  SpecChoice choice = {nullptr, {}};
  for (const GpuSpec& gpu : gpus_) {
    if (!wanted.empty() && answers_to(gpu, wanted)) choice.gpu = &gpu;
  }
  if (!choice.gpu) {
    std::string known;
    for (const GpuSpec& gpu : gpus_) known += (known.empty() ? "" : ", ") + gpu.name;
    throw InputError("unknown GPU '" + std::string(words) + "'; known: " + known);
  }
  // Only a short word for a family is ambiguous, not the full name of one GPU.
  if (normalized(choice.gpu->name) != wanted) {
    for (const GpuSpec& gpu : gpus_) {
      if (&gpu != choice.gpu && normalized(gpu.name).starts_with(wanted)) {
        choice.others.push_back(&gpu);
      }
    }
  }
  return choice;
}

bool SpecCheck::ok() const {
  const bool agrees = std::abs(difference()) <= datasheet_tolerance;
  if (!discrepancy) return agrees;
  if (agrees) return false;
  return !computed_at_datasheet_clock ||
         std::abs(*computed_at_datasheet_clock / datasheet - 1) <= datasheet_tolerance;
}

std::vector<SpecCheck> check_spec(const GpuSpec& spec) {
  std::vector<SpecCheck> checks;
  for (const Arithmetic arithmetic : all_arithmetic) {
    const Figure& peak = spec.peak_per_s(arithmetic);
    const Figure& rate = spec.rate(arithmetic);
    if (!peak.value || !rate.value) continue;
    SpecCheck check;
    check.figure = name(arithmetic);
    check.datasheet = *peak.value;
    check.circular = rate.circular;
    check.computed = peak_per_s(*spec.sm_count.value, *spec.boost_clock_hz.value, *rate.value);
    check.discrepancy = find_discrepancy(spec, check.figure);
    if (check.discrepancy && check.discrepancy->datasheet_clock) {
      check.computed_at_datasheet_clock =
          peak_per_s(*spec.sm_count.value, *check.discrepancy->datasheet_clock->value, *rate.value);
    }
    checks.push_back(std::move(check));
  }
  if (spec.memory_clock_hz.value && spec.memory_bus_bits.value) {
    SpecCheck check;
    check.figure = "memory_bandwidth";
    check.datasheet = *spec.memory_bandwidth_bytes_per_s.value;
    check.computed = bus_bytes_per_s(*spec.memory_clock_hz.value, *spec.memory_bus_bits.value);
    check.discrepancy = find_discrepancy(spec, check.figure);
    checks.push_back(std::move(check));
  }
  return checks;
}

DevicePeaks device_peaks(const DeviceRecord& device, const SpecTable& table) {
  DevicePeaks peaks = {table.match_device(device)};
  const auto reported_or_spec = [&](std::optional<double> reported,
                                    const Figure GpuSpec::*figure) -> std::optional<double> {
    if (reported || !peaks.spec) return reported;
    return (peaks.spec->*figure).value;
  };
  const std::optional<double> sm_count = reported_or_spec(device.processors, &GpuSpec::sm_count);
  const std::optional<double> clock_hz =
      reported_or_spec(device.sm_clock_max_hz, &GpuSpec::boost_clock_hz);
  const std::optional<double> memory_clock_hz =
      reported_or_spec(device.memory_clock_max_hz, &GpuSpec::memory_clock_hz);
  const std::optional<double> bus_bits =
      reported_or_spec(device.memory_bus_bits, &GpuSpec::memory_bus_bits);

  bool any_rate = false;
  for (const Arithmetic arithmetic : all_arithmetic) {
    const std::optional<double> rate =
        peaks.spec ? peaks.spec->rate(arithmetic).value
                   : highest_rate(table, device.compute_capability.value_or(""), arithmetic);
    any_rate = any_rate || rate;
    if (rate && sm_count && clock_hz) {
      peaks.peaks_per_s[static_cast<std::size_t>(arithmetic)] =
          peak_per_s(*sm_count, *clock_hz, *rate);
    }
  }
  if (memory_clock_hz && bus_bits) peaks.bytes_per_s = bus_bytes_per_s(*memory_clock_hz, *bus_bits);
  peaks.basis = describe_basis(peaks.spec, device, any_rate);
  return peaks;
}

}  // namespace roofproof::analysis
