// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "results/record/foreign_file.h"

#include <algorithm>

namespace roofproof {
namespace {

// By its first bytes: perhaps a result of ours in another form.
struct Packed {
  std::string_view first_bytes;
  const char* what;
};
constexpr const char* utf16 =
    "is not a result as it stands: it is UTF-16, as > in Windows PowerShell writes; "
    "to convert: iconv -f UTF-16 -t UTF-8";
constexpr Packed packed[] = {
    {"\x1F\x8B", "is compressed with gzip; to unpack: gzip -d"},
    {"\x28\xB5\x2F\xFD", "is compressed with zstd; to unpack: zstd -d"},
    {"\xFD\x37zXZ", "is compressed with xz; to unpack: xz -d"},
    {"PK\x03\x04", "is a zip archive; to unpack: unzip"},
    {"\xFF\xFE", utf16},
    {"\xFE\xFF", utf16},
};

// By what it holds, all of a row's words; the first row decides.
struct Known {
  const char* what;
  std::string_view words[2];  // an empty one is in every text
  bool is_audited = false;    // roofproof audit reads it
};
constexpr Known known[] = {
    {"a result of llama-bench in SQL", {"INSERT INTO llama_bench"}},
    {"a result of llama-bench", {"model_filename", "avg_ts"}, true},
    {"a result of llama-bench", {"| model ", " t/s |"}, true},
    {"a result of SGLang's benchmarks", {"\"total_output_tokens_retokenized\""}, true},
    {"a result of SGLang's benchmarks", {"\"prefill_latency\"", "\"prefill_throughput\""}, true},
    {"a result of vLLM's benchmarks", {"\"request_throughput\"", "\"model_id\""}, true},
    {"a result of vLLM's benchmarks", {"\"avg_latency\"", "\"latencies\""}, true},
    {"a result of vLLM's benchmarks", {"\"requests_per_second\"", "\"elapsed_time\""}, true},
    {"the console of a serving benchmark",
     {"Serving Benchmark Result", "Benchmark duration (s):"},
     true},
    {"a result of nvbandwidth", {"\"nvbandwidth\"", "\"testcases\""}},
    {"a result of nvbandwidth", {"nvbandwidth Version"}},
    {"a result of Google Benchmark", {"\"context\"", "\"benchmarks\""}},
    {"output of nvidia-smi", {"<nvidia_smi_log"}},
    {"output of nvidia-smi", {"NVSMI LOG"}},
    {"output of nvidia-smi", {"| NVIDIA-SMI "}},
    // The head of its CSV.
    {"output of nvidia-smi", {", ", " [MiB]"}},
    {"output of nvidia-smi", {", ", " [MHz]"}},
    {"output of nvidia-smi", {", ", " [W]"}},
    {"output of nvidia-smi", {", ", " [%]"}},
    {"output of nvidia-smi", {", ", "pci.bus_id"}},
    {"output of nvidia-smi", {", ", "driver_version"}},
};

}  // namespace

std::optional<std::string> look_of(std::string_view text) {
  for (const Packed& form : packed) {
    if (text.starts_with(form.first_bytes)) return form.what;
  }
  const auto holds = [&](std::string_view word) { return text.find(word) != text.npos; };
  if (holds("\"roofproof\"")) return std::nullopt;
  for (const Known& other : known) {
    if (std::all_of(std::begin(other.words), std::end(other.words), holds)) {
      const char* way = other.is_audited ? "; to judge its figures: roofproof audit FILE" : "";
      return "looks like " + std::string(other.what) + ", not of bench_all" + way;
    }
  }
  return std::nullopt;
}

}  // namespace roofproof
