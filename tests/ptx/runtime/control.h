// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a program over the PTX machine may say to the CUDA runtime beneath it; a program that says
// nothing is told by the environment, see README.md.
#pragma once

#include <span>
#include <string_view>

namespace roofproof::ptx::runtime {

// Plays the GPU of this compute capability: 75, 80, 86, 89 or 90. Throws std::invalid_argument for
// another, std::logic_error once the program has called CUDA.
void set_device(int compute_capability);

// The orders of execution and the searches that a correct program passes, each under one name.
std::span<const std::string_view> modes();

// Takes effect with the next launch; nothing may be running. Throws std::invalid_argument naming
// the modes.
void set_mode(std::string_view name);

// Parses all PTX that the played GPU would run, so that processes forked from this one need not.
// The parent may enqueue nothing before it forks: threads stay behind.
void preload();

// Launches, warp instructions and seconds of each kernel so far, on stderr: for a process that
// leaves by _exit, as PTX_PROFILE=1 does it at the end of others.
void print_profile();

}  // namespace roofproof::ptx::runtime
