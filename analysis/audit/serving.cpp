// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/audit/serving.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace roofproof::analysis {
namespace {

// Chunks of a stream that hold more tokens than one: speculative decoding, or a server that
// gathers.
constexpr double most_tokens_per_chunk = 1.5;

// A latency in seconds, and the key that it is from.
struct Latency {
  double seconds = 0;
  std::string key;
};

// Of "tpot": mean_tpot_ms, else the median; without "_ms" the same names hold seconds.
std::optional<Latency> latency(const Fields& fields, const std::string& what) {
  for (const char* kind : {"mean_", "median_"}) {
    const std::string key = kind + what;
    if (const auto ms = fields.positive(key + "_ms")) return Latency{*ms / 1e3, key + "_ms"};
    if (const auto s = fields.positive(key)) return Latency{*s, key};
  }
  return std::nullopt;
}

class Run {
 public:
  Run(const Fields& fields, const ServingRun& run)
      : fields_(fields),
        run_(run),
        duration_s_(fields.needed("duration")),
        completed_(fields.needed("completed")),
        input_tokens_(fields.number("total_input_tokens").value_or(0)),
        output_tokens_(fields.needed("total_output_tokens")),
        ttft_(latency(fields, "ttft")),
        tpot_(latency(fields, "tpot")),
        itl_(latency(fields, "itl")),
        end_to_end_(latency(fields, "e2e_latency")) {
    if (!end_to_end_) end_to_end_ = latency(fields, "e2el");
    figure_.place = fields.place();
    figure_.engine = run.engine;
    figure_.model = run.model;
    figure_.gpu = run.gpu;
    figure_.gpus = run.gpus;
    figure_.weights = run.weights;
    figure_.replicas = run.replicas;
    figure_.speculative = run.speculative;
    figure_.cache_bits = run.cache_bits;
    figure_.context = (input_tokens_ + output_tokens_ / 2) / completed_;
    check();
  }

  std::vector<ReportedFigure> figures() {
    std::vector<ReportedFigure> list;
    const std::optional<Latency>& step = tpot_ ? tpot_ : itl_;
    if (step) {
      ReportedFigure figure = figure_;
      figure.label = step->key;
      figure.quantity = Quantity::step_time;
      figure.value = step->seconds;
      set_batch(step->seconds, figure);
      list.push_back(std::move(figure));
    }
    if (const std::optional<double> rate = fields_.positive("output_throughput")) {
      ReportedFigure figure = figure_;
      figure.label = "output_throughput";
      figure.quantity = Quantity::output_rate;
      figure.value = *rate;
      figure.most_batch =
          std::min(completed_, fields_.positive("max_concurrency").value_or(completed_));
      list.push_back(std::move(figure));
    }
    return list;
  }

 private:
  // Little's law: as many decode at a time as requests/s x seconds that each decodes.
  void set_batch(double step_s, ReportedFigure& figure) const {
    const double outputs = output_tokens_ / completed_;
    double decode_s = step_s * std::max(outputs - 1, 0.0);
    if (end_to_end_ && ttft_ && end_to_end_->seconds > ttft_->seconds) {
      decode_s = end_to_end_->seconds - ttft_->seconds;
    }
    const double rate = completed_ / duration_s_;
    const double batch = rate * decode_s / run_.replicas;
    if (!(batch > 0)) return;
    figure.batch = std::max(batch, 1.0);
    figure.notes.push_back(fmt::format(
        "Batch {:.3g} by Little's law: {:.3g} requests/s, each decodes {:.3g} s{}.", *figure.batch,
        rate, decode_s, run_.replicas > 1 ? fmt::format(", on {} replicas", run_.replicas) : ""));
  }

  void contradict(const std::string& what) { figure_.contradictions.push_back(what); }

  void require_product(const char* key, double total, const char* of_what) {
    const std::optional<double> rate = fields_.positive(key);
    if (!rate) return;
    const double rounding = 0.005 * duration_s_;  // consoles print two decimals
    if (std::abs(*rate * duration_s_ - total) <= 0.01 * total + rounding) return;
    contradict(fmt::format("{} {:.5g} x {:.5g} s are {:.5g}, but {} are {:.5g}", key, *rate,
                           duration_s_, *rate * duration_s_, of_what, total));
  }

  void check() {
    require_product("output_throughput", output_tokens_, "output tokens");
    require_product("request_throughput", completed_, "completed requests");
    require_product("input_throughput", input_tokens_, "input tokens");
    require_product("total_token_throughput", input_tokens_ + output_tokens_, "all tokens");
    require_product("total_throughput", input_tokens_ + output_tokens_, "all tokens");
    const std::optional<double> rate = fields_.positive("output_throughput");
    const std::optional<double> peak =
        fields_.positive_of({"max_output_tokens_per_s", "peak_output_token_throughput"});
    if (peak && rate && *peak < *rate) {
      contradict(
          fmt::format("the peak of {:.5g} output tokens/s is below their mean of {:.5g}: "
                      "chunks of a stream are counted as one token",
                      *peak, *rate));
    }
    for (const char* what : {"ttft", "tpot", "itl", "e2el", "e2e_latency"}) {
      const std::optional<double> median = fields_.positive(fmt::format("median_{}_ms", what));
      const std::optional<double> slow = fields_.positive(fmt::format("p99_{}_ms", what));
      if (median && slow && *slow < *median * (1 - 1e-9)) {
        contradict(
            fmt::format("p99_{0}_ms {1:.5g} is below median_{0}_ms {2:.5g}", what, *slow, *median));
      }
    }
    check_in_flight();
    check_chunks();
  }

  void check_in_flight() {
    if (!end_to_end_ || !end_to_end_->key.starts_with("mean")) return;
    const double in_flight = completed_ / duration_s_ * end_to_end_->seconds;
    const std::optional<double> cap = fields_.positive("max_concurrency");
    if (cap && in_flight > *cap * 1.02) {
      contradict(fmt::format("{:.5g} requests were in flight by Little's law, of {:.5g} allowed",
                             in_flight, *cap));
    }
    if (run_.in_flight) {
      check_stated(figure_, "concurrency, by rate and latency", *run_.in_flight, in_flight, 0.02);
    }
  }

  void check_chunks() {
    if (!tpot_ || !itl_) return;
    const double tokens = itl_->seconds / tpot_->seconds;
    if (!(tokens > most_tokens_per_chunk)) return;
    figure_.speculative = true;
    figure_.notes.push_back(
        fmt::format("{} is {:.3g} x {}: a chunk of the stream holds several tokens, by speculative "
                    "decoding or because the server gathers them.",
                    itl_->key, tokens, tpot_->key));
  }

  const Fields fields_;
  const ServingRun run_;
  double duration_s_;
  double completed_;
  double input_tokens_;
  double output_tokens_;
  std::optional<Latency> ttft_;
  std::optional<Latency> tpot_;
  std::optional<Latency> itl_;
  std::optional<Latency> end_to_end_;
  ReportedFigure figure_;  // what those of a run share
};

}  // namespace

std::vector<ReportedFigure> serving_figures(const Fields& fields, const ServingRun& run) {
  return Run(fields, run).figures();
}

}  // namespace roofproof::analysis
