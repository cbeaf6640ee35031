// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "analysis/banner.h"
#include "analysis/claims/table.h"
#include "analysis/input_error.h"

namespace roofproof::analysis {
namespace {

constexpr std::string_view cross_gpu_claims[] = {"a100-not-5x", "bandwidth-beats-flops",
                                                 "gpu-choice"};

// Steps of one user decide the claims about two GPUs; the other rows need not stay in memory.
bool is_step(const Row& row) {
  return row.problem.op == Op::gemv || row.problem.op == Op::layer || row.problem.op == Op::decode;
}

SessionValues compared_rates(const Series& series) {
  if (series.problem.op != Op::decode) return rate(series);
  return divided(static_cast<double>(series.problem.shape.batch), series.time_s());
}

std::optional<Estimate> share_of_measured(const ResultsView& view, const Series& series) {
  if (series.problem.op == Op::peak) return std::nullopt;
  if (series.problem.op != Op::gemm) return share_of_read(view, series);
  const bool weight_only =
      series.problem.precision == Precision::w8a16 || series.problem.precision == Precision::w4a16;
  const Series* peak =
      view.best(Op::peak, weight_only ? Precision::fp16 : series.problem.precision);
  if (!peak) return std::nullopt;
  return paired_ratio(series.flop_per_s(), peak->flop_per_s());
}

std::string known(const std::optional<std::string>& value) { return value.value_or("unknown"); }

std::string yes_or_no(const std::optional<bool>& value) {
  return value ? (*value ? "yes" : "no") : "unknown";
}

std::map<std::string, std::string> conditions_of(const Record& record) {
  const SoftwareRecord& software = record.software;
  const ProtocolRecord& protocol = record.protocol;
  return {{"protocol: profile", protocol.profile},
          {"protocol: sessions", fmt::format("{}", protocol.sessions)},
          {"protocol: batches", fmt::format("{}", protocol.batches)},
          {"protocol: batch time", fmt::format("{} s", protocol.batch_time_s)},
          {"protocol: warm-up", fmt::format("{} s", protocol.warmup_s)},
          {"protocol: data", protocol.fill},
          {"protocol: filter", protocol.filter.value_or("none")},
          {"software: roofproof", software.roofproof},
          {"software: git", known(software.git_sha)},
          {"software: git dirty", yes_or_no(software.git_dirty)},
          {"software: compiler", software.compiler},
          {"software: flags", software.flags},
          {"software: CUDA compiler", known(software.cuda_compiler)},
          {"software: CUDA runtime", known(software.cuda_runtime)},
          {"software: driver", known(software.driver)},
          {"software: cuBLAS", known(software.cublas)},
          {"software: OpenBLAS", known(software.openblas)},
          {"device: ECC", yes_or_no(record.device.ecc)},
          {"device: MIG", record.device.mig.value_or("unknown")}};
}

// "Tesla T4", and "Tesla T4 (2)" for the second run of such a device.
std::vector<std::string> headings_of(const std::vector<ComparedRun>& runs) {
  std::map<std::string, int> seen;
  std::vector<std::string> headings;
  for (const ComparedRun& run : runs) {
    const int number = ++seen[run.device];
    headings.push_back(number == 1 ? run.device : fmt::format("{} ({})", run.device, number));
  }
  return headings;
}

std::vector<std::string> find_differences(const std::vector<ComparedRun>& runs,
                                          const std::vector<std::string>& headings) {
  std::vector<std::string> differences;
  for (const auto& [condition, unused] : runs.front().conditions) {
    // Value -> the columns that have it, in the order of the columns.
    std::vector<std::pair<std::string, std::string>> values;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const std::string& value = runs[i].conditions.at(condition);
      const auto found = std::find_if(values.begin(), values.end(),
                                      [&](const auto& entry) { return entry.first == value; });
      if (found == values.end()) {
        values.emplace_back(value, headings[i]);
      } else {
        found->second += ", " + headings[i];
      }
    }
    if (values.size() == 1) continue;
    std::string line = condition.substr(condition.find(": ") + 2) + ": ";
    for (std::size_t i = 0; i < values.size(); ++i) {
      line += fmt::format("{}{} ({})", i == 0 ? "" : "; ",
                          values[i].first.empty() ? "none" : values[i].first, values[i].second);
    }
    differences.push_back(line);
  }
  return differences;
}

std::vector<ComparedTable> build_tables(const std::vector<ComparedRun>& runs) {
  struct Entry {
    Op op;
    std::vector<const ComparedSeries*> columns;
  };
  std::vector<std::string> order;
  std::unordered_map<std::string, Entry> entries;
  for (std::size_t column = 0; column < runs.size(); ++column) {
    for (const ComparedSeries& series : runs[column].series) {
      const auto [entry, is_new] = entries.try_emplace(series.name);
      if (is_new) {
        order.push_back(series.name);
        entry->second = {series.problem.op, std::vector<const ComparedSeries*>(runs.size())};
      }
      entry->second.columns[column] = &series;
    }
  }
  std::map<Op, ComparedTable> tables;
  for (const std::string& name : order) {
    const Entry& entry = entries.at(name);
    ComparedRow row{name, std::vector<std::optional<ComparedCell>>(runs.size())};
    const ComparedSeries* first = nullptr;
    for (std::size_t column = 0; column < runs.size(); ++column) {
      const ComparedSeries* series = entry.columns[column];
      if (!series) continue;
      ComparedCell cell{estimate(series->rates), series->peak, series->of_measured, std::nullopt};
      if (first) cell.ratio = unpaired_ratio(series->rates, first->rates);
      if (!first) first = series;
      row.cells[column] = std::move(cell);
    }
    ComparedTable& table = tables[entry.op];
    table.op = entry.op;
    table.rows.push_back(std::move(row));
  }
  std::vector<ComparedTable> result;
  for (auto& [op, table] : tables) result.push_back(std::move(table));
  return result;
}

// A run that was read, with as much of its record as the claims need.
struct LoadedRun {
  ComparedRun run;
  Record steps;
};

LoadedRun load(const std::string& file, const SpecTable& specs) {
  Record record = read_record(file);
  LoadedRun loaded{extract_run(file, record, specs), {}};
  std::erase_if(record.rows, [](const Row& row) { return !is_step(row); });
  for (Row& row : record.rows) row.samples_s = {};
  loaded.steps = std::move(record);
  return loaded;
}

std::vector<std::string> result_files_below(const std::filesystem::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".json") {
      files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

// The same board where the driver told its identity, else the same name on the same host.
std::string identity(const Record& record) {
  return record.device.name + '\n' + record.device.uuid_hash.value_or(record.host_name);
}

void load_folder(const std::string& folder, const SpecTable& specs, std::deque<LoadedRun>& runs,
                 std::vector<std::string>& notices) {
  std::map<std::string, LoadedRun> latest;
  int older = 0;
  for (const std::string& file : result_files_below(folder)) {
    try {
      LoadedRun loaded = load(file, specs);
      const auto [entry, is_new] = latest.try_emplace(identity(loaded.steps), LoadedRun{});
      if (!is_new) ++older;
      if (is_new || loaded.run.date > entry->second.run.date) entry->second = std::move(loaded);
    } catch (const RecordError& error) {
      notices.push_back(fmt::format("passed over: {}", error.what()));
    }
  }
  if (older > 0) {
    notices.push_back(
        fmt::format("{}: the latest run of each device; {} older left out", folder, older));
  }
  for (auto& [device, loaded] : latest) runs.push_back(std::move(loaded));
}

std::vector<ClaimResult> cross_claims(const std::deque<LoadedRun>& runs, const SpecTable& specs) {
  std::vector<RunFile> files;
  for (const LoadedRun& loaded : runs) files.push_back({loaded.run.file, &loaded.steps});
  std::vector<ClaimResult> results = decide_claims(files, specs);
  std::erase_if(results, [](const ClaimResult& result) {
    return result.verdict == Verdict::not_testable_here ||
           std::find(std::begin(cross_gpu_claims), std::end(cross_gpu_claims), result.claim->id) ==
               std::end(cross_gpu_claims);
  });
  return results;
}

}  // namespace

std::string_view compared_unit(Op op) {
  if (op == Op::peak || op == Op::gemm) return "FLOP/s";
  return op == Op::decode ? "tokens/s" : "B/s";
}

ComparedRun extract_run(const std::string& file, const Record& record, const SpecTable& specs) {
  const ResultsView view(record);
  const DevicePeaks peaks = device_peaks(record.device, specs);
  ComparedRun run{.file = file,
                  .device = record.device.name,
                  .date = record.date,
                  .synthetic = record.synthetic,
                  .banners = banners(record, file),
                  .conditions = conditions_of(record)};
  for (const Series& series : view.series()) {
    run.series.push_back({series.name, series.problem, compared_rates(series),
                          peak_shares(series, record.device, peaks),
                          share_of_measured(view, series)});
  }
  return run;
}

CompareResult compare_runs(const std::vector<ComparedRun>& runs) {
  CompareResult result;
  if (runs.empty()) return result;
  const std::vector<std::string> headings = headings_of(runs);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const ComparedRun& run = runs[i];
    result.columns.push_back({headings[i], run.file, run.date, run.synthetic});
    result.notices.insert(result.notices.end(), run.banners.begin(), run.banners.end());
  }
  result.differences = find_differences(runs, headings);
  result.tables = build_tables(runs);
  return result;
}

CompareResult compare_files(const std::vector<std::string>& paths, const SpecTable& specs) {
  std::deque<LoadedRun> loaded;
  std::vector<std::string> notices;
  for (const std::string& path : paths) {
    if (std::filesystem::is_directory(path)) {
      load_folder(path, specs, loaded, notices);
    } else {
      loaded.push_back(load(path, specs));
    }
  }
  if (loaded.empty()) throw InputError("no result file in " + fmt::format("{}", paths.front()));
  std::vector<ClaimResult> claims = cross_claims(loaded, specs);
  // The claims point into nothing of the records: they hold their own text.
  std::vector<ComparedRun> runs;
  for (LoadedRun& entry : loaded) runs.push_back(std::move(entry.run));
  CompareResult result = compare_runs(runs);
  result.notices.insert(result.notices.end(), notices.begin(), notices.end());
  result.claims = std::move(claims);
  return result;
}

}  // namespace roofproof::analysis
