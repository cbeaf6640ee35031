// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Machines with GPUs that clouds rent, each with a price and the date it was seen on:
// analysis/machines.json, which travels inside the program.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/spec.h"

namespace roofproof::analysis {

struct Machine {
  std::string provider;  // "aws"
  std::string name;      // the provider's type
  std::string gpu;       // a name of the spec table
  int gpus = 1;
  std::optional<double> usd_per_hour;  // of the whole machine, on demand; nothing: not offered
  std::string region;
  std::string as_of;  // ISO 8601: a day, or the month or year that a source gives
  FigureStatus status = FigureStatus::unknown;
  std::string source;
  std::string note;
};

// Throws RecordError naming the file and the entry.
std::vector<Machine> parse_machines(std::string_view text, const std::string& file);
std::vector<Machine> machines();
// With this GPU, by its name in the spec table.
std::vector<Machine> machines_of(std::string_view gpu);

// Days since; of a month or a year since its first day. Nothing where it is no such date.
std::optional<int> days_since(std::string_view as_of, std::chrono::sys_days today);

// Clouds change prices about once a year, without notice: the article's prices of 2024 were twice
// those of 2026. A quarter is what a budget holds for.
inline constexpr int stale_days = 90;

// Of so much an hour at so many tokens per second.
double usd_per_million_tokens(double usd_per_hour, double tokens_per_s);

// What a user pays, by the name of a machine, or by that of a GPU for each one.
struct GivenPrice {
  double usd_per_hour = 0;
  std::string as_of;  // "" where it is not said
};
using GivenPrices = std::map<std::string, GivenPrice>;

// Lines NAME,USD_PER_HOUR or NAME,USD_PER_HOUR,DATE; empty ones and those that begin with # are
// passed over. A name is one of `machines` or `specs`, no date is after `today`. Throws InputError
// naming file and line.
GivenPrices parse_prices(std::string_view text, const std::string& file,
                         std::span<const Machine> machines, const SpecTable& specs,
                         std::chrono::sys_days today);

// "NAME=USD_PER_HOUR" each, as on a command line. Throws InputError naming the text.
GivenPrices parse_prices(std::span<const std::string> texts, std::span<const Machine> machines,
                         const SpecTable& specs);

// Throws InputError that lists the closest where neither machine nor GPU has the name.
void require_priceable(const std::string& name, std::span<const Machine> machines,
                       const SpecTable& specs);

}  // namespace roofproof::analysis
