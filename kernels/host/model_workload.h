// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What decode and its rungs share: the model, and the operations of a step.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "kernels/host/model.h"
#include "kernels/host/workload.h"

namespace roofproof::host {

class ModelWorkload : public HostWorkload {
 public:
  std::string label() const override;
  std::map<std::string, double> counters() const override;

 protected:
  // Steps write the state `out`: "" for the one that they read, or another's prefix.
  ModelWorkload(const Problem& problem, const Device& device, const Preparation& preparation,
                const std::string& out);

  const LayerPlan& plan() const { return plan_; }
  std::int64_t distinct() const { return distinct_; }
  const StepState& in() const { return in_; }
  const StepState& out() const { return out_.empty() ? in_ : out_.front(); }
  const Operations& operations(int copy) const {
    return operations_[static_cast<std::size_t>(copy)];
  }

 private:
  ModelWorkload(const Problem& problem, const Device& device, const Preparation& preparation,
                const std::string& out, std::int64_t distinct);

  LayerPlan plan_;
  std::int64_t distinct_;
  StepState in_;
  std::deque<StepState> out_;           // empty where it is the same
  std::vector<Operations> operations_;  // of each copy
};

// Why a step cannot be run; empty where it can.
std::string model_unsupported(const Problem& problem, const Device& device);

}  // namespace roofproof::host
