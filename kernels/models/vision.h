// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Models that carry an encoder of images beside their text: what that holds.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "kernels/models/config.h"
#include "kernels/models/layout.h"

namespace roofproof {

struct VisionFamily {
  std::string_view type;          // model_type of the whole
  std::string_view architecture;  // its class
  std::string_view inner_type;    // that its text_config states, if any
  std::string_view text_type;     // the family (families.h) that this is
  std::vector<Weights> (*read)(const Config& root, const Config& vision, std::int64_t text_hidden);
};

// nullptr: not known.
const VisionFamily* find_vision_family(std::string_view type);

}  // namespace roofproof
