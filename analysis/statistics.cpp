// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace roofproof::analysis {
namespace {

// P(|T| <= t) for whole degrees of freedom n, theta = atan(t / sqrt(n)): the finite sums of
// Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4. Degrees of freedom
// are numbers of sessions or runs here, so the general case (an incomplete beta function, and a
// library for it) is not needed.
double central_probability(double theta, int degrees_of_freedom) {
  const bool odd = degrees_of_freedom % 2 != 0;
  const double cosine = std::cos(theta);
  double term = odd ? cosine : 1;
  double sum = 0;
  for (int power = odd ? 1 : 0; power <= degrees_of_freedom - 2; power += 2) {
    sum += term;
    term *= cosine * cosine * (power + 1) / (power + 2);
  }
  const double weighted = std::sin(theta) * sum;
  return odd ? (theta + weighted) * 2 / std::numbers::pi : weighted;
}

// 1 for the least; those that are equal share the mean of theirs.
std::vector<double> ranks(std::span<const double> values) {
  std::vector<double> result;
  for (const double value : values) {
    const auto less =
        std::count_if(values.begin(), values.end(), [&](double other) { return other < value; });
    const auto equal = std::count(values.begin(), values.end(), value);
    result.push_back(static_cast<double>(less) + (static_cast<double>(equal) + 1) / 2);
  }
  return result;
}

std::vector<double> logarithms(std::span<const double> values) {
  if (values.empty()) throw std::invalid_argument("statistics: no values");
  std::vector<double> logs;
  logs.reserve(values.size());
  for (const double value : values) {
    if (!(value > 0) || !std::isfinite(value)) {
      throw std::invalid_argument("statistics: a value is not positive and finite");
    }
    logs.push_back(std::log(value));
  }
  return logs;
}

std::vector<double> logarithms(const SessionValues& values) {
  std::vector<double> plain;
  plain.reserve(values.size());
  for (const auto& [session, value] : values) plain.push_back(value);
  return logarithms(plain);
}

// Mean and squared standard error of the mean (0 for one value, which has none).
struct Moments {
  double mean = 0;
  double variance_of_mean = 0;
  int count = 0;
};

Moments moments(const std::vector<double>& values) {
  Moments result;
  result.count = static_cast<int>(values.size());
  result.mean = std::accumulate(values.begin(), values.end(), 0.0) / result.count;
  double squares = 0;
  for (const double value : values) squares += (value - result.mean) * (value - result.mean);
  if (result.count > 1) result.variance_of_mean = squares / (result.count - 1) / result.count;
  return result;
}

// The quantile of a 95 % interval. Every figure asks for it, with few degrees of freedom: those are
// kept.
double interval_quantile(int degrees_of_freedom) {
  static const std::array<double, 64> kept = [] {
    std::array<double, 64> quantiles{};
    for (int degrees = 1; degrees < 64; ++degrees) {
      quantiles[degrees] = student_t_quantile(0.975, degrees);
    }
    return quantiles;
  }();
  return degrees_of_freedom < 64 ? kept[degrees_of_freedom]
                                 : student_t_quantile(0.975, degrees_of_freedom);
}

Interval around(double log_mean, double half_width) {
  return {std::exp(log_mean - half_width), std::exp(log_mean + half_width)};
}

Interval interval_95(const Moments& m) {
  return around(m.mean, interval_quantile(m.count - 1) * std::sqrt(m.variance_of_mean));
}

Estimate from_logs(const std::vector<double>& logs) {
  const Moments m = moments(logs);
  Estimate result = {std::exp(m.mean), std::nullopt, m.count};
  if (m.count >= least_sessions_for_interval) result.interval = interval_95(m);
  return result;
}

// Of the middle three fifths, where there are enough values: the mean, with the standard error that
// the winsorized values give it. Tukey and McLaughlin, "Less vulnerable confidence and significance
// procedures for location based on a single sample", Sankhya A 25 (1963).
Moments trimmed_moments(std::vector<double> values) {
  const std::size_t trimmed =
      values.size() < static_cast<std::size_t>(least_sessions_to_trim) ? 0 : values.size() / 5;
  if (trimmed == 0) return moments(values);
  std::sort(values.begin(), values.end());
  const double lowest = values[trimmed];
  const double highest = values[values.size() - 1 - trimmed];
  const auto cut = static_cast<std::ptrdiff_t>(trimmed);
  Moments middle = moments({values.begin() + cut, values.end() - cut});
  for (double& value : values) value = std::clamp(value, lowest, highest);
  const Moments winsorized = moments(values);
  const double squares = winsorized.variance_of_mean * winsorized.count * (winsorized.count - 1);
  middle.variance_of_mean = squares / middle.count / (middle.count - 1);
  return middle;
}

std::vector<double> log_ratios(const SessionValues& numerator, const SessionValues& denominator) {
  SessionValues ratios;
  for (const auto& [session, value] : numerator) {
    const auto other = denominator.find(session);
    if (other != denominator.end()) ratios[session] = value / other->second;
  }
  return ratios.empty() ? std::vector<double>{} : logarithms(ratios);
}

// Welch and Satterthwaite, rounded down: a wider interval, never a narrower one.
int welch_degrees_of_freedom(const Moments& a, const Moments& b) {
  const double sum = a.variance_of_mean + b.variance_of_mean;
  const double weights = a.variance_of_mean * a.variance_of_mean / (a.count - 1) +
                         b.variance_of_mean * b.variance_of_mean / (b.count - 1);
  if (!(weights > 0)) return a.count + b.count - 2;
  return std::max(1, static_cast<int>(sum * sum / weights));
}

Moments history_moments(std::span<const double> history) {
  const Moments m = moments(logarithms(history));
  if (m.count < 2) throw std::invalid_argument("a limit needs at least two values");
  return m;
}

// `spread` in variances of a single value.
PredictionLimit one_sided_limit(double centre, const Moments& m, double spread, double floor) {
  const double deviation = std::sqrt(m.variance_of_mean * m.count * spread);
  const double limit =
      centre * std::exp(student_t_quantile(1 - limit_error, m.count - 1) * deviation);
  return {centre, std::max({limit, centre * (1 + least_change), centre + floor})};
}

// How probable a benchmark's change is by chance alone.
struct Doubt {
  double probability;
  std::size_t index;
};

// For a mean that is 0 in truth: the probability of one as high as this, or higher.
double tail_above_zero(const Moments& m) {
  if (!(m.variance_of_mean > 0)) return m.mean > 0 ? 0 : m.mean < 0 ? 1 : 0.5;
  return student_t_tail(m.mean / std::sqrt(m.variance_of_mean), m.count - 1);
}

// Those that chance does not explain, by Holm's step-down rule: "A Simple Sequentially Rejective
// Multiple Test Procedure", Scandinavian Journal of Statistics 6 (1979).
std::vector<std::size_t> not_chance(std::vector<Doubt> doubts) {
  std::sort(doubts.begin(), doubts.end(),
            [](const Doubt& a, const Doubt& b) { return a.probability < b.probability; });
  std::vector<std::size_t> indices;
  for (const Doubt& doubt : doubts) {
    const auto left = static_cast<double>(doubts.size() - indices.size());
    if (!(doubt.probability <= std::min(benchmark_error, family_error / left))) break;
    indices.push_back(doubt.index);
  }
  return indices;
}

}  // namespace

