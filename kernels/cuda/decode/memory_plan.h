// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What of a model is held in the memory of a GPU. Pure arithmetic.
#pragma once

#include <cstdint>
#include <string>

namespace roofproof::cuda::decode {

// Left free of the device's memory.
inline constexpr std::int64_t free_bytes = std::int64_t{256} << 20;

struct MemoryNeed {
  std::int64_t layers = 0;       // of the model; each step executes all of them
  std::int64_t layer_bytes = 0;  // weights and cache of one
  std::int64_t head_bytes = 0;   // LM head and final norm, of one copy
  std::int64_t fixed_bytes = 0;  // embedding table, activations, workspace
  std::int64_t copies = 1;       // of all weights, so that small models do not stay in cache
};

struct MemoryPlan {
  // Layers that are there once per copy; the model's layers are these in turn. 0: it does not fit.
  std::int64_t distinct = 0;
  std::int64_t bytes = 0;   // taken, or where it does not fit, needed at least
  std::string reason = {};  // why it does not fit, with the bytes
};

// As many distinct layers as fit in `available` bytes less free_bytes. At least so many that their
// weights are four times the last-level cache (or all, or one), else nothing would come from DRAM.
MemoryPlan plan_memory(const MemoryNeed& need, std::int64_t available,
                       std::int64_t last_level_cache_bytes);

}  // namespace roofproof::cuda::decode
