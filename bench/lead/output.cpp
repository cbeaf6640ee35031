// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/lead/output.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <ctime>
#include <system_error>
#include <thread>

#include "bench/device/describe.h"
#include "kernels/played.h"
#include "results/record/atomic_file.h"

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

std::filesystem::path results_folder() {
  const char* folder = std::getenv("ROOFPROOF_RESULTS");
  return folder != nullptr && *folder != '\0' ? folder : "results";
}

// "2026-11-22T19:04:00Z" -> "20261122T190400Z".
std::string compact(std::string date) {
  std::erase_if(date, [](char c) { return c == '-' || c == ':'; });
  return date;
}

// What a run that was killed left behind is a result too: it is moved aside, not overwritten.
void keep_old_journal(const OutputPaths& paths, const std::string& run_id) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(paths.journal, error);
  if (error || size == 0) return;
  std::filesystem::path kept = paths.result;
  kept += "." + run_id + ".journal";
  std::filesystem::rename(paths.journal, kept);
  fmt::print(stderr, "! an earlier run did not finish; its results are kept in {}\n",
             kept.string());
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

std::string slug(const std::string& device_name) {
  std::string text;
  for (const char c : device_name) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 && byte < 0x80) {
      text += static_cast<char>(std::tolower(byte));
    } else if (!text.empty() && text.back() != '-') {
      text += '-';
    }
  }
  while (!text.empty() && text.back() == '-') text.pop_back();
  return text.empty() ? "unnamed" : text;
}

OutputPaths prepare_output(const std::filesystem::path& out, const Record& header) {
  OutputPaths paths;
  paths.result = !out.empty() ? out
                              : results_folder() / slug(header.device.name) /
                                    (compact(header.date) + "-" + header.run_id + ".json");
  paths.journal = paths.result;
  paths.journal += ".journal";
  const std::filesystem::path folder =
      paths.result.has_parent_path() ? paths.result.parent_path() : ".";
  std::filesystem::create_directories(folder);
  if (std::filesystem::is_directory(paths.result)) {
    throw std::system_error(EISDIR, std::generic_category(),
                            "cannot write " + paths.result.string());
  }
  keep_old_journal(paths, header.run_id);
  write_file_atomically(paths.journal, "");
  if (std::filesystem::space(folder).available < largest_file_bytes) {
    std::filesystem::remove(paths.journal);
    throw std::system_error(ENOSPC, std::generic_category(),
                            "less than 64 MiB free for results in " + folder.string());
  }
  return paths;
}

}  // namespace roofproof::bench
