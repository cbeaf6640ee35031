// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The decode workload on a GPU: a whole model, one step, and the rungs of the ladder that says
// where the step's time goes. Catalogue functions.
#pragma once

#include <memory>
#include <string>

#include "kernels/cuda/gemv/variant.h"
#include "kernels/device.h"
#include "kernels/workload.h"

namespace roofproof::cuda::decode {

// A step: embedding rows, all layers (in turn those that memory holds), final norm, LM head,
// argmax; one graph. Tensors: per resident layer "layer<i>." and what kernels/cuda/layer/layer.h
// says, rotated; "lm_head", "final_norm" (rotated), "embedding", "tokens", "hidden_a", "hidden_b",
// "logits", "next_tokens" and the activations of a layer. Launching it is launching a graph, which
// a capture cannot hold.
template <gemv::Variant V>
std::string decode_unsupported(const Problem& problem, const Device& device);
template <gemv::Variant V>
std::unique_ptr<Workload> prepare_decode(const Problem& problem, const Device& device,
                                         const Preparation& preparation);

// The ladder, for batch 1 and the newest variant that the device runs:
//   stream_only    every weight of the step read, in one launch
//   gemv_only      and multiplied, in one launch; no matrix waits for another
//   unordered      all operations of a step, attention and the small ones included, spread over
//                  streams so that none waits for its predecessor's end
//   launches_only  as many launches as the step has, of nothing, each waiting for the one before
// Time is weights (stream_only) + arithmetic (gemv_only less stream_only) + attention and small
// operations (unordered less gemv_only) + launches (launches_only); what is left of the step is
// explained by none.
enum class Rung { stream_only, gemv_only, unordered, launches_only };
template <Rung R>
std::string rung_unsupported(const Problem& problem, const Device& device);
template <Rung R>
std::unique_ptr<Workload> prepare_rung(const Problem& problem, const Device& device,
                                       const Preparation& preparation);

}  // namespace roofproof::cuda::decode
