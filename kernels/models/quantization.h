// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The format that a checkpoint's config.json states: its quantization_config, else its torch_dtype.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/models/config.h"
#include "kernels/models/layout.h"

namespace roofproof {

// Sets what is stored and cached, and marks the weights that stay plain. What is not understood
// throws RecordError that names it and --weights.
void read_formats(const Config& root, ModelLayout& layout);

// Modules that stay plain, as such a list names them: by a part of their name between dots, or with
// `*` for anything, or behind "re:" as a regular expression of which only `.*`, `\.` and anchors
// are understood. "model.layers.3.mlp" and "layers.3.mlp" are the same.
class ModuleList {
 public:
  // Throws std::invalid_argument that names the entry which is not understood.
  explicit ModuleList(const std::vector<std::string>& entries);
  bool names(std::string_view module) const;  // "layers.3.mlp.gate"

 private:
  std::set<std::string, std::less<>> parts_;
  std::vector<std::string> patterns_;
};

}  // namespace roofproof
