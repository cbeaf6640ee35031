// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// ptx_lint FILE.ptx ...: lists what of these files the machine does not know.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>

#include "tests/ptx/machine/instruction.h"

int main(int argc, char** argv) {
  int unknown = 0;
  for (int k = 1; k < argc; ++k) {
    std::ifstream f(argv[k]);
    const std::string text{std::istreambuf_iterator<char>(f), {}};
    try {
      const auto m = roofproof::ptx::Module::parse(text);
      for (const auto* kernel : m->kernels()) {
        std::map<std::string, int> bad;
        for (auto& i : kernel->code->instructions)
          if (i.execute == roofproof::ptx::unknown_instruction)
            ++bad[kernel->code->line_text(i.line)];
        for (auto& [t, n] : bad) {
          unknown += n;
          std::printf("%s: %s: %d x '%s'\n", argv[k], kernel->name.c_str(), n, t.c_str());
        }
      }
      std::printf("%s: %zu kernels\n", argv[k], m->kernels().size());
    } catch (const roofproof::ptx::Fault& e) {
      std::printf("%s: %s\n", argv[k], e.what());
      ++unknown;
    }
  }
  return unknown != 0;
}
