// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include "analysis/article_law.h"
#include "analysis/input_error.h"
#include "analysis/ladder.h"
#include "analysis/measured_ceilings.h"
#include "analysis/quantity.h"
#include "analysis/report/figures.h"
#include "analysis/report/parts.h"

namespace roofproof::analysis {
namespace {

// More steps than this do not fit beside each other.
constexpr std::size_t most_steps = 16;

// Where the time of a step went; empty where the run climbed no ladder, or cannot tell.
Json parts_json(const ReportRun& run, const Problem& step) {
  Json parts = Json::array();
  const std::optional<Ladder> climbed = ladder(run.view, step);
  if (!climbed || !climbed->is_resolved()) return parts;
  for (const LadderPart& part : climbed->parts) {
    Json json = figure(part.time_s, "s");
    json["cause"] = part.name;
    json["share"] = share_text(climbed->share(part));
    parts.push_back(std::move(json));
  }
  return parts;
}

struct Predicted {
  Prediction step;
  bool disturbed = false;
};

// What the ceilings allow; nothing where the run and the spec table together have too few.
std::optional<Predicted> predicted(const ReportRun& run, const Problem& problem) {
  try {
    Ceilings ceilings = measured_ceilings(run.view, run.file, problem.precision, run.peaks.spec);
    ModelWorkload workload = count_model(find_model(problem.shape.model), problem.precision,
                                         problem.shape.batch, problem.shape.context);
    add_measured_launches(run.view, ceilings, workload);
    return Predicted{predict(ceilings, workload), ceilings.disturbed};
  } catch (const InputError&) {
    return std::nullopt;
  }
}

Json step_json(const ReportRun& run, const Series& step) {
  const Problem& problem = step.problem;
  Json json;
  json["label"] = fmt::format(
      "{} {}{}", problem.shape.model, name(problem.precision),
      problem.shape.context > 0 ? fmt::format(", context {}", problem.shape.context) : "");
  // The article knows no cache.
  const bool in_article = run.peaks.spec && problem.shape.context == 0;
  json["article"] =
      in_article ? significant(article_rate(*run.peaks.spec, problem).tokens_per_s) : "";
  const std::optional<Predicted> prediction = predicted(run, problem);
  json["predicted_s"] = prediction ? Json(drawn(prediction->step.time_per_token_s)) : Json(nullptr);
  json["predicted_text"] = prediction ? significant(prediction->step.tokens_per_s) +
                                            (prediction->disturbed ? ", disturbed" : "")
                                      : "";
  json["measured_s"] = drawn(estimate(step.time_s()).value);
  json["time_text"] = estimate_text(estimate(step.time_s()), "s");
  json["tokens_text"] =
      estimate_text(estimate(divided(1, step.time_s())), "") + run.disturbance.mark({&step});
  const auto of_read = share_of_read(run.view, step);
  json["of_read"] = of_read ? estimate_text(*of_read, "share") : "";
  json["parts"] = parts_json(run, problem);
  return json;
}

}  // namespace

Json decode_part(const ReportRun& run) {
  Json part;
  part["steps"] = Json::array();
  for (const Problem& problem : run.view.problems(Op::decode)) {
    if (problem.shape.batch != 1 || part["steps"].size() == most_steps) continue;
    part["steps"].push_back(step_json(run, *run.view.fastest(problem)));
  }
  part["absent"] = run.view.why_absent(Op::decode, Precision::fp16);
  return part;
}

}  // namespace roofproof::analysis
