// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/audit/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "analysis/audit/board.h"
#include "analysis/audit/readings.h"
#include "analysis/audit/reasons.h"
#include "analysis/predict.h"
#include "analysis/quantity.h"
#include "analysis/text_table.h"

namespace roofproof::analysis {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// A step whose bytes are no more than so many times a cache may come from there in part.
constexpr double cache_matters = 4;

std::string percent(double share) {
  return fmt::format("{} %", significant(100 * share, share < 0.1 ? 2 : 3));
}

// What options say goes before what the file says.
ReportedFigure completed(ReportedFigure figure, const Stated& stated) {
  const auto replace = [](auto& field, const auto& value) {
    if (value) field = *value;
  };
  if (!stated.gpu.empty()) {
    if (!figure.gpu.empty() && figure.gpu != stated.gpu) {
      figure.notes.push_back(fmt::format("The file names the GPU '{}'.", figure.gpu));
    }
    figure.gpu = stated.gpu;
  }
  if (!stated.engine.empty()) figure.engine = stated.engine;
  replace(figure.gpus, stated.gpus);
  replace(figure.batch, stated.batch);
  replace(figure.context, stated.context);
  if (stated.batch) figure.most_batch = *stated.batch * figure.replicas;
  figure.speculative = figure.speculative || stated.speculative;
  if (stated.context || figure.context || !stated.prompt_tokens) return figure;
  figure.context = *stated.prompt_tokens + stated.output_tokens.value_or(0) / 2;
  return figure;
}

AuditVerdict by_share(double share) {
  if (share >= least_at_the_roof) return AuditVerdict::at_the_roof;
  return share >= least_typical ? AuditVerdict::typical : AuditVerdict::low;
}

class Case {
 public:
  Case(const ReportedFigure& figure, const Stated& stated, const SpecTable& specs)
      : figure_(completed(figure, stated)), stated_(stated) {
    finding_.notes = figure_.notes;
    board_ = find_board(figure_, stated, specs, missing_);
    if (board_) finding_.gpu = board_words(*board_, figure_.gpus.value_or(1));
    if (board_ && !board_->note.empty()) finding_.notes.push_back(board_->note);
  }

  AuditFinding judge() {
    if (!figure_.contradictions.empty()) {
      finding_.verdict = AuditVerdict::contradictory;
      finding_.because = figure_.contradictions;
      return finding_;
    }
    switch (figure_.quantity) {
      case Quantity::bandwidth:
        judge_bandwidth();
        break;
      case Quantity::arithmetic:
        judge_arithmetic();
        break;
      case Quantity::prefill_rate:
        judge_prefill();
        break;
      case Quantity::batch_time:
        judge_batch_time();
        break;
      case Quantity::output_rate:
        judge_output_rate();
        break;
      case Quantity::decode_rate:
      case Quantity::step_time:
        judge_step();
        break;
    }
    return finding_;
  }

  const ReportedFigure& figure() const { return figure_; }

 private:
  void cannot_tell(std::vector<std::string> because) {
    finding_.verdict = AuditVerdict::cannot_tell;
    finding_.because = std::move(because);
  }

  bool is_missing() {
    if (!figure_.unfit.empty()) {
      cannot_tell(figure_.unfit);
      return true;
    }
    if (missing_.empty()) return false;
    for (std::string& one : missing_) one.insert(0, "needs ");
    cannot_tell(std::move(missing_));
    return true;
  }

  bool gives_several_tokens() const {
    const Quantity quantity = figure_.quantity;
    return figure_.speculative && quantity != Quantity::prefill_rate &&
           quantity != Quantity::bandwidth && quantity != Quantity::arithmetic;
  }

  // What the most favourable reading leaves of a time: where a step may give several tokens, the
  // arithmetic alone, through which every token goes.
  double least_time_s(const Prediction& least) const {
    return gives_several_tokens() ? least.step.compute_s : least.time_per_token_s;
  }

