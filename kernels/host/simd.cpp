// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/simd.h"

#include <hwy/highway.h>
#include <hwy/targets.h>

#include <stdexcept>

namespace roofproof::host {

std::vector<std::string> simd_targets() {
  std::vector<std::string> names;
  for (const auto target : hwy::SupportedAndGeneratedTargets()) {
    names.emplace_back(hwy::TargetName(target));
  }
  return names;
}

void use_simd_target(const std::string& name) {
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().DeInit();
  if (name.empty()) return;
  for (const auto target : hwy::SupportedAndGeneratedTargets()) {
    if (hwy::TargetName(target) == name) {
      hwy::SetSupportedTargetsForTest(target);
      // The next dynamic dispatch looks at the supported targets again.
      hwy::GetChosenTarget().DeInit();
      return;
    }
  }
  throw std::invalid_argument("no SIMD target " + name);
}

}  // namespace roofproof::host
