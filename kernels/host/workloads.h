// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the catalogue needs of the host backend: per operation, whether it can run a problem, and
// the workload. The reasons are for the result file; empty means that it can.
#pragma once

#include "kernels/workload.h"

namespace roofproof::host {

// peak fp32: tensors "out". 1 launch is about 2 ms of arithmetic on each core.
Unsupported peak_unsupported;
Prepare prepare_peak;

// read: tensors "a" (uint32), "sum"; copy: "a", "c"; triad c = a + 3 b: "a", "b", "c".
Unsupported stream_unsupported;
Prepare prepare_stream;

// gemm fp32: tensors "a" [m, k], "b" [n, k], "c" [m, n].
Unsupported gemm_unsupported;
Prepare prepare_gemm;
Prepare prepare_openblas_gemm;

// gemv: tensors "w" [n, k] in the canonical format of kernels/quantize.h (INT4: uint8
// [n, ceil(k / 2)]), "scales" of INT8 and INT4, "x" [batch, k], "y" [batch, n].
Unsupported gemv_unsupported;
Prepare prepare_gemv;

// layer and prefill: tensors of kernels/host/layer.h, "input" and "output".
Unsupported layer_unsupported;
Prepare prepare_layer;

// decode: tensors of kernels/host/model.h.
Unsupported decode_unsupported;
Prepare prepare_decode;

// The rungs of the ladder (kernels/problem/step.h), for batch 1. A launch is a parallel region;
// unordered works on what a step in order has left.
Unsupported rung_unsupported;
Prepare prepare_rung;

// For the precisions in which a CPU does not compute: always a reason.
Unsupported no_native_type;

}  // namespace roofproof::host
