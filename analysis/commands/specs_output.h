// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The two forms of what `roofproof specs` shows.
#pragma once

#include <string>

#include "analysis/spec.h"

namespace roofproof::analysis {

// The single figures of a spec, in the order in which they are shown.
struct FigureRow {
  const char* label;
  const char* json_key;
  Figure GpuSpec::*figure;
};
inline constexpr FigureRow figure_rows[] = {
    {"SMs", "sm_count", &GpuSpec::sm_count},
    {"boost clock", "boost_clock_hz", &GpuSpec::boost_clock_hz},
    {"memory clock", "memory_clock_hz", &GpuSpec::memory_clock_hz},
    {"memory bus", "memory_bus_bits", &GpuSpec::memory_bus_bits},
    {"memory", "memory_bytes", &GpuSpec::memory_bytes},
    {"  visible to CUDA", "memory_visible_bytes", &GpuSpec::memory_visible_bytes},
    {"bandwidth", "memory_bandwidth_bytes_per_s", &GpuSpec::memory_bandwidth_bytes_per_s},
    {"L2 cache", "l2_cache_bytes", &GpuSpec::l2_cache_bytes},
    {"board power", "tdp_w", &GpuSpec::tdp_w},
};

// One line per GPU.
std::string overview_text(const SpecTable& specs);
// Every figure of one GPU with its source, the checks, discrepancies, prices and notes.
std::string gpu_text(const GpuSpec& gpu);

// The same as JSON, in SI units.
std::string overview_json(const SpecTable& specs);
std::string gpu_json(const GpuSpec& gpu);

}  // namespace roofproof::analysis
