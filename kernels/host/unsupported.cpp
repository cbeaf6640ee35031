// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <stdexcept>

#include "kernels/host/workloads.h"

namespace roofproof::host {

std::string no_native_type(const Problem& problem, const Device&) {
  return "not supported on CPU: " + std::string(name(problem.op)) + " " +
         std::string(name(problem.precision));
}

std::unique_ptr<Workload> prepare_nothing(const Problem& problem, const Device& device,
                                          const Preparation&) {
  throw std::invalid_argument(no_native_type(problem, device));
}

}  // namespace roofproof::host
