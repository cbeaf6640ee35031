// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// gemm_ratios RESULT.json: see gemm_ratios.h.

#include "tests/analysis/gemm_ratios.h"

#include <cstdio>
#include <exception>

#include "analysis/banner.h"
#include "results/record/exit_code.h"

int main(int argc, char** argv) {
  using roofproof::ExitCode;
  if (argc != 2) {
    std::fprintf(stderr, "usage: gemm_ratios RESULT.json\n");
    return static_cast<int>(ExitCode::bad_input);
  }
  try {
    const roofproof::Record record = roofproof::read_record(argv[1]);
    const std::string text = roofproof::gemm_ratios_text(record);
    if (text.empty()) {
      std::fprintf(stderr, "gemm_ratios: %s: no GEMM both by hand and by cublaslt\n", argv[1]);
      return static_cast<int>(ExitCode::bad_input);
    }
    for (const std::string& line : roofproof::analysis::banners(record, argv[1])) {
      std::printf("%s\n", line.c_str());
    }
    std::fputs(text.c_str(), stdout);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gemm_ratios: %s\n", error.what());
    return static_cast<int>(ExitCode::bad_input);
  }
}
