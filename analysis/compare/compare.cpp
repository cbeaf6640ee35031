// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/compare/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "analysis/banner.h"
#include "analysis/claims/table.h"
#include "analysis/disturbance.h"
#include "analysis/input_error.h"
#include "analysis/result_files.h"

namespace roofproof::analysis {
namespace {

// Steps of one user decide the claims about two GPUs; the other rows need not stay in memory.
bool is_step(const Row& row) {
  return row.problem.op == Op::gemv || row.problem.op == Op::layer || row.problem.op == Op::decode;
}

SessionValues compared_rates(const Series& series) {
  if (series.problem.op != Op::decode) return rate(series);
  return divided(static_cast<double>(series.problem.shape.batch), series.time_s());
}

// The roofs that a run measured itself, looked for once per run.
class MeasuredRoofs {
 public:
  explicit MeasuredRoofs(const ResultsView& view) : view_(view) {
    if (const Series* read = view.read_roof()) read_bytes_per_s_ = read->bytes_per_s();
  }

  // Nothing of a peak, nor of a GEMM that is such a roof.
  std::optional<Estimate> share(const Series& series) {
    if (series.problem.op == Op::peak) return std::nullopt;
    if (is_arithmetic(series.problem.op)) {
      const Series* roof = compute(loop_precision(view_, series.problem));
      return roof && roof != &series ? paired_ratio(series.flop_per_s(), roof->flop_per_s())
                                     : std::nullopt;
    }
    return paired_ratio(series.bytes_per_s(), read_bytes_per_s_);
  }

 private:
  const Series* compute(Precision precision) {
    const auto [entry, is_new] = compute_.try_emplace(precision);
    if (is_new) entry->second = compute_roof(view_, precision);
    return entry->second;
  }

