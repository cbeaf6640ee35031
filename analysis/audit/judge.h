// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Whether a reported figure can be true, and whether it is normal: held against the roof of what it
// is. The limits between the verdicts are in docs/audit.md.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/audit/published_shares.h"
#include "analysis/audit/reported.h"
#include "analysis/spec.h"
#include "kernels/models/layout.h"

namespace roofproof::analysis {

enum class AuditVerdict { impossible, contradictory, low, typical, at_the_roof, cannot_tell };
std::string_view words(AuditVerdict verdict);  // "at the roof"

inline constexpr double least_at_the_roof = 0.8;
inline constexpr double least_typical = 0.5;
// Above 1 by no more than datasheets round.
inline constexpr double most_share = 1.01;
// Boards run past the clock of their printed peak: a product of 75.5 TFLOPS on an RTX 3090 of 71.
inline constexpr double most_over_printed_peak = 1.1;

// What a person says besides the file, or instead of one; it goes before what the file says.
struct Stated {
  std::string gpu;
  std::optional<int> gpus;
  std::optional<double> gpu_bytes_per_s;  // of a GPU that is not in the table
  std::optional<double> gpu_flop_per_s;
  std::optional<ModelLayout> layout;
  std::optional<double> parameters;  // instead of a layout
  std::optional<double> active;
  std::function<WeightFormat(const ModelLayout&)> weights;  // empty: not stated
  std::optional<CacheFormat> cache;
  std::optional<Arithmetic> math;
  std::optional<double> batch;
  std::optional<double> context;
  std::optional<double> prompt_tokens;
  std::optional<double> output_tokens;
  bool speculative = false;
  std::string engine;
};

struct AuditFinding {
  AuditVerdict verdict = AuditVerdict::cannot_tell;
  std::string gpu;                    // "2 x L40S"; empty: not known
  std::string model;                  // with its format
  std::optional<double> share;        // of the roof
  std::optional<double> least_share;  // the same under the most favourable reading
  std::vector<std::string> arithmetic;
  std::vector<std::string> because;  // what is missing, what contradicts, or likely reasons
  std::optional<Standing> standing;  // among published rows
  std::vector<std::string> notes;
};

class Judge {
 public:
  // The table must outlive it.
  explicit Judge(const SpecTable& specs) : specs_(&specs), published_(specs) {}

  AuditFinding judge(const ReportedFigure& figure, const Stated& stated) const;

 private:
  const SpecTable* specs_;
  PublishedShares published_;
};

}  // namespace roofproof::analysis
