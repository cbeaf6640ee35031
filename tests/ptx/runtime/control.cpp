// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/ptx/runtime/control.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "tests/ptx/machine/machine.h"
#include "tests/ptx/runtime/runtime.h"
#include "tests/ptx/runtime/settings.h"

namespace roofproof::ptx::runtime {
namespace {

struct Mode {
  std::string_view name;
  Machine::Async async;
  Order streams;
  std::uint64_t seed;
  bool races, dependents;
};

// README.md says what each finds.
constexpr Mode mode_table[] = {
    {"early", Machine::Async::early, Order::early, 1, false, false},
    {"late", Machine::Async::late, Order::late, 1, false, false},
    {"random1", Machine::Async::random, Order::random, 1, false, false},
    {"random2", Machine::Async::random, Order::random, 2, false, false},
    {"random3", Machine::Async::random, Order::random, 3, false, false},
    {"races", Machine::Async::random, Order::random, 4, true, true},
};

constexpr auto mode_names = [] {
  std::array<std::string_view, std::size(mode_table)> names;
  std::transform(std::begin(mode_table), std::end(mode_table), names.begin(),
                 [](const Mode& mode) { return mode.name; });
  return names;
}();

void play(Settings& s, int compute_capability) {
  const auto* const device = std::find_if(
      std::begin(played_devices), std::end(played_devices),
      [&](const PlayedDevice& d) { return d.compute_capability == compute_capability; });
  if (device == std::end(played_devices)) {
    std::string known;
    for (const PlayedDevice& d : played_devices) {
      known += " " + std::to_string(d.compute_capability);
    }
    throw std::invalid_argument("no GPU of compute capability " +
                                std::to_string(compute_capability) + " is played, but" + known);
  }
  s.device = *device;
  Machine& m = machine();
  m.compute_capability = device->compute_capability;
  m.multiprocessors = device->multiprocessors;
  m.threads_per_multiprocessor = device->threads_per_multiprocessor;
  m.registers_per_multiprocessor = registers_per_multiprocessor;
  m.shared_per_multiprocessor = device->shared_per_multiprocessor;
  m.shared_per_block_optin = device->shared_per_block_optin;
}

void seed(Settings& s, std::uint64_t value) {
  machine().seed = value;
  s.random.seed(value);
}

void apply(Settings& s, std::string_view name) {
  const auto* const mode = std::find_if(std::begin(mode_table), std::end(mode_table),
                                        [&](const Mode& m) { return m.name == name; });
  if (mode == std::end(mode_table)) {
    std::string known;
    for (const std::string_view other : mode_names) known += " " + std::string(other);
    throw std::invalid_argument("there is no mode '" + std::string(name) + "', but" + known);
  }
  Machine& m = machine();
  m.async = mode->async;
  m.races = mode->races;
  m.dependents = mode->dependents;
  s.streams = mode->streams;
  seed(s, mode->seed);
}

// Null where it is not set, or empty.
const char* environment(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr && *value != 0 ? value : nullptr;
}

Settings* from_environment() {
  auto* const s = new Settings;
  try {
    const char* const capability = environment("PTX_SM");
    play(*s, capability != nullptr ? std::atoi(capability) : 90);
    const char* const mode = environment("PTX_MODE");
    apply(*s, mode != nullptr ? mode : "early");
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "PTX_SM, PTX_MODE: %s\n", error.what());
    std::exit(2);
  }
  if (const char* const value = environment("PTX_SEED")) {
    seed(*s, std::strtoull(value, nullptr, 10));
  }
  if (const char* const value = environment("PTX_LACKS")) {
    s->lacking_error = std::atoi(value);
    s->lacking = std::string(value).substr(std::string_view(value).find(':') + 1);
  }
  s->trace = environment("PTX_TRACE") != nullptr;
  if (environment("PTX_PROFILE") != nullptr) std::atexit(print_profile);
  return s;
}

}  // namespace

Settings& settings() {
  static Settings* const it = from_environment();  // outlives the program's static objects
  return *it;
}

void set_device(int compute_capability) {
  Lock lock(context().mutex);
  if (context().used) {
    throw std::logic_error("set_device: the program has called CUDA already");
  }
  play(settings(), compute_capability);
}

std::span<const std::string_view> modes() { return mode_names; }

void set_mode(std::string_view name) {
  Lock lock(context().mutex);
  apply(settings(), name);
}

}  // namespace roofproof::ptx::runtime
