// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/processor_name.h"

#include <sys/utsname.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <vector>

namespace roofproof::host {
namespace {

struct ArmCore {
  int implementer;
  int part;
  const char* name;
};

// Numbers and names of Linux, arch/arm64/include/asm/cputype.h, of cores that run servers,
// workstations and boards with a GPU.
constexpr ArmCore arm_cores[] = {
    {0x41, 0xd03, "ARM Cortex-A53"},    {0x41, 0xd05, "ARM Cortex-A55"},
    {0x41, 0xd07, "ARM Cortex-A57"},    {0x41, 0xd08, "ARM Cortex-A72"},
    {0x41, 0xd09, "ARM Cortex-A73"},    {0x41, 0xd0a, "ARM Cortex-A75"},
    {0x41, 0xd0b, "ARM Cortex-A76"},    {0x41, 0xd0c, "ARM Neoverse N1"},
    {0x41, 0xd0d, "ARM Cortex-A77"},    {0x41, 0xd40, "ARM Neoverse V1"},
    {0x41, 0xd41, "ARM Cortex-A78"},    {0x41, 0xd42, "ARM Cortex-A78AE"},
    {0x41, 0xd44, "ARM Cortex-X1"},     {0x41, 0xd46, "ARM Cortex-A510"},
    {0x41, 0xd47, "ARM Cortex-A710"},   {0x41, 0xd48, "ARM Cortex-X2"},
    {0x41, 0xd49, "ARM Neoverse N2"},   {0x41, 0xd4d, "ARM Cortex-A715"},
    {0x41, 0xd4e, "ARM Cortex-X3"},     {0x41, 0xd4f, "ARM Neoverse V2"},
    {0x41, 0xd80, "ARM Cortex-A520"},   {0x41, 0xd81, "ARM Cortex-A720"},
    {0x41, 0xd82, "ARM Cortex-X4"},     {0x41, 0xd83, "ARM Neoverse V3AE"},
    {0x41, 0xd84, "ARM Neoverse V3"},   {0x41, 0xd85, "ARM Cortex-X925"},
    {0x41, 0xd87, "ARM Cortex-A725"},   {0x41, 0xd8e, "ARM Neoverse N3"},
    {0x42, 0x516, "Broadcom Vulcan"},   {0x43, 0x0a1, "Cavium ThunderX"},
    {0x43, 0x0af, "Cavium ThunderX2"},  {0x46, 0x001, "Fujitsu A64FX"},
    {0x48, 0xd01, "HiSilicon TSV110"},  {0x4e, 0x003, "NVIDIA Denver"},
    {0x4e, 0x004, "NVIDIA Carmel"},     {0x51, 0xc00, "Qualcomm Falkor"},
    {0x61, 0x022, "Apple M1 Icestorm"}, {0x61, 0x023, "Apple M1 Firestorm"},
    {0xc0, 0xac3, "Ampere1"},           {0xc0, 0xac4, "Ampere1A"}};

// "key\t: value" -> true, with the value.
bool read_line(const std::string& line, const std::string& key, std::string& value) {
  const auto colon = line.find(':');
  if (colon == std::string::npos || colon + 2 > line.size()) return false;
  if (line.compare(0, key.size(), key) != 0) return false;
  if (line.find_first_not_of(" \t", key.size()) != colon) return false;
  value = line.substr(colon + 2);
  return true;
}

std::string arm_core_name(const std::string& implementer, const std::string& part) {
  const auto number = [](const std::string& text) { return std::strtol(text.c_str(), nullptr, 0); };
  for (const ArmCore& core : arm_cores) {
    if (core.implementer == number(implementer) && core.part == number(part)) return core.name;
  }
  return "ARM implementer " + implementer + " part " + part;
}

// Each kind of core once, in the order of the processors.
std::vector<std::string> arm_core_names(const std::filesystem::path& path) {
  std::vector<std::string> names;
  std::ifstream file(path);
  std::string implementer;
  std::string part;
  for (std::string line; std::getline(file, line);) {
    read_line(line, "CPU implementer", implementer);
    if (implementer.empty() || !read_line(line, "CPU part", part)) continue;
    const std::string name = arm_core_name(implementer, part);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

}  // namespace

std::optional<std::string> cpuinfo(const std::string& key, const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string value;
  for (std::string line; std::getline(file, line);) {
    if (read_line(line, key, value)) return value;
  }
  return std::nullopt;
}

std::string processor_name(const std::filesystem::path& path) {
  if (const auto name = cpuinfo("model name", path)) return *name;
  std::string all;
  for (const std::string& name : arm_core_names(path)) all += (all.empty() ? "" : " + ") + name;
  if (!all.empty()) return all;
  utsname system{};
  return uname(&system) == 0 ? std::string(system.machine) + " CPU" : "CPU";
}

}  // namespace roofproof::host
