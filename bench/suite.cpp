// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/suite.h"

#include "kernels/problem/step.h"

namespace roofproof::bench {
namespace {

using enum Op;
using enum Precision;
using enum Implementation;
using enum Backend;
using enum Profile;

constexpr std::int64_t mib = std::int64_t{1} << 20;
constexpr std::int64_t gib = std::int64_t{1} << 30;

// The projections of one Mistral-7B layer as [outputs, inputs]: fused QKV, attention output, fused
// gate and up, down.
constexpr std::int64_t mistral_projections[][2] = {
    {6144, 4096}, {4096, 4096}, {28672, 4096}, {4096, 14336}};

std::vector<Shape> arrays(std::initializer_list<std::int64_t> sizes) {
  std::vector<Shape> shapes;
  for (const std::int64_t bytes : sizes) shapes.push_back({.bytes = bytes});
  return shapes;
}

std::vector<Shape> squares(std::initializer_list<std::int64_t> sizes) {
  std::vector<Shape> shapes;
  for (const std::int64_t size : sizes) shapes.push_back({.m = size, .n = size, .k = size});
  return shapes;
}

std::vector<Shape> projections_at(std::initializer_list<std::int64_t> tokens) {
  std::vector<Shape> shapes;
  for (const std::int64_t m : tokens) {
    for (const auto& [n, k] : mistral_projections) shapes.push_back({.m = m, .n = n, .k = k});
  }
  return shapes;
}

std::vector<Shape> gemv_batches(std::int64_t n, std::int64_t k,
                                std::initializer_list<std::int64_t> batches) {
  std::vector<Shape> shapes;
  for (const std::int64_t batch : batches) shapes.push_back({.n = n, .k = k, .batch = batch});
  return shapes;
}

std::vector<Shape> steps(const char* model, std::initializer_list<std::int64_t> batches,
                         std::initializer_list<std::int64_t> contexts) {
  std::vector<Shape> shapes;
  for (const std::int64_t context : contexts) {
    for (const std::int64_t batch : batches) {
      shapes.push_back({.batch = batch, .context = context, .model = model});
    }
  }
  return shapes;
}

std::vector<Shape> prompts(const char* model, std::initializer_list<std::int64_t> tokens) {
  std::vector<Shape> shapes;
  for (const std::int64_t m : tokens) shapes.push_back({.m = m, .model = model});
  return shapes;
}

// The GEMMs of training Y = X W^T with W [n, k]: forward, dX[m,k] = dY W and dW[n,k] = dY^T X, each
// as the suite's C = A B^T of the same FLOP.
std::vector<Shape> forward_and_gradients(std::int64_t m, std::int64_t n, std::int64_t k) {
  return {{.m = m, .n = n, .k = k}, {.m = m, .n = k, .k = n}, {.m = n, .n = k, .k = m}};
}

const std::vector<Precision> weights = {fp32, fp16, int8, int4};
// Two bytes and less: a model of 7e9 weights in FP32 is more than most GPUs hold.
const std::vector<Precision> small_weights = {fp16, int8, int4};
// In the order in which they add work to each other; see kernels/problem/step.h.
const std::vector<std::string_view> rungs = {name(Rung::stream_only), name(Rung::gemv_only),
                                             name(Rung::unordered), name(Rung::launches_only)};
const Variation fastest = {.choice = Choice::fastest};
const std::vector<Implementation> cublas_too = {hand, cublas, cublaslt};

constexpr std::initializer_list<std::int64_t> all_batches = {1, 2, 4, 8, 16, 32, 64, 128, 256};
constexpr std::initializer_list<std::int64_t> all_contexts = {0, 1024, 8192};

// quick and standard have 90 s and 6 minutes: tests/bench/test_plan.cpp allows each case its time
// and holds the rows to that. Sizes never follow the device, so that names match across machines.
// Arrays are DRAM-sized: 4 GiB where 1 GiB lasts too short (Hopper, where it is 0.3 ms and start
// and end are 3 % of it).
const std::vector<SuiteRow> rows = {
    // Ceilings.
    {peak, {fp32}, {{}}, {hand}, host, quick},
    {peak, {fp32, fp16, int8}, {{}}, {hand}, cuda, quick},
    {read, {fp32}, arrays({512 * mib}), {hand}, host, quick, fastest},
    {copy, {fp32}, arrays({512 * mib}), {hand}, host, quick, fastest},
    {triad, {fp32}, arrays({512 * mib}), {hand}, host, quick, fastest},
    {read, {fp32}, arrays({1 * gib, 4 * gib}), {hand}, cuda, quick, fastest},
    {copy, {fp32}, arrays({1 * gib, 4 * gib}), {hand}, cuda, quick, fastest},
    {triad, {fp32}, arrays({1 * gib, 4 * gib}), {hand}, cuda, standard, fastest},

    // GEMM on the host: what it does in well under a second.
    {gemm, {fp32}, squares({1024, 2048}), {hand, openblas}, host, quick},
    {gemm, {fp16, int8}, squares({1024}), {hand}, host, quick},
    {gemm, {fp32}, forward_and_gradients(512, 1408, 512), {hand, openblas}, host, quick},
    {gemm, {fp32}, projections_at({1, 16, 32}), {hand, openblas}, host, standard},
    {gemm, {fp32}, projections_at({128, 512}), {hand, openblas}, host, full},

    // GEMM on the GPU.
    {gemm, {fp32, fp16, int8}, squares({4096}), cublas_too, cuda, quick},
    {gemm, {fp16, int8}, squares({8192}), cublas_too, cuda, standard},
    {gemm, {fp32}, squares({8192}), cublas_too, cuda, full},
    {gemm, {fp32, fp16, int8}, squares({1024, 2048}), cublas_too, cuda, full},
    {gemm, {fp16, int8}, {{.m = 8192, .n = 14336, .k = 4096}}, cublas_too, cuda, standard},
    {gemm, {fp16}, forward_and_gradients(2048, 14336, 4096), cublas_too, cuda, standard},
    {gemm, {fp16}, projections_at({128, 2048}), cublas_too, cuda, standard},
    {gemm, {w8a16, w4a16}, projections_at({2048}), {hand}, cuda, standard},
    {gemm,
     {fp32, fp16, int8},
     projections_at({1, 16, 32, 64, 128, 512, 2048, 4096}),
     cublas_too,
     cuda,
     full},
    {gemm,
     {w8a16, w4a16},
     projections_at({16, 32, 64, 128, 256, 512, 1024, 2048}),
     {hand},
     cuda,
     full},
    {gemm,
     {fp16, int8},
     squares({4096, 8192}),
     {hand},
     cuda,
     full,
     {.kernels = {"mma_sm80"}}},  // beside the newest kernel

    // One projection of a decode step: where the article's law begins.
    {gemv, weights, gemv_batches(14336, 4096, {1, 8, 32}), {hand}, host, quick},
    {gemv, weights, gemv_batches(14336, 4096, {2, 4, 16}), {hand}, host, standard},
    // FP16 first, each hand-written kernel right before the libraries.
    {gemv, {fp16}, gemv_batches(14336, 4096, {1}), cublas_too, cuda, quick},
    {gemv, {fp32, int8, int4}, gemv_batches(14336, 4096, {1}), {hand}, cuda, quick},
    {gemv, {fp16}, gemv_batches(14336, 4096, {4, 8, 16, 32, 64, 256}), cublas_too, cuda, standard},
    {gemv,
     {fp32, int8, int4},
     gemv_batches(14336, 4096, {4, 8, 16, 32, 64, 256}),
     {hand},
     cuda,
     standard},
    {gemv, {fp16}, gemv_batches(4096, 4096, {1, 16}), cublas_too, cuda, standard},
    {gemv, {fp32, int8, int4}, gemv_batches(4096, 4096, {1, 16}), {hand}, cuda, standard},

    // The other projections, and batch 9, one more than a tile of 8 sequences.
    {gemv, {fp16}, gemv_batches(28672, 4096, {1, 16}), cublas_too, cuda, full},
    {gemv, {int8, int4}, gemv_batches(28672, 4096, {1, 16}), {hand}, cuda, full},
    {gemv, {fp16}, gemv_batches(4096, 14336, {1, 16}), cublas_too, cuda, full},
    {gemv, {int8, int4}, gemv_batches(4096, 14336, {1, 16}), {hand}, cuda, full},
    {gemv, {fp16}, gemv_batches(14336, 4096, {9}), cublas_too, cuda, full},
    {gemv, {int8, int4}, gemv_batches(14336, 4096, {9}), {hand}, cuda, full},

    // Launches of a few microseconds on large GPUs, with cold and with hot caches.
    {gemv,
     {fp16},
     gemv_batches(4096, 4096, {1}),
     cublas_too,
     cuda,
     full,
     {.caches = {Caches::cold, Caches::hot}}},
    {gemv,
     {fp32, int8, int4},
     gemv_batches(4096, 4096, {1}),
     {hand},
     cuda,
     full,
     {.caches = {Caches::cold, Caches::hot}}},
    {gemm,
     {fp16, int8},
     squares({1024}),
     cublas_too,
     cuda,
     full,
     {.caches = {Caches::cold, Caches::hot}}},

    // A whole step and its ladder, side by side in a session.
    {decode, weights, steps("tiny", {1}, {0}), {hand}, host, quick},
    {decode, weights, steps("tiny", {1}, {0}), {hand}, host, quick, {.kernels = rungs}},
    {decode, weights, steps("tiny", {8, 32}, {0}), {hand}, host, quick},
    {decode, weights, steps("tiny", {2, 4, 16}, {0}), {hand}, host, standard},
    {decode, weights, steps("tiny", {1}, {1024}), {hand}, host, standard},
    {decode, weights, steps("tiny", {1, 8, 32}, {1024, 8192}), {hand}, host, full},
    {layer, weights, steps("tiny", {1}, {0, 1024}), {hand}, host, standard},
    {prefill, weights, prompts("tiny", {128}), {hand}, host, standard},
    {prefill, weights, prompts("tiny", {512}), {hand}, host, full},

    {decode, small_weights, steps("mistral-7b", {1}, {0}), {hand}, cuda, quick},
    {decode, small_weights, steps("mistral-7b", {1}, {0}), {hand}, cuda, quick, {.kernels = rungs}},
    {decode, {fp32}, steps("mistral-7b", {1}, {0}), {hand}, cuda, standard},
    {decode, small_weights, steps("mistral-7b", {16, 32, 64, 256}, {0}), {hand}, cuda, standard},
    {decode, small_weights, steps("mistral-7b", {1}, {1024}), {hand}, cuda, standard},
    {layer, small_weights, steps("mistral-7b", {1}, {0, 1024}), {hand}, cuda, standard},
    {prefill, {fp16, int4}, prompts("mistral-7b", {2048}), {hand}, cuda, standard},
    {prefill,
     small_weights,
     prompts("mistral-7b", {128, 256, 512, 1024, 2048, 4096}),
     {hand},
     cuda,
     full},
    {decode, weights, steps("mistral-7b", all_batches, all_contexts), {hand}, cuda, full},
    {decode, {fp32}, steps("mistral-7b", {1}, {0}), {hand}, cuda, full, {.kernels = rungs}},
    {decode, weights, steps("llama-3-8b", all_batches, all_contexts), {hand}, cuda, full},
    {decode, weights, steps("llama-3-8b", {1}, {0}), {hand}, cuda, full, {.kernels = rungs}},
    {layer, weights, steps("mistral-7b", all_batches, all_contexts), {hand}, cuda, full},
};

}  // namespace

std::span<const SuiteRow> suite() { return rows; }

}  // namespace roofproof::bench