  // `least` is the share under the most favourable reading; `open` says what that reading is.
  void decide(double share, double least, const Situation& situation, const std::string& open) {
    finding_.share = share;
    finding_.least_share = std::min(share, least);
    if (share <= most_share && gives_several_tokens()) {
      cannot_tell(
          {"possible; a step may give several tokens, so that neither the roof of one token per "
           "step nor published rows say whether that is normal"});
      return;
    }
    if (share <= most_share) {
      finding_.verdict = by_share(share);
      if (finding_.verdict == AuditVerdict::low) finding_.because = reasons_for_low(situation);
      return;
    }
    if (gives_several_tokens() && !(least > most_share)) {
      cannot_tell(
          {"above the roof of one token per step; how many tokens a step gave is not known "
           "(speculative decoding, or a stream that gathers tokens)"});
    } else if (!(least > most_share)) {
      cannot_tell({fmt::format("above the roof of the likely reading, but {} of it with {}",
                               percent(least), open)});
    } else {
      finding_.verdict = AuditVerdict::impossible;
      if (!open.empty()) {
        finding_.arithmetic.push_back(
            fmt::format("Still {} of the roof with {}.", percent(least), open));
      }
      finding_.because = reasons_for_impossible(situation);
    }
  }

  void judge_bandwidth() {
    if (is_missing()) return;
    const double share = figure_.value / board_->bytes_per_s;
    finding_.arithmetic.push_back(fmt::format("{} / {} of the datasheet = {}",
                                              si_text(figure_.value, "B/s"),
                                              si_text(board_->bytes_per_s, "B/s"), percent(share)));
    const bool is_ambiguous = board_->most_bytes_per_s > board_->bytes_per_s;
    decide(share, figure_.value / board_->most_bytes_per_s, situation(share),
           is_ambiguous ? "the fastest board of that name" : "");
  }

  void judge_arithmetic() {
    if (is_missing()) return;
    const Arithmetic arithmetic = stated_.math.value_or(Arithmetic::fp16);
    const std::optional<double> peak = board_->peak(arithmetic);
    if (!peak) {
      cannot_tell({fmt::format("needs the peak of the {} in {} (--gpu-tflops)", board_->name,
                               name(arithmetic))});
      return;
    }
    if (!stated_.math) finding_.notes.emplace_back("Taken as FP16; --math states another.");
    const double share = figure_.value / *peak;
    finding_.arithmetic.push_back(
        fmt::format("{} / {} in {} by the datasheet = {}", si_text(figure_.value, "FLOP/s"),
                    si_text(*peak, "FLOP/s"), name(arithmetic), percent(share)));
    Situation now = situation(share);
    now.arithmetic = arithmetic;
    if (!stated_.math) {
      decide(share, figure_.value / board_->highest_peak(16), now,
             "the highest peak of any arithmetic, 10 % above the printed one");
      return;
    }
    const double most = *board_->peak_with_fp16_sums(arithmetic);
    std::string open = "a clock 10 % above the printed one";
    if (board_->most_over_peak > 1) open = "the fastest board of that name, " + open;
    if (most > *peak * board_->most_over_peak) {
      const char* option = arithmetic == Arithmetic::fp16 ? " (--math fp16_acc16)" : "";
      open = fmt::format("FP16 sums{} at {}", option, open);
    }
    decide(share, figure_.value / (most * most_over_printed_peak), now, open);
  }

  void judge_prefill() {
    const std::optional<Readings> readings = count_readings(figure_, stated_, missing_);
    require_gpus();
    if (readings) check_layers(*readings);
    if (is_missing()) return;
    const int gpus = *figure_.gpus * figure_.replicas;
    set_names(*readings, gpus);
    const WeightFormat& weights = readings->likely.weights;
    const Arithmetic arithmetic = likely_arithmetic(weights);
    const std::optional<double> peak = board_->peak(arithmetic);
    if (!peak) {
      cannot_tell({fmt::format("needs the peak of the {} in {} (--gpu-tflops)", board_->name,
                               name(arithmetic))});
      return;
    }
    if (weights.bits < 15 && !stated_.math) {
      finding_.notes.push_back(
          fmt::format("Taken as multiplied in {}; kernels that multiply in 8 "
                      "bits have a higher peak (--math).",
                      name(arithmetic)));
    }
    const double flop_per_s = figure_.value * readings->prompt_flop;
    const double share = flop_per_s / (*peak * gpus);
    finding_.arithmetic.push_back(fmt::format(
        "{} tokens/s x {} per token = {}", significant(figure_.value, 4),
        quantity_text(readings->prompt_flop, "FLOP"), quantity_text(flop_per_s, "FLOP/s")));
    finding_.arithmetic.push_back(fmt::format("of {} in {} on {} = {}",
                                              quantity_text(*peak * gpus, "FLOP/s"),
                                              name(arithmetic), finding_.gpu, percent(share)));
    const double least =
        figure_.value * readings->least_prompt_flop / (board_->highest_peak(weights.bits) * gpus);
    decide(share, least, situation(share, *readings, gpus),
           "the highest peak of any arithmetic, 10 % above the printed one");
  }

