// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/ptx/cases/shapes.h"

#include <cstdint>

namespace roofproof::ptx::cases {
namespace {

using enum Extent;

struct ArrayRow {
  std::int64_t elements;  // of 4 bytes
  Extent extent;
};
constexpr ArrayRow arrays[] = {
    {1, brief},   {5, brief},   {1025, brief}, {8195, brief}, {262147, brief}, {2, full},
    {3, full},    {4, full},    {31, full},    {127, full},   {1023, full},    {1024, full},
    {2047, full}, {2048, full}, {2049, full},  {4095, full},  {4096, full},    {4097, full},
    {8191, full}, {8192, full}, {8193, full},  {65537, full}, {131071, full}};

// Scalars are whole numbers, so that INT8 takes them too.
struct GemmRow {
  std::int64_t m, n, k;
  double alpha, beta;
  Extent extent;
};
constexpr GemmRow gemms[] = {
    {1, 1, 1, 1, 0, brief},      {17, 129, 33, 1, 0, brief},  {1, 8, 16, 1, 0, brief},
    {33, 72, 80, 2, -3, brief},  {70, 204, 48, 1, 0, brief},  {3, 8, 272, 1, 0, brief},
    {2, 3, 5, 0, 2, full},       {1, 4, 4, 1, 0, full},       {16, 16, 16, -1, 1, full},
    {31, 61, 127, 1, 0, full},   {63, 65, 48, 1, 0, full},    {127, 128, 64, 1, 0, full},
    {129, 127, 65, 2, -3, full}, {1, 257, 128, 1, 0, full},   {5, 64, 272, 0, 2, full},
    {70, 204, 272, 2, -3, full}, {3, 8, 2000, 1, 0, full},    {33, 300, 96, 1, 0, full},
    {128, 128, 128, 1, 0, full}, {129, 129, 129, 1, 0, full}, {257, 255, 100, 1, 0, full},
    {16, 512, 512, 1, 0, full},  {300, 64, 1000, 1, 0, full}, {150, 328, 400, 1, 0, full}};
constexpr GemmRow packed_gemms[] = {
    {1, 1, 1, 1, 0, brief},      {3, 90, 130, 1, 0, brief},  {17, 33, 257, 1, 0, brief},
    {17, 33, 4096, 1, 0, brief}, {70, 31, 64, 1, 0, brief},  {130, 17, 129, 1, 0, brief},
    {8, 17, 129, 1, 0, full},    {17, 127, 257, 1, 0, full}, {64, 31, 64, 1, 0, full},
    {70, 90, 130, 1, 0, full},   {130, 48, 320, 1, 0, full}, {200, 33, 100, 1, 0, full},
    {16, 16, 64, 1, 0, full},    {65, 129, 127, 1, 0, full}, {127, 256, 512, 1, 0, full},
    {300, 64, 96, 1, 0, full}};
// The second has more tiles than two for each multiprocessor, whatever the tile.
constexpr GemmRow configurations[] = {{139, 67, 272, 2, -3, brief}, {3, 2100, 64, 1, 0, brief},
                                      {1, 8, 16, 1, 0, full},       {67, 139, 272, 2, -3, full},
                                      {67, 203, 272, 2, -3, full},  {129, 257, 65, 1, 0, full},
                                      {150, 328, 400, 1, 0, full},  {16, 64, 1024, 1, 0, full},
                                      {150, 1100, 80, 1, 0, full},  {129, 264, 144, -1, 1, full}};

// More of K than the stages of wgmma's kernels hold.
constexpr GemmRow deep[] = {{67, 72, 784, 1, 0, brief}};

struct GemvRow {
  std::int64_t n, k, batch;
  Extent extent;
};
constexpr GemvRow gemvs[] = {
    {1, 1, 1, brief},    {3, 5, 3, brief},     {17, 129, 8, brief},  {33, 257, 17, brief},
    {16, 64, 64, brief}, {40, 8192, 1, brief}, {24, 8192, 3, brief}, {33, 4096, 17, brief},
    {64, 512, 1, full},  {127, 257, 2, full},  {127, 257, 16, full}, {127, 257, 65, full},
    {64, 512, 3, full},  {64, 512, 64, full},  {300, 1000, 1, full}, {300, 1000, 17, full},
    {40, 4096, 1, full}, {40, 4096, 8, full},  {17, 129, 130, full}};

// A decode is layers, and what is around them.
struct StepRow {
  const char* model;
  std::int64_t batch, context;
  Extent layer, decode;
};
constexpr const char* ragged = "2x136x200x3x1x64x67";
constexpr const char* split = "1x40x808x1x1x64x67";  // rows so long that K is divided
constexpr const char* wide = "1x2048x40x1x1x64x67";  // the same of a norm's
constexpr StepRow steps[] = {{ragged, 1, 1, brief, brief},
                             {ragged, 1, 70, brief, brief},
                             {ragged, 3, 127, brief, full},
                             {ragged, 9, 2, full, brief},
                             {ragged, 17, 200, brief, full},
                             {split, 17, 1, brief, full},
                             {wide, 2, 1, brief, full},
                             {"1x264x328x2x2x128x67", 2, 33, brief, brief},
                             {"1x512x712x8x1x64x257", 1, 129, full, full},
                             {"3x136x200x6x2x64x300", 8, 5, full, full},
                             {ragged, 2, 128, full, full},
                             {ragged, 64, 1, full, full},
                             {ragged, 5, 300, full, full},
                             {ragged, 1, 1025, full, full},
                             {ragged, 2, 2047, full, full}};

struct PromptRow {
  const char* model;
  std::int64_t tokens;
  Extent extent;
};
constexpr PromptRow prompts[] = {{ragged, 1, brief},  {ragged, 17, brief},
                                 {ragged, 65, brief}, {"1x264x328x2x1x128x67", 5, brief},
                                 {ragged, 3, full},   {ragged, 63, full},
                                 {ragged, 64, full},  {ragged, 127, full},
                                 {ragged, 128, full}, {ragged, 130, full},
                                 {ragged, 200, full}, {"1x264x328x2x1x128x67", 70, full}};

CaseShape shape_of(const ArrayRow& row) { return {{.bytes = 4 * row.elements}}; }
CaseShape shape_of(const GemmRow& row) {
  return {{.m = row.m, .n = row.n, .k = row.k}, row.alpha, row.beta};
}
CaseShape shape_of(const GemvRow& row) { return {{.n = row.n, .k = row.k, .batch = row.batch}}; }
CaseShape shape_of(const StepRow& row) {
  return {{.batch = row.batch, .context = row.context, .model = row.model}};
}
CaseShape shape_of(const PromptRow& row) { return {{.m = row.tokens, .model = row.model}}; }

template <class Row, std::size_t size>
std::vector<CaseShape> select(const Row (&rows)[size], Extent Row::*from, Extent extent) {
  std::vector<CaseShape> selected;
  for (const Row& row : rows) {
    if (row.*from <= extent) selected.push_back(shape_of(row));
  }
  return selected;
}

}  // namespace

bool has_packed_weights(const CatalogueEntry& entry) {
  return entry.precision == Precision::w8a16 || entry.precision == Precision::w4a16;
}

std::vector<CaseShape> shapes(const CatalogueEntry& entry, Extent extent) {
  switch (entry.op) {
    case Op::peak:
      return {CaseShape{}};
    case Op::read:
    case Op::copy:
    case Op::triad:
      return select(arrays, &ArrayRow::extent, extent);
    case Op::gemm:
      return has_packed_weights(entry) ? select(packed_gemms, &GemmRow::extent, extent)
                                       : select(gemms, &GemmRow::extent, extent);
    case Op::gemv:
      return select(gemvs, &GemvRow::extent, extent);
    case Op::layer:
      return select(steps, &StepRow::layer, extent);
    case Op::decode:
      return select(steps, &StepRow::decode, extent);
    case Op::prefill:
      return select(prompts, &PromptRow::extent, extent);
  }
  return {};
}

std::vector<CaseShape> configuration_shapes(Extent extent) {
  return select(configurations, &GemmRow::extent, extent);
}

std::vector<CaseShape> deep_shapes(Extent extent) { return select(deep, &GemmRow::extent, extent); }

}  // namespace roofproof::ptx::cases
