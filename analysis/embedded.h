// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Files that travel inside the program; cmake/embed.cmake generates the definitions.
#pragma once

#include <span>

#include "kernels/models/embedded.h"

namespace roofproof::analysis {

// analysis/specs/*.json
std::span<const EmbeddedFile> embedded_specs();
// analysis/machines.json
std::span<const EmbeddedFile> embedded_machines();
// results/published/*.json
std::span<const EmbeddedFile> embedded_published();
// analysis/report/: the page, its style, and its scripts in the order in which they run
std::span<const EmbeddedFile> embedded_report();

}  // namespace roofproof::analysis
