// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include "analysis/article.h"
#include "analysis/commands/specs_output.h"
#include "analysis/machines.h"
#include "analysis/peak_shares.h"
#include "analysis/roofline.h"
#include "analysis/text_table.h"

namespace roofproof::analysis {
namespace {

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

std::string printed_value(const Figure& figure) {
  if (!figure.value) return "-";
  const bool is_count = figure.unit == "1" || figure.unit == "1/clock/SM";
  return is_count ? fmt::format("{}", figure.printed)
                  : fmt::format("{} {}", figure.printed, figure.unit);
}

// A peak or a rate without unit, for a column that has one.
std::string terascale(const Figure& peak) {
  return peak.value ? fmt::format("{:.4g}", *peak.value / 1e12) : "-";
}

int count_unconfirmed(const GpuSpec& gpu) {
  int count = 0;
  const auto add = [&](const Figure& figure) {
    count += figure.status == FigureStatus::unconfirmed ? 1 : 0;
  };
  for (const FigureRow& row : figure_rows) add(gpu.*row.figure);
  for (const Figure& peak : gpu.peaks_per_s) add(peak);
  return count;
}

std::string check_summary(const GpuSpec& gpu) {
  int explained = 0;
  int wrong = 0;
  for (const SpecCheck& check : check_spec(gpu)) {
    wrong += check.ok() ? 0 : 1;
    explained += check.ok() && check.discrepancy ? 1 : 0;
  }
  if (wrong > 0) return fmt::format("{} UNEXPLAINED", wrong);
  return explained > 0 ? fmt::format("{} explained", explained) : "agrees";
}

std::string verdict(const SpecCheck& check) {
  if (!check.ok()) return check.discrepancy ? "EXPLANATION DOES NOT HOLD" : "UNEXPLAINED";
  if (check.discrepancy) return "explained below";
  return check.circular ? "agrees (circular)" : "agrees";
}

std::string in_unit_of(const SpecCheck& check, double value) {
  return check.figure == "memory_bandwidth" ? fmt::format("{:.5g} GB/s", value / 1e9)
                                            : fmt::format("{:.5g} T", value / 1e12);
}

std::string identity_text(const GpuSpec& gpu) {
  TextTable table("lllll");
  const auto add = [&](const char* label, const Identity& identity) {
    table.add({label, joined(identity.values), std::string(name(identity.status)),
               joined(identity.sources), identity.note});
  };
  add("device name", gpu.device_names);
  add("PCI id", gpu.pci_device_ids);
  add("compute capability", gpu.compute_capability);
  for (const FigureRow& row : figure_rows) {
    const Figure& figure = gpu.*row.figure;
    table.add({row.label, printed_value(figure), std::string(name(figure.status)),
               joined(figure.sources), figure.note});
  }
  return table.text();
}

std::string peaks_text(const GpuSpec& gpu) {
  TextTable table("lrrlll");
  table.add({"peak, dense", "datasheet", "sparse", "status", "source", ""});
  for (const Arithmetic arithmetic : all_arithmetic) {
    const Figure& peak = gpu.peak_per_s(arithmetic);
    const std::string sparse =
        peak.with_sparsity ? fmt::format("{:.6g}", *peak.with_sparsity / 1e12) : "";
    const std::string printed =
        peak.printed_as.starts_with("with sparsity") ? "printed " + peak.printed_as : "";
    const std::string separator = printed.empty() || peak.note.empty() ? "" : "; ";
    table.add({std::string(name(arithmetic)), printed_value(peak), sparse,
               std::string(name(peak.status)), joined(peak.sources),
               printed + separator + peak.note});
  }
  return table.text();
}

std::string rates_text(const GpuSpec& gpu) {
  TextTable table("lrlll");
  table.add({"per clock and SM", "rate", "status", "source", ""});
  for (const Arithmetic arithmetic : all_arithmetic) {
    const Figure& rate = gpu.rate(arithmetic);
    if (!rate.value && rate.note.empty()) continue;
    table.add({std::string(name(arithmetic)), printed_value(rate), std::string(name(rate.status)),
               joined(rate.sources), rate.note});
  }
  return table.text();
}

std::string checks_text(const GpuSpec& gpu) {
  TextTable table("lrrrrl");
  table.add({"check", "computed", "datasheet", "difference", "at its clock", ""});
  for (const SpecCheck& check : check_spec(gpu)) {
    const std::string at_clock =
        check.computed_at_datasheet_clock
            ? percent_text(*check.computed_at_datasheet_clock / check.datasheet - 1)
            : "";
    table.add({check.figure, in_unit_of(check, check.computed), in_unit_of(check, check.datasheet),
               percent_text(check.difference()), at_clock, verdict(check)});
  }
  std::string text = table.text();
  text +=
      "computed: SMs x boost clock x rate; 2 x memory clock x bus / 8. Circular: the rate was "
      "deduced from this very figure.\n";
  for (const Discrepancy& discrepancy : gpu.known_discrepancies) {
    text += fmt::format("! {}: {}\n", joined(discrepancy.figures), discrepancy.reason);
    if (const auto& clock = discrepancy.datasheet_clock) {
      text +=
          fmt::format("  its clock: {}, {} ({}){}\n", printed_value(*clock), name(clock->status),
                      joined(clock->sources), clock->note.empty() ? "" : "; " + clock->note);
    }
  }
  return text;
}

std::string achieved_text(const GpuSpec& gpu) {
  if (gpu.achieved.empty()) return "";
  TextTable table("lrrlll");
  table.add({"achieved", "measured", "of datasheet", "status", "source", ""});
  for (const auto& [kind, figure] : gpu.achieved) {
    const Figure& ceiling = datasheet_ceiling(gpu, kind.first, kind.second);
    table.add({kind_name(kind), printed_value(figure),
               fmt::format("{:.1f} %", 100 * *figure.value / *ceiling.value),
               std::string(name(figure.status)), joined(figure.sources), figure.note});
  }
  return table.text();
}

std::string article_text(const GpuSpec& gpu) {
  const ArticleRow* row = find_article_row(gpu.name);
  if (!row) return "";
  return fmt::format("the article's row '{}': {:.4g} TFLOPS FP32, {:.4g} FP16, {:.4g} TOPS INT8\n",
                     row->gpu, row->fp32_flop_per_s / 1e12, row->fp16_flop_per_s / 1e12,
                     row->int8_op_per_s / 1e12);
}

std::string machines_text(const GpuSpec& gpu) {
  TextTable table("lrrllll");
  for (const Machine& machine : machines_of(gpu.name)) {
    table.add({machine.name, fmt::format("{} GPU{}", machine.gpus, machine.gpus > 1 ? "s" : ""),
               machine.usd_per_hour ? fmt::format("{} USD/h", *machine.usd_per_hour) : "-",
               machine.as_of, machine.region, std::string(words(machine.status)), machine.note});
  }
  const std::string rows = table.text(2);
  return rows.empty() ? "" : "machines with it, on demand, as of the dates given\n" + rows;
}

std::string notes_text(const GpuSpec& gpu) {
  std::string text;
  for (const std::string& note : gpu.notes) text += "- " + note + '\n';
  return text;
}

std::string sources_text(const GpuSpec& gpu) {
  std::string text = "sources\n";
  for (const auto& [key, citation] : gpu.sources) text += "  " + key + ": " + citation + '\n';
  return text;
}

}  // namespace

std::string overview_text(const SpecTable& specs) {
  TextTable table("lrrrrrrrrrrrl");
  table.add({"GPU", "cc", "SMs", "MHz", "GiB", "GB/s", "fp32", "fp16", "int8", "ridge", "W", "?",
             "SMs x clock x rate"});
  for (const GpuSpec& gpu : specs.gpus()) {
    const std::optional<double>& fp16 = gpu.peak_per_s(Arithmetic::fp16).value;
    const double bandwidth = *gpu.memory_bandwidth_bytes_per_s.value;
    table.add(
        {gpu.name, gpu.compute_capability.values.front(), fmt::format("{}", gpu.sm_count.printed),
         fmt::format("{}", gpu.boost_clock_hz.printed), fmt::format("{}", gpu.memory_bytes.printed),
         fmt::format("{}", gpu.memory_bandwidth_bytes_per_s.printed),
         terascale(gpu.peak_per_s(Arithmetic::fp32)), terascale(gpu.peak_per_s(Arithmetic::fp16)),
         terascale(gpu.peak_per_s(Arithmetic::int8)),
         fp16 ? fmt::format("{:.0f}", ridge_flop_per_byte({*fp16, bandwidth})) : "-",
         gpu.tdp_w.value ? fmt::format("{}", gpu.tdp_w.printed) : "-",
         fmt::format("{}", count_unconfirmed(gpu)), check_summary(gpu)});
  }
  return table.text() +
         fmt::format(
             "\n"
             "fp32, fp16 (FP32 accumulation) and int8 are datasheet peaks, dense, in TFLOPS and "
             "TOPS; ridge is FLOP per byte at fp16.\n"
             "?: figures that are unconfirmed. Last column: the printed figures against the "
             "device's own numbers, tolerance {:.0f} %.\n"
             "`roofproof specs GPU` shows every figure with its source.\n",
             100 * datasheet_tolerance);
}

std::string gpu_text(const GpuSpec& gpu) {
  std::string text = fmt::format("{} · {} · {}\n", gpu.name, gpu.architecture, gpu.memory_type);
  for (const auto part : {identity_text, peaks_text, rates_text, checks_text, achieved_text,
                          article_text, machines_text, notes_text, sources_text}) {
    const std::string block = part(gpu);
    if (!block.empty()) text += '\n' + block;
  }
  return text;
}

}  // namespace roofproof::analysis
