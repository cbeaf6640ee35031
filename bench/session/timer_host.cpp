// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/session/timer.h"

#include <chrono>
#include <stdexcept>

namespace roofproof::bench {
namespace {

class HostTimer : public Timer {
 public:
  StreamHandle stream() const override { return nullptr; }

  void prepare(Workload& workload, std::int64_t launches) override {
    workload_ = &workload;
    launches_ = launches;
  }

  double launches_s() override {
    const auto start = std::chrono::steady_clock::now();
    for (std::int64_t i = 0; i < launches_; ++i) workload_->launch(nullptr, next_++);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

 private:
  Workload* workload_ = nullptr;
  std::int64_t launches_ = 0;
  std::int64_t next_ = 0;  // goes on over samples, so that rotation never starts anew on warm data
};

}  // namespace

void Timer::prepare_alone(Workload&, std::int64_t) {
  throw std::logic_error("this backend does not time launches one by one");
}

std::unique_ptr<Timer> make_host_timer() { return std::make_unique<HostTimer>(); }

std::unique_ptr<Timer> make_timer(const Device& device) {
  if (device.backend == Backend::host) return make_host_timer();
#if ROOFPROOF_HAS_CUDA
  return make_cuda_timer(device);
#else
  throw std::logic_error("this build has no CUDA backend");
#endif
}

}  // namespace roofproof::bench
