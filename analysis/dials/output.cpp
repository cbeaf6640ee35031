// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The two forms of the dials.

#include <cmath>

#include "analysis/dials/dials.h"
#include "analysis/text_table.h"
#include "results/record/json_text.h"

namespace roofproof::analysis {
namespace {

Json if_finite(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json json_of(const DialAnswer& answer) {
  Json json;
  json["step"] = answer.step;
  json["of"] = answer.of;
  json["value"] = nullable(answer.value);
  json["low"] = answer.interval ? if_finite(answer.interval->low) : Json(nullptr);
  json["high"] = answer.interval ? if_finite(answer.interval->high) : Json(nullptr);
  json["words"] = answer.words;
  return json;
}

}  // namespace

std::string dials_text(const std::vector<Dial>& dials, const std::string& of) {
  std::string text = "DIALS  " + of + '\n';
  for (const Dial& dial : dials) {
    text += '\n' + dial.question + '\n';
    if (!dial.missing.empty()) {
      text += "  · " + dial.missing + '\n';
      continue;
    }
    TextTable table("lll");
    for (const DialAnswer& answer : dial.answers) {
      table.add({answer.step, answer.of, answer.words});
    }
    text += table.text(2) + "  assumed: " + std::string(dial.assumption) + '\n';
  }
  return text;
}

std::string dials_json(const std::vector<Dial>& dials, const std::string& of) {
  Json json;
  json["of"] = of;
  json["dials"] = Json::array();
  for (const Dial& dial : dials) {
    Json entry;
    entry["id"] = dial.id;
    entry["question"] = dial.question;
    entry["assumption"] = dial.assumption;
    entry["missing"] = dial.missing.empty() ? Json(nullptr) : Json(dial.missing);
    entry["answers"] = Json::array();
    for (const DialAnswer& answer : dial.answers) entry["answers"].push_back(json_of(answer));
    json["dials"].push_back(entry);
  }
  return print_json(json, 2) + '\n';
}

}  // namespace roofproof::analysis
