// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Reads a spec file. Strict: an unknown key, a figure without source, a citation nobody uses and a
// unit that does not belong are errors, so that a slip of the pen cannot become a figure.

#include <algorithm>
#include <initializer_list>
#include <set>
#include <utility>

#include "analysis/peak_shares.h"
#include "analysis/spec.h"
#include "results/record/json_place.h"

namespace roofproof::analysis {
namespace {

constexpr std::pair<FigureStatus, std::string_view> status_names[] = {
    {FigureStatus::read, "read"},
    {FigureStatus::derived, "derived"},
    {FigureStatus::unconfirmed, "unconfirmed"},
    {FigureStatus::conflict, "conflict"},
    {FigureStatus::unknown, "unknown"},
    {FigureStatus::unsupported, "unsupported"},
};

constexpr std::pair<Arithmetic, std::string_view> arithmetic_names[] = {
    {Arithmetic::fp32, "fp32"}, {Arithmetic::tf32, "tf32"},
    {Arithmetic::fp16, "fp16"}, {Arithmetic::fp16_acc16, "fp16_acc16"},
    {Arithmetic::bf16, "bf16"}, {Arithmetic::int8, "int8"},
    {Arithmetic::int4, "int4"}, {Arithmetic::fp8, "fp8"},
    {Arithmetic::fp4, "fp4"},
};

struct Unit {
  std::string_view name;
  double in_si;
};

constexpr Unit count_unit = {"1", 1};
constexpr Unit megahertz = {"MHz", 1e6};
constexpr Unit bit = {"bit", 1};
constexpr Unit gibibyte = {"GiB", 1024.0 * 1024 * 1024};
constexpr Unit mebibyte = {"MiB", 1024.0 * 1024};
constexpr Unit gigabyte_per_s = {"GB/s", 1e9};
constexpr Unit watt = {"W", 1};
constexpr Unit teraflops = {"TFLOPS", 1e12};
constexpr Unit teraops = {"TOPS", 1e12};
constexpr Unit per_clock = {"1/clock/SM", 1};

using Keys = std::initializer_list<std::string_view>;

void allow_keys(const Place& place, Keys allowed, Keys more = {}) {
  place.visit_members([&](const Place& member) {
    if (std::find(allowed.begin(), allowed.end(), member.key()) == allowed.end() &&
        std::find(more.begin(), more.end(), member.key()) == more.end()) {
      place.fail("has an unknown key '" + std::string(member.key()) + "'");
    }
  });
}

std::string text_at(const Place& place, const char* key) {
  std::string text;
  place.at(key).get(text);
  if (text.empty()) place.at(key).fail("must not be empty");
  return text;
}

std::vector<std::string> texts_at(const Place& place, const char* key) {
  std::vector<std::string> texts;
  place.at(key).get(texts);
  return texts;
}

FigureStatus status_at(const Place& place) {
  const std::string text = text_at(place, "status");
  for (const auto& [status, known] : status_names) {
    if (text == known) return status;
  }
  place.at("status").fail("must be read, derived, unconfirmed, conflict, unknown or unsupported");
}

bool needs_reason(FigureStatus status) {
  return status == FigureStatus::unconfirmed || status == FigureStatus::conflict;
}

Figure parse_figure(const Place& place, std::initializer_list<Unit> units, Keys more_keys = {}) {
  allow_keys(place, {"value", "unit", "status", "source", "note"}, more_keys);
  Figure figure;
  figure.unit = text_at(place, "unit");
  const auto unit = std::find_if(units.begin(), units.end(),
                                 [&](const Unit& known) { return known.name == figure.unit; });
  if (unit == units.end()) {
    place.at("unit").fail("'" + figure.unit + "' is not a unit of this figure");
  }
  figure.status = status_at(place);
  figure.sources = texts_at(place, "source");
  if (place.has("note")) figure.note = text_at(place, "note");

  const bool has_value =
      figure.status != FigureStatus::unknown && figure.status != FigureStatus::unsupported;
  if (has_value) {
    place.at("value").get(figure.printed);
    if (!(figure.printed > 0)) place.at("value").fail("must be positive");
    figure.value = figure.printed * unit->in_si;
    if (figure.sources.empty()) place.at("source").fail("must name a source");
    if (needs_reason(figure.status) && figure.note.empty()) {
      place.fail("needs a note that says why it is " + std::string(name(figure.status)));
    }
  } else if (!place.at("value").is_null()) {
    place.at("value").fail("must be null where the status is " + std::string(name(figure.status)));
  }
  if (place.has("with_sparsity")) {
    double sparse = 0;
    place.at("with_sparsity").get(sparse);
    figure.with_sparsity = sparse * unit->in_si;
  }
  if (place.has("printed")) figure.printed_as = text_at(place, "printed");
  if (place.has("circular")) place.at("circular").get(figure.circular);
  return figure;
}

Identity parse_identity(const Place& place) {
  allow_keys(place, {"value", "status", "source", "note"});
  Identity identity;
  if (place.at("value").is_string()) {
    identity.values = {text_at(place, "value")};
  } else {
    identity.values = texts_at(place, "value");
  }
  if (identity.values.empty()) place.at("value").fail("must not be empty");
  identity.status = status_at(place);
  identity.sources = texts_at(place, "source");
  if (identity.sources.empty()) place.at("source").fail("must name a source");
  if (place.has("note")) identity.note = text_at(place, "note");
  return identity;
}

Arithmetic parse_arithmetic(const Place& place, std::string_view text) {
  for (const auto& [arithmetic, known] : arithmetic_names) {
    if (text == known) return arithmetic;
  }
  place.fail("has an unknown arithmetic '" + std::string(text) + "'");
}

std::size_t index(Arithmetic arithmetic) { return static_cast<std::size_t>(arithmetic); }

void parse_figures(const Place& place, GpuSpec& spec) {
  allow_keys(place, {"sm_count", "boost_clock", "memory_clock", "memory_bus", "memory",
                     "memory_visible", "memory_bandwidth", "l2_cache", "tdp"});
  spec.sm_count = parse_figure(place.at("sm_count"), {count_unit});
  spec.boost_clock_hz = parse_figure(place.at("boost_clock"), {megahertz});
  spec.memory_clock_hz = parse_figure(place.at("memory_clock"), {megahertz});
  spec.memory_bus_bits = parse_figure(place.at("memory_bus"), {bit});
  spec.memory_bytes = parse_figure(place.at("memory"), {gibibyte});
  if (place.has("memory_visible")) {
    spec.memory_visible_bytes = parse_figure(place.at("memory_visible"), {mebibyte});
  }
  spec.memory_bandwidth_bytes_per_s = parse_figure(place.at("memory_bandwidth"), {gigabyte_per_s});
  spec.l2_cache_bytes = parse_figure(place.at("l2_cache"), {mebibyte});
  spec.tdp_w = parse_figure(place.at("tdp"), {watt});
  // Without these no roof can be drawn at all.
  for (const char* key : {"sm_count", "boost_clock", "memory", "memory_bandwidth"}) {
    const Place figure = place.at(key);
    if (figure.at("value").is_null()) figure.fail("must have a value");
  }
}

void parse_peaks(const Place& place, GpuSpec& spec) {
  place.visit_members([&](const Place& peak) { parse_arithmetic(place, peak.key()); });
  for (const Arithmetic arithmetic : all_arithmetic) {
    const std::string key(name(arithmetic));
    spec.peaks_per_s[index(arithmetic)] =
        parse_figure(place.at(key), {teraflops, teraops}, {"printed", "with_sparsity"});
  }
}

// A rate that is left out is one the GPU does not have.
void parse_rates(const Place& place, GpuSpec& spec) {
  place.visit_members([&](const Place& rate) {
    const Arithmetic arithmetic = parse_arithmetic(place, rate.key());
    spec.rates[index(arithmetic)] = parse_figure(rate, {per_clock}, {"circular"});
  });
}

void parse_discrepancies(const Place& place, GpuSpec& spec) {
  for (std::size_t i = 0; i < place.size(); ++i) {
    const Place entry = place.at(i);
    allow_keys(entry, {"figures", "reason", "datasheet_clock"});
    Discrepancy discrepancy;
    discrepancy.figures = texts_at(entry, "figures");
    if (discrepancy.figures.empty()) entry.at("figures").fail("must name a figure");
    for (const std::string& figure : discrepancy.figures) {
      if (figure != "memory_bandwidth") parse_arithmetic(entry.at("figures"), figure);
    }
    discrepancy.reason = text_at(entry, "reason");
    if (entry.has("datasheet_clock")) {
      discrepancy.datasheet_clock = parse_figure(entry.at("datasheet_clock"), {megahertz});
    }
    spec.known_discrepancies.push_back(std::move(discrepancy));
  }
}

Kind parse_kind(const Place& place) {
  const std::string text(place.key());
  const std::size_t slash = text.find('/');
  const std::optional<Op> op = parse_name<Op>(text.substr(0, slash));
  const std::optional<Precision> precision =
      slash == std::string::npos ? std::nullopt : parse_name<Precision>(text.substr(slash + 1));
  if (!op || !precision) place.fail("is not an operation/precision");
  return {*op, *precision};
}

void parse_achieved(const Place& place, GpuSpec& spec) {
  place.visit_members([&](const Place& member) {
    const Kind kind = parse_kind(member);
    const Figure figure = is_arithmetic(kind.first) ? parse_figure(member, {teraflops, teraops})
                                                    : parse_figure(member, {gigabyte_per_s});
    if (!figure.value) member.fail("must have a value");
    if (!datasheet_ceiling(spec, kind.first, kind.second).value) {
      member.fail("has no peak to be a share of");
    }
    spec.achieved[kind] = figure;
  });
}

void collect_citations(const Place& place, std::set<std::string>& cited) {
  if (place.is_array()) {
    place.visit_items([&](const Place& item) { collect_citations(item, cited); });
  } else if (place.is_object()) {
    place.visit_members([&](const Place& member) {
      if (member.key() == "source") {
        const std::vector<std::string> sources = texts_at(place, "source");
        cited.insert(sources.begin(), sources.end());
      } else {
        collect_citations(member, cited);
      }
    });
  }
}

// Every citation exists and every source is cited.
void check_citations(const Place& root, const GpuSpec& spec) {
  std::set<std::string> cited;
  collect_citations(root, cited);
  for (const std::string& source : cited) {
    if (!spec.sources.contains(source)) {
      root.fail("cites '" + source + "', which is not in 'sources'");
    }
  }
  for (const auto& [source, citation] : spec.sources) {
    if (!cited.contains(source)) root.at("sources").fail("'" + source + "' is not cited");
    if (citation.empty()) root.at("sources").fail("'" + source + "' must say where to look");
  }
}

}  // namespace

std::string_view name(FigureStatus status) {
  for (const auto& [known, text] : status_names) {
    if (known == status) return text;
  }
  return "?";
}

std::string_view words(FigureStatus status) {
  return status == FigureStatus::read ? "verified" : name(status);
}

std::string_view name(Arithmetic arithmetic) {
  for (const auto& [known, text] : arithmetic_names) {
    if (known == arithmetic) return text;
  }
  return "?";
}

GpuSpec parse_spec(std::string_view text, const std::string& file) {
  const JsonDocument document(text, file);
  const Place root(document);
  // "aws" is no longer read: spec files of users may have it. Machines are in machines.json.
  allow_keys(root, {"name", "aliases", "architecture", "device_names", "pci_device_ids",
                    "compute_capability", "memory_type", "figures", "peaks", "ops_per_clock_per_sm",
                    "known_discrepancies", "achieved", "aws", "notes", "sources"});
  GpuSpec spec;
  spec.file = file;
  spec.name = text_at(root, "name");
  spec.aliases = texts_at(root, "aliases");
  spec.architecture = text_at(root, "architecture");
  spec.device_names = parse_identity(root.at("device_names"));
  spec.pci_device_ids = parse_identity(root.at("pci_device_ids"));
  for (const std::string& id : spec.pci_device_ids.values) {
    if (id.size() != 4 || id.find_first_not_of("0123456789ABCDEF") != std::string::npos) {
      root.at("pci_device_ids").fail("'" + id + "' is not four hexadecimal digits");
    }
  }
  spec.compute_capability = parse_identity(root.at("compute_capability"));
  spec.memory_type = text_at(root, "memory_type");
  parse_figures(root.at("figures"), spec);
  parse_peaks(root.at("peaks"), spec);
  parse_rates(root.at("ops_per_clock_per_sm"), spec);
  parse_discrepancies(root.at("known_discrepancies"), spec);
  if (root.has("achieved")) parse_achieved(root.at("achieved"), spec);
  spec.notes = texts_at(root, "notes");
  root.at("sources").get(spec.sources);
  check_citations(root, spec);
  return spec;
}

}  // namespace roofproof::analysis
