// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Statistics of positive figures (times, rates, ratios) over sessions.
//
// The session is the unit: samples of one process share its bias, so their spread says nothing
// about the next process. All of it happens on logarithms, where noise is a factor, a mean is the
// geometric one and a ratio is a difference.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

namespace roofproof::analysis {

struct Interval {
  double low = 0;
  double high = 0;

  bool operator==(const Interval&) const = default;
};

// Session number -> figure of that session.
using SessionValues = std::map<int, double>;

// A mean of two or three processes can be off by more than its spread shows.
inline constexpr int least_sessions_for_interval = 3;

struct Estimate {
  double value = 0;                  // geometric mean over the sessions
  std::optional<Interval> interval;  // 95 %; nothing below least_sessions_for_interval
  int sessions = 0;
};

// Of an even number the mean of the two in the middle. Throws std::invalid_argument without values.
double median(std::span<const double> values);

// The value that a t-distributed variable stays below with `probability`, 0 < probability < 1,
// degrees_of_freedom >= 1. Exact up to rounding for whole degrees of freedom.
double student_t_quantile(double probability, int degrees_of_freedom);

// The probability that such a variable exceeds t.
double student_t_tail(double t, int degrees_of_freedom);

// All of these throw std::invalid_argument without values or with one that is not positive.
double geometric_mean(std::span<const double> values);
Estimate estimate(const SessionValues& values);

// Numerator over denominator in the sessions that both have, paired: what slows a session as a
// whole cancels. Nothing where they share no session.
std::optional<Estimate> paired_ratio(const SessionValues& numerator,
                                     const SessionValues& denominator);

// The same for figures of two machines, whose sessions have nothing in common (Welch).
Estimate unpaired_ratio(const SessionValues& numerator, const SessionValues& denominator);

// 1 minus it: of a share, the rest.
Estimate complement(const Estimate& share);

// `constant / value` and `constant * value`, session by session.
SessionValues divided(double constant, const SessionValues& values);
SessionValues multiplied(double constant, const SessionValues& values);
// Sum in the sessions that both have.
SessionValues sum(const SessionValues& a, const SessionValues& b);

// 95 % for the probability of a hit, of which `hits` of `trials` independent ones were seen
// (Wilson). Throws std::invalid_argument without trials.
Interval binomial_interval(int hits, int trials);

// Of the ranks of two figures of the same things (Spearman), ties at their mean rank: 1 where both
// order them alike. Nothing where one of them does not tell any two apart. Throws
// std::invalid_argument where there are not as many of both.
std::optional<double> rank_correlation(std::span<const double> a, std::span<const double> b);

// How often chance alone exceeds a limit below.
inline constexpr double limit_error = 0.01;

// What a further figure may be if nothing changed, from earlier ones where more is worse.
struct PredictionLimit {
  double centre = 0;  // geometric mean, or the figure that is pinned
  double limit = 0;   // exceeded by chance in 1 of 100 cases (limit_error)

  // Undercut as seldom.
  double lower() const { return centre * centre / limit; }
};

// A change below this is never called one, whatever the noise says: 2 %, and for times 0.5 us.
inline constexpr double least_change = 0.02;
inline constexpr double least_change_s = 0.5e-6;

// One-sided 99 % limit for one more value; `floor` is the least absolute change (least_change_s for
// times, 0 for ratios). Throws std::invalid_argument below 2 values.
PredictionLimit prediction_limit(std::span<const double> history, double floor);

// The same around one earlier figure that is pinned, scattered as history is.
PredictionLimit pinned_limit(double pinned, std::span<const double> history, double floor);

// Whether the figures fall into two groups that lie far apart for their width, as where a machine
// runs in one of two modes. A prediction limit over both sees little.
bool has_two_modes(std::span<const double> history);

// One benchmark of two builds that ran in turns: session n of one beside session n of the other, so
// that what slows both cancels.
struct PairedTimes {
  SessionValues before_s;
  SessionValues after_s;
};

enum class Change { none, slower, faster, unclear };

struct PairedChange {
  Change change = Change::unclear;
  double ratio = 1;                  // time after / time before
  std::optional<Interval> interval;  // 95 %; nothing below least_sessions_for_interval
  int sessions = 0;                  // that both have
};

// The limits of a paired decision. "Slower" and "faster" are said of changes above least_change
// that are not chance: paired t-tests, one-sided, by Holm's rule over all benchmarks together, so
// that one build held against itself is called slower (anywhere) in at most 1 of 50 comparisons and
// a single benchmark in at most 1 of 200. "None" is said only where the interval excludes a loss of
// 5 %. What is left is unclear. From ten sessions on a fifth at either end is trimmed: one session
// that something else disturbed would hide all others.
inline constexpr double family_error = 0.02;
inline constexpr double benchmark_error = 0.005;
inline constexpr double loss_to_exclude = 0.05;
inline constexpr int least_sessions_to_trim = 10;

// One answer for each pair.
std::vector<PairedChange> paired_changes(std::span<const PairedTimes> pairs);

}  // namespace roofproof::analysis
