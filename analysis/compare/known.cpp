// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/compare/known.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "analysis/csv.h"
#include "analysis/predict.h"
#include "analysis/quantity.h"
#include "analysis/text_table.h"
#include "kernels/problem/model.h"
#include "kernels/problem/name_table.h"
#include "results/record/json_text.h"

namespace roofproof::analysis {
namespace {

constexpr NameTable<KnownKind, 3> kind_names = {{KnownKind::datasheet, "datasheet"},
                                                {KnownKind::predicted, "predicted"},
                                                {KnownKind::published, "published"}};
constexpr NameTable<KnownKind, 3> kind_marks = {
    {KnownKind::datasheet, "D"}, {KnownKind::predicted, "P"}, {KnownKind::published, "†"}};
constexpr const char* legend =
    "D specification, from a datasheet or a secondary source; D? not confirmed at its source; P "
    "predicted by the roofline from the specification, an upper bound; † the best that others "
    "published. None was measured here.";

constexpr const char* default_model = "mistral-7b";
constexpr Precision weight_formats[] = {Precision::fp16, Precision::int8, Precision::int4};
constexpr Arithmetic gemm_arithmetics[] = {Arithmetic::fp32, Arithmetic::fp16, Arithmetic::bf16,
                                           Arithmetic::int8};

class Builder {
 public:
  Builder(const std::vector<std::string>& gpus, const SpecTable& specs) {
    for (const std::string& words : gpus) {
      gpus_.push_back(specs.choose(words).gpu);
      table_.gpus.push_back(gpus_.back()->name);
    }
  }

  KnownTable build() && {
    add_row(
        "memory", "B/s", [](const GpuSpec& gpu) { return &gpu.memory_bandwidth_bytes_per_s; },
        [](const PublishedRate& rate) { return !is_arithmetic(rate.op) && rate.op != Op::decode; });
    for (const Arithmetic arithmetic : gemm_arithmetics) {
      add_row(
          fmt::format("GEMM {}", name(arithmetic)), "FLOP/s",
          [&](const GpuSpec& gpu) { return &gpu.peak_per_s(arithmetic); },
          [&](const PublishedRate& rate) {
            return rate.op == Op::gemm && rate.precision == name(arithmetic);
          });
    }
    for (const std::string& model : models()) {
      for (const Precision weights : weight_formats) add_decode(model, weights);
    }
    return std::move(table_);
  }

 private:
  int number_of(const std::string& source) {
    std::vector<std::string>& all = table_.sources;
    const auto place = std::find(all.begin(), all.end(), source) - all.begin();
    if (static_cast<std::size_t>(place) == all.size()) all.push_back(source);
    return static_cast<int>(place) + 1;
  }

  // The best of those that `is_of` takes.
  template <class IsOf>
  void add_published(const GpuSpec& gpu, IsOf is_of, std::vector<KnownFigure>& cell) {
    const PublishedRate* best = nullptr;
    for (const PublishedRate& rate : rates_) {
      if (rate.gpu == gpu.name && is_of(rate) && (!best || rate.value > best->value)) best = &rate;
    }
    if (!best) return;
    const Publication& from = best->publication;
    const std::string source =
        fmt::format("{} {}, {}, {}: {}, as of {}", name(best->op), best->precision, best->size,
                    from.software, from.source, from.as_of);
    cell.push_back(
        {.kind = KnownKind::published, .value = best->value, .source = number_of(source)});
  }

  template <class Printed, class IsOf>
  void add_row(std::string row_name, std::string_view unit, Printed printed, IsOf is_of) {
    KnownRow row{std::move(row_name), unit, {}};
    for (const GpuSpec* gpu : gpus_) {
      std::vector<KnownFigure>& cell = row.cells.emplace_back();
      const Figure& figure = *printed(*gpu);
      if (figure.value) {
        cell.push_back({.value = *figure.value,
                        .unconfirmed = figure.status == FigureStatus::unconfirmed,
                        .source = figure.sources.empty()
                                      ? 0
                                      : number_of(gpu->sources.at(figure.sources.front()))});
      }
      add_published(*gpu, is_of, cell);
    }
    add(std::move(row));
  }

  // mistral-7b, then what was published of these GPUs.
  std::vector<std::string> models() const {
    std::vector<std::string> found = {default_model};
    for (const PublishedDecode& decode : published_decodes()) {
      const bool is_shown =
          std::find(table_.gpus.begin(), table_.gpus.end(), decode.gpu) != table_.gpus.end();
      if (is_shown && std::find(found.begin(), found.end(), decode.model) == found.end()) {
        found.push_back(decode.model);
      }
    }
    return found;
  }

