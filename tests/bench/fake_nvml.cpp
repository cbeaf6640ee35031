// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A stand-in for NVIDIA's management library, for tests: a Tesla T4 held back by its power limit,
// whose driver does not know its energy and is too old to know remapped rows.
//
// $FAKE_NVML is its script, read at each call: "nvmlInit_v2=18 utilisation=35" lets that function
// fail with that status, and gives that value, which is not supported otherwise. "capped_at=4": the
// power limit holds it back only when it is asked for the fourth time, "energy_step=70000": each
// time that it is asked, it has used 70 J more.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

constexpr int success = 0;
constexpr int not_supported = 3;
constexpr int not_found = 6;
constexpr int insufficient_size = 7;
char board;
int asked_for_reasons = 0;
unsigned long long energy_mj = 0;

// The number behind "name=" in the script.
bool scripted(const char* name, int& value) {
  const char* script = std::getenv("FAKE_NVML");
  const std::string text = std::string(" ") + (script != nullptr ? script : "");
  const std::size_t at = text.find(std::string(" ") + name + "=");
  if (at == std::string::npos) return false;
  value = std::atoi(text.c_str() + at + std::strlen(name) + 2);
  return true;
}

// The status that the script wants of this function.
int status(const char* function) {
  int wanted = success;
  scripted(function, wanted);
  return wanted;
}

int answer(const char* function, unsigned* out, unsigned value) {
  *out = value;
  return status(function);
}

int answer_if_scripted(const char* name, unsigned* out) {
  int value = 0;
  if (!scripted(name, value)) return not_supported;
  *out = static_cast<unsigned>(value);
  return success;
}

int count(const char* name, unsigned* out) {
  const int code = answer_if_scripted(name, out);
  return code == success && *out > 0 ? insufficient_size : code;
}

}  // namespace

extern "C" {

int nvmlInit_v2() {
  asked_for_reasons = 0;
  return status("nvmlInit_v2");
}
int nvmlShutdown() { return success; }
int nvmlSystemGetNVMLVersion(char* text, unsigned size) {
  std::snprintf(text, size, "12.550.90.07");
  return success;
}
const char* nvmlErrorString(int code) {
  switch (code) {
    case not_supported:
      return "Not Supported";
    case not_found:
      return "Not Found";
    case 9:
      return "Driver Not Loaded";
    case 15:
      return "GPU is lost";
    default:
      return "Unknown Error";
  }
}
int nvmlDeviceGetHandleByPciBusId_v2(const char* address, void** device) {
  if (std::strcmp(address, "0000:00:1e.0") != 0) return not_found;
  *device = &board;
  return success;
}
int nvmlDeviceGetClockInfo(void*, int domain, unsigned* mhz) {
  return answer("nvmlDeviceGetClockInfo", mhz, domain == 1 ? 1020 : 5000);
}
int nvmlDeviceGetMaxClockInfo(void*, int domain, unsigned* mhz) {
  return answer("nvmlDeviceGetMaxClockInfo", mhz, domain == 1 ? 1590 : 5001);
}
int nvmlDeviceGetApplicationsClock(void*, int domain, unsigned* mhz) {
  return answer("nvmlDeviceGetApplicationsClock", mhz, domain == 1 ? 900 : 5001);
}
int nvmlDeviceGetDefaultApplicationsClock(void*, int domain, unsigned* mhz) {
  return answer("nvmlDeviceGetDefaultApplicationsClock", mhz, domain == 1 ? 585 : 5001);
}
int nvmlDeviceGetTemperature(void*, int, unsigned* celsius) {
  return answer("nvmlDeviceGetTemperature", celsius, 61);
}
int nvmlDeviceGetTotalEnergyConsumption(void*, unsigned long long* millijoule) {
  int step = 0;
  if (!scripted("energy_step", step)) return not_supported;
  *millijoule = energy_mj += static_cast<unsigned long long>(step);
  return success;
}
int nvmlDeviceGetPowerUsage(void*, unsigned* milliwatt) {
  return answer("nvmlDeviceGetPowerUsage", milliwatt, 69500);
}
int nvmlDeviceGetCurrentClocksThrottleReasons(void*, unsigned long long* bits) {
  int capped_at = 0;
  const bool always = !scripted("capped_at", capped_at);
  *bits = always || ++asked_for_reasons == capped_at ? 0x4 | 0x1 : 0x1;
  return success;
}
int nvmlDeviceGetViolationStatus(void*, int policy, unsigned long long* times) {
  times[0] = 1000000;
  times[1] = policy == 0 ? 2500000000ULL : 0;
  return success;
}
int nvmlDeviceGetTotalEccErrors(void*, int, int, unsigned long long* errors) {
  int value = 0;
  scripted("ecc_errors", value);
  *errors = static_cast<unsigned long long>(value);
  return success;
}
int nvmlDeviceGetUtilizationRates(void*, unsigned* rates) {
  rates[1] = 12;
  return answer_if_scripted("utilisation", rates);
}
int nvmlDeviceGetComputeRunningProcesses_v2(void*, unsigned* processes, void*) {
  return count("processes", processes);
}
int nvmlDeviceGetMPSComputeRunningProcesses_v3(void*, unsigned* processes, void*) {
  return count("mps_processes", processes);
}
int nvmlDeviceGetMemoryInfo_v2(void*, unsigned long long* memory) {
  // The first one holds size and version of the structure: 40 bytes, version 2.
  if (static_cast<unsigned>(memory[0]) != (40u | 2u << 24)) return 25;
  memory[1] = 15843721216ULL;
  memory[2] = 400000000ULL;
  memory[4] = 3000000ULL;
  return success;
}
int nvmlSystemGetDriverVersion(char* text, unsigned size) {
  std::snprintf(text, size, "550.90.07");
  return success;
}
int nvmlDeviceGetVbiosVersion(void*, char* text, unsigned size) {
  std::snprintf(text, size, "90.04.84.00.06");
  return success;
}
int nvmlDeviceGetPciInfo_v3(void*, unsigned* info) {
  info[4 + 3] = 0x1EB810DE;
  return success;
}
int nvmlDeviceGetEnforcedPowerLimit(void*, unsigned* milliwatt) {
  *milliwatt = 65000;
  return success;
}
int nvmlDeviceGetPowerManagementDefaultLimit(void*, unsigned* milliwatt) {
  *milliwatt = 70000;
  return success;
}
int nvmlDeviceGetPowerManagementLimitConstraints(void*, unsigned* least, unsigned* most) {
  *least = 60000;
  *most = 70000;
  return success;
}
int nvmlDeviceGetEccMode(void*, unsigned* current, unsigned* pending) {
  *current = 1;
  *pending = 1;
  return success;
}
int nvmlDeviceGetMigMode(void*, unsigned* current, unsigned* pending) {
  *pending = 0;
  return answer_if_scripted("mig", current);
}
int nvmlDeviceGetPersistenceMode(void*, unsigned* mode) {
  *mode = 1;
  return success;
}
int nvmlDeviceGetComputeMode(void*, unsigned* mode) {
  *mode = 3;
  return success;
}
int nvmlDeviceGetVirtualizationMode(void*, unsigned* mode) {
  *mode = 1;
  return success;
}
}
