// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/quantity.h"
#include "analysis/report/figures.h"
#include "analysis/report/parts.h"

namespace roofproof::analysis {
namespace {

// Of each operation; roofproof compare has no such limit.
constexpr std::size_t most_rows = 100;

Json cell_json(const std::optional<ComparedCell>& cell, std::string_view unit) {
  if (!cell) return nullptr;
  std::string roof = share_text(cell->peak.datasheet);
  if (!roof.empty()) {
    roof += " of datasheet";
  } else if (cell->of_measured) {
    roof = share_text(cell->of_measured->value) + " of measured";
  }
  return {estimate_text(cell->rate, unit) + (cell->disturbed ? ", disturbed" : ""), roof,
          cell->ratio ? estimate_text(*cell->ratio, "ratio") : ""};
}

}  // namespace

Json compared_part(const std::vector<ReportRun>& runs) {
  if (runs.size() < 2) return nullptr;
  std::vector<ComparedRun> columns;
  for (const ReportRun& run : runs) columns.push_back(run.compared);
  const CompareResult result = compare_runs(columns);
  Json part;
  part["differences"] = result.differences;
  part["columns"] = Json::array();
  for (const ComparedColumn& column : result.columns) part["columns"].push_back(column.heading);
  part["tables"] = Json::array();
  for (const ComparedTable& table : result.tables) {
    Json rows = Json::array();
    for (const ComparedRow& row : table.rows) {
      if (rows.size() == most_rows) break;
      Json cells = Json::array();
      for (const auto& cell : row.cells) cells.push_back(cell_json(cell, compared_unit(table.op)));
      rows.push_back({{"name", row.name}, {"cells", std::move(cells)}});
    }
    part["tables"].push_back(
        {{"op", name(table.op)}, {"rows", std::move(rows)}, {"of", table.rows.size()}});
  }
  return part;
}

}  // namespace roofproof::analysis