  void add_decode(const std::string& model, Precision weights) {
    KnownRow row{fmt::format("decode {} {}", model, name(weights)), "tokens/s", {}};
    const ModelWorkload workload = count_model(find_model(model), weights, 1, 0);
    bool is_published = false;
    for (const GpuSpec* gpu : gpus_) {
      const Prediction step = predict(datasheet_ceilings(*gpu, weights), workload);
      row.cells.push_back({{.kind = KnownKind::predicted,
                            .value = step.tokens_per_s,
                            .fits = step.fits.value_or(true)}});
      add_published(
          *gpu,
          [&](const PublishedRate& rate) {
            return rate.op == Op::decode && rate.precision == name(weights) &&
                   rate.size == of_one_user(model);
          },
          row.cells.back());
      is_published = is_published || row.cells.back().size() > 1;
    }
    if (is_published || model == default_model) add(std::move(row));
  }

  // A row without any figure is none.
  void add(KnownRow row) {
    const bool any = std::any_of(row.cells.begin(), row.cells.end(),
                                 [](const auto& cell) { return !cell.empty(); });
    if (any) table_.rows.push_back(std::move(row));
  }

  const std::vector<PublishedRate> rates_ = published_rates();
  std::vector<const GpuSpec*> gpus_;
  KnownTable table_;
};

// "42.7 TFLOP/s †5", "70.0 TFLOP/s D?2", "42.2 tokens/s P", "does not fit P"
std::string figure_text(const KnownFigure& figure, std::string_view unit) {
  return fmt::format("{} {}{}{}", figure.fits ? quantity_text(figure.value, unit) : "does not fit",
                     find_name(kind_marks, figure.kind), figure.unconfirmed ? "?" : "",
                     figure.source > 0 ? std::to_string(figure.source) : "");
}

std::string cell_text(const std::vector<KnownFigure>& cell, std::string_view unit) {
  std::string text;
  for (const KnownFigure& figure : cell) {
    text += (text.empty() ? "" : ", ") + figure_text(figure, unit);
  }
  return text.empty() ? "-" : text;
}

TextTable aligned(const KnownTable& table) {
  TextTable text("l" + std::string(table.gpus.size(), 'r'));
  std::vector<std::string> head = {"not measured here"};
  head.insert(head.end(), table.gpus.begin(), table.gpus.end());
  text.add(std::move(head));
  for (const KnownRow& row : table.rows) {
    std::vector<std::string> cells = {row.name};
    for (const auto& cell : row.cells) cells.push_back(cell_text(cell, row.unit));
    text.add(std::move(cells));
  }
  return text;
}

// Calls visit(row, GPU, figure) for each.
template <class Visit>
void visit_figures(const KnownTable& table, Visit visit) {
  for (const KnownRow& row : table.rows) {
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      for (const KnownFigure& figure : row.cells[i]) visit(row, table.gpus[i], figure);
    }
  }
}

const std::string& source_of(const KnownTable& table, const KnownFigure& figure) {
  static const std::string computed = "roofline, from the datasheet";
  return figure.source > 0 ? table.sources[static_cast<std::size_t>(figure.source) - 1] : computed;
}

}  // namespace

std::string_view name(KnownKind kind) { return find_name(kind_names, kind); }

KnownTable known_figures(const std::vector<std::string>& gpus, const SpecTable& specs) {
  return Builder(gpus, specs).build();
}

std::string known_text(const KnownTable& table) {
  std::string text = fmt::format("{}\n{}\n", aligned(table).text(), legend);
  for (std::size_t i = 0; i < table.sources.size(); ++i) {
    text += fmt::format("{:>2} {}\n", i + 1, table.sources[i]);
  }
  return text;
}

std::string known_markdown(const KnownTable& table) {
  std::string text = fmt::format("{}\n{}\n\n", aligned(table).markdown(), legend);
  for (std::size_t i = 0; i < table.sources.size(); ++i) {
    text += fmt::format("{}. {}\n", i + 1, table.sources[i]);
  }
  return text;
}

std::string known_csv(const KnownTable& table) {
  std::string text =
      csv_line({"quantity", "gpu", "kind", "value", "unit", "unconfirmed", "fits", "source"});
  const auto flag = [](bool value) { return value ? "true" : "false"; };
  visit_figures(table, [&](const KnownRow& row, const std::string& gpu, const KnownFigure& figure) {
    text += csv_line({row.name, gpu, std::string(name(figure.kind)), csv_number(figure.value),
                      std::string(row.unit), flag(figure.unconfirmed), flag(figure.fits),
                      source_of(table, figure)});
  });
  return text;
}

std::string known_json(const KnownTable& table) {
  Json json;
  json["gpus"] = table.gpus;
  json["figures"] = Json::array();
  visit_figures(table, [&](const KnownRow& row, const std::string& gpu, const KnownFigure& figure) {
    Json entry;
    entry["quantity"] = row.name;
    entry["gpu"] = gpu;
    entry["kind"] = name(figure.kind);
    entry["value"] = figure.value;
    entry["unit"] = row.unit;
    entry["unconfirmed"] = figure.unconfirmed;
    entry["fits"] = figure.fits;
    entry["source"] = source_of(table, figure);
    json["figures"].push_back(std::move(entry));
  });
  return print_json(json, 2) + '\n';
}

}  // namespace roofproof::analysis
