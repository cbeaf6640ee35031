// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Questions to one record: a benchmark over its sessions, the best of several, the measured roofs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/statistics.h"
#include "results/record/record.h"

namespace roofproof::analysis {

// One benchmark over the sessions that measured it.
struct Series {
  std::string name;
  Problem problem;
  Implementation implementation = Implementation::hand;
  std::vector<const Row*> rows;  // by session; never empty

  double flop() const { return rows.front()->flop; }
  double bytes() const { return rows.front()->bytes; }
  // Kernel or algorithm; all of them where sessions chose differently.
  std::string label() const;

  SessionValues time_s() const;
  SessionValues flop_per_s() const;
  SessionValues bytes_per_s() const;
  // Mean over the sessions that report it.
  std::optional<double> mean(std::optional<double> Row::*field) const;
  std::optional<double> mean_extra(const std::string& counter) const;
};

// Counter of a decode row: the signal-to-noise ratio of its quantised weights.
inline constexpr const char* weight_snr_counter = "weight_snr_db";

// Whose figure is asked for.
enum class Maker { any, hand, library };

// The headline figures of a record: rows without a condition that are not suspect. The record must
// outlive the view.
class ResultsView {
 public:
  explicit ResultsView(const Record& record);
  ResultsView(Record&&) = delete;

  const Record& record() const { return *record_; }
  const std::vector<Series>& series() const { return series_; }  // in the order of the file

  // Null where it was not measured.
  const Series* find(const Problem& problem, Implementation implementation) const;
  // By this hand-written kernel alone: a row that is no headline figure, such as a rung of the
  // ladder.
  const Series* find_forced(const Problem& problem, std::string_view kernel) const;
  // The fastest implementation of this problem.
  const Series* fastest(const Problem& problem, Maker maker = Maker::any) const;
  // Of all problems with this operation and precision, the one with the highest rate().
  const Series* best(Op op, Precision precision, Maker maker = Maker::any) const;

  // The distinct problems of an operation, or of an operation and precision.
  std::vector<Problem> problems(Op op) const;
  std::vector<Problem> problems(Op op, Precision precision) const;

  // The fastest read, copy or triad of arrays that the last-level cache cannot serve. Null where
  // none was measured.
  const Series* memory_roof(Op op) const;
  // The memory roof: to read is the least that a kernel does.
  const Series* read_roof() const { return memory_roof(Op::read); }
  // The compute roof as GEMM reaches it, by hand or by a library.
  const Series* gemm_roof(Precision precision) const { return best(Op::gemm, precision); }

  // Why there is no figure of this kind: what is wrong with the first such row or case, with its
  // name, or that the run has none, with the filter that may have left it out.
  std::string why_absent(Op op, Precision precision) const;
  // The same of one benchmark.
  std::string why_absent(const std::string& name) const;

 private:
  const Record* record_;
  std::vector<Series> series_;
  std::vector<Series> conditioned_;  // rows with a condition, by name
};

// What is compared when the best of an operation is looked for: FLOP/s or bytes/s, as
// is_arithmetic() says.
SessionValues rate(const Series& series);

// Achieved bandwidth as a share of the read bandwidth of the same sessions; nothing without a
// measured read.
std::optional<Estimate> share_of_read(const ResultsView& view, const Series& series);

// The GEMM precision that steps with these weights compute in; a CPU multiplies in FP32.
Precision step_gemm(const ResultsView& view, Precision weights);

// The peak loop that multiplies as an operation of is_arithmetic() does.
Precision loop_precision(const ResultsView& view, const Problem& problem);

// The roof of what multiplies in this precision: the highest rate at which the device was seen to,
// by the loop that only computes or by any GEMM. Null where neither was measured.
const Series* compute_roof(const ResultsView& view, Precision precision);

// Below this share of measured read bandwidth a step has left the memory roof: something else, the
// arithmetic on a CPU, sets its time.
inline constexpr double memory_bound_share = 0.8;

// Off only where the whole interval lies below it; a lower figure alone leaves it unclear.
enum class RoofPosition { on, off, unclear };
RoofPosition roof_position(const Estimate& share);

// "" on the roof. Off it "compute-bound on this CPU": a core cannot convert and multiply as fast as
// memory delivers. On a GPU it may be launches too, so that is only "below the memory roof".
std::string roof_words(RoofPosition position, const DeviceRecord& device);

}  // namespace roofproof::analysis
