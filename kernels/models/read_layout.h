// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>

#include "kernels/models/config.h"
#include "kernels/models/layout.h"
#include "kernels/models/quantization.h"

namespace roofproof {

// Every weight that a config.json describes. Throws RecordError, which names the field, for a
// family that families.h does not have, for fields that the family is not known to have, and where
// fields contradict each other. Of a quantization that is not understood the layout says so.
ModelLayout read_layout(const Config& root, const std::optional<FormatFile>& beside = {});

}  // namespace roofproof
