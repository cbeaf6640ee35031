// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// gemm_ratios RESULT.json: see gemm_ratios.h.

#include "tests/gemm_ratios.h"

#include <cstdio>
#include <exception>

#include "results/exit_code.h"

int main(int argc, char** argv) {
  using roofproof::ExitCode;
  if (argc != 2) {
    std::fprintf(stderr, "usage: gemm_ratios RESULT.json\n");
    return static_cast<int>(ExitCode::bad_input);
  }
  try {
    const std::string text = roofproof::gemm_ratios_text(roofproof::read_record(argv[1]));
    if (text.empty()) {
      std::fprintf(stderr, "gemm_ratios: %s: no GEMM both by hand and by cublaslt\n", argv[1]);
      return static_cast<int>(ExitCode::bad_input);
    }
    std::fputs(text.c_str(), stdout);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gemm_ratios: %s\n", error.what());
    return static_cast<int>(ExitCode::bad_input);
  }
}
