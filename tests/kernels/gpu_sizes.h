// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The sizes of the tests that run on a GPU: those of a real one, and those that a GPU played in
// software (tests/ptx) can bear. Both have single elements, primes and edges of tiles +- 1.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/device.h"
#include "kernels/played.h"

namespace roofproof {

struct GemmSize {
  std::int64_t m;
  std::int64_t n;
  std::int64_t k;
};
struct GemvSize {
  std::int64_t n;
  std::int64_t k;
};

// One member per test program, in it one per test.
struct GpuSizes {
  struct Memory {  // elements of 4 bytes
    std::vector<std::int64_t> arrays;
    std::int64_t own_copy, checked, repeated;
  } memory;
  struct Gemv {
    std::vector<GemvSize> products;
    std::vector<std::int64_t> batches;
    GemvSize checked, repeated;
  } gemv;
  struct Gemm {
    std::vector<GemmSize> products, scaled, positions, smallest_int8, not_tf32, repeated;
  } gemm;
  struct Tiled {
    std::vector<GemmSize> products, own_choice;
    GemmSize scaled, repeated, smallest_int8, not_tf32;
  } tiled;
  struct Wgmma {
    std::vector<GemmSize> products, edges, waves, in_a_row, own_choice;
    GemmSize scaled, repeated;
  } wgmma;
};

inline const GpuSizes real_gpu = {
    .memory = {.arrays = {1,    2,    3,    4,    5,     31,     127,     1023,
                          1024, 1025, 2047, 2048, 2049,  4095,   4096,    4097,
                          8191, 8192, 8193, 8195, 65537, 999983, 5000011, 33554437},
               .own_copy = 100003,
               .checked = 50000,
               .repeated = 999983},
    .gemv = {.products = {{1, 1},
                          {3, 5},
                          {16, 64},
                          {17, 129},
                          {127, 257},
                          {256, 512},
                          {300, 1000},
                          {513, 4096},
                          {64, 14336}},
             .batches = {1, 3, 8, 16, 17, 64, 200},
             .checked = {4096, 4096},
             .repeated = {1024, 14336}},
    // What is aligned among them, since INT8 in the libraries is so only.
    .gemm = {.products = {{1, 1, 1},       {1, 4, 4},       {2, 3, 5},       {16, 16, 16},
                          {1, 64, 64},     {17, 129, 33},   {31, 61, 127},   {127, 128, 64},
                          {128, 127, 65},  {128, 128, 128}, {129, 129, 129}, {255, 256, 32},
                          {257, 255, 100}, {256, 256, 256}, {1, 1000, 4096}, {3, 8, 5000},
                          {16, 512, 2048}, {33, 1024, 512}, {64, 260, 1024}, {1000, 4, 64},
                          {500, 8, 1000},  {8, 2048, 16},   {384, 640, 96},  {513, 769, 257},
                          {1024, 512, 300}},
             .scaled =
                 {{129, 129, 129}, {17, 129, 33}, {256, 256, 256}, {16, 512, 2048}, {500, 8, 1000}},
             .positions = {{128, 128, 128},
                           {100, 260, 72},
                           {257, 255, 100},
                           {16, 512, 512},
                           {300, 64, 1000}},
             .smallest_int8 = {{128, 128, 4096}, {33, 64, 8192}, {1, 16, 16384}},
             .not_tf32 = {{256, 256, 256}, {512, 1024, 256}, {16, 256, 256}},
             .repeated = {{129, 129, 129},
                          {256, 256, 256},
                          {16, 512, 2048},
                          {64, 260, 1024},
                          {3, 8, 5000}}},
    .tiled = {.products = {{1, 1, 1},
                           {1, 8, 16},
                           {67, 203, 272},
                           {150, 328, 400},
                           {129, 257, 65},
                           {16, 64, 1024},
                           {128, 256, 512}},
              .own_choice = {{1, 1024, 4096},
                             {16, 4096, 4096},
                             {64, 14336, 4096},
                             {64, 4096, 14336},
                             {512, 4096, 4096},
                             {2048, 2048, 2048},
                             {4096, 4096, 4096}},
              .scaled = {70, 204, 272},
              .repeated = {64, 1024, 4096},
              .smallest_int8 = {33, 72, 8192},
              .not_tf32 = {130, 140, 256}},
    // products: end within a tile both ways and within a stage; rows of C are not a multiple of 16
    // bytes in the second, so that it leaves without TMA.
    .wgmma = {.products = {{150, 328, 400}, {67, 203, 272}},
              .edges = {{1, 8, 16},
                        {1, 8, 4096},
                        {64, 128, 64},
                        {128, 256, 128},
                        {129, 264, 144},
                        {255, 512, 1024},
                        {257, 520, 1040},
                        {384, 768, 4096},
                        {2, 4096, 512},
                        {16, 4104, 2048},
                        {1000, 24, 8192}},
              .waves = {{2100, 5000, 16}, {2100, 5000, 128}, {2100, 5000, 512}, {2100, 5000, 1040}},
              .in_a_row = {{8, 4096, 4096}, {300, 520, 272}},
              .own_choice = {{1, 4096, 4096},    {16, 4096, 4096},   {64, 4096, 4096},
                             {100, 4096, 4096},  {512, 4096, 4096},  {1, 6144, 4096},
                             {16, 6144, 4096},   {64, 6144, 4096},   {100, 6144, 4096},
                             {512, 6144, 4096},  {1, 14336, 4096},   {16, 14336, 4096},
                             {64, 14336, 4096},  {100, 14336, 4096}, {512, 14336, 4096},
                             {1, 28672, 4096},   {16, 28672, 4096},  {64, 28672, 4096},
                             {100, 28672, 4096}, {512, 28672, 4096}, {1, 4096, 14336},
                             {16, 4096, 14336},  {64, 4096, 14336},  {100, 4096, 14336},
                             {512, 4096, 14336}, {4096, 4096, 4096}},
              .scaled = {130, 264, 272},
              .repeated = {64, 4096, 4096}}};

// The shapes of tests/ptx/cases run there in every mode: here it is what each test asks.
inline const GpuSizes ptx_machine = {
    .memory = {.arrays = {1, 3, 1025, 8195}, .own_copy = 4099, .checked = 5000, .repeated = 8195},
    .gemv = {.products = {{1, 1}, {17, 129}, {40, 512}},
             .batches = {1, 3, 17},
             .checked = {64, 512},
             .repeated = {32, 1024}},
    .gemm = {.products = {{1, 4, 4}, {17, 132, 36}},
             .scaled = {{17, 129, 33}},
             .positions = {{20, 68, 72}},
             .smallest_int8 = {{33, 64, 256}},
             .not_tf32 = {{16, 32, 256}},
             .repeated = {{3, 8, 500}}},
    .tiled = {.products = {{1, 1, 1}, {67, 139, 80}},
              .own_choice = {{16, 200, 96}},
              .scaled = {17, 40, 80},
              .repeated = {8, 24, 272},
              .smallest_int8 = {17, 24, 512},
              .not_tf32 = {10, 20, 256}},
    .wgmma = {.products = {{67, 203, 80}},
              .edges = {{1, 8, 16}, {129, 264, 80}},
              .waves = {{300, 1100, 16}},
              .in_a_row = {{8, 264, 144}},
              .own_choice = {{16, 200, 96}},
              .scaled = {66, 136, 80},
              .repeated = {16, 136, 144}}};

inline const GpuSizes& gpu_sizes(const Device& device) {
  return is_played(device.name) ? ptx_machine : real_gpu;
}

}  // namespace roofproof
