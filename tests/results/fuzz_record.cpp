// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The reader of result files and journals against any bytes: they give a record, or an error that
// names the file and what is wrong. A record can be written, and reads back as the same. libFuzzer
// calls this, and so does fuzz_driver.cpp, which needs no libFuzzer.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "results/record/record.h"

namespace {

void require(bool holds, const char* what, const std::string& detail) {
  if (holds) return;
  std::fprintf(stderr, "fuzz_record: %s: %s\n", what, detail.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace roofproof;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Record record;
  try {
    record = parse_record(text, "input");
  } catch (const RecordError& error) {
    const std::string message = error.what();
    require(message.rfind("input:", 0) == 0 && message.size() > 8, "an error without a place",
            message);
    return 0;
  }
  const std::string written = to_json_text(record);
  require(to_json_text(parse_record(written, "written")) == written, "not read back as written",
          written);
  return 0;
}
