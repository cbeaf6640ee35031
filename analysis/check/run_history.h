// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Runs over time: which of them can be compared, and their figures.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "analysis/spec.h"
#include "results/record/record.h"

namespace roofproof::analysis {

struct PastFigure {
  double time_s = 0;  // geometric mean over the sessions
  int sessions = 0;
  // Theoretical time over measured time: at the clock the GPU really had, where that is known, else
  // at its maximum clock, else by the datasheet.
  std::optional<double> of_theory;
  std::string disturbance;  // why nothing may be decided from it; empty: it may
};

// A run, reduced to what a comparison over time needs.
struct PastRun {
  std::string file;
  std::string run_id;
  std::string date;
  std::string unfit;  // why nothing is decided from it: "made up"; empty where it decides
  DeviceRecord device;
  SoftwareRecord software;
  ProtocolRecord protocol;
  std::map<std::string, PastFigure> figures;  // by the name of the benchmark

  const PastFigure* find(const std::string& name) const;
};
PastRun reduce_run(const std::string& file, const Record& record, const SpecTable& specs);

// Equal GPU class (name, PCI id, SMs, memory, enforced power limit, ECC, MIG) and equal protocol.
bool are_comparable(const PastRun& a, const PastRun& b);

// At most so many runs are looked back on, and at least so many are needed.
inline constexpr std::size_t most_past_runs = 20;
inline constexpr std::size_t least_past_runs = 8;

struct RunHistory {
  std::vector<PastRun> runs;        // comparable with the newest, oldest first
  std::optional<PastRun> baseline;  // comparable too
  std::vector<std::string> notices;
};

// The last runs below `folder` that are comparable with `newest` and no later than it; those of
// `ignored` (run ids) are not among them. What else is there is named in the notices: each reason
// once, with the number of runs; each file that is no result. Throws InputError where there is no
// such folder.
RunHistory find_history(const std::filesystem::path& folder, const PastRun& newest,
                        const std::set<std::string>& ignored, const SpecTable& specs);

// "driver: 550.2, before 535.1": what is not the code and may change a figure, against the last
// run.
std::vector<std::string> changed_factors(const PastRun& newest, const PastRun& last);

}  // namespace roofproof::analysis
