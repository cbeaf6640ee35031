// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>

#include "analysis/claims/output.h"
#include "analysis/claims/table.h"
#include "analysis/estimate_json.h"
#include "results/record/json_text.h"

namespace roofproof::analysis {
namespace {

// One figure as a number, a range as {"low", "high"}.
Json json_of(const Interval& range) {
  if (range.low == range.high) return range.low;
  Json json;
  json["low"] = range.low;
  json["high"] = std::isfinite(range.high) ? Json(range.high) : Json(nullptr);
  return json;
}

// A computed figure stands under "computed": it has no interval and needs none.
void put_found(Json& json, const Comparison* comparison) {
  const bool found = comparison && comparison->found;
  json["measured"] =
      estimate_json(found && comparison->measured ? comparison->found : std::nullopt);
  if (found && !comparison->measured) json["computed"] = comparison->found->value;
}

Json json_of(const Comparison& comparison) {
  Json json;
  json["what"] = comparison.what;
  json["verdict"] = name(comparison.verdict);
  json["decides"] = comparison.decides;
  json["predicted"] = json_of(comparison.predicted);
  put_found(json, &comparison);
  json["unit"] = comparison.unit;
  json["tolerance"] = comparison.tolerance;
  json["benchmarks"] = comparison.benchmarks;
  json["device"] = comparison.device;
  json["file"] = comparison.file;
  json["remark"] = comparison.remark;
  if (!comparison.disturbance.empty()) json["disturbance"] = comparison.disturbance;
  return json;
}

Json json_of(const Finding& finding) {
  Json json;
  json["kind"] = name(finding.kind);
  json["text"] = finding.text;
  return json;
}

template <class Item>
Json list_json(const std::vector<Item>& items) {
  Json json = Json::array();
  for (const Item& item : items) json.push_back(json_of(item));
  return json;
}

Json predicted_json(const Claim& claim, const Comparison* deciding) {
  if (deciding) return json_of(deciding->predicted);
  return claim.unit.empty() ? Json(nullptr) : json_of(claim.predicted);
}

Json json_of(const ClaimResult& result) {
  const Claim& claim = *result.claim;
  const Comparison* deciding = result.deciding();
  Json json;
  json["id"] = claim.id;
  json["statement"] = claim.statement;
  json["by_arithmetic"] = name(result.by_arithmetic);
  json["arithmetic"] = result.arithmetic;
  json["verdict"] = name(result.verdict);
  json["on_this_cpu"] = result.on_this_cpu == Verdict::not_testable_here
                            ? Json(nullptr)
                            : Json(name(result.on_this_cpu));
  json["needs"] = claim.needs;
  json["why"] = result.why;
  json["figure"] = deciding ? deciding->what : std::string(claim.what);
  json["predicted"] = predicted_json(claim, deciding);
  put_found(json, deciding);
  json["unit"] = deciding ? deciding->unit : std::string(claim.unit);
  json["tolerance"] = deciding ? deciding->tolerance : claim.tolerance;
  json["tolerance_reason"] = claim.tolerance_reason;
  json["tested_by"] = claim.tested_by;
  json["benchmarks"] = deciding ? Json(deciding->benchmarks) : Json::array();
  json["same_law_on_this_cpu"] = result.same_law_on_this_cpu();
  json["contradicted_by_its_own_arithmetic"] = result.by_arithmetic == Verdict::contradicts_itself;
  json["findings"] = list_json(result.findings);
  json["comparisons"] = list_json(result.comparisons);
  return json;
}

Json json_of(const RunFile& run) {
  Json json;
  json["file"] = run.file;
  json["device"] = run.record->device.name;
  json["synthetic"] = run.record->synthetic;
  json["complete"] = run.record->complete;
  return json;
}

}  // namespace

std::string claims_json(std::span<const ClaimResult> results, std::span<const RunFile> runs) {
  Json json;
  json["claims"] = Json::array();
  for (const ClaimResult& result : results) json["claims"].push_back(json_of(result));
  json["runs"] = Json::array();
  for (const RunFile& run : runs) json["runs"].push_back(json_of(run));
  return print_json(json, 2) + '\n';
}

}  // namespace roofproof::analysis
