// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The journal of a run: one JSON object per line, synced, so that nothing measured is lost when a
// process dies. The first line is the header; what a journal holds is a run that did not end.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "results/record/file_descriptor.h"
#include "results/record/record.h"

namespace roofproof {

class Journal {
 public:
  // Starts a journal with the run's header, which is there whole or not at all.
  static void create(const std::filesystem::path& path, const Record& header);

  // Opens one that exists, without the torn line that a killed process may have left. Several
  // processes may append in turn. Throws std::system_error, as does every append.
  explicit Journal(const std::filesystem::path& path);

  void case_started(const std::string& name, int session);
  void sample(const std::string& name, int session, double sample_s);
  void row(const Row& row);
  void not_measured(const NotMeasured& entry);

 private:
  void append(const std::string& line);
  FileDescriptor file_;
};

// True where the text's first line is a journal's.
bool is_journal(std::string_view text);

// Every finished row; a case that was started and not ended becomes not_measured ("interrupted")
// with the samples it had. A torn last line is passed over. Throws RecordError.
Record replay_journal(std::string_view text, const std::string& file);

}  // namespace roofproof