  // From the prompts to the last token: as many steps as tokens come out, if all run at once.
  void judge_batch_time() {
    if (!stated_.output_tokens) missing_.emplace_back("the length of the outputs (--output-len)");
    if (!stated_.batch) missing_.emplace_back("how many sequences run at once (--batch)");
    if (!figure_.context) missing_.emplace_back("the length of the prompts (--input-len)");
    if (!stated_.output_tokens || !stated_.batch || !figure_.context) {
      // What else is missing is named too.
      count_readings(figure_, stated_, missing_);
      require_gpus();
      is_missing();
      return;
    }
    const double batch = *stated_.batch;
    if (figure_.requests && *figure_.requests > batch) {
      const double rate = *figure_.requests * *stated_.output_tokens / figure_.value;
      finding_.arithmetic.push_back(fmt::format(
          "{:.6g} requests x {:.6g} tokens / {} = {} output tokens/s", *figure_.requests,
          *stated_.output_tokens, quantity_text(figure_.value, "s"), significant(rate, 4)));
      figure_.value = rate;
      figure_.most_batch = batch;
      judge_output_rate();
      return;
    }
    if (figure_.requests) figure_.batch = *figure_.requests;
    const double step_s = figure_.value / *stated_.output_tokens;
    finding_.arithmetic.push_back(fmt::format("{} / {:.6g} tokens = {} a step, prefill in it",
                                              quantity_text(figure_.value, "s"),
                                              *stated_.output_tokens, quantity_text(step_s, "s")));
    figure_.value = step_s;
    judge_step();
  }

  void require_gpus() {
    if (!figure_.gpus) missing_.emplace_back("how many GPUs serve a request together (--gpus)");
  }

  Ceilings ceilings(double bytes_per_s, double flop_per_s, int gpus) const {
    Ceilings one;
    one.device = board_->name;
    one.roofs = {flop_per_s, bytes_per_s};
    return times(one, gpus);
  }

  Arithmetic likely_arithmetic(const WeightFormat& weights) const {
    return stated_.math.value_or(board_->spec ? step_arithmetic(weights, *board_->spec)
                                              : Arithmetic::fp16);
  }

  double likely_peak(const WeightFormat& weights) const {
    return board_->peak(likely_arithmetic(weights)).value_or(infinity);
  }

  // The step with the fewest bytes on the fastest board of the name, what its caches hold left out.
  Prediction least_prediction(const Readings& readings, int gpus) const {
    ModelWorkload workload = readings.least;
    workload.weight_bytes = std::max(0.0, workload.weight_bytes - board_->cache_bytes * gpus);
    return predict(
        ceilings(board_->most_bytes_per_s, board_->highest_peak(workload.weights.bits), gpus),
        workload);
  }

  void judge_step() {
    if (!figure_.batch) missing_.emplace_back("how many sequences a step has (--batch)");
    const std::optional<Readings> readings = count_readings(figure_, stated_, missing_);
    require_gpus();
    if (readings) check_layers(*readings);
    if (is_missing()) return;
    const int at_once = figure_.take_turns ? 1 : *figure_.gpus;
    set_names(*readings, *figure_.gpus);
    const ModelWorkload& workload = readings->likely;
    const Ceilings roof = ceilings(board_->bytes_per_s, likely_peak(workload.weights), at_once);
    const Prediction prediction = predict(roof, workload);
    const double roof_s = prediction.time_per_token_s;
    const double batch = static_cast<double>(workload.batch);
    const bool is_rate = figure_.quantity == Quantity::decode_rate;
    const double step_s = is_rate ? batch / figure_.value : figure_.value;
    const double share = roof_s / step_s;
    describe_step(prediction, workload, roof.roofs.bytes_per_s, at_once);
    finding_.arithmetic.push_back(
        is_rate
            ? fmt::format("{} tokens/s are {} of {} tokens/s", significant(figure_.value, 4),
                          percent(share), significant(prediction.tokens_per_s, 4))
            : fmt::format("{} a step: {} of the roof", quantity_text(step_s, "s"), percent(share)));
    const int most_at_once = figure_.may_share_steps ? *figure_.gpus : at_once;
    const Prediction least = least_prediction(*readings, most_at_once);
    const double least_share = least_time_s(least) / step_s;
    const std::string too_large = why_too_large(workload);
    if (!too_large.empty() && share <= most_share) {
      finding_.share = share;
      finding_.least_share = std::min(share, least_share);
      cannot_tell({too_large});
      return;
    }
    Situation now = situation(share, *readings, at_once);
    now.roof_step_s = roof_s;
    now.cache_share = batch * workload.kv_bytes / prediction.bytes;
    decide(share, least_share, now, open_readings(*readings, prediction.bytes, most_at_once));
  }

