// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the catalogue needs of the host backend: per operation, whether it can run a problem, and
// the workload. The reasons are for the result file; empty means that it can.
#pragma once

#include <memory>
#include <string>

#include "kernels/device.h"
#include "kernels/problem/problem.h"
#include "kernels/workload.h"

namespace roofproof::host {

// peak fp32: tensors "out". 1 launch is about 2 ms of arithmetic on each core.
std::string peak_unsupported(const Problem& problem, const Device& device);
std::unique_ptr<Workload> prepare_peak(const Problem& problem, const Device& device,
                                       const Preparation& preparation);

// read: tensors "a" (uint32), "sum"; copy: "a", "c"; triad c = a + 3 b: "a", "b", "c".
std::string stream_unsupported(const Problem& problem, const Device& device);
std::unique_ptr<Workload> prepare_stream(const Problem& problem, const Device& device,
                                         const Preparation& preparation);

// gemm fp32: tensors "a" [m, k], "b" [n, k], "c" [m, n].
std::string gemm_unsupported(const Problem& problem, const Device& device);
std::unique_ptr<Workload> prepare_gemm(const Problem& problem, const Device& device,
                                       const Preparation& preparation);
std::unique_ptr<Workload> prepare_openblas_gemm(const Problem& problem, const Device& device,
                                                const Preparation& preparation);

// gemv: tensors "w" [n, k] in the canonical format of kernels/quantize.h (INT4: uint8
// [n, ceil(k / 2)]), "scales" of INT8 and INT4, "x" [batch, k], "y" [batch, n].
std::string gemv_unsupported(const Problem& problem, const Device& device);
std::unique_ptr<Workload> prepare_gemv(const Problem& problem, const Device& device,
                                       const Preparation& preparation);

// layer and prefill: tensors of kernels/host/layer.h, "input" and "output".
std::string layer_unsupported(const Problem& problem, const Device& device);
std::unique_ptr<Workload> prepare_layer(const Problem& problem, const Device& device,
                                        const Preparation& preparation);

// decode: tensors of kernels/host/model.h.
std::string decode_unsupported(const Problem& problem, const Device& device);
std::unique_ptr<Workload> prepare_decode(const Problem& problem, const Device& device,
                                         const Preparation& preparation);

// The ladder, from below, for batch 1:
//   stream_only    every weight of the step read, nothing computed
//   gemv_only      all matrix products, none waiting for another
//   unordered      all operations, none waiting for another: on what a step in order has left
//   launches_only  as many parallel regions as a step has, with nothing in them
std::string rung_unsupported(const Problem& problem, const Device& device);
std::unique_ptr<Workload> prepare_stream_only(const Problem& problem, const Device& device,
                                              const Preparation& preparation);
std::unique_ptr<Workload> prepare_gemv_only(const Problem& problem, const Device& device,
                                            const Preparation& preparation);
std::unique_ptr<Workload> prepare_unordered(const Problem& problem, const Device& device,
                                            const Preparation& preparation);
std::unique_ptr<Workload> prepare_launches_only(const Problem& problem, const Device& device,
                                                const Preparation& preparation);

// For the precisions in which a CPU does not compute: always a reason, and a prepare that throws.
std::string no_native_type(const Problem& problem, const Device& device);
std::unique_ptr<Workload> prepare_nothing(const Problem& problem, const Device& device,
                                          const Preparation& preparation);

}  // namespace roofproof::host
