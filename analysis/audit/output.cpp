// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/audit/output.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

#include "analysis/quantity.h"
#include "analysis/text_table.h"
#include "results/record/exit_code.h"
#include "results/record/printable.h"

namespace roofproof::analysis {
namespace {

struct QuantityWords {
  const char* name;  // of JSON
  const char* unit;
};

QuantityWords words_of(Quantity quantity) {
  switch (quantity) {
    case Quantity::decode_rate:
      return {"decode_rate", "tokens/s"};
    case Quantity::step_time:
      return {"step_time", "s"};
    case Quantity::batch_time:
      return {"batch_time", "s"};
    case Quantity::output_rate:
      return {"output_rate", "tokens/s"};
    case Quantity::prefill_rate:
      return {"prefill_rate", "tokens/s"};
    case Quantity::bandwidth:
      return {"bandwidth", "B/s"};
    case Quantity::arithmetic:
      return {"arithmetic", "FLOP/s"};
  }
  return {"", ""};
}

std::string value_text(const ReportedFigure& figure) {
  const std::string_view unit = words_of(figure.quantity).unit;
  if (unit == "tokens/s") return fmt::format("{} {}", significant(figure.value, 4), unit);
  return si_text(figure.value, unit);
}

std::string share_text(const AuditFinding& finding) {
  return finding.share ? fmt::format("{} %", significant(100 * *finding.share)) : "";
}

// "line 7, tg128"
std::string figure_name(const ReportedFigure& figure) {
  return figure.place.empty() ? figure.label : figure.place + ", " + figure.label;
}

std::string ordinal(double number) {
  const int value = static_cast<int>(number);
  const int last = value % 10;
  const bool is_teen = value / 10 % 10 == 1;
  const char* ending = is_teen || last > 3 || last == 0 ? "th"
                       : last == 1                      ? "st"
                       : last == 2                      ? "nd"
                                                        : "rd";
  return fmt::format("{}{}", value, ending);
}

std::string standing_text(const Standing& standing) {
  const std::string rows = fmt::format("{} published rows {}", standing.rows, standing.of);
  if (standing.percentile <= 0) return "below all " + rows;
  if (standing.percentile >= 100) return "above all " + rows;
  return fmt::format("{} percentile of {}", ordinal(std::max(1.0, standing.percentile)), rows);
}

// How `because` is to be read.
const char* lead(const AuditFinding& finding) {
  switch (finding.verdict) {
    case AuditVerdict::low:
      return "likely:";
    case AuditVerdict::impossible:
      return "usual reasons:";
    default:
      return "";
  }
}

// "L4 · qwen3-8b, int4"; what is not known of them in the words of the file.
std::string subject(const ReportedFigure& figure, const AuditFinding& finding) {
  const std::string& gpu = finding.gpu.empty() ? figure.gpu : finding.gpu;
  const std::string& model = finding.model.empty() ? figure.model : finding.model;
  return gpu.empty() || model.empty() ? gpu + model : gpu + " · " + model;
}

std::string heading(const AuditedReport& audited) {
  const ForeignReport& report = audited.report;
  if (report.file.empty()) return "";
  return fmt::format("{} · {} · {}\n\n", printable(report.file), report.tool,
                     count_text(static_cast<std::int64_t>(report.figures.size()), "figure"));
}

std::string figure_text(const ReportedFigure& figure, const AuditFinding& finding) {
  std::string text = fmt::format("{}  {}: {}", printable(figure_name(figure)), value_text(figure),
                                 words(finding.verdict));
  if (finding.share) text += fmt::format(", {} of the roof", share_text(finding));
  text += '\n';
  const auto line = [&](const std::string& words) { text += "  " + printable(words) + '\n'; };
  if (const std::string of = subject(figure, finding); !of.empty()) line(of);
  for (const std::string& step : finding.arithmetic) line(step);
  if (finding.standing) line(standing_text(*finding.standing));
  const std::string_view head = lead(finding);
  if (!head.empty()) line(std::string(head));
  for (const std::string& reason : finding.because) line((head.empty() ? "" : "- ") + reason);
  for (const std::string& note : finding.notes) line(note);
  return text;
}

// Each note once, before it the figures that it is of where it is not of all.
std::string notes_markdown(const AuditedReport& audited) {
  std::vector<std::pair<std::string, std::vector<std::string>>> notes;
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < audited.findings.size(); ++i) {
    for (const std::string& note : audited.findings[i].notes) {
      const auto [place, is_new] = places.emplace(note, notes.size());
      if (is_new) notes.push_back({note, {}});
      notes[place->second].second.push_back(figure_name(audited.report.figures[i]));
    }
  }
  std::string text;
  for (const auto& [note, figures] : notes) {
    const bool is_of_all = figures.size() == audited.findings.size();
    const std::string of = is_of_all ? "" : fmt::format("{}: ", fmt::join(figures, "; "));
    text += "- " + markdown_text(of + note) + '\n';
  }
  return text.empty() ? "" : '\n' + text;
}

}  // namespace

