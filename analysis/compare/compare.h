// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Several runs side by side: one table per operation, one column per run, every figure with its
// interval, its share of each roof and its ratio to the first run that has it. What others
// published of the same GPUs can stand below, marked as such.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/claims/claims.h"
#include "analysis/peak_shares.h"
#include "analysis/published.h"
#include "analysis/results_view.h"
#include "analysis/spec.h"

namespace roofproof::analysis {

// One benchmark of one run, reduced to what a comparison needs.
struct ComparedSeries {
  std::string name;
  Problem problem;
  SessionValues rates;                  // in compared_unit()
  PeakShares peak;                      // of the datasheet's and the device's own figures
  std::optional<Estimate> of_measured;  // of the measured read bandwidth or arithmetic ceiling
  bool disturbed = false;               // shown, and decides nothing
};

// Tokens/s for decode; for the others FLOP/s or B/s, as is_arithmetic() says.
std::string_view compared_unit(Op op);

// A run, without its rows.
struct ComparedRun {
  std::string file;
  std::string device;
  std::string gpu;    // its name in the spec table; empty where it is none of it as a whole
  std::string board;  // the same for two runs of one: by its identity, else by name and host
  std::string date;
  bool synthetic = false;
  std::vector<std::string> banners;
  std::map<std::string, std::string> conditions;  // protocol and software; "unknown" where absent
  std::vector<ComparedSeries> series;
};
ComparedRun extract_run(const std::string& file, const Record& record, const SpecTable& specs);

struct ComparedCell {
  Estimate rate;
  PeakShares peak;
  std::optional<Estimate> of_measured;
  std::optional<Estimate> ratio;  // to the first column that has the row; nothing in that one
  bool disturbed = false;
};

struct ComparedRow {
  std::string name;
  std::vector<std::optional<ComparedCell>> cells;  // by column
};

// A figure of somebody else's, for the columns of its GPU. No claim is decided by it.
struct PublishedRow {
  PublishedRate rate;
  std::optional<double> of_datasheet;
  int source = 0;  // which of CompareResult::sources, from 1
};

struct ComparedTable {
  Op op = Op::peak;
  std::vector<ComparedRow> rows;
  std::vector<PublishedRow> published;
};

struct ComparedColumn {
  std::string heading;  // the device; numbered where several runs are of devices of one name
  std::string gpu;      // as in ComparedRun
  std::string file;
  std::string date;
  bool synthetic = false;
};

struct CompareResult {
  std::vector<std::string> notices;      // synthetic and unfinished runs, files passed over
  bool passed_over = false;              // whether there are such files
  std::vector<std::string> differences;  // "driver: 535.1 (Tesla T4), 550.2 (NVIDIA L4)"
  std::vector<ComparedColumn> columns;
  std::vector<ComparedTable> tables;  // in the order of Op
  std::vector<std::string> sources;   // of the published figures
  // About several GPUs, where these runs can say anything; decided on the latest run of each GPU.
  std::vector<ClaimResult> claims;
};

// Pure: everything but the claims.
CompareResult compare_runs(const std::vector<ComparedRun>& runs);

// Adds the published figures of the GPUs in the columns.
void add_published(CompareResult& result, const std::vector<PublishedRate>& published,
                   const SpecTable& specs);

// Reads files and folders (all result files below them). A file is a column of its own; of a folder
// the latest run of each device is. Throws RecordError on a named file that is no result and
// InputError where nothing is left to compare; other files of a folder are passed over and said.
CompareResult compare_files(const std::vector<std::string>& paths, const SpecTable& specs);

std::string compare_text(const CompareResult& result);
std::string compare_markdown(const CompareResult& result);
std::string compare_csv(const CompareResult& result);
std::string compare_json(const CompareResult& result);

}  // namespace roofproof::analysis
