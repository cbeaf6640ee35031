// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Files of other tools as reported figures: which tool wrote a text, by its keys and never by its
// name or ending, and one small reader for each that is read.
#pragma once

#include <string>
#include <string_view>

#include "analysis/audit/reported.h"

namespace roofproof::analysis {

// More is a log of requests: the same without them is a few kB.
inline constexpr std::size_t largest_report_bytes = 16 << 20;

// Throws RecordError that names the file and the place; of a tool that is not read, the tool.
ForeignReport read_report(std::string_view text, const std::string& file);

// Readers, one per form. Same errors.
std::vector<ReportedFigure> read_llama_bench_json(std::string_view text, const std::string& file);
std::vector<ReportedFigure> read_llama_bench_csv(std::string_view text, const std::string& file);
std::vector<ReportedFigure> read_llama_bench_table(std::string_view text, const std::string& file);
std::vector<ReportedFigure> read_vllm_serve(std::string_view text, const std::string& file);
std::vector<ReportedFigure> read_serving_console(std::string_view text, const std::string& file);
std::vector<ReportedFigure> read_vllm_latency(std::string_view text, const std::string& file);
std::vector<ReportedFigure> read_vllm_throughput(std::string_view text, const std::string& file);
std::vector<ReportedFigure> read_sglang_serving(std::string_view text, const std::string& file);
std::vector<ReportedFigure> read_sglang_batch(std::string_view text, const std::string& file);

}  // namespace roofproof::analysis