  // What is not in memory at once is no step; "" where it fits or no memory is known.
  std::string why_too_large(const ModelWorkload& workload) const {
    if (!board_->memory_bytes) return "";
    const double memory = *board_->memory_bytes * *figure_.gpus;
    const double weights = workload.resident_weight_bytes;
    if (weights > memory) {
      return fmt::format(
          "{} of weights are more than the {} of memory; needs where the rest of them is",
          si_text(weights, "B"), si_text(memory, "B"));
    }
    const double all = in_memory(workload);
    if (all <= memory) return "";
    return fmt::format(
        "possible; {} of weights and {} of KV cache are more than the {} of memory: {} of that "
        "context did not run at once, so that this is no rate of their steps",
        si_text(weights, "B"), si_text(all - weights, "B"), si_text(memory, "B"),
        count_text(workload.batch, "sequence"));
  }

  // Output tokens/s of a run are held against the most that so many requests can give; less says
  // nothing of a step.
  void judge_output_rate() {
    if (!figure_.most_batch) missing_.emplace_back("how many requests run at once (--batch)");
    figure_.batch = figure_.most_batch;
    const std::optional<Readings> readings = count_readings(figure_, stated_, missing_);
    require_gpus();
    if (is_missing()) return;
    const int gpus = *figure_.gpus * figure_.replicas;
    set_names(*readings, gpus);
    const ModelWorkload& workload = readings->likely;
    const Prediction prediction =
        predict(ceilings(board_->bytes_per_s, likely_peak(workload.weights), gpus), workload);
    const double share = figure_.value / prediction.tokens_per_s;
    finding_.arithmetic.push_back(fmt::format(
        "{} output tokens/s are {} of the {} that {} at once can give at most on {}",
        significant(figure_.value, 4), percent(share), significant(prediction.tokens_per_s, 4),
        count_text(workload.batch, "request"), finding_.gpu));
    const double least_s = least_time_s(least_prediction(*readings, gpus));
    const double least = figure_.value * least_s / static_cast<double>(workload.batch);
    if (share > most_share) {
      decide(share, least, situation(share, *readings, gpus),
             open_readings(*readings, prediction.bytes, gpus));
      return;
    }
    finding_.share = share;
    finding_.least_share = std::min(share, least);
    cannot_tell(
        {"possible; a rate over a whole run has prefill, queue and tail in it and says no "
         "more"});
  }

  void check_layers(const Readings& readings) {
    if (!figure_.gpu_layers) return;
    if (!readings.layers) {
      figure_.unfit.push_back(fmt::format(
          "{} layers are on the GPU; whether that is all of them is not known (--model)",
          *figure_.gpu_layers));
    } else if (*figure_.gpu_layers < *readings.layers + figure_.layers_beyond) {
      figure_.unfit.push_back(
          fmt::format("a part of the weights is on the host: {} layers are on the GPU, all are {}",
                      *figure_.gpu_layers, *readings.layers + figure_.layers_beyond));
    }
  }

