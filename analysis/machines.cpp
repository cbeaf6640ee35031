// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/machines.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "analysis/embedded.h"
#include "analysis/input_error.h"
#include "analysis/names.h"
#include "results/record/json_place.h"

namespace roofproof::analysis {
namespace {

std::string text_at(const Place& entry, const char* key) {
  std::string text;
  entry.at(key).get(text);
  if (text.empty()) entry.at(key).fail("must not be empty");
  return text;
}

FigureStatus status_at(const Place& entry) {
  const std::string word = text_at(entry, "status");
  for (const FigureStatus status :
       {FigureStatus::read, FigureStatus::unconfirmed, FigureStatus::unknown}) {
    if (word == name(status)) return status;
  }
  entry.at("status").fail("must be read, unconfirmed or unknown");
}

std::optional<double> price_at(const Place& entry) {
  const Place price = entry.at("usd_per_hour");
  if (price.is_null()) return std::nullopt;
  double value = 0;
  price.get(value);
  if (!(value > 0)) price.fail("must be greater than 0");
  return value;
}

// The first day of what a date names.
std::optional<std::chrono::sys_days> first_day(std::string_view text) {
  if (text.size() != 4 && text.size() != 7 && text.size() != 10) return std::nullopt;
  int parts[] = {0, 1, 1};
  for (std::size_t i = 0, at = 0; at < text.size(); ++i) {
    const std::size_t digits = i == 0 ? 4 : 2;
    const char* const end = text.data() + at + digits;
    const auto [last, error] = std::from_chars(text.data() + at, end, parts[i]);
    if (error != std::errc() || last != end || parts[i] < 1) return std::nullopt;
    at += digits;
    if (at < text.size() && text[at++] != '-') return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(parts[0]),
                                         std::chrono::month(static_cast<unsigned>(parts[1])),
                                         std::chrono::day(static_cast<unsigned>(parts[2]))};
  return date.ok() ? std::optional(std::chrono::sys_days(date)) : std::nullopt;
}

Machine parse_machine(const Place& entry) {
  Machine machine = {.provider = text_at(entry, "provider"),
                     .name = text_at(entry, "machine"),
                     .gpu = text_at(entry, "gpu"),
                     .usd_per_hour = price_at(entry),
                     .region = text_at(entry, "region"),
                     .as_of = text_at(entry, "as_of"),
                     .status = status_at(entry),
                     .source = text_at(entry, "source")};
  entry.at("gpus").get(machine.gpus);
  if (machine.gpus < 1) entry.at("gpus").fail("must be at least 1");
  if (!first_day(machine.as_of)) entry.at("as_of").fail("must be YYYY, YYYY-MM or YYYY-MM-DD");
  if (entry.has("note")) machine.note = text_at(entry, "note");
  return machine;
}

std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    if (c == ',') {
      fields.emplace_back();
    } else if (c != '\r') {
      fields.back() += c;
    }
  }
  for (std::string& field : fields) {
    field.erase(0, field.find_first_not_of(" \t"));
    field.erase(field.find_last_not_of(" \t") + 1);
  }
  return fields;
}

// A number and nothing else; less or more is no price of an hour.
std::optional<double> parse_price(std::string_view text) {
  double price = 0;
  const char* const end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, price);
  if (error != std::errc() || last != end || !(price >= 1e-4 && price <= 1e5)) return std::nullopt;
  return price;
}

void add_price(const std::string& name, const GivenPrice& price, std::span<const Machine> machines,
               const SpecTable& specs, GivenPrices& prices) {
  require_priceable(name, machines, specs);
  if (!prices.emplace(name, price).second) {
    throw InputError("'" + name + "' has a price already");
  }
}

// A line that is not empty.
GivenPrice parse_line(const std::vector<std::string>& fields, std::chrono::sys_days today) {
  const std::optional<double> price =
      fields.size() == 2 || fields.size() == 3 ? parse_price(fields[1]) : std::nullopt;
  if (!price) throw InputError("must be NAME,USD_PER_HOUR or NAME,USD_PER_HOUR,DATE");
  if (fields.size() == 2) return {*price, ""};
  const std::string& as_of = fields[2];
  const std::optional<int> age_days = days_since(as_of, today);
  if (!age_days) {
    throw InputError("the date must be YYYY, YYYY-MM or YYYY-MM-DD, not '" + as_of + "'");
  }
  if (*age_days < 0) throw InputError("the date '" + as_of + "' is in the future (UTC)");
  return {*price, as_of};
}

}  // namespace

std::vector<Machine> parse_machines(std::string_view text, const std::string& file) {
  const JsonDocument document(text, file);
  const Place root(document);
  std::vector<Machine> machines;
  root.at("machines").visit_items([&](const Place& entry) {
    machines.push_back(parse_machine(entry));
  });
  return machines;
}

std::vector<Machine> machines() {
  const EmbeddedFile& file = embedded_machines().front();
  return parse_machines(file.bytes, std::string(file.name));
}

std::vector<Machine> machines_of(std::string_view gpu) {
  std::vector<Machine> all = machines();
  std::erase_if(all, [&](const Machine& machine) { return machine.gpu != gpu; });
  return all;
}

std::optional<int> days_since(std::string_view as_of, std::chrono::sys_days today) {
  const std::optional<std::chrono::sys_days> day = first_day(as_of);
  return day ? std::optional(static_cast<int>((today - *day).count())) : std::nullopt;
}

double usd_per_million_tokens(double usd_per_hour, double tokens_per_s) {
  constexpr double seconds_per_hour = 3600;
  return usd_per_hour / seconds_per_hour / tokens_per_s * 1e6;
}

void require_priceable(const std::string& name, std::span<const Machine> machines,
                       const SpecTable& specs) {
  constexpr std::size_t most_shown = 4;
  std::vector<std::string> known;
  for (const Machine& machine : machines) known.push_back(machine.name);
  for (const GpuSpec& gpu : specs.gpus()) known.push_back(gpu.name);
  if (std::ranges::find(known, name) != known.end()) return;
  throw InputError(fmt::format("unknown machine or GPU '{}'; closest: {}", name,
                               fmt::join(closest_names(name, std::move(known), most_shown), ", ")));
}

GivenPrices parse_prices(std::string_view text, const std::string& file,
                         std::span<const Machine> machines, const SpecTable& specs,
                         std::chrono::sys_days today) {
  // Spreadsheets begin a text file with it.
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  GivenPrices prices;
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::vector<std::string> fields = split(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    ++number;
    if (fields[0].starts_with('#') || (fields.size() == 1 && fields[0].empty())) continue;
    try {
      add_price(fields[0], parse_line(fields, today), machines, specs, prices);
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}:{}: {}", file, number, error.what()));
    }
  }
  return prices;
}

GivenPrices parse_prices(std::span<const std::string> texts, std::span<const Machine> machines,
                         const SpecTable& specs) {
  GivenPrices prices;
  for (const std::string& text : texts) {
    const std::size_t equals = text.rfind('=');
    const std::optional<double> price =
        equals == text.npos ? std::nullopt : parse_price(std::string_view(text).substr(equals + 1));
    if (!price) throw InputError("must be NAME=USD_PER_HOUR, not '" + text + "'");
    add_price(text.substr(0, equals), {*price, ""}, machines, specs, prices);
  }
  return prices;
}

}  // namespace roofproof::analysis
