// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/workload.h"

#include <string>
#include <utility>

namespace roofproof::host {

HostWorkload::HostWorkload(const Problem& problem, const Device& device,
                           const Preparation& preparation, std::vector<std::string> outputs,
                           std::vector<TensorSpec> specs)
    : problem_(problem),
      preparation_(preparation),
      threads_(device.processors),
      outputs_(std::move(outputs)),
      tensors_(std::move(specs), preparation, device.processors) {}

void HostWorkload::launch(StreamHandle, std::int64_t i) {
  run(static_cast<int>(i % tensors_.copies()));
}

Check HostWorkload::check(StreamHandle) {
  for (const std::string& output : outputs_) tensors_.refill(output, 0);
  run(0);
  Check check = compare();
  const std::string damage = tensors_.damaged_guard();
  if (!damage.empty()) {
    check.ok = false;
    check.message += (check.message.empty() ? "" : "; ") + damage;
  }
  return check;
}

std::string no_native_type(std::string_view, const Problem& problem, const Device&) {
  return "not supported on CPU: " + std::string(name(problem.op)) + " " +
         std::string(name(problem.precision));
}

}  // namespace roofproof::host
