// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/device/device_fault.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <regex>

#if ROOFPROOF_HAS_CUDA
#include "build_info.h"
#include "kernels/cublas/error.h"
#include "kernels/cuda/runtime/device.h"
#include "kernels/cuda/runtime/error.h"
#endif

namespace roofproof::bench {
namespace {

constexpr const char* damaged_memory =
    "the GPU's memory is damaged: reset it (nvidia-smi --gpu-reset) or replace it";

}  // namespace

#if ROOFPROOF_HAS_CUDA
namespace {

std::string code_in_this_build() {
  std::string only = build_info::cuda_device;
  if (only.empty()) return "this build has code for compute capability 7.5 and newer";
  only.insert(only.size() - 1, ".");  // 120 -> 12.0
  return "this build has code for compute capability " + only + " alone (ROOFPROOF_CUDA_DEVICE)";
}

std::string both_versions() {
  return "the driver supports CUDA " + cuda::version_text(cuda::versions().driver) +
         ", this build's PTX is of CUDA " + build_info::cuda_compiler +
         ": update the driver, or build with its toolkit";
}

Fault classify(cudaError_t code) {
  switch (code) {
    case cudaErrorMemoryAllocation:
      return {DeviceFault::out_of_memory};
    case cudaErrorNoKernelImageForDevice:
      return {DeviceFault::no_code, code_in_this_build()};
    case cudaErrorUnsupportedPtxVersion:
      return {DeviceFault::no_code, both_versions()};
    case cudaErrorECCUncorrectable:
      return {DeviceFault::device_gone, damaged_memory};
    case cudaErrorDevicesUnavailable:
      return {DeviceFault::device_gone,
              "another process holds the GPU, or its compute mode does not allow this run: see "
              "nvidia-smi"};
    case cudaErrorSystemNotReady:
      return {DeviceFault::device_gone,
              "the GPUs' fabric is not ready: is nvidia-fabricmanager running?"};
    default:
      return {cuda::is_sticky(code) ? DeviceFault::sticky : DeviceFault::of_the_case};
  }
}

}  // namespace
#endif

Fault classify_fault(const std::exception& error) {
  if (dynamic_cast<const DeviceBroken*>(&error) != nullptr) {
    return {DeviceFault::device_gone, damaged_memory};
  }
#if ROOFPROOF_HAS_CUDA
  if (const auto* cuda_error = dynamic_cast<const cuda::CudaError*>(&error)) {
    return classify(cuda_error->code());
  }
  if (const auto* cublas_error = dynamic_cast<const cublas::CublasError*>(&error)) {
    if (cublas_error->status() == CUBLAS_STATUS_ALLOC_FAILED) return {DeviceFault::out_of_memory};
    if (cublas_error->status() == CUBLAS_STATUS_NOT_SUPPORTED ||
        cublas_error->status() == CUBLAS_STATUS_ARCH_MISMATCH) {
      return {DeviceFault::no_code};
    }
    // The library does not say what became of the context: the runtime does.
    return classify(cudaDeviceSynchronize());
  }
#endif
  return {};
}

std::filesystem::path kernel_log_of(const std::string& device) {
  return device == "host" ? "" : "/dev/kmsg";
}

KernelLog::KernelLog(const std::filesystem::path& path) : path_(path) {
  if (path_.empty()) return;
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor_ >= 0) ::lseek(descriptor_, 0, SEEK_END);
}

KernelLog::~KernelLog() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string KernelLog::xid() {
  if (path_.empty()) return "";
  if (descriptor_ < 0) return "; Xid unknown: " + path_.string() + " cannot be read";
  std::string text;
  char record[8192];  // the kernel gives one record per read, and EPIPE where it overwrote some
  while (true) {
    const ssize_t got = ::read(descriptor_, record, sizeof record);
    if (got < 0 && (errno == EINTR || errno == EPIPE)) continue;
    if (got <= 0) break;
    text.append(record, static_cast<std::size_t>(got));
  }
  static const std::regex form("NVRM: Xid \\([^)]*\\): ([0-9]+)([^\n]*)");
  std::smatch found;
  if (!std::regex_search(text, found, form)) return "";
  return "; Xid " + found[1].str() + " in the kernel's log" +
         (found[2].length() > 2 ? ": " + found[2].str().substr(2) : "");
}

}  // namespace roofproof::bench
