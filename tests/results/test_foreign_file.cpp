// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Files that people take for results, and results in another form. The texts are shortened from
// what the programs write; figures are invented.

#include "results/record/foreign_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/record_fixture.h"

namespace roofproof {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Embedded zeros count.
template <std::size_t size>
std::string bytes(const char (&text)[size]) {
  return {text, size - 1};
}

// "" where it is read.
std::string error_of(const std::string& text) {
  try {
    parse_record(text, "r.json");
  } catch (const RecordError& error) {
    return error.what();
  }
  return "";
}

TEST(ForeignFile, IsNamedForWhatItLooksLike) {
  const std::string audited = ", not of bench_all; to judge its figures: roofproof audit FILE";
  const std::string of_llama_bench = "r.json: looks like a result of llama-bench" + audited;
  const std::string of_vllm = "r.json: looks like a result of vLLM's benchmarks" + audited;
  const std::string of_sglang = "r.json: looks like a result of SGLang's benchmarks" + audited;
  const std::string of_nvbandwidth = "r.json: looks like a result of nvbandwidth, not of bench_all";
  const std::string of_nvidia_smi = "r.json: looks like output of nvidia-smi, not of bench_all";
  const std::string of_google = "r.json: looks like a result of Google Benchmark, not of bench_all";
  const std::pair<const char*, std::string> files[] = {
      {R"([{"build_commit": "0", "model_filename": "m.gguf", "avg_ts": 128.0}])", of_llama_bench},
      {"{\"model_filename\": \"m\", \"avg_ts\": 1}\n{\"model_filename\": \"m\", \"avg_ts\": 2}\n",
       of_llama_bench},
      {"build_commit,model_filename,avg_ts\n\"0\",\"m.gguf\",\"128.0\"\n", of_llama_bench},
      {"| model | size | test | t/s |\n|---|---|---|---|\n", of_llama_bench},
      {"INSERT INTO llama_bench (model_filename, avg_ts) VALUES ('m', '1');\n",
       "r.json: looks like a result of llama-bench in SQL, not of bench_all"},
      {R"({"request_throughput": 8.0, "total_output_tokens_retokenized": 9})", of_sglang},
      {R"({"run_name": "r", "prefill_latency": 0.1, "prefill_throughput": 900.0})", of_sglang},
      {"==== Serving Benchmark Result ====\nBenchmark duration (s):  9.0\n",
       "r.json: looks like the console of a serving benchmark" + audited},
      {R"({"model_id": "m", "request_throughput": 8.0, "mean_ttft_ms": 45.6})", of_vllm},
      {R"({"avg_latency": 1.0, "latencies": [1.0], "percentiles": {"50": 1.0}})", of_vllm},
      {R"({"elapsed_time": 1.0, "requests_per_second": 1.0, "tokens_per_second": 9.0})", of_vllm},
      {R"({"nvbandwidth": {"testcases": [{"bandwidth_matrix": [["1116.30"]]}]}})", of_nvbandwidth},
      {"nvbandwidth Version: v0.8\nBuilt from Git version: v0.8\n", of_nvbandwidth},
      {R"({"context": {"library_version": "v1.9.1"}, "benchmarks": [{"name": "BM_copy/1024"}]})",
       of_google},
      {"index, name, power.limit [W]\n0, Tesla T4, 70.00 W\n", of_nvidia_smi},
      {"name, pci.bus_id\nTesla T4, 00000000:00:1E.0\n", of_nvidia_smi},
      {"<?xml version=\"1.0\" ?>\n<nvidia_smi_log><gpu id=\"0\"></gpu></nvidia_smi_log>\n",
       of_nvidia_smi},
      {"==============NVSMI LOG==============\n", of_nvidia_smi},
      {"| NVIDIA-SMI 550.54.15   Driver Version: 550.54.15  |\n", of_nvidia_smi},
  };
  for (const auto& [text, message] : files) {
    EXPECT_EQ(error_of(text), message) << text;
  }
}

TEST(ForeignFile, OfAnotherFormSaysHowToGoOn) {
  const std::pair<std::string, const char*> files[] = {
      {bytes("\x1F\x8B\x08\x00\x00"), "r.json: is compressed with gzip; to unpack: gzip -d"},
      {bytes("\x28\xB5\x2F\xFD\x04"), "r.json: is compressed with zstd; to unpack: zstd -d"},
      {bytes("\xFD\x37zXZ\x00"), "r.json: is compressed with xz; to unpack: xz -d"},
      {bytes("PK\x03\x04\x14"), "r.json: is a zip archive; to unpack: unzip"},
      {bytes("\xFF\xFE{\0"), "iconv -f UTF-16 -t UTF-8"},
      {bytes("\xFE\xFF\0{"), "iconv -f UTF-16 -t UTF-8"},
  };
  for (const auto& [text, message] : files) {
    EXPECT_THAT(error_of(text), HasSubstr(message));
  }
}

// What is wrong with a result of ours is said, whatever else it holds; it is a result of Google
// Benchmark, too.
TEST(ForeignFile, IsNoDamagedResultOfOurs) {
  Record record = empty_record(t4_device());
  add_rows(record, read_problem(), Implementation::hand, {1e-3});
  const std::string text = to_json_text(record);
  std::string other_version = text;
  other_version.replace(text.find("\"schema_version\": 1"), 19, "\"schema_version\": 2");
  EXPECT_THAT(error_of(other_version), HasSubstr("version 2 is not supported"));
  EXPECT_THAT(error_of(text.substr(0, text.size() - 5)), HasSubstr("is not valid JSON"));
}

TEST(ForeignFile, ThatIsLikeNothingKnownIsNotGuessedAt) {
  for (const char* text : {"", "{", "{}", "[1]", "name, value\ncopy, 1\n"}) {
    EXPECT_THAT(error_of(text), AllOf(HasSubstr("r.json: "), Not(HasSubstr("looks")))) << text;
  }
}

}  // namespace
}  // namespace roofproof