double median(std::span<const double> values) {
  if (values.empty()) throw std::invalid_argument("statistics: no values");
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 != 0 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

double student_t_quantile(double probability, int degrees_of_freedom) {
  if (!(probability > 0) || !(probability < 1) || degrees_of_freedom < 1) {
    throw std::invalid_argument("student_t_quantile: no such quantile");
  }
  const double central = std::abs(2 * probability - 1);
  double low = 0;
  double high = std::numbers::pi / 2;
  // Halving a bounded angle until neighbouring doubles are reached.
  for (int step = 0; step < 60; ++step) {
    const double middle = (low + high) / 2;
    (central_probability(middle, degrees_of_freedom) < central ? low : high) = middle;
  }
  const double t = std::sqrt(degrees_of_freedom) * std::tan(low);
  return probability < 0.5 ? -t : t;
}

double student_t_tail(double t, int degrees_of_freedom) {
  if (degrees_of_freedom < 1) throw std::invalid_argument("student_t_tail: no such distribution");
  const double theta = std::atan(std::abs(t) / std::sqrt(degrees_of_freedom));
  const double beyond = (1 - central_probability(theta, degrees_of_freedom)) / 2;
  return t < 0 ? 1 - beyond : beyond;
}

Interval binomial_interval(int hits, int trials) {
  if (trials < 1) throw std::invalid_argument("statistics: no trials");
  constexpr double z = 1.959964;  // 97.5 % of the normal distribution
  const double n = trials;
  const double share = hits / n;
  const double centre = share + z * z / (2 * n);
  const double half = z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  const double scale = 1 + z * z / n;
  return {std::max(0.0, (centre - half) / scale), std::min(1.0, (centre + half) / scale)};
}

std::optional<double> rank_correlation(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size()) throw std::invalid_argument("statistics: not as many of both");
  const std::vector<double> ranks_a = ranks(a);
  const std::vector<double> ranks_b = ranks(b);
  const double mean = (static_cast<double>(a.size()) + 1) / 2;
  double product = 0, square_a = 0, square_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double from_a = ranks_a[i] - mean;
    const double from_b = ranks_b[i] - mean;
    product += from_a * from_b;
    square_a += from_a * from_a;
    square_b += from_b * from_b;
  }
  if (square_a == 0 || square_b == 0) return std::nullopt;
  return product / std::sqrt(square_a * square_b);
}

