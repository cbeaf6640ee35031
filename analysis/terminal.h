// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Text for a person, who may be at a terminal.
#pragma once

#include <cstdio>
#include <string>

namespace roofproof::analysis {

// Whether colour may be written there: a terminal that knows it, and no NO_COLOR (no-color.org).
bool takes_colour(std::FILE* stream);

// The marks at the start of lines, behind any blanks, in colour: ✓ green, ✗ red, ? and ! yellow.
// Nothing else changes.
std::string coloured(const std::string& text);

// A word of the shell: what it would not take as one is quoted. For paths in printed commands.
std::string shell_word(const std::string& text);

// Writes the text to standard output, in colour where that takes it.
void print_text(const std::string& text);

}  // namespace roofproof::analysis
