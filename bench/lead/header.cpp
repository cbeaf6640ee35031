// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/lead/header.h"

#include <fmt/core.h>
#include <unistd.h>

#include <ctime>
#include <thread>

#include "bench/device/describe.h"
#include "kernels/played.h"

namespace roofproof::bench {
namespace {

std::string utc_now(const char* format) {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[64];
  std::strftime(text, sizeof text, format, &utc);
  return text;
}

std::string host_name(bool show) {
  char text[256] = "";
  ::gethostname(text, sizeof text - 1);
  return show ? std::string(text) : short_hash(text);
}

}  // namespace

Record make_header(const Options& options, const std::string& device, const ProbeReport& report) {
  const Protocol chosen = protocol_of(options);
  Record header;
  header.date = utc_now("%Y-%m-%dT%H:%M:%SZ");
  header.run_id = short_hash(fmt::format("{} {} {}", header.date, ::getpid(), device)).substr(0, 8);
  header.host_name = host_name(options.show_host_name);
  header.executable = "bench_all";
  header.num_cpus = static_cast<int>(std::thread::hardware_concurrency());
  describe_host_state(header);
  header.device = report.device(device);
  header.synthetic = is_played(header.device.name);
  header.software = report.software;
  header.protocol = {.profile = std::string(name(options.profile)),
                     .sessions = chosen.sessions,
                     .samples = chosen.memory_bound.samples,
                     .sample_time_s = chosen.memory_bound.sample_time_s,
                     .warmup_s = chosen.warmup_s,
                     .fill = "uniform",
                     .filter = {},
                     .gemm_samples = chosen.gemm.samples,
                     .gemm_sample_time_s = chosen.gemm.sample_time_s,
                     .gemm_least_launches = chosen.gemm.least_launches,
                     .case_warmup_s = chosen.memory_bound.warmup_s,
                     .gemm_case_warmup_s = chosen.gemm.warmup_s,
                     .idle_s = chosen.idle_s,
                     .cool_down_s = chosen.cool_down_s};
  if (!options.filter.empty()) header.protocol.filter = options.filter;
  return header;
}

}  // namespace roofproof::bench