double geometric_mean(std::span<const double> values) {
  return std::exp(moments(logarithms(values)).mean);
}

Estimate estimate(const SessionValues& values) { return from_logs(logarithms(values)); }

std::optional<Estimate> paired_ratio(const SessionValues& numerator,
                                     const SessionValues& denominator) {
  const std::vector<double> logs = log_ratios(numerator, denominator);
  if (logs.empty()) return std::nullopt;
  return from_logs(logs);
}

Estimate unpaired_ratio(const SessionValues& numerator, const SessionValues& denominator) {
  const Moments a = moments(logarithms(numerator));
  const Moments b = moments(logarithms(denominator));
  const double log_ratio = a.mean - b.mean;
  Estimate result = {std::exp(log_ratio), std::nullopt, std::min(a.count, b.count)};
  if (result.sessions >= least_sessions_for_interval) {
    const double t = interval_quantile(welch_degrees_of_freedom(a, b));
    result.interval = around(log_ratio, t * std::sqrt(a.variance_of_mean + b.variance_of_mean));
  }
  return result;
}

Estimate complement(const Estimate& share) {
  Estimate rest = {1 - share.value, std::nullopt, share.sessions};
  if (share.interval) rest.interval = Interval{1 - share.interval->high, 1 - share.interval->low};
  return rest;
}

SessionValues divided(double constant, const SessionValues& values) {
  SessionValues result;
  for (const auto& [session, value] : values) result[session] = constant / value;
  return result;
}

SessionValues multiplied(double constant, const SessionValues& values) {
  SessionValues result;
  for (const auto& [session, value] : values) result[session] = constant * value;
  return result;
}

SessionValues sum(const SessionValues& a, const SessionValues& b) {
  SessionValues result;
  for (const auto& [session, value] : a) {
    const auto other = b.find(session);
    if (other != b.end()) result[session] = value + other->second;
  }
  return result;
}

PredictionLimit prediction_limit(std::span<const double> history, double floor) {
  const Moments m = history_moments(history);
  // The spread of one more value, not of the mean: s sqrt(1 + 1/n).
  return one_sided_limit(std::exp(m.mean), m, 1 + 1.0 / m.count, floor);
}

PredictionLimit pinned_limit(double pinned, std::span<const double> history, double floor) {
  // Of the difference of two values.
  return one_sided_limit(pinned, history_moments(history), 2, floor);
}

bool has_two_modes(std::span<const double> history) {
  // Of 8 to 20 figures around one value, two groups as far apart as this come up by chance in less
  // than 1 of 100 cases.
  constexpr double far_apart = 6;
  constexpr std::size_t least_group = 2;
  std::vector<double> logs = logarithms(history);
  if (logs.size() < 2 * least_group + 1) return false;
  std::sort(logs.begin(), logs.end());
  std::size_t split = least_group;
  for (std::size_t i = least_group; i <= logs.size() - least_group; ++i) {
    if (logs[i] - logs[i - 1] > logs[split] - logs[split - 1]) split = i;
  }
  const auto middle = logs.begin() + static_cast<std::ptrdiff_t>(split);
  const Moments low = moments({logs.begin(), middle});
  const Moments high = moments({middle, logs.end()});
  const double squares = low.variance_of_mean * low.count * (low.count - 1) +
                         high.variance_of_mean * high.count * (high.count - 1);
  const double width = std::sqrt(squares / static_cast<double>(logs.size() - 2));
  const double distance = high.mean - low.mean;
  return distance > 2 * least_change && distance > far_apart * width;
}

std::vector<PairedChange> paired_changes(std::span<const PairedTimes> pairs) {
  std::vector<PairedChange> results(pairs.size());
  std::vector<Doubt> slower;
  std::vector<Doubt> faster;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const std::vector<double> logs = log_ratios(pairs[i].after_s, pairs[i].before_s);
    results[i].sessions = static_cast<int>(logs.size());
    if (logs.empty()) continue;
    const Moments m = trimmed_moments(logs);
    results[i].ratio = std::exp(m.mean);
    if (results[i].sessions < least_sessions_for_interval) continue;
    results[i].interval = interval_95(m);
    slower.push_back({tail_above_zero(m), i});
    faster.push_back({1 - slower.back().probability, i});
  }
  for (const std::size_t i : not_chance(slower)) results[i].change = Change::slower;
  for (const std::size_t i : not_chance(faster)) results[i].change = Change::faster;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    PairedChange& result = results[i];
    if (!result.interval) continue;
    const double least_ratio =
        1 + std::max(least_change, least_change_s / estimate(pairs[i].before_s).value);
    const bool counts = result.ratio > least_ratio || result.ratio < 1 / least_ratio;
    if (counts && result.change != Change::unclear) continue;
    const bool loss_excluded = result.interval->high < std::max(1 + loss_to_exclude, least_ratio);
    result.change = loss_excluded ? Change::none : Change::unclear;
  }
  return results;
}

}  // namespace roofproof::analysis
