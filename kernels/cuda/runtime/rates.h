// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What an SM computes per clock, by which options of a kernel are weighed against one another;
// nothing is predicted from it.
#pragma once

#include <string>

#include "kernels/device.h"

namespace roofproof::cuda {

// Multiply-adds per clock and SM.
struct Rates {
  double fp32;         // CUDA cores
  double tensor_fp16;  // mma.sync of FP16 with FP32 sums
  double tensor_int8;  // mma.sync of INT8
};

// NVIDIA's architecture white papers (Turing, A100, GA102, Ada, RTX Blackwell): lanes, and the
// FLOP/s of tensor cores / SMs / boost clock / 2. On Hopper mma.sync gets 62 % of what wgmma does
// (arXiv:2501.12084); on 10.x that is not known, and taken to be the same.
inline Rates rates_of(const Device& device) {
  struct Row {
    int from_capability;
    Rates rates;
  };
  constexpr Row rows[] = {{120, {128, 512, 1024}},
                          {90, {128, 0.62 * 2048, 0.62 * 4096}},
                          {86, {128, 512, 1024}},
                          {80, {64, 1024, 2048}},
                          {0, {64, 512, 1024}}};
  const Row* row = rows;
  while (device.compute_capability < row->from_capability) ++row;
  Rates rates = row->rates;
  // GeForce boards add FP16 products in FP32 at half the rate of other boards with the same chip
  // (RTX 3090, 4090, 5090: 71, 165, 210 TFLOPS), and so does the A10G (70; the A10 125).
  const bool halved = device.name.find("GeForce") != std::string::npos ||
                      device.name.find("A10G") != std::string::npos;
  if (halved) rates.tensor_fp16 /= 2;
  return rates;
}

}  // namespace roofproof::cuda
