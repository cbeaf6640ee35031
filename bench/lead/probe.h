// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Which devices there are, found out by a child process: a driver that hangs or crashes takes only
// the child along, and the parent never holds a CUDA context.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "results/record/record.h"

namespace roofproof::bench {

struct ProbeReport {
  std::vector<DeviceRecord> gpus = {};
  DeviceRecord host = {};
  SoftwareRecord software = {};
  std::string no_gpu_because = {};  // why `gpus` is empty
  bool gpu_expected = false;        // this machine has an NVIDIA GPU, usable or not

  // "host" or "cuda:N".
  const DeviceRecord& device(const std::string& name) const;
};

// Whether there is an NVIDIA GPU in the kernel's view, which needs no driver that works. Under
// Windows (WSL2) every vendor's GPU is /dev/dxg: NVIDIA's brings its library. `root` is another
// folder in tests alone.
bool machine_has_nvidia_gpu(const std::filesystem::path& root = "/");

// In the child: looks, and prints the report.
void print_probe();

// In the parent: runs the child. Throws std::runtime_error when it gives no report.
ProbeReport probe(const std::string& executable);

}  // namespace roofproof::bench
