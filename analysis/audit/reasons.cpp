// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/audit/reasons.h"

#include <span>

namespace roofproof::analysis {
namespace {

constexpr std::size_t most_reasons = 3;

struct Reason {
  bool (*fits)(const Situation&);
  const char* words;
};

bool is_decode(const Situation& s) {
  const Quantity quantity = s.figure->quantity;
  return quantity == Quantity::decode_rate || quantity == Quantity::step_time ||
         quantity == Quantity::batch_time;
}
bool is_prefill(const Situation& s) { return s.figure->quantity == Quantity::prefill_rate; }
bool is_bandwidth(const Situation& s) { return s.figure->quantity == Quantity::bandwidth; }
bool is_arithmetic(const Situation& s) { return s.figure->quantity == Quantity::arithmetic; }
bool always(const Situation&) { return true; }
// llama-bench generates as many tokens as it is asked for, each in a step of its own, and knows
// nothing before it is asked.
bool is_by_llama_bench(const Situation& s) { return s.figure->engine == "llama.cpp"; }
// Of fewer bits than what they are multiplied in.
bool are_expanded(const Situation& s) {
  const bool is_of_8_bits = s.arithmetic == Arithmetic::int8 || s.arithmetic == Arithmetic::fp8;
  return s.bits < (is_of_8_bits ? 7 : 15);
}
bool is_of_fewest_bits(const Situation& s) {
  return s.arithmetic == Arithmetic::int4 || s.arithmetic == Arithmetic::fp4;
}
bool is_fp32(const Situation& s) { return s.arithmetic == Arithmetic::fp32; }

constexpr Reason low[] = {
    {[](const Situation& s) { return s.figure->quantity == Quantity::batch_time; },
     "prefill and sampling are in the time, not only decode steps"},
    {[](const Situation& s) { return is_decode(s) && s.gpus > 1 && !s.figure->take_turns; },
     "the GPUs exchange results twice per layer, which takes longer the more there are, most of "
     "all "
     "without NVLink"},
    {[](const Situation& s) { return is_decode(s) && s.roof_step_s > 0 && s.roof_step_s < 6e-3; },
     "a step is so short that what the engine adds to each (launches, sampling, the host; some "
     "milliseconds without CUDA graphs) weighs as much"},
    {[](const Situation& s) { return is_decode(s) && s.bits < 9 && are_expanded(s); },
     "kernels that expand weights of few bits read them slower than memory delivers"},
    {[](const Situation& s) { return is_decode(s) && s.cache_share > 0.25; },
     "attention over a long context reads its cache slower than weights are read"},
    {[](const Situation& s) { return s.figure->quantity == Quantity::step_time && s.batch > 1; },
     "prefills of other requests run between the steps, and are in a time per output token"},
    {[](const Situation& s) { return is_decode(s) && s.batch > 16; },
     "at this batch sampling, scheduling and attention take a part that the roof leaves out"},
    {[](const Situation& s) {
       return is_decode(s) && s.memory_share > 0.6 && !is_by_llama_bench(s);
     },
     "a part of the weights or of the cache is in the host's memory (offload)"},

    {[](const Situation& s) { return is_prefill(s) && s.figure->take_turns; },
     "the GPUs hold layers in turn, and the prompt is too short to keep all of them busy"},
    {[](const Situation& s) {
       return is_prefill(s) && s.figure->prompt_tokens.value_or(1e9) < 1000;
     },
     "the prompt is too short to fill the GPU"},
    {[](const Situation& s) { return is_prefill(s) && s.figure->parameters.value_or(1e12) < 2e9; },
     "the matrices of a small model are too small to fill the GPU"},
    {[](const Situation& s) { return is_prefill(s) && are_expanded(s); },
     "the weights are expanded before they are multiplied"},

    {[](const Situation& s) { return is_bandwidth(s) && s.share > 0.3; },
     "a copy whose bytes are counted once: it reads and writes each, so that it is twice as much"},
    {is_bandwidth, "the array is too small, or the kernel has too few loads in flight"},
    {is_bandwidth, "a part of the GPU (MIG, a virtual GPU) or another process beside it"},

    {is_arithmetic, "the product is too small, or its sizes are no multiples of the tiles"},
    {[](const Situation& s) { return is_arithmetic(s) && !is_fp32(s); },
     "another arithmetic than was taken, such as FP32 without tensor cores (--math)"},

    {always, "a limit of power, temperature or clock: nvidia-smi -q -d PERFORMANCE"},
    {always, "another process on the GPU"},
    {always, "a slower board of a similar name (PCIe instead of SXM, a laptop's, less memory)"},
};

constexpr Reason above[] = {
    {[](const Situation& s) {
       return is_decode(s) && !s.figure->speculative && !is_by_llama_bench(s);
     },
     "speculative decoding, which gives several tokens per step (--speculative)"},
    {[](const Situation& s) { return is_decode(s) && s.batch <= 1 && !is_by_llama_bench(s); },
     "tokens of several sequences added up (--batch)"},
    {[](const Situation& s) { return is_decode(s) && s.bits > 5 && !s.figure->weight_bytes; },
     "fewer bits per weight than was taken (--weights)"},
    {[](const Situation& s) { return s.figure->quantity == Quantity::output_rate; },
     "prompts counted as output, or more requests at once than stated"},
    {[](const Situation& s) {
       const bool is_of_outputs = is_decode(s) || s.figure->quantity == Quantity::output_rate;
       return is_of_outputs && !is_by_llama_bench(s);
     },
     "tokens that were asked for, not generated: the run ended early"},
    {[](const Situation& s) { return is_prefill(s) && !is_by_llama_bench(s); },
     "prompts that were in the prefix cache already"},
    {is_bandwidth, "an array that a cache holds"},
    {is_bandwidth, "bytes counted twice"},
    {[](const Situation& s) { return is_arithmetic(s) && is_fp32(s); },
     "tensor cores multiplied, in TF32 or fewer bits (--math)"},
    {[](const Situation& s) { return is_arithmetic(s) && !is_fp32(s) && s.has_sparsity; },
     "the figure with 2:4 sparsity"},
    {[](const Situation& s) { return is_arithmetic(s) && !is_fp32(s) && !is_of_fewest_bits(s); },
     "another arithmetic (--math)"},
    {always, "a clock that was stopped before the GPU had ended"},
    {[](const Situation& s) { return is_bandwidth(s) || is_arithmetic(s); },
     "another GPU (--gpu), or the sum of several"},
    {[](const Situation& s) { return !is_bandwidth(s) && !is_arithmetic(s); },
     "another GPU, or more of them (--gpu, --gpus)"},
};

std::vector<std::string> fitting(std::span<const Reason> reasons, const Situation& situation) {
  std::vector<std::string> list;
  for (const Reason& reason : reasons) {
    if (list.size() < most_reasons && reason.fits(situation)) list.emplace_back(reason.words);
  }
  return list;
}

}  // namespace

std::vector<std::string> reasons_for_low(const Situation& situation) {
  return fitting(low, situation);
}

std::vector<std::string> reasons_for_impossible(const Situation& situation) {
  return fitting(above, situation);
}

}  // namespace roofproof::analysis