  const ResultsView& view_;
  SessionValues read_bytes_per_s_;  // without values where none was measured
  std::map<Precision, const Series*> compute_;
};

std::string known(const std::optional<std::string>& value) { return value.value_or("unknown"); }

std::string yes_or_no(const std::optional<bool>& value) {
  return value ? (*value ? "yes" : "no") : "unknown";
}

std::map<std::string, std::string> conditions_of(const Record& record) {
  const SoftwareRecord& software = record.software;
  const ProtocolRecord& protocol = record.protocol;
  return {{"protocol: profile", protocol.profile},
          {"protocol: sessions", fmt::format("{}", protocol.sessions)},
          {"protocol: batches", fmt::format("{}", protocol.samples)},
          {"protocol: batch time", fmt::format("{} s", protocol.sample_time_s)},
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
      ComparedCell cell{estimate(series->rates), series->peak, series->of_measured, std::nullopt,
                        series->disturbed};
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

auto rank(const Record& record) { return std::tuple(!record.synthetic, record.date); }

// The runs that decide the claims about several GPUs: of each GPU the latest, and of it no more
// than the claims need, whatever the number of files.
class ClaimEvidence {
 public:
  explicit ClaimEvidence(const SpecTable& specs) : specs_(specs) {}

  void offer(const std::string& file, Record&& record) {
    const GpuSpec* gpu = specs_.match_device(record.device).whole();
    if (!gpu) return;
    const auto [entry, is_new] = latest_.try_emplace(gpu);
    if (!is_new && !(rank(entry->second.record) < rank(record))) return;
    std::erase_if(record.rows, [](const Row& row) { return !is_step(row); });
    entry->second = {file, std::move(record)};
  }

  std::vector<ClaimResult> decide() const {
    std::vector<RunFile> files;
    for (const auto& [gpu, run] : latest_) files.push_back({run.file, &run.record});
    std::vector<ClaimResult> results = decide_claims_across(files, specs_);
    std::erase_if(results, [](const ClaimResult& result) {
      return result.verdict == Verdict::not_testable_here;
    });
    return results;
  }

 private:
  struct DecidingRun {
    std::string file;
    Record record;
  };

  struct ByName {
    bool operator()(const GpuSpec* a, const GpuSpec* b) const { return a->name < b->name; }
  };

  const SpecTable& specs_;
  std::map<const GpuSpec*, DecidingRun, ByName> latest_;
};

ComparedRun load(const std::string& file, const SpecTable& specs, ClaimEvidence& evidence) {
  Record record = read_record(file);
  ComparedRun run = extract_run(file, record, specs);
  evidence.offer(file, std::move(record));
  return run;
}

// What is to be said of the files.
struct FileNotes {
  std::vector<std::string> lines;
  bool passed_over = false;

  void pass_over(const RecordError& error) {
    lines.push_back(fmt::format("skipped: {}", error.what()));
    passed_over = true;
  }
};

void load_folder(const std::string& folder, const SpecTable& specs, ClaimEvidence& evidence,
                 std::vector<ComparedRun>& runs, FileNotes& notes) {
  std::map<std::string, ComparedRun> latest;
  int older = 0;
  for (const std::string& file : result_files_below(folder)) {
    try {
      ComparedRun run = load(file, specs, evidence);
      const auto [entry, is_new] = latest.try_emplace(run.board);
      if (!is_new) ++older;
      if (is_new || run.date > entry->second.date) entry->second = std::move(run);
    } catch (const RecordError& error) {
      notes.pass_over(error);
    }
  }
  if (older > 0) {
    notes.lines.push_back(
        fmt::format("{}: latest run of each device; {} older skipped", folder, older));
  }
  for (auto& [board, run] : latest) runs.push_back(std::move(run));
}

}  // namespace

std::string_view compared_unit(Op op) {
  if (is_arithmetic(op)) return "FLOP/s";
  return op == Op::decode ? "tokens/s" : "B/s";
}

ComparedRun extract_run(const std::string& file, const Record& record, const SpecTable& specs) {
  const ResultsView view(record);
  const DevicePeaks peaks = device_peaks(record.device, specs);
  const Disturbance disturbance(view);
  MeasuredRoofs measured(view);
  ComparedRun run{
      .file = file,
      .device = record.device.name,
      .gpu = peaks.whole() ? peaks.spec->name : "",
      .board = record.device.name + '\n' + record.device.uuid_hash.value_or(record.host_name),
      .date = record.date,
      .synthetic = record.synthetic,
      .banners = banners(record, file),
      .conditions = conditions_of(record)};
  if (!peaks.why_not_whole.empty()) run.banners.push_back(file + ": " + peaks.why_not_whole);
  for (const Series& series : view.series()) {
    run.series.push_back({series.name, series.problem, compared_rates(series),
                          peak_shares(series, record.device, peaks), measured.share(series),
                          !disturbance.may_decide(series)});
  }
  return run;
}

CompareResult compare_runs(const std::vector<ComparedRun>& runs) {
  CompareResult result;
  if (runs.empty()) return result;
  const std::vector<std::string> headings = headings_of(runs);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const ComparedRun& run = runs[i];
    result.columns.push_back({headings[i], run.gpu, run.file, run.date, run.synthetic});
    result.notices.insert(result.notices.end(), run.banners.begin(), run.banners.end());
  }
  result.differences = find_differences(runs, headings);
  result.tables = build_tables(runs);
  return result;
}

void add_published(CompareResult& result, const std::vector<PublishedRate>& published,
                   const SpecTable& specs) {
  std::map<std::string, int> numbers;
  for (const PublishedRate& rate : published) {
    const bool is_shown =
        std::any_of(result.columns.begin(), result.columns.end(),
                    [&](const ComparedColumn& column) { return column.gpu == rate.gpu; });
    if (!is_shown) continue;
    const auto after =
        std::find_if(result.tables.begin(), result.tables.end(),
                     [&](const ComparedTable& table) { return table.op >= rate.op; });
    ComparedTable& table = after != result.tables.end() && after->op == rate.op
                               ? *after
                               : *result.tables.insert(after, ComparedTable{.op = rate.op});
    const std::string source =
        fmt::format("{}, as of {}", rate.publication.source, rate.publication.as_of);
    const auto [number, is_new] =
        numbers.try_emplace(source, static_cast<int>(result.sources.size()) + 1);
    if (is_new) result.sources.push_back(source);
    table.published.push_back({rate, share_of_datasheet(rate, specs), number->second});
  }
}

CompareResult compare_files(const std::vector<std::string>& paths, const SpecTable& specs) {
  ClaimEvidence evidence(specs);
  std::vector<ComparedRun> runs;
  FileNotes notes;
  for (const std::string& path : paths) {
    if (std::filesystem::is_directory(path)) {
      load_folder(path, specs, evidence, runs, notes);
      continue;
    }
    try {
      runs.push_back(load(path, specs, evidence));
    } catch (const RecordError& error) {
      if (paths.size() == 1) throw;
      notes.pass_over(error);
    }
  }
  if (runs.empty())
    throw InputError("no result file in " + fmt::format("{}", fmt::join(paths, ", ")));
  CompareResult result = compare_runs(runs);
  result.notices.insert(result.notices.end(), notes.lines.begin(), notes.lines.end());
  result.passed_over = notes.passed_over;
  result.claims = evidence.decide();
  return result;
}

}  // namespace roofproof::analysis
