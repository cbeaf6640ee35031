// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The decode workload on a GPU: a whole model, one step, and the rungs of the ladder that says
// where the step's time goes.
#pragma once

#include "kernels/workload.h"

namespace roofproof::cuda::decode {

// A step: embedding rows, all layers (in turn those that memory holds), final norm, LM head,
// argmax; one graph. Tensors: per resident layer "layer<i>." and what kernels/cuda/layer/layer.h
// says, rotated; "lm_head", "final_norm" (rotated), "embedding", "tokens", "hidden_a", "hidden_b",
// "logits", "next_tokens" and the activations of a layer. Launching it is launching a graph, which
// a capture cannot hold.
Unsupported decode_unsupported;
Prepare prepare_decode;

// The ladder, for batch 1 and the newest variant that the device runs:
//   stream_only    every weight of the step read, in one launch
//   gemv_only      and multiplied, in one launch; no matrix waits for another
//   unordered      all operations of a step, attention and the small ones included, spread over
//                  streams so that none waits for its predecessor's end
//   launches_only  as many launches as the step has, of nothing, each waiting for the one before
// Time is weights (stream_only) + arithmetic (gemv_only less stream_only) + attention and small
// operations (unordered less gemv_only) + launches (launches_only); what is left of the step is
// explained by none.
Unsupported rung_unsupported;
Prepare prepare_rung;

}  // namespace roofproof::cuda::decode
