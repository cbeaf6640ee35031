// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What computes: the CPU, or a GPU through CUDA.
#pragma once

#include "kernels/problem/name_table.h"

namespace roofproof {

enum class Backend { host, cuda };

std::string_view name(Backend backend);
template <>
std::optional<Backend> parse_name(std::string_view text);

}  // namespace roofproof
