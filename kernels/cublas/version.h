// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

namespace roofproof::cublas {

// Of the library that is loaded, "13.0.2", or empty where there is none; needs no GPU.
std::string version();

// "libcublas.so.13", the one that this build works with.
std::string library_file();

}  // namespace roofproof::cublas
