// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A workload that computes nothing, for tests of what stands around one. It counts as its problem
// does: a result that says something else is refused.
#pragma once

#include <string>
#include <vector>

#include "kernels/workload.h"

namespace roofproof {

class StubWorkload : public Workload {
 public:
  explicit StubWorkload(const Problem& problem = {}) : problem_(problem) {}
  void launch(StreamHandle, std::int64_t) override {}
  Check check(StreamHandle) override { return {true, 0.5, ""}; }
  std::string label() const override { return "stub"; }
  double flop() const override { return roofproof::flop(problem_); }
  double bytes() const override { return compulsory_bytes(problem_); }
  std::vector<TensorInfo> tensors() const override { return {}; }
  std::vector<std::byte> download(std::string_view, int) const override { return {}; }
  void upload(std::string_view, int, const std::vector<std::byte>&) override {}
  bool guards_intact() const override { return true; }

 private:
  Problem problem_;
};

}  // namespace roofproof
