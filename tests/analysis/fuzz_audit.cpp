// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The readers of other tools' files, and the judge behind them, against any bytes: figures that can
// be judged and printed, or an error that names the file. fuzz_driver.cpp calls this.

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "analysis/audit/output.h"
#include "analysis/audit/readers.h"
#include "kernels/models/find.h"
#include "results/record/record.h"

namespace {

using namespace roofproof;
using namespace roofproof::analysis;

void require(bool holds, const char* what, std::string_view text) {
  if (holds) return;
  std::fprintf(stderr, "fuzz_audit: %s: %.*s\n", what, static_cast<int>(text.size()), text.data());
  std::abort();
}

void audit_with(const ForeignReport& report, const Stated& stated, const Judge& judge,
                std::string_view text) {
  const AuditedReport audited = audit(report, stated, judge);
  for (const AuditFinding& finding : audited.findings) {
    require(!finding.share || std::isfinite(*finding.share), "a share that is no number", text);
    const bool is_judged = finding.verdict != AuditVerdict::cannot_tell &&
                           finding.verdict != AuditVerdict::contradictory;
    require(!is_judged || finding.share, "a verdict without a share", text);
    require(is_judged || !finding.because.empty(), "no verdict and no reason", text);
  }
  require(!audit_text({audited}).empty() && !audit_markdown({audited}).empty(), "no text", text);
  require(!print_json(audit_json({audited}), -1).empty(), "no JSON", text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const SpecTable specs = SpecTable::load();
  static const Judge judge(specs);
  static const Stated all = [] {
    Stated stated;
    stated.gpu = "L4";
    stated.gpus = 2;
    stated.layout = find_layout("qwen2.5-7b");
    stated.output_tokens = 100;
    stated.prompt_tokens = 100;
    return stated;
  }();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ForeignReport report;
  try {
    report = read_report(text, "input");
  } catch (const RecordError& error) {
    const std::string message = error.what();
    require(message.rfind("input:", 0) == 0 && message.size() > 8, "an error without a place",
            message);
    return 0;
  }
  audit_with(report, {}, judge, text);
  audit_with(report, all, judge, text);
  return 0;
}
