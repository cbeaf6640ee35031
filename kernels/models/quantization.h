// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The format that a checkpoint states: in the quantization_config of its config.json, in a file
// beside it, else in its torch_dtype.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/models/config.h"
#include "kernels/models/layout.h"

namespace roofproof {

// What tools of quantization write beside a config.json that has no quantization_config.
struct FormatFile {
  Config config;
  std::string_view method;  // the quant_method that it does not name itself
};

// Nothing where no such file is in the folder. Throws RecordError where it cannot be read.
std::optional<FormatFile> find_format_file(const std::filesystem::path& folder);

// Sets what is stored and cached, and marks the weights that stay plain. What is not understood
// throws RecordError that names it and --weights.
void read_formats(const Config& root, const std::optional<FormatFile>& beside, ModelLayout& layout);

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
