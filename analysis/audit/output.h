// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What an audit found, for a reader, for a pull request and for a program.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/audit/judge.h"
#include "analysis/audit/reported.h"
#include "results/record/json_text.h"

namespace roofproof::analysis {

struct AuditedReport {
  ForeignReport report;
  std::vector<AuditFinding> findings;  // one per figure
};

AuditedReport audit(ForeignReport report, const Stated& stated, const Judge& judge);

// ExitCode: regression where a figure is impossible, contradictory or below `min_share`;
// inconclusive where none could be told; else fine.
int audit_exit_code(const std::vector<AuditedReport>& reports, std::optional<double> min_share);

std::string audit_text(const std::vector<AuditedReport>& reports);
std::string audit_markdown(const std::vector<AuditedReport>& reports);
Json audit_json(const std::vector<AuditedReport>& reports);  // SI units

}  // namespace roofproof::analysis