AuditedReport audit(ForeignReport report, const Stated& stated, const Judge& judge) {
  AuditedReport audited = {std::move(report), {}};
  for (const ReportedFigure& figure : audited.report.figures) {
    audited.findings.push_back(judge.judge(figure, stated));
  }
  return audited;
}

int audit_exit_code(const std::vector<AuditedReport>& reports, std::optional<double> min_share) {
  bool is_any_told = false;
  for (const AuditedReport& audited : reports) {
    for (const AuditFinding& finding : audited.findings) {
      const bool is_told = finding.verdict != AuditVerdict::cannot_tell;
      is_any_told = is_any_told || is_told;
      if (finding.verdict == AuditVerdict::impossible ||
          finding.verdict == AuditVerdict::contradictory) {
        return ExitCode::regression;
      }
      if (min_share && is_told && !(*finding.share >= *min_share)) return ExitCode::regression;
    }
  }
  return is_any_told ? ExitCode::fine : ExitCode::inconclusive;
}

std::string audit_text(const std::vector<AuditedReport>& reports) {
  std::string text;
  for (const AuditedReport& audited : reports) {
    text += (text.empty() ? "" : "\n") + heading(audited);
    for (std::size_t i = 0; i < audited.findings.size(); ++i) {
      text += (i > 0 ? "\n" : "") + figure_text(audited.report.figures[i], audited.findings[i]);
    }
  }
  return text;
}

std::string audit_markdown(const std::vector<AuditedReport>& reports) {
  std::string text;
  for (const AuditedReport& audited : reports) {
    if (!audited.report.file.empty()) {
      text += fmt::format("{}**{}**, {}\n\n", text.empty() ? "" : "\n",
                          markdown_text(audited.report.file), audited.report.tool);
    }
    TextTable table("lllrll");
    table.add({"figure", "GPU, model, weights", "reported", "of the roof", "verdict",
               "arithmetic and reasons"});
    for (std::size_t i = 0; i < audited.findings.size(); ++i) {
      const ReportedFigure& figure = audited.report.figures[i];
      const AuditFinding& finding = audited.findings[i];
      std::vector<std::string> lines = finding.arithmetic;
      if (finding.standing) lines.push_back(standing_text(*finding.standing));
      const std::string_view head = lead(finding);
      for (std::size_t k = 0; k < finding.because.size(); ++k) {
        const bool is_first = k == 0 && !head.empty();
        lines.push_back((is_first ? std::string(head) + ' ' : "") + finding.because[k]);
      }
      table.add({figure_name(figure), subject(figure, finding), value_text(figure),
                 share_text(finding), std::string(words(finding.verdict)),
                 fmt::format("{}", fmt::join(lines, "; "))});
    }
    text += table.markdown() + notes_markdown(audited);
  }
  return text;
}

Json audit_json(const std::vector<AuditedReport>& reports) {
  Json list = Json::array();
  for (const AuditedReport& audited : reports) {
    Json figures = Json::array();
    for (std::size_t i = 0; i < audited.findings.size(); ++i) {
      const ReportedFigure& figure = audited.report.figures[i];
      const AuditFinding& finding = audited.findings[i];
      Json json;
      json["label"] = figure.label;
      json["place"] = figure.place;
      json["quantity"] = words_of(figure.quantity).name;
      json["value"] = figure.value;
      json["unit"] = words_of(figure.quantity).unit;
      json["verdict"] = words(finding.verdict);
      json["gpu"] = finding.gpu;
      json["model"] = finding.model;
      json["share_of_roof"] = nullable(finding.share);
      json["share_by_the_most_favourable_reading"] = nullable(finding.least_share);
      json["arithmetic"] = finding.arithmetic;
      json["because"] = finding.because;
      json["notes"] = finding.notes;
      json["percentile"] = finding.standing ? Json(finding.standing->percentile) : Json(nullptr);
      json["published_rows"] = finding.standing ? Json(finding.standing->rows) : Json(nullptr);
      figures.push_back(std::move(json));
    }
    Json report;
    report["file"] = audited.report.file.empty() ? Json(nullptr) : Json(audited.report.file);
    report["tool"] = audited.report.tool;
    report["figures"] = std::move(figures);
    list.push_back(std::move(report));
  }
  Json json;
  json["reports"] = std::move(list);
  return json;
}

}  // namespace roofproof::analysis
