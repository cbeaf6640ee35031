// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/decode/memory_plan.h"

#include <algorithm>

namespace roofproof::cuda::decode {

MemoryPlan plan_memory(const MemoryNeed& need, std::int64_t available,
                       std::int64_t last_level_cache_bytes) {
  const auto bytes_with = [&](std::int64_t distinct) {
    return need.fixed_bytes + need.copies * (need.head_bytes + distinct * need.layer_bytes);
  };
  const std::int64_t room = available - free_bytes;
  // Several copies were asked for because all layers of one are too few; then none is left out.
  const std::int64_t beyond_cache =
      (4 * last_level_cache_bytes + need.layer_bytes - 1) / need.layer_bytes;
  const std::int64_t least =
      need.copies > 1 ? need.layers : std::clamp<std::int64_t>(beyond_cache, 1, need.layers);
  MemoryPlan plan;
  if (bytes_with(least) > room) {
    plan.bytes = bytes_with(least);
    plan.reason = "needs " + std::to_string(plan.bytes) + " bytes for " + std::to_string(least) +
                  " of " + std::to_string(need.layers) + " layers, the LM head and the caches; " +
                  std::to_string(std::max<std::int64_t>(room, 0)) + " are available";
    return plan;
  }
  const std::int64_t fit =
      (room - need.fixed_bytes - need.copies * need.head_bytes) / (need.copies * need.layer_bytes);
  plan.distinct = std::min(fit, need.layers);
  plan.bytes = bytes_with(plan.distinct);
  return plan;
}

}  // namespace roofproof::cuda::decode