  void describe_step(const Prediction& prediction, const ModelWorkload& workload,
                     double bytes_per_s, int at_once) {
    const double cache = static_cast<double>(workload.batch) * workload.kv_bytes;
    const std::string parts =
        cache > 0 ? fmt::format(" ({} of weights, {} of KV cache)",
                                si_text(workload.weight_bytes, "B", 3), si_text(cache, "B", 3))
                  : "";
    std::string line =
        fmt::format("{} a step{} / {} = {}", si_text(prediction.bytes, "B", 3), parts,
                    si_text(bytes_per_s, "B/s", 3), si_text(prediction.step.memory_s, "s", 3));
    if (prediction.step.bound == Bound::compute) {
      line +=
          fmt::format("; arithmetic takes longer: {}", si_text(prediction.step.compute_s, "s", 3));
    }
    if (figure_.take_turns && *figure_.gpus > at_once) {
      line += "; the GPUs hold layers in turn, so that their bandwidths do not add up";
    }
    finding_.arithmetic.push_back(line);
  }

  std::string open_readings(const Readings& readings, double bytes, int gpus) {
    if (gives_several_tokens()) return "any number of tokens per step: by arithmetic alone";
    std::string open = readings.least_is;
    const auto add = [&](const std::string& more) { open += (open.empty() ? "" : ", ") + more; };
    if (board_->most_bytes_per_s > board_->bytes_per_s) add("the fastest board of that name");
    if (figure_.may_share_steps && gpus > 1) add("GPUs that read at the same time");
    const double cache = board_->cache_bytes * gpus;
    if (bytes < cache * cache_matters) {
      const std::string size = si_text(cache, "B", 3);
      add(size + " from the L2 cache");
      finding_.notes.push_back("A part of the weights may come from the L2 cache of " + size +
                               ", above the bandwidth of the memory.");
    }
    return open;
  }

  void set_names(const Readings& readings, int gpus) {
    finding_.gpu = board_words(*board_, gpus);
    const WeightFormat& weights = readings.likely.weights;
    const std::string format = weights.element == Element::mixed
                                   ? fmt::format("{:.3g} bits per weight", weights.bits)
                                   : weights.name;
    const std::string& model = readings.likely.model;
    finding_.model = fmt::format(
        "{}, {}",
        model.empty() ? fmt::format("{:.3g} billion parameters", readings.likely.parameters / 1e9)
                      : model,
        format);
    for (const std::string& note : readings.notes) finding_.notes.push_back(note);
  }

  Situation situation(double share) const {
    return {.figure = &figure_, .share = share, .has_sparsity = board_->has_sparsity()};
  }
  Situation situation(double share, const Readings& readings, int gpus) const {
    Situation now = situation(share);
    now.bits = readings.likely.weights.bits;
    now.arithmetic = likely_arithmetic(readings.likely.weights);
    now.batch = static_cast<double>(readings.likely.batch);
    now.gpus = gpus;
    if (board_->memory_bytes) {
      now.memory_share = in_memory(readings.likely) / (*board_->memory_bytes * *figure_.gpus);
    }
    return now;
  }

  static double in_memory(const ModelWorkload& workload) {
    return workload.resident_weight_bytes +
           static_cast<double>(workload.batch) * workload.kv_cache_bytes;
  }

  ReportedFigure figure_;
  const Stated& stated_;
  std::optional<Board> board_;
  std::vector<std::string> missing_;
  AuditFinding finding_;
};

}  // namespace

std::string_view words(AuditVerdict verdict) {
  switch (verdict) {
    case AuditVerdict::impossible:
      return "impossible";
    case AuditVerdict::contradictory:
      return "contradictory";
    case AuditVerdict::low:
      return "low";
    case AuditVerdict::typical:
      return "typical";
    case AuditVerdict::at_the_roof:
      return "at the roof";
    case AuditVerdict::cannot_tell:
      return "cannot tell";
  }
  throw std::logic_error("words: unknown verdict");
}

AuditFinding Judge::judge(const ReportedFigure& figure, const Stated& stated) const {
  Case one(figure, stated, *specs_);
  AuditFinding finding = one.judge();
  const bool is_placed = finding.verdict == AuditVerdict::at_the_roof ||
                         finding.verdict == AuditVerdict::typical ||
                         finding.verdict == AuditVerdict::low;
  if (is_placed) {
    finding.standing = published_.standing(one.figure().quantity, *finding.share, stated.engine);
    const bool is_rare = finding.standing && finding.standing->percentile < 10;
    if (finding.verdict == AuditVerdict::typical && is_rare) {
      finding.notes.push_back("Fewer than one in ten published rows are as low.");
    }
  }
  return finding;
}

}  // namespace roofproof::analysis
