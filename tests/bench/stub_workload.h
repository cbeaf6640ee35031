// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A workload that computes nothing, for tests of what stands around one.
#pragma once

#include <string>
#include <vector>

#include "kernels/workload.h"

namespace roofproof {

class StubWorkload : public Workload {
 public:
  void launch(StreamHandle, std::int64_t) override {}
  Check check(StreamHandle) override { return {true, 0.5, ""}; }
  std::string label() const override { return "stub"; }
  double flop() const override { return 100; }
  double bytes() const override { return 1000; }
  std::vector<TensorInfo> tensors() const override { return {}; }
  std::vector<std::byte> download(std::string_view, int) const override { return {}; }
  void upload(std::string_view, int, const std::vector<std::byte>&) override {}
  bool guards_intact() const override { return true; }
};

}  // namespace roofproof
