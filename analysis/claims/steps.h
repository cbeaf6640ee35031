// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What claims say of a decode step beside its figure.
#pragma once

#include <string>

#include "analysis/claims/decision.h"
#include "analysis/decode_steps.h"

namespace roofproof::analysis {

// "int8 at 43 % of read bandwidth: compute-bound on this CPU"; "" where the step keeps to the
// memory roof.
std::string off_the_roof(const Run& run, const Series& step);

// Where the time of the step goes, as a note; nothing where its ladder was not measured.
void note_ladder(const Run& run, const Series& step, Decision& decision);

// "no decode or GEMV step with these weights at this batch" and the reason in the record.
std::string why_no_step(const Run& run, Precision weights, std::int64_t batch);

}  // namespace roofproof::analysis
