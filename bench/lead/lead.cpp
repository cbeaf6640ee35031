// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/lead/lead.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "bench/device/device_fault.h"
#include "bench/lead/device_lock.h"
#include "bench/lead/jit_cache.h"
#include "bench/lead/output.h"
#include "bench/lead/probe.h"
#include "bench/lead/progress.h"
#include "bench/lead/runner.h"
#include "bench/plan.h"
#include "results/record/exit_code.h"
#include "results/record/journal.h"

namespace roofproof::bench {
namespace {

std::vector<std::string> worker_command(const std::string& executable, const Options& options,
                                        const std::string& device,
                                        const std::filesystem::path& journal, int session) {
  std::vector<std::string> command = {executable,
                                      "--worker",
                                      std::to_string(session),
                                      "--journal",
                                      journal.string(),
                                      "--device",
                                      device,
                                      "--profile",
                                      std::string(name(options.profile)),
                                      "--sessions",
                                      std::to_string(protocol_of(options).sessions)};
  if (!options.filter.empty()) command.insert(command.end(), {"--filter", options.filter});
  if (!options.kernel.empty()) command.insert(command.end(), {"--kernel", options.kernel});
  if (!options.model.empty()) command.insert(command.end(), {"--model", options.model});
  if (options.ignore_busy) command.push_back("--ignore-busy");
  return command;
}

// By board, or where a board has no name, by machine.
std::unique_ptr<DeviceLock> lock_device(const DeviceRecord& device, const Options& options) {
  const std::string board = device.uuid_hash.value_or(std::string(name(device.backend)));
  auto lock = DeviceLock::acquire(options.lock + "-" + board, options.wait_s);
  if (lock == nullptr) {
    throw EnvironmentUnfit("another run is measuring " + device.name +
                           "; two runs would disturb each other (to wait longer: --wait SECONDS)");
  }
  return lock;
}

// Why the device, which works, was not measured; empty where it was.
std::string refusal(const DeviceRecord& device, const RunOutcome& outcome) {
  if (!outcome.device_busy.empty()) {
    return device.name + " is busy: " + outcome.device_busy +
           "; wait until it is free, or measure anyway with --ignore-busy";
  }
  if (!outcome.build_unfit.empty()) {
    return fmt::format("{} (compute capability {}) cannot run this build: {}", device.name,
                       device.compute_capability.value_or("unknown"), outcome.build_unfit);
  }
  return "";
}

// r.json -> r.against.json.
std::filesystem::path path_against(std::filesystem::path result) {
  const std::string extension = result.extension().string();
  return result.replace_extension("against" + extension);
}

RunPlan make_run_plan(const Options& options, const std::string& executable,
                      const std::string& device, std::vector<Case> cases,
                      const std::filesystem::path& journal) {
  RunPlan plan;
  plan.cases = std::move(cases);
  plan.protocol = protocol_of(options);
  plan.kernel_log = kernel_log_of(device);
  plan.case_timeout_s = options.case_timeout_s;
  plan.journal = journal;
  plan.worker_command = [=](int session) {
    return worker_command(executable, options, device, journal, session);
  };
  return plan;
}

// The journal becomes the result.
Result finish(const OutputPaths& paths, bool complete, double duration_s) {
  Result result{read_record(paths.journal), paths.result};
  result.record.complete = complete;
  result.record.duration_s = duration_s;
  write_record(result.record, paths.result);
  std::filesystem::remove(paths.journal);
  return result;
}

// `device` is "host" or "cuda:N". The results are on disk when this returns; the exit code. Throws
// EnvironmentUnfit where nothing was measured.
int measure_device(const Options& options, const std::string& executable, const std::string& device,
                   const ProbeReport& report, std::span<const SuiteRow> suite,
                   const Reports& reports) {
  const auto start = std::chrono::steady_clock::now();
  const std::vector<Case> cases = plan_of(options, suite, device);
  if (cases.empty()) {
    throw std::invalid_argument("no benchmark name matches '" + options.filter + "'; see --list");
  }
  std::optional<JitCache> jit_cache;  // of all its sessions
  if (backend_of(device) == Backend::cuda) jit_cache.emplace();
  const Record header = make_header(options, device, report);
  // Before any file is touched: the other run may be writing the same one.
  const std::unique_ptr<DeviceLock> lock = lock_device(header.device, options);
  std::vector<OutputPaths> paths = {prepare_output(options.out, header)};
  std::vector<RunPlan> plans = {
      make_run_plan(options, executable, device, cases, paths[0].journal)};
  Journal::create(paths[0].journal, header);
  if (!options.against.empty()) {
    const std::string other = std::filesystem::absolute(options.against).string();
    const Record other_header = make_header(options, device, probe(other));
    paths.push_back(prepare_output(path_against(paths[0].result), other_header));
    plans.push_back(make_run_plan(options, other, device, cases, paths[1].journal));
    Journal::create(paths[1].journal, other_header);
  }

  const int sessions = plans[0].protocol.sessions;
  Progress progress(stderr, static_cast<int>(cases.size() * plans.size()) * sessions, sessions);
  std::vector<RunOutcome> outcomes;
  std::vector<Result> results;
  try {
    outcomes = run_sessions(plans, progress);
    const std::string refused = refusal(header.device, outcomes[0]);
    if (!refused.empty() && read_record(paths[0].journal).rows.empty()) {
      for (const OutputPaths& empty : paths) std::filesystem::remove(empty.journal);
      throw EnvironmentUnfit(refused);
    }
    const double duration_s =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    for (std::size_t i = 0; i < paths.size(); ++i) {
      results.push_back(finish(paths[i], !outcomes[i].over(), duration_s));
    }
  } catch (const std::system_error&) {
    for (const OutputPaths& kept : paths) {
      if (!std::filesystem::exists(kept.journal)) continue;
      fmt::print(stderr, "! results so far: {}\n", kept.journal.string());
    }
    throw;
  }
  reports.summary(results[0]);
  if (const std::string refused = refusal(header.device, outcomes[0]); !refused.empty()) {
    fmt::print(stderr, "! {}\n! results so far: {}\n", refused, results[0].path.string());
    return ExitCode::environment_unfit;
  }
  if (!outcomes[0].device_gone.empty()) {
    fmt::print(stderr, "! {} is no longer usable: {}\n! results so far: {}\n", header.device.name,
               outcomes[0].device_gone, results[0].path.string());
    return ExitCode::environment_unfit;
  }
  if (outcomes.back().interrupted || outcomes.front().interrupted) {
    fmt::print(stderr, "! interrupted; results so far: {}\n", results[0].path.string());
    return ExitCode::case_failed;
  }
  if (outcomes[0].any_failed) return ExitCode::case_failed;
  return results.size() == 1 ? ExitCode::fine : reports.against(results[0], results[1]);
}

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
