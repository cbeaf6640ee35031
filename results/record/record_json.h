// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The parts of a record as JSON: shared by the result file and the journal.
#pragma once

#include "results/record/json_fields.h"
#include "results/record/json_place.h"

namespace roofproof {

// What Google Benchmark's own tools read of a run and of a row, beside ours.
void write_google_context(Json& context, const Record& record);
void write_google_row(Json& json, const Row& row, std::int64_t iterations);

// Launches in all samples of a row.
std::int64_t total_launches(const Row& row);

Json row_to_json(const Row& row);
Row row_from_json(const Place& place);

// The words for a second row of the same benchmark and session.
std::string stands_twice(const Row& row);

Json not_measured_to_json(const NotMeasured& entry);
NotMeasured not_measured_from_json(const Place& place);

// The "context" object: everything that is known before the first case.
Json header_to_json(const Record& record);
Record header_from_json(const Place& context);

}  // namespace roofproof
