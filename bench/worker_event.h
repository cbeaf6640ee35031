// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a session tells the process that leads: one line per event on its standard output.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "kernels/problem/name_table.h"

namespace roofproof::bench {

struct WorkerEvent {
  enum class Kind {
    start,     // of the case that `text` names
    sample,    // one more is measured
    rejected,  // a kernel of the case was passed over; why
    done,      // with the case: "ok", or "STATUS: REASON"
    gone,   // the device can be used by no process any more; why. Ends the run, as do the next two
    busy,   // others use the device; how
    unfit,  // this build has no code that the device runs; why
  };
  Kind kind;
  std::string text = {};
};

inline constexpr NameTable<WorkerEvent::Kind, 7> event_names = {
    {WorkerEvent::Kind::start, "start"},       {WorkerEvent::Kind::sample, "batch"},
    {WorkerEvent::Kind::rejected, "rejected"}, {WorkerEvent::Kind::done, "done"},
    {WorkerEvent::Kind::gone, "gone"},         {WorkerEvent::Kind::busy, "busy"},
    {WorkerEvent::Kind::unfit, "unfit"}};

// Without the end of the line; the text's own line breaks become blanks.
inline std::string print(const WorkerEvent& event) {
  std::string line(find_name(event_names, event.kind));
  if (!event.text.empty()) line += " " + event.text;
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

// Empty where the line is none of ours: libraries write there too.
inline std::optional<WorkerEvent> parse_worker_event(std::string_view line) {
  const std::size_t blank = std::min(line.find(' '), line.size());
  const std::optional<WorkerEvent::Kind> kind = find_value(event_names, line.substr(0, blank));
  if (!kind) return std::nullopt;
  return WorkerEvent{*kind, std::string(line.substr(std::min(blank + 1, line.size())))};
}

}  // namespace roofproof::bench
