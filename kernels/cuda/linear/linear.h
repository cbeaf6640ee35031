// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Y[batch, N] = X[batch, K] W[N, K]^T with packed weights, whatever the batch: which kernels, how
// divided, with what workspace. Used by gemv, gemm (w8a16, w4a16), layer and decode.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kernels/cuda/linear/job.h"
#include "kernels/cuda/linear/skinny_plan.h"
#include "kernels/cuda/linear/tiled_plan.h"
#include "kernels/cuda/linear/variant.h"
#include "kernels/cuda/runtime/buffer.h"
#include "kernels/device.h"

namespace roofproof::cuda::linear {

// "simt", "mma_sm75", "mma_sm80", "bulk_sm90": the kernel names of the catalogue.
const char* name(Variant variant);

// Throws std::invalid_argument for any other name.
Variant variant_of(std::string_view name);

// Memory that the launches of one stream share: they use it one after another.
struct LinearWorkspace {
  float* partial = nullptr;
  unsigned* arrivals = nullptr;  // 0 at first
  void* rows = nullptr;
};
struct LinearWorkspaceSize {
  std::int64_t partial_floats = 0;
  std::int64_t arrivals = 0;
  std::int64_t rows_bytes = 0;

  void include(const LinearWorkspaceSize& other);
};

// That memory, owned.
class LinearBuffers {
 public:
  explicit LinearBuffers(const LinearWorkspaceSize& size);
  // To be called once, before the first launch.
  void clear(cudaStream_t stream);
  LinearWorkspace view() const;

 private:
  Buffer partial_;
  Buffer arrivals_;
  Buffer rows_;
};

class LinearPlan {
 public:
  // `norm`: X is normalised (RMSNorm) on the way. Throws std::invalid_argument where the variant
  // cannot do it: activations beyond shared memory however K is cut.
  LinearPlan(const PackedShape& shape, int batch, bool norm, Variant variant, const Device& device);

  LinearWorkspaceSize workspace() const;

  // Kernels that launch() enqueues.
  int launches() const;

  // "bulk_sm90 8 sequences, 132 x 1 blocks": how the work is divided.
  std::string label() const;

  // Enqueues it. Of `operands` weights, row_scales, x, norm, epsilon, y and what `finish` needs
  // have to be set; the rest is the plan's. `dependent`: the launches may begin before their
  // predecessors on the stream have ended, where the kernels can wait for them themselves.
  void launch(LinearJob operands, const LinearWorkspace& workspace, bool dependent,
              cudaStream_t stream) const;

 private:
  bool prepares_rows() const;
  int groups() const;

  PackedShape shape_;
  int batch_;
  bool norm_;
  Variant variant_;
  bool dependent_;  // the variant waits for its predecessor itself
  std::optional<SkinnyPlan> skinny_;
  std::optional<SkinnyPlan>
      last_skinny_;  // of what is left of the batch, where it is cut in groups
  std::optional<TiledPlan> tiled_;
};

}  // namespace roofproof::cuda::linear
