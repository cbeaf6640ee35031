// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What all workloads of the host backend share: their tensors, and the order of a check.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/host/tensors.h"
#include "kernels/workload.h"

namespace roofproof::host {

class HostWorkload : public Workload {
 public:
  // Runs before it returns; the host has no streams.
  void launch(StreamHandle stream, std::int64_t i) final;
  Check check(StreamHandle stream) final;

  double flop() const override { return roofproof::flop(problem_); }
  double bytes() const override { return compulsory_bytes(problem_, preparation_.beta != 0); }

  std::vector<TensorInfo> tensors() const final { return tensors_.info(); }
  std::vector<std::byte> download(std::string_view tensor, int copy) const final {
    return tensors_.download(tensor, copy);
  }
  void upload(std::string_view tensor, int copy, const std::vector<std::byte>& bytes) final {
    tensors_.upload(tensor, copy, bytes);
  }
  bool guards_intact() const final { return tensors_.damaged_guard().empty(); }

 protected:
  // `outputs` are the tensors that launches write, `specs` all of them.
  HostWorkload(const Problem& problem, const Device& device, const Preparation& preparation,
               std::vector<std::string> outputs, std::vector<TensorSpec> specs);

  const Problem& problem() const { return problem_; }
  const Preparation& preparation() const { return preparation_; }
  int threads() const { return threads_; }
  const Tensors& buffers() const { return tensors_; }

 private:
  // Computes the problem on the buffers of `copy`.
  virtual void run(int copy) = 0;
  // Compares the output of copy 0 with the reference.
  virtual Check compare() const = 0;

  Problem problem_;
  Preparation preparation_;
  int threads_;
  std::vector<std::string> outputs_;
  Tensors tensors_;
};

}  // namespace roofproof::host
