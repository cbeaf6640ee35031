// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The decode workload on a GPU: a whole model, one step. Catalogue functions.
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

}  // namespace roofproof::cuda::decode
