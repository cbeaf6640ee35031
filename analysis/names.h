// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Names as people write them: of GPUs, machines and engines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace roofproof::analysis {

// Letters and digits alone, in lower case: "TensorRT-LLM" is "tensorrtllm".
std::string plain_name(std::string_view words);

// The `most` of `known` that are likest to `words`, by their letters and digits: those that hold
// all of it before others, then by the fewest characters to insert, delete or replace.
std::vector<std::string> closest_names(std::string_view words, std::vector<std::string> known,
                                       std::size_t most);

}  // namespace roofproof::analysis
