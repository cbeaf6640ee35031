// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/audit/published_shares.h"

#include "analysis/engines/law.h"
#include "analysis/published.h"
#include "kernels/models/lower.h"

namespace roofproof::analysis {
namespace {

// What is compared with one another.
Quantity kind_of(Quantity quantity) {
  switch (quantity) {
    case Quantity::step_time:
    case Quantity::batch_time:
    case Quantity::output_rate:
      return Quantity::decode_rate;
    case Quantity::prefill_rate:
      return Quantity::arithmetic;
    default:
      return quantity;
  }
}

const char* words(Quantity kind) {
  if (kind == Quantity::decode_rate) return "of decode steps";
  return kind == Quantity::bandwidth ? "of bandwidths" : "of matrix products";
}

}  // namespace

PublishedShares::PublishedShares(const SpecTable& specs) {
  for (const ScoredRate& scored : scored_rates(engine_rates(), specs)) {
    if (!scored.excluded.empty()) continue;
    rows_.push_back({Quantity::decode_rate,
                     scored.rate.tokens_per_s / scored.bound->prediction.tokens_per_s,
                     lower(scored.rate.engine)});
  }
  for (const PublishedRate& rate : published_rates()) {
    const std::optional<double> share = share_of_datasheet(rate, specs);
    if (!share) continue;
    rows_.push_back({is_arithmetic(rate.op) ? Quantity::arithmetic : Quantity::bandwidth, *share,
                     lower(rate.publication.software)});
  }
}

std::optional<Standing> PublishedShares::standing(Quantity quantity, double share,
                                                  const std::string& engine) const {
  const Quantity kind = kind_of(quantity);
  const auto among = [&](const std::string& software) {
    Standing standing = {0, 0, words(kind)};
    std::size_t below = 0;
    for (const Row& row : rows_) {
      if (row.quantity != kind || row.software.find(software) == std::string::npos) continue;
      ++standing.rows;
      if (row.share < share) ++below;
    }
    if (standing.rows > 0) {
      standing.percentile = 100.0 * static_cast<double>(below) / static_cast<double>(standing.rows);
    }
    return standing;
  };
  Standing standing = among(lower(engine));
  if (!engine.empty() && standing.rows > 0) standing.of += " with " + engine;
  if (standing.rows == 0) standing = among("");
  if (standing.rows == 0) return std::nullopt;
  return standing;
}

}  // namespace roofproof::analysis
