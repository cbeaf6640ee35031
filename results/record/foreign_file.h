// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a file that is no result of ours looks like.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace roofproof {

// "looks like a result of nvbandwidth, not of bench_all"; of what roofproof audit reads, that it
// does; of what is packed or encoded otherwise, the command that undoes it. Nothing where it is
// like nothing known here, or is a damaged result of ours. Asked only of a text that was refused:
// nothing here decides what is a result.
std::optional<std::string> look_of(std::string_view text);

}  // namespace roofproof
