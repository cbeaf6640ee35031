// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Holds a stream back while the host enqueues what is to run without a gap: the host's part of a
// launch would be timed too.
#pragma once

#include <cuda_runtime_api.h>

#include <memory>

namespace roofproof::cuda {

class Gate {
 public:
  Gate();

  // What is enqueued on the stream from here on waits for release(), but not for ever: after a
  // second it goes on, and was_given_up() is true. Little should be enqueued meanwhile, and no
  // kernel that was never launched before: loading one may wait for the device.
  void hold(cudaStream_t stream);
  void release();
  bool was_given_up() const;  // of the last hold(), once the stream has passed it

 private:
  // In memory of the host that the device sees too.
  struct State;
  struct Free {
    void operator()(State* state) const noexcept;
  };

  std::unique_ptr<State, Free> state_;
  unsigned turn_ = 0;
};

}  // namespace roofproof::cuda
