// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A stand-in for the CUDA driver that refuses, as libcuda.so.1 on LD_LIBRARY_PATH: CUDA's real
// runtime asks it, and says what it makes of the answer. $FAKE_CUDA_VERSION is the version that it
// supports (12040), $FAKE_CUDA_INIT the error of cuInit().

#include <dlfcn.h>

#include <cstdlib>

namespace {

int number(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::atoi(text) : otherwise;
}

int refused() { return number("FAKE_CUDA_INIT", 999); }

}  // namespace

extern "C" {

int cuInit(unsigned) { return refused(); }
int cuDriverGetVersion(int* version) {
  *version = number("FAKE_CUDA_VERSION", 99000);
  return 0;
}
int cuGetExportTable(const void** table, const void*) {
  *table = nullptr;
  return refused();
}
int cuGetProcAddress_v2(const char* name, void** function, int, unsigned long long, int* found) {
  Dl_info self{};
  ::dladdr(reinterpret_cast<void*>(&cuInit), &self);
  void* library = ::dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD);
  *function = ::dlsym(library, name);
  if (*function == nullptr) *function = reinterpret_cast<void*>(&refused);
  if (found != nullptr) *found = 0;
  return 0;
}
int cuGetProcAddress(const char* name, void** function, int version, unsigned long long flags) {
  return cuGetProcAddress_v2(name, function, version, flags, nullptr);
}
}
