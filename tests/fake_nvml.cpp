// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A stand-in for NVIDIA's management library, for test_nvml: a Tesla T4 held back by its power
// limit, whose driver does not know its energy and is too old to know MIG.

#include <cstdio>
#include <cstring>

namespace {

constexpr int success = 0;
constexpr int not_supported = 3;
constexpr int not_found = 6;
char board;

}  // namespace

extern "C" {

int nvmlInit_v2() { return success; }
int nvmlShutdown() { return success; }
const char* nvmlErrorString(int status) {
  return status == not_supported ? "Not Supported" : "Not Found";
}
int nvmlDeviceGetHandleByPciBusId_v2(const char* address, void** device) {
  if (std::strcmp(address, "0000:00:1e.0") != 0) return not_found;
  *device = &board;
  return success;
}
int nvmlDeviceGetClockInfo(void*, int domain, unsigned* mhz) {
  *mhz = domain == 1 ? 1020 : 5000;
  return success;
}
int nvmlDeviceGetMaxClockInfo(void*, int domain, unsigned* mhz) {
  *mhz = domain == 1 ? 1590 : 5001;
  return success;
}
int nvmlDeviceGetTemperature(void*, int, unsigned* celsius) {
  *celsius = 61;
  return success;
}
int nvmlDeviceGetTotalEnergyConsumption(void*, unsigned long long*) { return not_supported; }
int nvmlDeviceGetPowerUsage(void*, unsigned* milliwatt) {
  *milliwatt = 69500;
  return success;
}
int nvmlDeviceGetCurrentClocksThrottleReasons(void*, unsigned long long* bits) {
  *bits = 0x4 | 0x1;
  return success;
}
int nvmlDeviceGetViolationStatus(void*, int policy, unsigned long long* times) {
  times[0] = 1000000;
  times[1] = policy == 0 ? 2500000000ULL : 0;
  return success;
}
int nvmlSystemGetDriverVersion(char* text, unsigned size) {
  std::snprintf(text, size, "550.90.07");
  return success;
}
int nvmlDeviceGetPciInfo_v3(void*, unsigned* info) {
  info[4 + 3] = 0x1EB810DE;
  return success;
}
int nvmlDeviceGetEnforcedPowerLimit(void*, unsigned* milliwatt) {
  *milliwatt = 70000;
  return success;
}
int nvmlDeviceGetEccMode(void*, unsigned* current, unsigned* pending) {
  *current = 1;
  *pending = 1;
  return success;
}
}
