// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/cuda/gate.h"

#include <cstdint>
#include <new>

#include "kernels/cuda/ptx/registers.cuh"
#include "kernels/cuda/runtime/error.h"

namespace roofproof::cuda {
namespace {

constexpr std::uint64_t longest_wait_ns = 1'000'000'000;

// Cycles bound it too, at 4 GHz, should the timer stand still.
__global__ void wait_at(const volatile unsigned* opened, volatile unsigned* given_up,
                        unsigned turn) {
  const std::uint64_t start_ns = ptx::globaltimer();
  const auto start_cycles = static_cast<std::uint64_t>(clock64());
  while (*opened < turn) {
    if (ptx::globaltimer() - start_ns < longest_wait_ns &&
        static_cast<std::uint64_t>(clock64()) - start_cycles < 4 * longest_wait_ns) {
      continue;
    }
    *given_up = turn;
    return;
  }
}

}  // namespace

struct Gate::State {
  unsigned opened;    // up to this turn, by the host
  unsigned given_up;  // the last turn that was not waited for, by the device
};

void Gate::Free::operator()(State* state) const noexcept {
  ROOFPROOF_CUDA_LOG_ERROR(cudaFreeHost(state));
}

Gate::Gate() {
  void* state = nullptr;
  ROOFPROOF_CUDA_CHECK(cudaHostAlloc(&state, sizeof(State), cudaHostAllocMapped));
  state_.reset(new (state) State{0, 0});
}

void Gate::hold(cudaStream_t stream) {
  // With unified addressing (CUDA programming guide) the device knows it by the same address.
  wait_at<<<1, 1, 0, stream>>>(&state_->opened, &state_->given_up, ++turn_);
  ROOFPROOF_CUDA_CHECK_LAUNCH(wait_at);
}

void Gate::release() { *static_cast<volatile unsigned*>(&state_->opened) = turn_; }

bool Gate::was_given_up() const {
  return *static_cast<const volatile unsigned*>(&state_->given_up) == turn_;
}

}  // namespace roofproof::cuda
