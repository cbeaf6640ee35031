// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/claims/steps.h"

#include <fmt/format.h>

#include "analysis/ladder.h"

namespace roofproof::analysis {

std::string off_the_roof(const Run& run, const Series& step) {
  const std::optional<Estimate> share = share_of_read(run.view, step);
  if (!share || roof_position(*share) == RoofPosition::on) return "";
  return fmt::format("{} at {:.0f} % of read bandwidth: {}", name(step.problem.precision),
                     100 * share->value, roof_words(roof_position(*share), run.record().device));
}

void note_ladder(const Run& run, const Series& step, Decision& decision) {
  const std::optional<Ladder> found = ladder(run.view, step.problem);
  if (!found) return;
  decision.find(FindingKind::note,
                fmt::format("{}: {}, {} weights: {}", run.record().device.name, step_words(step),
                            name(step.problem.precision), ladder_text(*found)));
}

std::string why_no_step(const Run& run, Precision weights, std::int64_t batch) {
  return fmt::format("no decode or GEMV step with {} weights at batch {} ({})", name(weights),
                     batch, run.view.why_absent(Op::decode, weights));
}

}  // namespace roofproof::analysis
