// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/app.h"
#include "results/exit_code.h"

int main(int argc, char** argv) {
  using namespace roofproof;
  const bench::Reports reports{
      [](const bench::Result&) {},
      [](const bench::Result&, const bench::Result&) { return ExitCode::inconclusive; }};
  return bench::run_app(argc, argv, bench::suite(), catalogue(), reports);
}
