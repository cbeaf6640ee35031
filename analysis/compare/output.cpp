// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The four forms of a comparison.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "analysis/claims/output.h"
#include "analysis/claims/table.h"
#include "analysis/compare/compare.h"
#include "analysis/csv.h"
#include "analysis/estimate_json.h"
#include "analysis/quantity.h"
#include "analysis/text_table.h"
#include "results/record/json_text.h"

namespace roofproof::analysis {
namespace {

std::string share_text(std::optional<double> share) {
  return share ? quantity_text(*share, "share") : "-";
}

std::optional<double> value_of(const std::optional<Estimate>& estimate) {
  return estimate ? std::optional(estimate->value) : std::nullopt;
}

// "82 % / 85 % / 95 % / 99 %"
std::string shares_text(const ComparedCell& cell) {
  return fmt::format("{} / {} / {} / {}", share_text(cell.peak.datasheet),
                     share_text(cell.peak.derived), share_text(cell.peak.at_clock),
                     share_text(value_of(cell.of_measured)));
}

constexpr const char* shares_label = "of datasheet / device / at clock / measured roof";
constexpr const char* ratio_label = "vs first run";
constexpr const char* dagger = "†";
constexpr const char* published_legend =
    "† published by others, not measured here; not used for verdicts";

// The lines of one benchmark: what each says of a cell. An empty line is left out.
struct Line {
  const char* label;  // nullptr: the name of the benchmark
  std::string (*text)(const ComparedCell& cell, std::string_view unit);
};
constexpr Line lines[] = {
    {nullptr,
     [](const ComparedCell& cell, std::string_view unit) {
       return estimate_text(cell.rate, unit) + (cell.disturbed ? ", disturbed" : "");
     }},
    {shares_label,
     [](const ComparedCell& cell, std::string_view) {
       const bool any = cell.peak.datasheet || cell.peak.derived || cell.of_measured;
       return any ? shares_text(cell) : std::string();
     }},
    {ratio_label, [](const ComparedCell& cell, std::string_view) {
       return cell.ratio ? estimate_text(*cell.ratio, "ratio") : std::string();
     }}};

// "† fp16, 8192 x 8192 x 8192, cuBLAS [3]"
std::string published_label(const PublishedRow& row) {
  const PublishedRate& rate = row.rate;
  return fmt::format(
      "{} {}, {}, {}{} [{}]", dagger, rate.precision, rate.size, rate.publication.software,
      rate.publication.note.empty() ? "" : " (" + rate.publication.note + ")", row.source);
}

// "† 262 TFLOP/s, 84 % of datasheet"
std::string published_text(const PublishedRow& row, std::string_view unit) {
  std::string text = fmt::format("{} {}", dagger, quantity_text(row.rate.value, unit));
  if (row.of_datasheet) text += ", " + share_text(row.of_datasheet) + " of datasheet";
  return text;
}

std::string source_text(const CompareResult& result, std::size_t i) {
  return fmt::format("[{}] {}", i + 1, result.sources[i]);
}

using Grid = std::vector<std::vector<std::string>>;

Grid grid_of(const ComparedTable& table, const CompareResult& result) {
  Grid grid = {{std::string(name(table.op))}};
  for (const ComparedColumn& column : result.columns) grid.front().push_back(column.heading);
  const std::string_view unit = compared_unit(table.op);
  for (const ComparedRow& row : table.rows) {
    for (const Line& line : lines) {
      std::vector<std::string> cells = {line.label ? std::string("  ") + line.label : row.name};
      bool any = !line.label;
      for (const std::optional<ComparedCell>& cell : row.cells) {
        const std::string text = cell ? line.text(*cell, unit) : "";
        any = any || !text.empty();
        cells.push_back(text.empty() && !line.label ? "-" : text);
      }
      if (any) grid.push_back(std::move(cells));
    }
  }
  std::map<std::string, std::size_t> published;  // label -> line
  for (const PublishedRow& row : table.published) {
    const std::string label = published_label(row);
    const auto [line, is_new] = published.try_emplace(label, grid.size());
    if (is_new) {
      grid.emplace_back(1 + result.columns.size());
      grid.back().front() = label;
    }
    for (std::size_t i = 0; i < result.columns.size(); ++i) {
      if (result.columns[i].gpu == row.rate.gpu) {
        grid[line->second][1 + i] = published_text(row, unit);
      }
    }
  }
  return grid;
}

// Without the blanks that indent it in text.
std::string markdown_cell(std::string_view text) {
  return markdown_text(text.substr(std::min(text.find_first_not_of(' '), text.size())));
}

std::string claim_text(const ClaimResult& claim) {
  return fmt::format("{}: {}. {}", claim.claim->id, words(claim.verdict), claim.why);
}

Json json_of(const std::optional<ComparedCell>& cell) {
  if (!cell) return nullptr;
  Json json;
  json["measured"] = estimate_json(cell->rate);
  json["of_datasheet"] = nullable(cell->peak.datasheet);
  json["of_device_derived"] = nullable(cell->peak.derived);
  json["of_device_at_clock"] = nullable(cell->peak.at_clock);
  json["of_measured_roof"] = estimate_json(cell->of_measured);
  json["ratio_to_first"] = estimate_json(cell->ratio);
  json["disturbed"] = cell->disturbed;
  return json;
}

Json json_of(const PublishedRow& row) {
  const Publication& publication = row.rate.publication;
  Json json;
  json["gpu"] = row.rate.gpu;
  json["precision"] = row.rate.precision;
  json["size"] = row.rate.size;
  json["value"] = row.rate.value;
  json["of_datasheet"] = nullable(row.of_datasheet);
  json["software"] = publication.software;
  json["source"] = publication.source;
  json["as_of"] = publication.as_of;
  json["confidence"] = publication.confidence;
  if (!publication.note.empty()) json["note"] = publication.note;
  return json;
}

std::string csv_low(const std::optional<Estimate>& estimate) {
  return estimate && estimate->interval ? csv_number(estimate->interval->low) : "";
}

std::string csv_high(const std::optional<Estimate>& estimate) {
  return estimate && estimate->interval ? csv_number(estimate->interval->high) : "";
}

}  // namespace

std::string compare_text(const CompareResult& result) {
  std::string text;
  for (const std::string& notice : result.notices) text += notice + '\n';
  for (const std::string& difference : result.differences) text += "differs: " + difference + '\n';
  for (const ComparedColumn& column : result.columns) {
    text += fmt::format("{} · {} · {}\n", column.heading, column.date, column.file);
  }
  for (const ComparedTable& table : result.tables) {
    TextTable aligned("l" + std::string(result.columns.size(), 'r'));
    for (std::vector<std::string>& cells : grid_of(table, result)) aligned.add(std::move(cells));
    text += '\n' + aligned.text();
  }
  if (!result.sources.empty()) text += fmt::format("\n{}\n", published_legend);
  for (std::size_t i = 0; i < result.sources.size(); ++i) text += source_text(result, i) + '\n';
  if (!result.claims.empty()) text += "\nCLAIMS about several GPUs, by the latest run of each\n";
  for (const ClaimResult& claim : result.claims) {
    text += fmt::format("{} {}\n", symbol(claim.verdict), claim_text(claim));
  }
  return text;
}

std::string compare_markdown(const CompareResult& result) {
  std::string text;
  for (const std::string& notice : result.notices) {
    text += fmt::format("> **{}**\n>\n", markdown_cell(notice));
  }
  for (const std::string& difference : result.differences) {
    text += fmt::format("> differs: {}\n>\n", markdown_cell(difference));
  }
  for (const ComparedColumn& column : result.columns) {
    text += fmt::format("- {}: {}, {}\n", markdown_cell(column.heading), column.date,
                        markdown_cell(column.file));
  }
  for (const ComparedTable& table : result.tables) {
    text += '\n';
    bool is_heading = true;
    for (const std::vector<std::string>& cells : grid_of(table, result)) {
      text += '|';
      for (const std::string& cell : cells) text += ' ' + markdown_cell(cell) + " |";
      text += '\n';
      if (!is_heading) continue;
      text += "|---|";
      for (std::size_t i = 1; i < cells.size(); ++i) text += "---:|";
      text += '\n';
      is_heading = false;
    }
  }
  if (!result.sources.empty()) text += fmt::format("\n{}\n\n", published_legend);
  for (std::size_t i = 0; i < result.sources.size(); ++i) {
    text += "- " + markdown_cell(source_text(result, i)) + '\n';
  }
  if (!result.claims.empty()) text += "\nClaims about several GPUs, by the latest run of each:\n\n";
  for (const ClaimResult& claim : result.claims) {
    text += "- " + markdown_cell(claim_text(claim)) + '\n';
  }
  return text;
}

std::string compare_csv(const CompareResult& result) {
  std::string text = csv_line({"op", "name", "device", "file", "synthetic", "unit", "measured",
                               "low", "high", "sessions", "of_datasheet", "of_device_derived",
                               "of_device_at_clock", "of_measured_roof", "ratio_to_first",
                               "ratio_low", "ratio_high", "published_by", "disturbed"});
  for (const ComparedTable& table : result.tables) {
    for (const ComparedRow& row : table.rows) {
      for (std::size_t i = 0; i < row.cells.size(); ++i) {
        if (!row.cells[i]) continue;
        const ComparedCell& cell = *row.cells[i];
        const ComparedColumn& column = result.columns[i];
        text += csv_line({std::string(name(table.op)), row.name, column.heading, column.file,
                          column.synthetic ? "true" : "false", std::string(compared_unit(table.op)),
                          csv_number(cell.rate.value), csv_low(cell.rate), csv_high(cell.rate),
                          fmt::format("{}", cell.rate.sessions), csv_number(cell.peak.datasheet),
                          csv_number(cell.peak.derived), csv_number(cell.peak.at_clock),
                          csv_number(value_of(cell.of_measured)), csv_number(value_of(cell.ratio)),
                          csv_low(cell.ratio), csv_high(cell.ratio), "",
                          cell.disturbed ? "true" : "false"});
      }
    }
    for (const PublishedRow& row : table.published) {
      const PublishedRate& rate = row.rate;
      text +=
          csv_line({std::string(name(table.op)),
                    fmt::format("{}, {}, {}", rate.precision, rate.size, rate.publication.software),
                    rate.gpu, "", "false", std::string(compared_unit(table.op)),
                    csv_number(rate.value), "", "", "", csv_number(row.of_datasheet), "", "", "",
                    "", "", "", rate.publication.source, "false"});
    }
  }
  return text;
}

// A benchmark to a line, written one by one: as one value, hundreds of runs take hundreds of
// megabytes.
std::string compare_json(const CompareResult& result) {
  Json columns = Json::array();
  for (const ComparedColumn& column : result.columns) {
    Json entry;
    entry["device"] = column.heading;
    entry["gpu"] = column.gpu.empty() ? Json(nullptr) : Json(column.gpu);
    entry["file"] = column.file;
    entry["date"] = column.date;
    entry["synthetic"] = column.synthetic;
    columns.push_back(std::move(entry));
  }
  Json claims = Json::array();
  for (const ClaimResult& claim : result.claims) {
    Json entry;
    entry["id"] = claim.claim->id;
    entry["verdict"] = name(claim.verdict);
    entry["why"] = claim.why;
    claims.push_back(std::move(entry));
  }
  const auto line = [](const Json& value) { return print_json(value, -1); };
  std::string text = fmt::format("{{\n\"notices\":{},\n\"differences\":{},\n\"columns\":{},\n",
                                 line(result.notices), line(result.differences), line(columns));
  text += "\"tables\":[";
  for (const ComparedTable& table : result.tables) {
    const bool is_first = &table == &result.tables.front();
    text += fmt::format("{}\n{{\"op\":\"{}\",\"unit\":\"{}\",\"rows\":[", is_first ? "" : ",",
                        name(table.op), compared_unit(table.op));
    for (const ComparedRow& row : table.rows) {
      Json entry;
      entry["name"] = row.name;
      Json& cells = entry["columns"] = Json::array();
      for (const std::optional<ComparedCell>& cell : row.cells) cells.push_back(json_of(cell));
      text += (&row == &table.rows.front() ? "\n" : ",\n") + line(entry);
    }
    text += "],\"published\":[";
    for (const PublishedRow& row : table.published) {
      text += (&row == &table.published.front() ? "\n" : ",\n") + line(json_of(row));
    }
    text += "]}";
  }
  return text + fmt::format("],\n\"claims\":{}\n}}\n", line(claims));
}

}  // namespace roofproof::analysis
