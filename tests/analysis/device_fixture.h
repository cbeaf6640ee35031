// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The built-in spec table, and its devices as bench would describe them, for the tests of analysis.
#pragma once

#include "analysis/spec.h"

namespace roofproof {
namespace analysis {

inline const SpecTable& specs() {
  static const SpecTable table = SpecTable::load();
  return table;
}

}  // namespace analysis

// All that its spec file knows of it.
inline DeviceRecord whole_device(const analysis::GpuSpec& gpu) {
  return {.backend = Backend::cuda,
          .name = gpu.device_names.values.front(),
          .pci_device_id = gpu.pci_device_ids.values.front(),
          .compute_capability = gpu.compute_capability.values.front(),
          .processors = static_cast<int>(*gpu.sm_count.value),
          .sm_clock_max_hz = gpu.boost_clock_hz.value,
          .memory_bytes = static_cast<std::int64_t>(*gpu.usable_memory_bytes().value)};
}

}  // namespace roofproof
