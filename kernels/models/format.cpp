// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/models/format.h"

#include <algorithm>
#include <array>
#include <span>
#include <stdexcept>

#include "kernels/models/lower.h"

namespace roofproof {
namespace {

// bf16 has the bytes of fp16 and fp8 those of int8, with one scale per matrix, which is not
// counted. MXFP4: 32 values share a scale of one byte (OCP Microscaling Formats 1.0, 5.2); NVFP4:
// 16 do (NVIDIA, cuBLAS 13.0, "1D Block Scaling"), and its scale of a matrix is not counted.
const std::array<WeightFormat, 8> weight_formats = {{
    {.name = "fp32",
     .element = Element::fp32,
     .bits = 32,
     .plain_bits = 32,
     .table_bits = 32,
     .measured_as = Precision::fp32},
    {.name = "fp16", .measured_as = Precision::fp16},
    {.name = "bf16", .element = Element::bf16, .measured_as = Precision::fp16},
    {.name = "fp8", .element = Element::fp8, .bits = 8},
    {.name = "int8",
     .element = Element::int8,
     .bits = 8,
     .scale = {.bits = 32},
     .measured_as = Precision::int8},
    {.name = "int4",
     .element = Element::int4,
     .bits = 4,
     .scale = {.inputs = int4_group_size, .bits = 16},
     .measured_as = Precision::int4},
    {.name = "mxfp4", .element = Element::fp4, .bits = 4, .scale = {.inputs = 32, .bits = 8}},
    {.name = "nvfp4", .element = Element::fp4, .bits = 4, .scale = {.inputs = 16, .bits = 8}},
}};

constexpr std::array<CacheFormat, 4> cache_formats = {
    {{"fp16", 16}, {"fp8", 8}, {"int8", 8}, {"int4", 4}}};

template <class Format>
std::string names_of(std::span<const Format> formats) {
  std::string names;
  for (std::size_t i = 0; i < formats.size(); ++i) {
    names += i == 0 ? "" : i + 1 == formats.size() ? " or " : ", ";
    names += formats[i].name;
  }
  return names;
}

template <class Format>
const Format* find(std::span<const Format> formats, std::string_view name) {
  const std::string wanted = lower(name);
  const auto found = std::find_if(formats.begin(), formats.end(),
                                  [&](const Format& known) { return known.name == wanted; });
  return found == formats.end() ? nullptr : &*found;
}

}  // namespace

WeightFormat WeightFormat::of(Precision precision) {
  for (const WeightFormat& known : weight_formats) {
    if (known.measured_as == precision) return known;
  }
  throw std::invalid_argument("weights are not stored as " +
                              std::string(roofproof::name(precision)));
}

WeightFormat find_weight_format(std::string_view name) {
  if (const WeightFormat* known = find<WeightFormat>(weight_formats, name)) return *known;
  throw std::invalid_argument("--weights must be " + weight_format_names() + ", not '" +
                              std::string(name) +
                              "'; for any other format give --bits-per-weight X, or --weight-bytes "
                              "with the size of the file or the file (GGUF, safetensors)");
}

CacheFormat find_cache_format(std::string_view name) {
  if (const CacheFormat* known = find<CacheFormat>(cache_formats, name)) return *known;
  throw std::invalid_argument("--kv must be " + cache_format_names() + ", not '" +
                              std::string(name) + "'");
}

std::string weight_format_names() { return names_of<WeightFormat>(weight_formats); }

std::string cache_format_names() { return names_of<CacheFormat>(cache_formats); }

WeightFormat average_format(double bits_per_weight) {
  return {.name = "mixed",
          .element = Element::mixed,
          .bits = bits_per_weight,
          .covers = Covers::everything,
          .table_bits = bits_per_weight};
}

}  // namespace roofproof
