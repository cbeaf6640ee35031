// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// How the reasons of a row begin: bench writes them, and analysis has to know some of them again.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace roofproof {

inline constexpr std::string_view other_processes = "other processes ran";

// The GPU computed at another clock than it could: by power, heat or a setting.
struct ClockReason {
  static constexpr std::string_view power_cap = "power cap";
  static constexpr std::string_view temperature = "held back by temperature";
  static constexpr std::string_view power_brake = "power brake of the server";
  static constexpr std::string_view hardware = "hardware slowdown";
  static constexpr std::string_view setting = "a clock that is set low";
  static constexpr std::string_view unknown = "a low clock";
  static constexpr std::string_view unsettled = "the clocks had not settled";
  static constexpr std::string_view drift = "the clock drifted";

  static constexpr std::string_view all[] = {power_cap, temperature, power_brake, hardware,
                                             setting,   unknown,     unsettled,   drift};
};

// Without what is the row's own, which stands behind a colon.
inline std::string cause_of(const std::string& reason) {
  return reason.substr(0, reason.find(':'));
}

inline bool is_clock_reason(std::string_view reason) {
  return std::any_of(std::begin(ClockReason::all), std::end(ClockReason::all),
                     [&](std::string_view cause) { return reason.starts_with(cause); });
}

}  // namespace roofproof
