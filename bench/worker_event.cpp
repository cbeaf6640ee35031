// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/worker_event.h"

#include <algorithm>

#include "kernels/problem/name_table.h"

namespace roofproof::bench {
namespace {

using Kind = WorkerEvent::Kind;

constexpr NameTable<Kind, 7> names = {{Kind::start, "start"},       {Kind::sample, "batch"},
                                      {Kind::rejected, "rejected"}, {Kind::done, "done"},
                                      {Kind::gone, "gone"},         {Kind::busy, "busy"},
                                      {Kind::unfit, "unfit"}};

}  // namespace

std::string print(const WorkerEvent& event) {
  std::string line(find_name(names, event.kind));
  if (!event.text.empty()) line += " " + event.text;
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

std::optional<WorkerEvent> parse_worker_event(std::string_view line) {
  const std::size_t blank = std::min(line.find(' '), line.size());
  const std::optional<Kind> kind = find_value(names, line.substr(0, blank));
  if (!kind) return std::nullopt;
  return WorkerEvent{*kind, std::string(line.substr(std::min(blank + 1, line.size())))};
}

}  // namespace roofproof::bench
