// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a person may call a model.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/models/layout.h"

namespace roofproof {

// Those of models/data/, by name.
std::vector<std::string> model_names();

// One of them, in any case and under any of its names, with or without an organisation; nothing
// where there is none. No file is looked for.
std::optional<ModelLayout> find_named_layout(std::string_view words);

// A config.json or a folder with one; where there is no such file or folder a model of models/data/
// in any case and under any of its names, with or without an organisation
// ("mistralai/Mistral-7B-Instruct-v0.2"); or the dimensions of a dense model as
// kernels/problem/model.h takes them. Throws std::invalid_argument, or RecordError that names file,
// field and reason.
ModelLayout find_layout(std::string_view words);

// As the kernels know it and result files name it; nothing where no kernel computes such layers.
std::optional<std::string> kernel_model_name(const ModelLayout& layout);

}  // namespace roofproof
