// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/options.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "kernels/models/find.h"
#include "results/record/exit_code.h"

namespace roofproof::bench {
namespace {

constexpr const char* description =
    "Measures memory bandwidth, GEMM and decode of this machine, with hand-written kernels and "
    "with\n"
    "the vendor's libraries, and compares them with the roofline.";

constexpr const char* examples =
    "Examples:\n"
    "  bench_all                                 the GPU if there is one, else this CPU; 6 "
    "minutes\n"
    "  bench_all --profile quick                 three short sessions; 90 seconds\n"
    "  bench_all --device host --filter gemv     the decode kernels on this CPU\n"
    "  bench_all --filter gemm/fp16 --kernel mma_sm80\n"
    "                                            one kernel, even where a newer one would run\n"
    "  bench_all --filter 'read|decode' --model llama-3-8b\n"
    "                                            another model's tokens per second\n"
    "  bench_all --against ../before/build/bin/bench_all\n"
    "                                            did this build get slower?\n"
    "  bench_all --list                          the names, without measuring\n"
    "\n"
    "Exit codes: 0 fine, 1 slower (--against), 2 bad usage, 3 unclear (--against), 4 environment\n"
    "unfit, 5 a case failed.";

// The model's name as the kernels know it, and what of it they cannot run.
void set_model(Options& options) {
  const ModelLayout layout = find_layout(options.model);
  const std::optional<std::string> name = kernel_model_name(layout);
  options.is_predicted_only = !name;
  if (!name) {
    options.model_notice = layout.name +
                           ": no kernel computes such layers, so that layer, prefill and decode "
                           "are predicted only: roofproof predict --model " +
                           options.model;
    return;
  }
  options.model = *name;
  if (!layout.kernels_leave_out.empty()) {
    options.model_notice = layout.name + " is measured as " + options.model +
                           "; predicted only: " + layout.kernels_leave_out;
  }
}

}  // namespace

ParsedOptions parse_options(int argc, char** argv) {
  Options options;
  std::string profile(name(options.profile));
  CLI::App app(description, "bench_all");
  app.footer(examples);
  app.add_option("--profile", profile, "quick (3 sessions), standard (5) or full (5, takes hours)")
      ->check(CLI::IsMember({"quick", "standard", "full"}))
      ->capture_default_str();
  app.add_option("--device", options.device, "auto, cuda:N, all (every GPU in turn) or host")
      ->check([](const std::string& text) {
        const bool numbered = text.rfind("cuda:", 0) == 0 && text.size() > 5 &&
                              text.find_first_not_of("0123456789", 5) == std::string::npos;
        return numbered || text == "auto" || text == "all" || text == "host"
                   ? std::string()
                   : "'" + text + "' is not auto, cuda:N, all or host";
      })
      ->capture_default_str();
  app.add_option("--filter,--benchmark_filter", options.filter,
                 "measure only the cases whose name matches this regular expression");
  app.add_option("--kernel", options.kernel, "measure only hand-written cases, with this kernel");
  app.add_option(
      "--model", options.model,
      "measure layer, prefill and decode of this model, not of the default ones: a name,\n"
      "a config.json or a folder with one, or dimensions, layers x hidden x ffn x heads x\n"
      "kv heads x head dimension x vocabulary, such as 32x4096x14336x32x8x128x32000");
  app.add_option("--sessions", options.sessions, "number of sessions, instead of the profile's")
      ->check(CLI::Range(1, 100));
  app.add_option("--out", options.out, "result file [results/<device>/<utc>-<id>.json]");
  app.add_option(
         "--against", options.against,
         "bench_all of another build: sessions of both builds alternate; exit code 1: this\n"
         "build is slower, 0: it is not, 3: unclear")
      ->check(CLI::ExistingFile);
  app.add_flag("--list", options.list, "print the case names and exit");
  app.add_flag("--kernels", options.kernels,
               "print this build's kernels (backend, kernel, operation, precision) and exit");
  app.add_flag("--show-host-name", options.show_host_name,
               "write the host name into the result instead of its hash");
  app.add_option("--case-timeout", options.case_timeout_s,
                 "seconds without progress after which a case counts as hung")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--wait", options.wait_s, "seconds to wait for another run on the same device")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_flag("--ignore-busy", options.ignore_busy,
               "measure even if other processes use the GPU; every row is marked");
  const std::string for_children;  // an empty group is left out of --help
  app.add_option("--lock", options.lock)->group(for_children);
  app.add_flag("--probe", options.probe)->group(for_children);
  app.add_option("--worker", options.worker_session)->group(for_children);
  app.add_option("--journal", options.journal)->group(for_children);
  try {
    app.parse(argc, argv);
    if (!options.model.empty()) set_model(options);
  } catch (const CLI::ParseError& error) {
    return {options, app.exit(error) == 0 ? ExitCode::fine : ExitCode::bad_input};
  } catch (const std::exception& error) {
    std::cerr << "bench_all: --model: " << error.what() << '\n';
    return {options, ExitCode::bad_input};
  }
  options.profile = *parse_profile(profile);
  return {options, std::nullopt};
}

Backend backend_of(const std::string& device) {
  return device == "host" ? Backend::host : Backend::cuda;
}

Protocol protocol_of(const Options& options) {
  Protocol chosen = protocol(options.profile);
  if (options.sessions) chosen.sessions = *options.sessions;
  return chosen;
}

std::vector<Case> plan_of(const Options& options, std::span<const SuiteRow> suite,
                          const std::string& device) {
  return make_plan(suite, {.backend = backend_of(device),
                           .profile = options.profile,
                           .filter = options.filter,
                           .kernel = options.kernel,
                           .model = options.model,
                           .without_models = options.is_predicted_only});
}

}  // namespace roofproof::bench
