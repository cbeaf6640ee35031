// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/article.h"
#include "analysis/commands/specs_output.h"
#include "analysis/machines.h"
#include "results/record/json_text.h"

namespace roofproof::analysis {
namespace {

template <class Sourced>
void put_source(Json& json, const Sourced& sourced) {
  json["status"] = name(sourced.status);
  json["source"] = sourced.sources;
  if (!sourced.note.empty()) json["note"] = sourced.note;
}

Json json_of(const Identity& identity) {
  Json json;
  json["value"] = identity.values;
  put_source(json, identity);
  return json;
}

Json json_of(const Figure& figure) {
  Json json;
  json["value"] = nullable(figure.value);
  put_source(json, figure);
  if (figure.with_sparsity) json["with_sparsity"] = *figure.with_sparsity;
  if (!figure.printed_as.empty()) json["printed"] = figure.printed_as;
  if (figure.circular) json["circular"] = true;
  return json;
}

Json json_of(const SpecCheck& check) {
  Json json;
  json["figure"] = check.figure;
  json["computed"] = check.computed;
  json["datasheet"] = check.datasheet;
  json["difference"] = check.difference();
  json["circular"] = check.circular;
  json["reason"] = check.discrepancy ? Json(check.discrepancy->reason) : Json(nullptr);
  if (check.computed_at_datasheet_clock) {
    json["computed_at_datasheet_clock"] = *check.computed_at_datasheet_clock;
    json["datasheet_clock_hz"] = json_of(*check.discrepancy->datasheet_clock);
  }
  json["ok"] = check.ok();
  return json;
}

Json json_of(const Machine& machine) {
  Json json;
  json["provider"] = machine.provider;
  json["machine"] = machine.name;
  json["gpus"] = machine.gpus;
  json["usd_per_hour"] = nullable(machine.usd_per_hour);
  json["region"] = machine.region;
  json["as_of"] = machine.as_of;
  json["status"] = name(machine.status);
  json["source"] = machine.source;
  json["note"] = machine.note;
  return json;
}

Json article_json(const GpuSpec& gpu) {
  const ArticleRow* row = find_article_row(gpu.name);
  if (!row) return nullptr;
  Json json;
  json["gpu"] = row->gpu;
  json["fp32_flop_per_s"] = row->fp32_flop_per_s;
  json["fp16_flop_per_s"] = row->fp16_flop_per_s;
  json["int8_op_per_s"] = row->int8_op_per_s;
  return json;
}

Json json_of(const GpuSpec& gpu);

template <class Item>
Json list_json(const std::vector<Item>& items) {
  Json json = Json::array();
  for (const Item& item : items) json.push_back(json_of(item));
  return json;
}

Json json_of(const GpuSpec& gpu) {
  Json json;
  json["name"] = gpu.name;
  json["aliases"] = gpu.aliases;
  json["file"] = gpu.file;
  json["architecture"] = gpu.architecture;
  json["memory_type"] = gpu.memory_type;
  json["device_names"] = json_of(gpu.device_names);
  json["pci_device_ids"] = json_of(gpu.pci_device_ids);
  json["compute_capability"] = json_of(gpu.compute_capability);
  for (const FigureRow& row : figure_rows) json[row.json_key] = json_of(gpu.*row.figure);
  for (const Arithmetic arithmetic : all_arithmetic) {
    const std::string key(name(arithmetic));
    json["peaks_per_s"][key] = json_of(gpu.peak_per_s(arithmetic));
    json["ops_per_clock_per_sm"][key] = json_of(gpu.rate(arithmetic));
  }
  json["checks"] = list_json(check_spec(gpu));
  json["article"] = article_json(gpu);
  json["achieved_per_s"] = Json::object();
  for (const auto& [kind, figure] : gpu.achieved) {
    json["achieved_per_s"][kind_name(kind)] = json_of(figure);
  }
  json["machines"] = list_json(machines_of(gpu.name));
  json["notes"] = gpu.notes;
  json["sources"] = gpu.sources;
  return json;
}

}  // namespace

std::string overview_json(const SpecTable& specs) {
  Json json;
  json["tolerance"] = datasheet_tolerance;
  json["gpus"] = list_json(specs.gpus());
  return print_json(json, 2) + '\n';
}

std::string gpu_json(const GpuSpec& gpu) { return print_json(json_of(gpu), 2) + '\n'; }

}  // namespace roofproof::analysis
