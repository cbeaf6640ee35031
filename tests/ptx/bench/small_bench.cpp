// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// bench_all with a suite that the PTX machine can bear: every operation but peak, whose launches
// take seconds there (ptx_cases has it), and every precision, library, choice, rung and state of
// the caches that the real one has for GPUs.

#include "bench/app.h"

namespace {

using namespace roofproof;
using enum Op;
using enum Precision;
using enum Implementation;
using bench::Caches;
using bench::Choice;

constexpr bench::Profile quick = bench::Profile::quick;

}  // namespace

int main(int argc, char** argv) {
  const char* model = "2x136x200x6x2x64x300";
  const std::vector<Precision> weights = {fp32, fp16, int8, int4};
  const std::vector<Implementation> libraries_too = {hand, cublas, cublaslt};
  const Backend cuda = Backend::cuda;
  const bench::SuiteRow rows[] = {
      {Op::read, {fp32}, {{.bytes = 1 << 18}}, {hand}, cuda, quick, {.choice = Choice::fastest}},
      {copy, {fp32}, {{.bytes = 1 << 18}}, {hand}, cuda, quick, {.choice = Choice::fastest}},
      {triad, {fp32}, {{.bytes = 1 << 18}}, {hand}, cuda, quick, {.choice = Choice::fastest}},
      {gemm, {fp32, fp16, int8}, {{.m = 64, .n = 72, .k = 80}}, libraries_too, cuda, quick},
      {gemm, {w8a16, w4a16}, {{.m = 64, .n = 72, .k = 80}}, {hand}, cuda, quick},
      {gemm,
       {fp16, int8},
       {{.m = 64, .n = 72, .k = 80}},
       {hand},
       cuda,
       quick,
       {.kernels = {"mma_sm75"}}},
      {gemv, {fp16}, {{.n = 64, .k = 512, .batch = 1}}, libraries_too, cuda, quick},
      {gemv, {fp32, int8, int4}, {{.n = 64, .k = 512, .batch = 1}}, {hand}, cuda, quick},
      {gemv,
       {fp16},
       {{.n = 64, .k = 512, .batch = 1}},
       libraries_too,
       cuda,
       quick,
       {.caches = {Caches::cold, Caches::hot}}},
      {decode, weights, {{.batch = 1, .context = 0, .model = model}}, {hand}, cuda, quick},
      {decode,
       weights,
       {{.batch = 1, .context = 0, .model = model}},
       {hand},
       cuda,
       quick,
       {.kernels = {"stream_only", "gemv_only", "unordered", "launches_only"}}},
      {decode, weights, {{.batch = 8, .context = 0, .model = model}}, {hand}, cuda, quick},
      {layer, weights, {{.batch = 1, .context = 70, .model = model}}, {hand}, cuda, quick},
      {prefill, {fp16, int8, int4}, {{.m = 33, .model = model}}, {hand}, cuda, quick},
  };
  const bench::Reports silent{[](const bench::Result&) {},
                              [](const bench::Result&, const bench::Result&) { return 0; }};
  return bench::run_app(argc, argv, rows, catalogue(), silent);
}
