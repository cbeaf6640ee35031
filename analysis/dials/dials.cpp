// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/dials/dials.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/batch_sweep.h"
#include "analysis/decode_steps.h"
#include "analysis/disturbance.h"
#include "analysis/quantity.h"

namespace roofproof::analysis {
namespace {

constexpr double unlimited_value = std::numeric_limits<double>::infinity();

constexpr Precision weight_formats[] = {Precision::fp16, Precision::int8, Precision::int4};

// A verified draft is short: longer ones are accepted too seldom.
constexpr std::int64_t most_drafted = 15;

// Of a whole model: one projection says nothing of a token.
std::optional<BatchSweep> model_sweep(const ResultsView& view, Precision weights) {
  const Series* one = first_step(view, weights, 1);
  if (!one || !is_whole_model(*one)) return std::nullopt;
  return batch_sweep(view, weights);
}

bool has_single_projections(const ResultsView& view) {
  return std::any_of(std::begin(weight_formats), std::end(weight_formats), [&](Precision weights) {
    const Series* one = first_step(view, weights, 1);
    return one && !is_whole_model(*one);
  });
}

// "0.36 [0.34, 0.38]"
std::string with_interval(double value, const std::optional<Interval>& interval, int digits) {
  const auto end = [&](double edge) {
    return std::isinf(edge) ? std::string("no end") : significant(edge, digits);
  };
  if (!interval) return significant(value, digits);
  return fmt::format("{} [{}, {}]", significant(value, digits), end(interval->low),
                     end(interval->high));
}

Interval edges_of(const Estimate& estimate) {
  return estimate.interval.value_or(Interval{estimate.value, estimate.value});
}

// ", disturbed" where one of the rows may not decide.
std::string mark_of(const ResultsView& view, const std::vector<const Series*>& from) {
  const Disturbance disturbance(view);
  const bool may_decide = std::all_of(from.begin(), from.end(), [&](const Series* series) {
    return disturbance.may_decide(*series);
  });
  return may_decide ? "" : ", disturbed";
}

// "decode of mistral-7b, context 0": which models and contexts were measured differs by weights.
std::string words_of(const Series& step) {
  return fmt::format("{}, context {}", step_words(step), step.problem.shape.context);
}

std::string format_words(const Series& step) { return std::string(name(step.problem.precision)); }

DialAnswer acceptance(const ResultsView& view, const Series& one, const Series& many) {
  const auto drafted = static_cast<int>(many.problem.shape.batch - 1);
  DialAnswer answer = {.step = words_of(one),
                       .of = fmt::format("{}, {} drafted", format_words(one), drafted)};
  const std::optional<Estimate> ratio = paired_ratio(many.time_s(), one.time_s());
  if (!ratio) {
    answer.words = "no session measured both batches";
    return answer;
  }
  answer.value = least_acceptance(ratio->value, drafted);
  if (!answer.value) {
    answer.words = fmt::format("never: the step takes {} times as long", significant(ratio->value));
  } else {
    const Interval edges = edges_of(*ratio);
    const auto at = [&](double edge) {
      return least_acceptance(edge, drafted).value_or(unlimited_value);
    };
    if (ratio->interval) answer.interval = Interval{at(edges.low), at(edges.high)};
    answer.words = with_interval(*answer.value, answer.interval, 2);
  }
  answer.words += mark_of(view, {&one, &many});
  return answer;
}

Dial speculation(const ResultsView& view) {
  Dial dial = {.id = "speculation",
               .question = "acceptance from which drafted tokens pay, one user",
               .assumption =
                   "drafting costs nothing; each token is accepted with the same "
                   "probability; k + 1 tokens take the step at batch k + 1"};
  for (const Precision weights : weight_formats) {
    const std::optional<BatchSweep> sweep = model_sweep(view, weights);
    if (!sweep) continue;
    for (const Series* many : sweep->steps) {
      if (many == sweep->steps.front() || many->problem.shape.batch > most_drafted + 1) continue;
      dial.answers.push_back(acceptance(view, *sweep->steps.front(), *many));
    }
  }
  return dial;
}

struct Curves {
  std::vector<CurvePoint> value, low, high;

