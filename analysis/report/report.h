// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Runs as one page that opens anywhere: no network, nothing beside it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/report/history.h"
#include "analysis/spec.h"
#include "results/record/json_fields.h"
#include "results/record/record.h"

namespace roofproof::analysis {

// Takes runs one by one and keeps of each only what the page can show: of every device its latest
// run in full, of all runs a handful of figures.
class Report {
 public:
  explicit Report(const SpecTable& specs) : specs_(&specs) {}

  // Only the name of the file appears in the page, not the folder.
  void add(const std::string& file, Record record);
  bool empty() const { return runs_.empty(); }

  // The page: HTML, with data, styles and scripts inside.
  std::string html() const;
  // What the page shows, as it has it: texts are for reading, numbers are SI.
  std::string json() const;

 private:
  Json data() const;

  struct KeptRun {
    std::string file;
    std::vector<std::string> banners;
    Record record;  // without samples
  };

  const SpecTable* specs_;
  std::vector<KeptRun> runs_;                      // one per device, in order of appearance
  std::map<std::string, std::size_t> places_;      // device -> index in runs_
  std::vector<std::vector<FollowedRun>> history_;  // of each device
  std::size_t runs_left_out_ = 0;
};

}  // namespace roofproof::analysis
