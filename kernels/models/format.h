// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// In how many bytes the weights of a model and its KV cache are stored.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kernels/problem/precision.h"

namespace roofproof {

// What a stored weight is; fp4 is E2M1 with either kind of scale, `mixed` where only an average of
// bits is known.
enum class Element { fp32, fp16, bf16, fp8, int8, int4, fp4, mixed };

// Which matrices are stored in a format. All others, and every vector, are stored plainly.
enum class Covers {
  linears_and_head,  // a whole model by one of the names of --weights
  linears,           // checkpoints: the LM head stays as it was
  experts,           // the routed experts alone
  everything,        // an average over all that the file holds
};

// A block of `outputs` x `inputs` weights that shares `bits` of scale and zero; inputs 0: the
// whole row. Blocks at the edges are not shared with another matrix.
struct Scale {
  std::int64_t outputs = 1;
  std::int64_t inputs = 0;
  double bits = 0;
};

struct WeightFormat {
  std::string name = "fp16";
  Element element = Element::fp16;
  double bits = 16;  // of a weight, scales not counted
  Scale scale = {};
  double bits_per_input = 0;  // of a matrix: the group index of a GPTQ file
  Covers covers = Covers::linears_and_head;
  double plain_bits = 16;                // of what is not in the format
  double table_bits = 16;                // of a table of which a step reads rows
  std::optional<Precision> measured_as;  // the kernels' format of the same bytes

  // One of the kernels' formats: its bytes are those of weight_bytes() in problem.h.
  static WeightFormat of(Precision precision);
};

struct CacheFormat {
  std::string_view name = "fp16";
  double bits = 16;  // of a key or value; scales, where an engine has them, are not counted
};

// By name in any case. Throw std::invalid_argument that lists what exists, of weights also what to
// give for a format that is not one of them.
WeightFormat find_weight_format(std::string_view name);
CacheFormat find_cache_format(std::string_view name);
// "fp32, fp16, bf16, ...", for help.
std::string weight_format_names();
std::string cache_format_names();

// An average of X bits per weight, whatever holds it.
WeightFormat average_format(double bits_per_weight);

}  // namespace roofproof
