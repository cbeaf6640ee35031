// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The table that llama-bench prints, in Markdown, with the lines above it that name the GPUs.

#include <charconv>
#include <regex>
#include <utility>

#include "analysis/audit/llama_bench.h"
#include "analysis/audit/readers.h"
#include "results/record/record.h"

namespace roofproof::analysis {
namespace {

// "12.55 GiB", "134.52 M"; 0 where it is something else.
double scaled(const std::string& text) {
  constexpr std::pair<std::string_view, double> units[] = {{" GiB", 1024.0 * 1024 * 1024},
                                                           {" MiB", 1024.0 * 1024},
                                                           {" B", 1e9},
                                                           {" M", 1e6},
                                                           {" K", 1e3}};
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return 0;
  for (const auto& [unit, factor] : units) {
    if (std::string_view(end, text.data() + text.size()) == unit) return number * factor;
  }
  return 0;
}

// A row of the table in the words of its JSON.
ForeignJson row_as_record(const PlacedRecord& row, const std::string& devices,
                          const std::string& file) {
  static const std::regex test(R"((pp ?(\d{1,9}))?\+?(tg ?(\d{1,9}))?( @ d(\d{1,9}))?)");
  const auto cell = [&](const char* column) {
    return row.record.contains(column) ? row.record[column].get<std::string>() : std::string();
  };
  const std::string name = cell("test");
  std::smatch match;
  if (name.size() > 50 || !std::regex_match(name, match, test) || match.length() == 0) {
    throw RecordError(file, row.place, "test: is no test of llama-bench: '" + name + "'");
  }
  ForeignJson record = ForeignJson::object();
  const auto set_count = [&](const char* key, std::size_t group) {
    if (match[group].matched) record[key] = match[group].str();
  };
  set_count("n_prompt", 2);
  set_count("n_gen", 4);
  set_count("n_depth", 6);
  const std::string rate = cell("t/s");
  const std::size_t plus_minus = rate.find(" ± ");
  record["avg_ts"] = rate.substr(0, plus_minus);
  if (plus_minus != rate.npos) record["stddev_ts"] = rate.substr(plus_minus + 4);
  record["model_type"] = cell("model");
  record["model_size"] = scaled(cell("size"));
  record["model_n_params"] = scaled(cell("params"));
  record["backends"] = cell("backend");
  // Columns that are there where they differ from the default, and the keys of JSON.
  constexpr std::pair<const char*, const char*> columns[] = {
      {"ngl", "n_gpu_layers"},   {"sm", "split_mode"},       {"dev", "devices"},
      {"nkvo", "no_kv_offload"}, {"n_cpu_moe", "n_cpu_moe"}, {"type_k", "type_k"},
      {"type_v", "type_v"}};
  for (const auto& [column, key] : columns) {
    if (!cell(column).empty()) record[key] = cell(column);
  }
  record["gpu_info"] = devices;
  return record;
}

// "  Device 0: NVIDIA GeForce RTX 4090, compute capability 8.9, VMM: yes", which is printed above.
std::string devices_above(std::string_view text) {
  std::string devices;
  for (std::size_t at = text.find("Device "); at < text.size(); at = text.find("Device ", at + 1)) {
    const std::string_view line = text.substr(at, 150);
    const std::size_t colon = line.find(": ");
    const std::size_t end = line.find(", compute capability");
    if (colon == line.npos || end == line.npos || end < colon) continue;
    const std::string_view name = line.substr(colon + 2, end - colon - 2);
    devices += (devices.empty() ? "" : ", ") + std::string(name);
    if (devices.size() > 10000) break;
  }
  return devices;
}

}  // namespace

std::vector<ReportedFigure> read_llama_bench_table(std::string_view text, const std::string& file) {
  const std::string devices = devices_above(text);
  std::vector<PlacedRecord> records = markdown_records(text, file, {"model", "test", "t/s"});
  for (PlacedRecord& row : records) row.record = row_as_record(row, devices, file);
  return llama_bench_figures(std::move(records), file);
}

}  // namespace roofproof::analysis
