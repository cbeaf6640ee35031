// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/engines/step_law.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>

namespace roofproof::analysis {
namespace {

double mean_error(std::span<const TimedStep> steps, const StepLaw& law) {
  double sum = 0;
  for (const TimedStep& step : steps) {
    sum += std::abs(law.time_s(step.roof_s, step.layers) / step.time_s - 1);
  }
  return sum / static_cast<double>(steps.size());
}

// The best of the laws that are offered and allowed.
class Choice {
 public:
  explicit Choice(std::span<const TimedStep> steps) : steps_(steps) {
    if (steps.empty()) throw std::invalid_argument("a law needs a timed step");
    offer({});
  }

  void offer(const StepLaw& law) {
    // A figure that rounding put outside is not the optimum: the bound itself is offered too.
    if (!(law.share > 0 && law.share <= 1 && law.overhead_per_layer_s >= 0)) return;
    const double error = mean_error(steps_, law);
    if (!(error < least_)) return;
    least_ = error;
    best_ = law;
  }

  const StepLaw& best() const { return best_; }

 private:
  std::span<const TimedStep> steps_;
  StepLaw best_;
  double least_ = std::numeric_limits<double>::infinity();
};

// That which meets both exactly; nothing where they differ by a factor alone.
std::optional<StepLaw> through(const TimedStep& a, const TimedStep& b) {
  const double determinant = a.roof_s * b.layers - b.roof_s * a.layers;
  if (determinant == 0) return std::nullopt;
  const double slope = (a.time_s * b.layers - b.time_s * a.layers) / determinant;
  return StepLaw{1 / slope, (a.roof_s * b.time_s - b.roof_s * a.time_s) / determinant};
}

}  // namespace

// The error is linear between the laws that meet a step exactly, so that the least lies where two
// steps are met, or one step and a limit: all of these are tried.
StepLaw fit_step_law(std::span<const TimedStep> steps) {
  Choice choice(steps);
  for (const TimedStep& a : steps) {
    choice.offer({std::min(1.0, a.roof_s / a.time_s), 0});
    if (a.layers > 0) choice.offer({1, (a.time_s - a.roof_s) / a.layers});
    for (const TimedStep& b : steps) {
      if (&a == &b) break;
      if (const std::optional<StepLaw> law = through(a, b)) choice.offer(*law);
    }
  }
  return choice.best();
}

StepLaw fit_share(std::span<const TimedStep> steps) {
  Choice choice(steps);
  for (const TimedStep& step : steps) choice.offer({std::min(1.0, step.roof_s / step.time_s), 0});
  return choice.best();
}

std::vector<TimedStep> without(std::span<const TimedStep> steps, const std::string& board) {
  std::vector<TimedStep> others;
  std::copy_if(steps.begin(), steps.end(), std::back_inserter(others),
               [&](const TimedStep& step) { return step.board != board; });
  return others;
}

std::vector<double> held_out_ratios(std::span<const TimedStep> steps, FitLaw fit) {
  std::vector<double> ratios;
  for (const TimedStep& step : steps) {
    const StepLaw law = fit(without(steps, step.board));
    ratios.push_back(step.time_s / law.time_s(step.roof_s, step.layers));
  }
  return ratios;
}

Interval ratio_range(std::vector<double> ratios, double probability) {
  if (ratios.empty()) throw std::invalid_argument("a range needs a ratio");
  std::sort(ratios.begin(), ratios.end());
  const auto n = static_cast<double>(ratios.size());
  // A rank that rounding put below a whole number is that number.
  const double rank = std::max(1.0, std::floor((n + 1) * (1 - probability) / 2 + 1e-9));
  const auto outer = static_cast<std::size_t>(rank) - 1;
  return {ratios[outer], ratios[ratios.size() - 1 - outer]};
}

}  // namespace roofproof::analysis
