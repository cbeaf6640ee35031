// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Figures that somebody reports of an inference run, whichever tool wrote them and however they
// came here. What the tool does not say is absent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace roofproof::analysis {

// What a figure is, which decides what it is held against.
enum class Quantity {
  decode_rate,   // tokens/s of all sequences of a decode step, nothing else in it
  step_time,     // seconds of a decode step
  batch_time,    // seconds from the prompts to the last token of all requests, prefill in it
  output_rate,   // output tokens/s of a whole run: prefill, queue and tail in it, all replicas
  prefill_rate,  // prompt tokens/s
  bandwidth,     // B/s of the memory
  arithmetic,    // FLOP/s
};

struct ReportedFigure {
  std::string label;  // in the tool's words: "tg128", "mean_tpot_ms"
  std::string place;  // in the file: "[2]", "line 7"; empty: it has but one
  Quantity quantity = Quantity::decode_rate;
  double value = 0;  // SI

  std::string engine;
  std::string gpu;               // as the tool names it
  std::optional<int> gpus;       // that serve one request together
  int replicas = 1;              // of such groups
  bool take_turns = false;       // each holds some of the layers and waits for the others
  bool may_share_steps = false;  // or, where they take turns, each a part of every layer

  std::string model;                   // as the tool names it
  std::string weights;                 // a name of find_weight_format(), where the tool has one
  std::optional<double> weight_bytes;  // of the file, the input embedding in it
  std::optional<double> parameters;
  std::optional<double> active;      // of a mixture of experts
  bool has_experts = false;          // a mixture of experts, by its name
  std::optional<double> cache_bits;  // of a key or value, the mean of both

  std::optional<double> batch;       // sequences in a step, the mean over it
  std::optional<double> most_batch;  // no more requests than that at once
  std::optional<double> requests;    // of a batch_time
  std::optional<double> context;     // tokens in the cache of each, the mean over the run
  std::optional<double> prompt_tokens;

  // Layers on the GPU, and how many more than the model has it takes to have all there.
  std::optional<std::int64_t> gpu_layers;
  std::int64_t layers_beyond = 0;

  bool speculative = false;  // a step may give more than one token
  std::vector<std::string> contradictions;
  std::vector<std::string> unfit;  // why it is no measure of the GPU, whatever is known besides
  std::vector<std::string> notes;
};

// Adds a contradiction to the figure where the two differ by more than that part.
void check_stated(ReportedFigure& figure, std::string_view what, double stated, double computed,
                  double tolerance = 0.01);

struct ForeignReport {
  std::string tool;
  std::string file;  // empty: by hand
  std::vector<ReportedFigure> figures;
};

}  // namespace roofproof::analysis
