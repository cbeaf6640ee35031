// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// GPUs that software plays, for tests (tests/ptx): kernels are executed there, times mean nothing.
#pragma once

#include <string_view>

namespace roofproof {

// How the name of such a device ends.
inline constexpr std::string_view played_suffix = " (PTX machine)";

inline bool is_played(std::string_view device_name) { return device_name.ends_with(played_suffix); }

}  // namespace roofproof
