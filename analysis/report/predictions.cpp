// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a run answers beyond its figures, and how good predictions are.

#include <fmt/format.h>

#include "analysis/dials/dials.h"
#include "analysis/quantity.h"
#include "analysis/report/parts.h"

namespace roofproof::analysis {
namespace {

Json json_of(const HeldOutRate& held_out, const SpecTable& specs) {
  const EngineRate& rate = held_out.rate;
  const Expected& expected = held_out.expected;
  const double at_most = bound_of(rate, specs).prediction.tokens_per_s;
  Json json;
  json["label"] =
      fmt::format("{}, {} {}, batch {}", rate.gpu, rate.model, rate.weights, *rate.batch);
  json["engine"] = rate.engine + (rate.version.empty() ? "" : ' ' + rate.version);
  json["published"] = rate.tokens_per_s;
  json["at_most"] = at_most;
  json["expected"] = nullable(expected.tokens_per_s);
  json["low"] = expected.range->low;
  json["high"] = expected.range->high;
  json["texts"] = {significant(rate.tokens_per_s),
                   expected.tokens_per_s ? significant(*expected.tokens_per_s) : "",
                   significant(expected.range->low) + " to " + significant(expected.range->high),
                   significant(at_most)};
  return json;
}

}  // namespace

Json dials_part(const ReportRun& run) {
  Json part = Json::array();
  for (const Dial& dial : dials(run.view, default_time_per_token_s)) {
    Json entry;
    entry["question"] = dial.question;
    entry["assumption"] = dial.assumption;
    entry["missing"] = dial.missing.empty() ? Json(nullptr) : Json(dial.missing);
    entry["answers"] = Json::array();
    for (const DialAnswer& answer : dial.answers) {
      entry["answers"].push_back({answer.step, answer.of, answer.words});
    }
    part.push_back(entry);
  }
  return part;
}

Json published_part(const Score& score, const SpecTable& specs) {
  Json part;
  part["line"] = score_line(score);
  part["rates"] = Json::array();
  for (const HeldOutRate& held_out : score.held_out) {
    part["rates"].push_back(json_of(held_out, specs));
  }
  return part;
}

}  // namespace roofproof::analysis
