// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/published.h"

#include <algorithm>
#include <iterator>

#include "analysis/embedded.h"
#include "results/record/json_place.h"

namespace roofproof::analysis {
namespace {

// Of the embedded files those with rates of one operation.
constexpr std::string_view rate_files[] = {"memory.json", "gemm.json"};
constexpr std::string_view decode_file = "decode.json";

std::string text_at(const Place& entry, const char* key) {
  std::string text;
  entry.at(key).get(text);
  if (text.empty()) entry.at(key).fail("must not be empty");
  return text;
}

double positive_at(const Place& entry, const char* key) {
  double value = 0;
  entry.at(key).get(value);
  if (!(value > 0)) entry.at(key).fail("must be greater than 0");
  return value;
}

Publication parse_publication(const Place& entry) {
  Publication publication = {.software = text_at(entry, "software"),
                             .source = text_at(entry, "source"),
                             .as_of = text_at(entry, "as_of"),
                             .confidence = text_at(entry, "confidence")};
  if (entry.has("note")) publication.note = text_at(entry, "note");
  return publication;
}

PublishedDecode parse_decode(const Place& entry) {
  const std::optional<Precision> weights = parse_name<Precision>(text_at(entry, "weights"));
  if (!weights) entry.at("weights").fail("is no known format");
  return {.gpu = text_at(entry, "gpu"),
          .model = text_at(entry, "model"),
          .weights = *weights,
          .tokens_per_s = positive_at(entry, "tokens_per_s"),
          .publication = parse_publication(entry)};
}

PublishedRate parse_rate(const Place& entry) {
  const std::optional<Op> op = parse_name<Op>(text_at(entry, "op"));
  if (!op) entry.at("op").fail("is no known operation");
  const std::string_view unit = is_arithmetic(*op) ? "TFLOP/s" : "GB/s";
  if (text_at(entry, "unit") != unit) entry.at("unit").fail("must be " + std::string(unit));
  return {.gpu = text_at(entry, "gpu"),
          .op = *op,
          .precision = text_at(entry, "precision"),
          .size = text_at(entry, "size"),
          .value = positive_at(entry, "value") * (is_arithmetic(*op) ? 1e12 : 1e9),
          .publication = parse_publication(entry)};
}

template <class Entry>
std::vector<Entry> parse_entries(std::string_view text, const std::string& file,
                                 Entry (*parse)(const Place&)) {
  const JsonDocument document(text, file);
  const Place root(document);
  std::vector<Entry> entries;
  root.at("entries").visit_items([&](const Place& entry) { entries.push_back(parse(entry)); });
  return entries;
}

}  // namespace

std::vector<PublishedDecode> parse_published_decodes(std::string_view text,
                                                     const std::string& file) {
  return parse_entries(text, file, parse_decode);
}

std::vector<PublishedRate> parse_published_rates(std::string_view text, const std::string& file) {
  return parse_entries(text, file, parse_rate);
}

std::vector<PublishedDecode> published_decodes() {
  for (const EmbeddedFile& file : embedded_published()) {
    if (file.name == decode_file)
      return parse_published_decodes(file.bytes, std::string(file.name));
  }
  return {};
}

std::string of_one_user(const std::string& model) { return model + ", one user"; }

std::vector<PublishedRate> published_rates() {
  std::vector<PublishedRate> all;
  for (const EmbeddedFile& file : embedded_published()) {
    if (std::find(std::begin(rate_files), std::end(rate_files), file.name) == std::end(rate_files))
      continue;
    for (PublishedRate& rate : parse_published_rates(file.bytes, std::string(file.name))) {
      all.push_back(std::move(rate));
    }
  }
  for (PublishedDecode& decode : published_decodes()) {
    all.push_back({decode.gpu, Op::decode, std::string(name(decode.weights)),
                   of_one_user(decode.model), decode.tokens_per_s, std::move(decode.publication)});
  }
  return all;
}

std::optional<double> share_of_datasheet(const PublishedRate& rate, const SpecTable& specs) {
  const GpuSpec& gpu = *specs.choose(rate.gpu).gpu;
  std::optional<double> roof;
  if (is_arithmetic(rate.op)) {
    for (const Arithmetic arithmetic : all_arithmetic) {
      if (name(arithmetic) == rate.precision) roof = gpu.peak_per_s(arithmetic).value;
    }
  } else if (rate.op != Op::decode) {
    roof = gpu.memory_bandwidth_bytes_per_s.value;
  }
  return roof ? std::optional(rate.value / *roof) : std::nullopt;
}

}  // namespace roofproof::analysis
