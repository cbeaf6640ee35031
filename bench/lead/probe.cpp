// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/lead/probe.h"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <stdexcept>

#include "bench/device/describe.h"
#include "bench/lead/child_process.h"
#include "results/record/json_place.h"
#include "results/record/json_text.h"

namespace roofproof::bench {
namespace {

// A driver that does not answer within this time will not answer at all: without persistence mode
// each of a server's GPUs is initialised first.
constexpr double probe_timeout_s = 180;

}  // namespace

const DeviceRecord& ProbeReport::device(const std::string& name) const {
  return name == "host" ? host : gpus.at(static_cast<std::size_t>(std::atoi(name.c_str() + 5)));
}

bool machine_has_nvidia_gpu(const std::filesystem::path& root) {
  std::error_code error;
  const auto exists = [&](const char* path) { return std::filesystem::exists(root / path, error); };
  return exists("dev/nvidia0") || exists("proc/driver/nvidia/gpus") ||
         (exists("dev/dxg") && exists("usr/lib/wsl/lib/libcuda.so.1"));
}

void print_probe() {
  ProbeReport report;
  report.host = describe_host();
  report.software = describe_software();
  report.gpus = describe_gpus(report.no_gpu_because);
  Json json;
  json["gpus"] = Json::array();
  for (const DeviceRecord& gpu : report.gpus) write_fields(json["gpus"].emplace_back(), gpu);
  write_fields(json["host"], report.host);
  write_fields(json["software"], report.software);
  json["no_gpu_because"] = report.no_gpu_because;
  std::cout << print_json(json, -1) << std::endl;
}

ProbeReport probe(const std::string& executable) {
  ChildProcess child({executable, "--probe"}, "");
  const ChildProcess::Output output = child.next_line(probe_timeout_s);
  if (output.event != ChildProcess::Event::line) {
    child.stop();
    throw std::runtime_error("looking for devices ended with " + child.wait() +
                             "; does nvidia-smi answer?");
  }
  child.wait();
  const JsonDocument document(output.line, "probe");
  const Place place(document);
  ProbeReport report;
  const Place gpus = place.at("gpus");
  report.gpus.resize(gpus.size());
  for (std::size_t i = 0; i < gpus.size(); ++i) read_fields(gpus.at(i), report.gpus[i]);
  read_fields(place.at("host"), report.host);
  read_fields(place.at("software"), report.software);
  place.at("no_gpu_because").get(report.no_gpu_because);
  report.gpu_expected = machine_has_nvidia_gpu();
  return report;
}

}  // namespace roofproof::bench