  void add(double batch, const Estimate& estimate) {
    const Interval edges = edges_of(estimate);
    value.push_back({batch, estimate.value});
    low.push_back({batch, edges.low});
    high.push_back({batch, edges.high});
  }
  bool has_intervals() const {
    return !std::equal(low.begin(), low.end(), high.begin(),
                       [](const CurvePoint& a, const CurvePoint& b) { return a.value == b.value; });
  }
};

DialAnswer stops_paying(const ResultsView& view, const std::vector<const Series*>& narrow) {
  DialAnswer answer = {.step = words_of(*narrow.front()), .of = format_words(*narrow.front())};
  Curves curves;
  std::vector<const Series*> from;
  for (const Series* step : narrow) {
    Problem problem = step->problem;
    problem.precision = Precision::fp16;
    const Series* wide = find_step(view, problem);
    if (!wide) continue;
    const std::optional<Estimate> ratio = paired_ratio(step->time_s(), wide->time_s());
    if (!ratio) continue;
    curves.add(static_cast<double>(problem.shape.batch), *ratio);
    from.insert(from.end(), {step, wide});
  }
  if (curves.value.empty()) {
    answer.words = "the same step with fp16 weights was not measured";
    return answer;
  }
  const double crossing = first_above(curves.value, 1);
  const double largest = curves.value.back().batch;
  if (std::isinf(crossing)) {
    answer.words = fmt::format("pays at every measured batch, up to {:.0f}: {} of the time there",
                               largest, significant(curves.value.back().value));
  } else if (crossing == 0) {
    answer.words = fmt::format("pays at no batch: {} times as long at batch 1",
                               significant(curves.value.front().value));
  } else {
    answer.value = crossing;
    if (curves.has_intervals()) {
      answer.interval = Interval{first_above(curves.high, 1), first_above(curves.low, 1)};
    }
    answer.words = "batch " + with_interval(crossing, answer.interval, 3);
  }
  answer.words += mark_of(view, from);
  return answer;
}

Dial narrow_weights(const ResultsView& view) {
  Dial dial = {.id = "narrow-weights",
               .question = "batch from which INT8 and INT4 weights take longer than FP16",
               .assumption = "between measured batches the ratio of times is a power of the batch"};
  for (const Precision weights : {Precision::int8, Precision::int4}) {
    const std::optional<BatchSweep> sweep = model_sweep(view, weights);
    if (sweep) dial.answers.push_back(stops_paying(view, sweep->steps));
  }
  return dial;
}

DialAnswer largest_batch(const ResultsView& view, const std::vector<const Series*>& steps,
                         double time_per_token_s) {
  DialAnswer answer = {.step = words_of(*steps.front()), .of = format_words(*steps.front())};
  Curves curves;
  for (const Series* step : steps) {
    curves.add(static_cast<double>(step->problem.shape.batch), estimate(step->time_s()));
  }
  // Batches are whole.
  const auto last_within = [&](const std::vector<CurvePoint>& points) {
    return std::floor(first_above(points, time_per_token_s) * (1 + 1e-12));
  };
  const double batch = last_within(curves.value);
  if (batch > 0 && curves.has_intervals()) {
    answer.interval = Interval{last_within(curves.high), last_within(curves.low)};
  }
  if (std::isinf(batch)) {
    answer.words =
        fmt::format("at least {:.0f}, the largest measured: {} there", curves.value.back().batch,
                    quantity_text(curves.value.back().value, "s"));
  } else if (batch == 0) {
    answer.words =
        fmt::format("none: batch 1 takes {}", quantity_text(curves.value.front().value, "s"));
  } else {
    answer.value = batch;
    answer.words = with_interval(batch, answer.interval, 4);
  }
  answer.words += mark_of(view, steps);
  return answer;
}

Dial users(const ResultsView& view, double time_per_token_s) {
  Dial dial = {.id = "largest-batch",
               .question = fmt::format("largest batch within {} per token",
                                       quantity_text(time_per_token_s, "s")),
               .assumption =
                   "between measured batches the time is a power of the batch; requests "
                   "fill the batch, and prefill of others does not come between"};
  for (const Precision weights : weight_formats) {
    const std::optional<BatchSweep> sweep = model_sweep(view, weights);
    if (sweep) dial.answers.push_back(largest_batch(view, sweep->steps, time_per_token_s));
  }
  return dial;
}

// The same step with the longest context that was measured; null where there is none.
const Series* longest_context(const ResultsView& view, const Series& step) {
  const Series* longest = nullptr;
  for (Problem problem : view.problems(step.problem.op, step.problem.precision)) {
    const Series* series = find_step(view, problem);
    const std::int64_t context = problem.shape.context;
    problem.shape.context = step.problem.shape.context;
    if (!series || problem != step.problem || context <= step.problem.shape.context) continue;
    if (!longest || context > longest->problem.shape.context) longest = series;
  }
  return longest;
}

std::optional<DialAnswer> even_context(const ResultsView& view, const Series& empty) {
  const Series* full = longest_context(view, empty);
  if (!is_whole_model(empty) || !full) return std::nullopt;
  const std::optional<Estimate> ratio = paired_ratio(full->time_s(), empty.time_s());
  if (!ratio) return std::nullopt;
  const auto tokens = static_cast<double>(full->problem.shape.context);
  const auto even = [&](double edge) { return edge > 1 ? tokens / (edge - 1) : unlimited_value; };
  // Without a context the one new token is read: what is left of the bytes are weights.
  const double bytes_per_token = (full->bytes() - empty.bytes()) / tokens;
  const double by_bytes = (empty.bytes() - bytes_per_token) / bytes_per_token;
  DialAnswer answer = {.step = fmt::format("{} and {:.0f}", words_of(empty), tokens),
                       .of = format_words(empty)};
  const double value = even(ratio->value);
  if (std::isinf(value)) {
    answer.words = fmt::format("no time of the cache is seen at {:.0f} tokens", tokens);
  } else {
    answer.value = value;
    if (ratio->interval) {
      answer.interval = Interval{even(ratio->interval->high), even(ratio->interval->low)};
    }
    answer.words = with_interval(value, answer.interval, 3) + " tokens";
  }
  answer.words +=
      fmt::format("; by bytes {} tokens{}", significant(by_bytes), mark_of(view, {&empty, full}));
  return answer;
}

Dial cache(const ResultsView& view) {
  Dial dial = {.id = "context",
               .question = "context at which a sequence's cache takes as long as the weights",
               .assumption =
                   "the time of the cache is proportional to the context, as between none "
                   "and the longest that was measured; batch 1"};
  for (const Precision weights : weight_formats) {
    const Series* empty = first_step(view, weights, 1);
    if (!empty) continue;
    if (std::optional<DialAnswer> answer = even_context(view, *empty)) {
      dial.answers.push_back(std::move(*answer));
    }
  }
  return dial;
}

}  // namespace

std::optional<double> least_acceptance(double time_ratio, int drafted) {
  const auto tokens = [&](double acceptance) {
    double sum = 1;
    double power = 1;
    for (int i = 0; i < drafted; ++i) sum += power *= acceptance;
    return sum;
  };
  if (time_ratio <= 1) return 0;
  if (time_ratio >= tokens(1)) return std::nullopt;
  double low = 0;
  double high = 1;
  for (int halving = 0; halving < 60; ++halving) {
    const double middle = (low + high) / 2;
    (tokens(middle) < time_ratio ? low : high) = middle;
  }
  return high;
}

double first_above(const std::vector<CurvePoint>& points, double limit) {
  for (std::size_t i = 0; i < points.size(); ++i) {
    const CurvePoint& above = points[i];
    if (!(above.value > limit)) continue;
    if (i == 0) return 0;
    const CurvePoint& below = points[i - 1];
    const double part = std::log(limit / below.value) / std::log(above.value / below.value);
    return below.batch * std::pow(above.batch / below.batch, part);
  }
  return unlimited_value;
}

std::vector<Dial> dials(const ResultsView& view, double time_per_token_s) {
  std::vector<Dial> all = {speculation(view), narrow_weights(view), users(view, time_per_token_s),
                           cache(view)};
  for (Dial& dial : all) {
    if (!dial.answers.empty()) continue;
    dial.missing = has_single_projections(view) ? "only single projections were measured"
                   : dial.id == "context"
                       ? "no decode was measured with and without a context"
                       : "no decode was measured at batch 1 and a larger one with these weights";
  }
  return all;
}

}  // namespace roofproof::analysis
