// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/app.h"

#include <fmt/core.h>

#include <iostream>
#include <map>

#include "bench/device/describe.h"
#include "bench/device/device_fault.h"
#include "bench/lead/probe.h"
#include "bench/options.h"
#include "bench/session/worker.h"
#include "results/record/exit_code.h"

namespace roofproof::bench {
namespace {

// In the child: the cases whose names come in, in their order.
int work(const Options& options, std::span<const SuiteRow> suite,
         std::span<const CatalogueEntry> catalogue) {
  std::map<std::string, Case> planned;
  for (Case& c : plan_of(options, suite, options.device)) {
    const std::string case_name = c.name;
    planned.emplace(case_name, std::move(c));
  }
  std::vector<Case> cases;
  for (std::string line; std::getline(std::cin, line);) cases.push_back(planned.at(line));
  const Device device = find_device(options.device);
  const std::unique_ptr<Nvml> nvml = open_nvml(device);
  const WorkerOptions worker = {.device = device,
                                .protocol = protocol_of(options),
                                .session = options.worker_session,
                                .journal = options.journal,
                                .nvml = nvml.get(),
                                .kernel_log = kernel_log_of(options.device),
                                .ignore_busy = options.ignore_busy};
  return run_session(catalogue, cases, worker) ? ExitCode::fine : ExitCode::case_failed;
}

int complain(const std::exception& error, int exit_code) {
  fmt::print(stderr, "bench_all: {}\n", error.what());
  return exit_code;
}

void print_kernels(std::span<const CatalogueEntry> catalogue) {
  for (const CatalogueEntry& entry : catalogue) {
    fmt::print("{}\t{}\t{}\t{}\n", name(entry.backend),
               entry.kernel.name.empty() ? "none" : entry.kernel.name, name(entry.op),
               name(entry.precision));
  }
}

}  // namespace

int run_app(int argc, char** argv, std::span<const SuiteRow> suite,
            std::span<const CatalogueEntry> catalogue, const Reports& reports) {
  const ParsedOptions parsed = parse_options(argc, argv);
  if (parsed.exit_code) return *parsed.exit_code;
  const Options& options = parsed.options;
  try {
    if (options.probe) {
      print_probe();
      return ExitCode::fine;
    }
    if (options.kernels) {
      print_kernels(catalogue);
      return ExitCode::fine;
    }
    if (options.worker_session >= 0) return work(options, suite, catalogue);
    if (!options.model_notice.empty()) fmt::print(stderr, "{}\n", options.model_notice);
    return lead(options, suite, reports);
  } catch (const EnvironmentUnfit& error) {
    return complain(error, ExitCode::environment_unfit);
  } catch (const std::invalid_argument& error) {
    return complain(error, ExitCode::bad_input);
  } catch (const std::system_error& error) {
    return complain(error, ExitCode::bad_input);
  } catch (const std::exception& error) {
    return complain(error, ExitCode::environment_unfit);
  }
}

}  // namespace roofproof::bench
