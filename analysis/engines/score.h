// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// How good predictions are: every published rate against what would have been predicted of it had
// no rate of its board been known.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/engines/law.h"
#include "analysis/machines.h"

namespace roofproof::analysis {

// A rate that is not excluded, predicted without its board.
struct HeldOutRate {
  EngineRate rate;
  Expected expected;
  double by_one_share = 0;  // tokens/s by one efficiency, fitted as the law is; 0 without a law

  bool is_covered() const;  // the published rate lies in the range
};

// Mean of |predicted / published - 1| over times per token.
struct MeanErrors {
  int rates = 0;
  double by_law = 0;
  double by_one_share = 0;
};

struct EngineScore {
  EngineLaw law;  // over all boards
  int covered = 0;
  std::optional<MeanErrors> all;       // nothing without a law
  std::optional<MeanErrors> one_user;  // of them those at batch 1
};

// USD per million tokens of a board, all GPUs of its cheapest machine at work.
struct BoardCost {
  std::string board;
  std::string machine;  // that offers it at the least
  std::string as_of;    // of its price
  double usd_per_gpu_hour = 0;
  double published = 0;
  double predicted = 0;               // without this board
  double usd_hour_per_bandwidth = 0;  // what the article's law ranks by
};

// Boards of one engine and one model by their cost.
struct CostRanks {
  std::string engine;
  std::string model;
  std::string provider;  // of all prices
  std::vector<BoardCost> boards;
  std::optional<double> by_law;  // rank correlation with the published cost
  std::optional<double> by_bandwidth_per_price;
};

struct Score {
  std::vector<ScoredRate> rates;
  int bounded = 0;     // rates with a batch
  int above = 0;       // of them above the bound: none, or the bound is none
  double closest = 0;  // greatest share of its bound that a rate reaches
  std::vector<HeldOutRate> held_out;
  int covered = 0;
  Interval coverage;  // 95 % for its probability, if rates were independent of each other
  std::vector<EngineScore> engines;  // by rates, the most first
  std::vector<CostRanks> ranks;      // of each engine with a law
};

Score score(const std::vector<EngineRate>& rates, const SpecTable& specs,
            std::span<const Machine> machines);

// One line to stand under a prediction.
std::string score_line(const Score& score);

std::string score_text(const Score& score);
std::string score_json(const Score& score);

}  // namespace roofproof::analysis
