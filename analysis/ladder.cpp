// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/ladder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/disturbance.h"
#include "kernels/problem/step.h"

namespace roofproof::analysis {
namespace {

// In the order in which Rungs and `from` hold them.
constexpr Rung rungs[] = {Rung::stream_only, Rung::gemv_only, Rung::unordered, Rung::launches_only};

// One session of the step and its rungs.
struct SessionTimes {
  double step_s;
  double stream_s;     // reads the weights
  double gemv_s;       // and multiplies by them
  double unordered_s;  // every operation, none waiting for another
  double launches_s;   // as many empty kernels
};

struct PartRule {
  std::string_view name;
  double (*time_s)(const SessionTimes&);
};

constexpr PartRule rules[] = {
    {"weights", [](const SessionTimes& t) { return t.stream_s; }},
    {"arithmetic", [](const SessionTimes& t) { return t.gemv_s - t.stream_s; }},
    {"attention", [](const SessionTimes& t) { return t.unordered_s - t.gemv_s; }},
    {"launches", [](const SessionTimes& t) { return t.launches_s; }},
    {"unexplained", [](const SessionTimes& t) { return t.step_s - t.unordered_s - t.launches_s; }},
};

std::vector<SessionTimes> common_sessions(const std::vector<const Series*>& from) {
  std::vector<SessionTimes> sessions;
  for (const Row* row : from.front()->rows) {
    std::vector<double> times_s;
    for (const Series* series : from) {
      const SessionValues measured = series->time_s();
      const auto found = measured.find(row->session);
      if (found != measured.end()) times_s.push_back(found->second);
    }
    if (times_s.size() < from.size()) continue;
    sessions.push_back({times_s[0], times_s[1], times_s[2], times_s[3], times_s[4]});
  }
  return sessions;
}

// Of figures that may be negative: no logarithms here.
Estimate mean(const std::vector<SessionTimes>& sessions, double (*value)(const SessionTimes&)) {
  const auto count = static_cast<int>(sessions.size());
  double sum = 0;
  for (const SessionTimes& session : sessions) sum += value(session);
  Estimate result = {sum / count, std::nullopt, count};
  if (count < least_sessions_for_interval) return result;
  double squares = 0;
  for (const SessionTimes& session : sessions) {
    const double deviation = value(session) - result.value;
    squares += deviation * deviation;
  }
  const double half =
      student_t_quantile(0.975, count - 1) * std::sqrt(squares / (count - 1) / count);
  result.interval = Interval{result.value - half, result.value + half};
  return result;
}

}  // namespace

std::optional<Ladder> ladder(const ResultsView& view, const Problem& decode) {
  std::vector<const Series*> from = {view.find(decode, Implementation::hand)};
  for (const Rung rung : rungs) from.push_back(view.find_forced(decode, name(rung)));
  if (std::find(from.begin(), from.end(), nullptr) != from.end()) return std::nullopt;
  const std::vector<SessionTimes> sessions = common_sessions(from);
  if (sessions.empty()) return std::nullopt;
  Ladder result = {
      mean(sessions, [](const SessionTimes& t) { return t.step_s; }), {}, std::move(from)};
  const Disturbance disturbance(view);
  result.disturbed =
      !std::all_of(result.from.begin(), result.from.end(),
                   [&](const Series* series) { return disturbance.may_decide(*series); });
  for (const PartRule& rule : rules)
    result.parts.push_back({rule.name, mean(sessions, rule.time_s)});
  return result;
}

std::string ladder_text(const Ladder& ladder) {
  const bool long_step = ladder.step_s.value >= 1e-3;
  const double scale = long_step ? 1e3 : 1e6;
  const double step = ladder.step_s.value * scale;
  // Three digits of the step, and as many decimals of its parts.
  const int decimals = std::clamp(2 - static_cast<int>(std::floor(std::log10(step))), 0, 2);
  std::string text = fmt::format("{:.{}f} {}", step, decimals, long_step ? "ms" : "µs");
  if (ladder.disturbed) return text + " on average: disturbed, not broken down";
  if (!ladder.is_resolved()) {
    return text + " on average: too noisy to break down";
  }
  const char* sign = " = ";
  for (const LadderPart& part : ladder.parts) {
    const bool negative = part.time_s.value < 0;
    text += fmt::format("{}{} {:.{}f}", negative ? " - " : sign, part.name,
                        std::abs(part.time_s.value) * scale, decimals);
    sign = " + ";
  }
  return text + fmt::format(" ({:.0f} %)", 100 * ladder.share(ladder.parts.back()));
}

}  // namespace roofproof::analysis
