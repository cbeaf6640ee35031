// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a session tells the process that leads: one line per event on its standard output.
#pragma once

#include <optional>
#include <string>
#include <string_view>

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

// Without the end of the line; the text's own line breaks become blanks.
std::string print(const WorkerEvent& event);

// Empty where the line is none of ours: libraries write there too.
std::optional<WorkerEvent> parse_worker_event(std::string_view line);

}  // namespace roofproof::bench
