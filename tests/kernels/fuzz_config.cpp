// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The reader of a model's config.json against any bytes: they give a model whose counts make sense,
// or an error that names the file and what is wrong. fuzz_driver.cpp calls this.

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "kernels/models/config.h"
#include "kernels/models/read_layout.h"
#include "results/record/record.h"

namespace {

void require(bool holds, const char* what, std::string_view text) {
  if (holds) return;
  std::fprintf(stderr, "fuzz_config: %s: %.*s\n", what, static_cast<int>(text.size()), text.data());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace roofproof;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ModelLayout layout;
  try {
    layout = read_layout(Config(text, "input"));
  } catch (const RecordError& error) {
    const std::string message = error.what();
    require(message.rfind("input:", 0) == 0 && message.size() > 8, "an error without a place",
            message);
    return 0;
  }
  require(layout.why_not_stored.empty() || layout.why_not_stored.rfind("input:", 0) == 0,
          "an error without a place", layout.why_not_stored);
  const WeightFormat format = layout.stored.value_or(WeightFormat{});
  const double step = step_weight_bytes(layout, format, experts_read(layout, 3));
  const double resident = resident_weight_bytes(layout, format);
  require(parameters(layout) > 0 && active_parameters(layout) <= parameters(layout),
          "parameters that make no sense", text);
  require(std::isfinite(resident) && step > 0 && step <= resident * (1 + 1e-9),
          "bytes that make no sense", text);
  require(resident <= file_weight_bytes(layout, format), "a file smaller than memory", text);
  const double cache = cache_bytes(layout, {}, 1000);
  require(std::isfinite(cache) && step_cache_bytes(layout, {}, 1000) <= cache,
          "a cache that makes no sense", text);
  require(step_flop(layout, 1000) > 0, "no arithmetic", text);
  return 0;
}
