// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

namespace roofproof::cublas {

// Of the library that is loaded, "13.0.2"; needs no GPU.
std::string version();

}  // namespace roofproof::cublas
