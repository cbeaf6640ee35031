// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/published.h"

#include <fmt/format.h>

#include "analysis/embedded.h"
#include "results/json_text.h"
#include "results/record.h"

namespace roofproof::analysis {
namespace {

// One entry with its place in the file, for messages.
struct Entry {
  const Json& json;
  const std::string& file;
  std::string place;

  [[noreturn]] void fail(const std::string& what) const { throw RecordError(file, place, what); }

  std::string text(const char* key) const {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_string() || found->get<std::string>().empty()) {
      fail(fmt::format("'{}' must be a text that is not empty", key));
    }
    return found->get<std::string>();
  }
};

PublishedDecode parse_entry(const Entry& entry) {
  if (!entry.json.is_object()) entry.fail("must be an object");
  PublishedDecode decode;
  decode.gpu = entry.text("gpu");
  decode.model = entry.text("model");
  const std::optional<Precision> weights = parse_precision(entry.text("weights"));
  if (!weights) entry.fail("'weights' is no known format");
  decode.weights = *weights;
  const auto rate = entry.json.find("tokens_per_s");
  if (rate == entry.json.end() || !rate->is_number() || !(rate->get<double>() > 0)) {
    entry.fail("'tokens_per_s' must be a positive number");
  }
  decode.tokens_per_s = rate->get<double>();
  decode.software = entry.text("software");
  decode.source = entry.text("source");
  decode.as_of = entry.text("as_of");
  if (entry.json.contains("note")) decode.note = entry.text("note");
  return decode;
}

}  // namespace

std::vector<PublishedDecode> published_decodes() {
  std::vector<PublishedDecode> all;
  for (const EmbeddedFile& file : embedded_published()) {
    for (PublishedDecode& decode : parse_published_decodes(file.bytes, std::string(file.name))) {
      all.push_back(std::move(decode));
    }
  }
  return all;
}

std::vector<PublishedDecode> parse_published_decodes(std::string_view text,
                                                     const std::string& file) {
  const Json json = parse_json(text, file);
  const auto entries = json.find("entries");
  if (entries == json.end() || !entries->is_array()) {
    throw RecordError(file, "entries", "must be a list");
  }
  std::vector<PublishedDecode> decodes;
  for (std::size_t i = 0; i < entries->size(); ++i) {
    decodes.push_back(parse_entry({(*entries)[i], file, fmt::format("entries[{}]", i)}));
  }
  return decodes;
}

}  // namespace roofproof::analysis
