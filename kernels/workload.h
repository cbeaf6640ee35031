// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A problem made ready to run on a backend.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/device.h"
#include "kernels/problem/problem.h"

namespace roofproof {

// The stream on which a backend enqueues: a cudaStream_t; null on the host, where work is done when
// launch() returns.
using StreamHandle = void*;

// How a workload is to be prepared.
struct Preparation {
  std::uint64_t seed = 1;
  int copies = 1;  // independent sets of the rotated buffers; launch i uses set i mod copies
  double alpha = 1;
  double beta = 0;
  StreamHandle stream = nullptr;
};

enum class ElementType { fp32, fp16, int8, uint8, int32, uint32 };

// A buffer of a workload, for tests and checks.
struct TensorInfo {
  std::string name;  // "a", "b", "c"; the rotated ones once per copy
  ElementType type;
  std::int64_t count;  // elements
};

// What a check before timing found.
struct Check {
  bool ok = false;
  double worst = 0;  // largest |error| / tolerance over the sampled outputs; NaN counts as failure
  std::string message = {};  // which output, got, wanted; empty when ok
};

// Owns all its buffers; every output starts poisoned (all bits set: NaN in FP16 and FP32), and
// every buffer stands between guard bands.
class Workload {
 public:
  virtual ~Workload() = default;
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  // Computes the problem once, on copy `i mod copies`, asynchronously on `stream`. No allocation,
  // no synchronisation.
  virtual void launch(StreamHandle stream, std::int64_t i) = 0;

  // Launches copy 0 and compares sampled outputs with a double-precision host reference, then the
  // guard bands. Waits for the stream.
  virtual Check check(StreamHandle stream) = 0;

  // False where launch() does what a stream capture cannot hold, such as launching a graph.
  virtual bool capturable() const { return true; }

  // The kernel variant or the library's algorithm, for the result's label.
  virtual std::string label() const = 0;

  virtual double flop() const = 0;   // of one launch
  virtual double bytes() const = 0;  // compulsory, of one launch

  // What only some operations can tell of one launch, unit in the name: {"kernel_launches", 163}.
  virtual std::map<std::string, double> counters() const { return {}; }

  // For tests: the tensors of one copy, inputs and outputs, and their contents as raw bytes.
  virtual std::vector<TensorInfo> tensors() const = 0;
  virtual std::vector<std::byte> download(std::string_view tensor, int copy) const = 0;
  virtual void upload(std::string_view tensor, int copy, const std::vector<std::byte>& bytes) = 0;
  virtual bool guards_intact() const = 0;

 protected:
  Workload() = default;
};

// What the catalogue has of a family of kernels, for functions to be declared with. Both are told
// by its name which kernel is meant.

// Why the kernel cannot run the problem on the device; empty where it can.
using Unsupported = std::string(std::string_view kernel, const Problem& problem,
                                const Device& device);
using Prepare = std::unique_ptr<Workload>(std::string_view kernel, const Problem& problem,
                                          const Device& device, const Preparation& preparation);

}  // namespace roofproof
