// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/lead/lead.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/lead/interrupt.h"
#include "bench/lead/probe.h"
#include "results/record/exit_code.h"

namespace roofproof::bench {
namespace {

// "cuda:0", ... or "host". Never the CPU in place of a GPU that cannot be used.
std::vector<std::string> choose_devices(const Options& options, const ProbeReport& report) {
  const auto gpu_count = static_cast<int>(report.gpus.size());
  if (options.device == "host") return {"host"};
  if (gpu_count == 0 && (options.device != "auto" || report.gpu_expected)) {
    throw EnvironmentUnfit("no GPU can be used: " + report.no_gpu_because +
                           "\n  to measure the CPU instead: bench_all --device host");
  }
  if (gpu_count == 0) return {"host"};
  if (options.device == "auto") return {"cuda:0"};
  if (options.device == "all") {
    std::vector<std::string> all;
    for (int i = 0; i < gpu_count; ++i) all.push_back(fmt::format("cuda:{}", i));
    return all;
  }
  if (std::atoi(options.device.c_str() + 5) >= gpu_count) {
    throw EnvironmentUnfit(
        fmt::format("there is no {}: {} GPU(s) are visible", options.device, gpu_count));
  }
  return {options.device};
}

}  // namespace

int lead(const Options& options, std::span<const SuiteRow> suite, const Reports& reports) {
  const std::string executable = std::filesystem::read_symlink("/proc/self/exe").string();
  const ProbeReport report = probe(executable);
  const std::vector<std::string> devices = choose_devices(options, report);
  if (options.list) {
    for (const Case& c : plan_of(options, suite, devices.front())) {
      fmt::print("{}\n", c.name);
    }
    return ExitCode::fine;
  }
  if (devices.size() > 1 && !options.against.empty()) {
    throw std::invalid_argument("--against needs one device, --device all selects several");
  }
  if (devices.size() > 1 && !options.out.empty()) {
    throw std::invalid_argument("--out needs one device, --device all selects several");
  }
  note_interrupts();
  int worst = ExitCode::fine;
  for (const std::string& device : devices) {
    const DeviceRecord& described = report.device(device);
    if (device == "host" && options.device == "auto") {
      fmt::print("No GPU found ({}): measuring this CPU, {}.\n", report.no_gpu_because,
                 described.name);
    } else {
      fmt::print("Measuring {} ({}).\n", described.name, device);
    }
    std::fflush(stdout);
    try {
      worst = std::max(worst, measure_device(options, executable, device, report, suite, reports));
    } catch (const EnvironmentUnfit& error) {
      // Of this device: the next one may be free.
      fmt::print(stderr, "bench_all: {}\n", error.what());
      worst = std::max<int>(worst, ExitCode::environment_unfit);
    }
    if (interrupt_requested()) break;
  }
  return worst;
}

}  // namespace roofproof::bench
