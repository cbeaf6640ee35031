// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/app.h"

int main(int argc, char** argv) {
  using namespace roofproof;
  return bench::run_app(argc, argv, bench::suite(), catalogue(),
                        [](const Record&, const std::filesystem::path&) {});
}
