// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Which tool wrote a file.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analysis/audit/readers.h"
#include "analysis/audit/records.h"
#include "results/record/foreign_file.h"
#include "results/record/record.h"

namespace roofproof::analysis {
namespace {

using Reader = std::vector<ReportedFigure> (*)(std::string_view text, const std::string& file);

enum class In { keys, text };  // where the marks are looked for

// All marks of a row must be there; the first row decides. Of a tool without a reader `instead`
// says what can be given, where there is something.
struct Form {
  const char* tool;
  In in;
  std::array<std::string_view, 3> marks;  // an empty one is everywhere
  Reader read = nullptr;
  const char* instead = "";
};

constexpr const char* by_hand = "give its figure by hand: roofproof audit --help";
constexpr const char* run_rate =
    "its rate is of a whole run, prefill in it; give a decode rate by hand: --tokens-per-s";

constexpr Form forms[] = {
    {"roofproof bench_all",
     In::keys,
     {"roofproof", "protocol"},
     nullptr,
     "roofproof check and claims judge it"},
    {"InferenceX", In::keys, {"infmax_model_prefix"}, nullptr, by_hand},
    {"AccelMark", In::keys, {"implementation_id", "chip"}, nullptr, by_hand},
    {"TensorRT-LLM's trtllm-bench", In::keys, {"world_info", "engine"}, nullptr, by_hand},
    {"optimum-benchmark", In::keys, {"report", "per_token"}, nullptr, by_hand},
    {"optimum-benchmark", In::text, {"optimum_benchmark."}, nullptr, by_hand},
    {"AIPerf or GenAI-Perf", In::keys, {"input_config", "inter_token_latency"}, nullptr, by_hand},
    {"AIPerf",
     In::keys,
     {"x_request_id", "time_to_first_token"},
     nullptr,
     "one request a line; give its figure by hand: roofproof audit --help"},
    {"llmperf",
     In::keys,
     {"results_inter_token_latency_s_mean"},
     nullptr,
     "it measures an API, of which no GPU is known"},
    {"llmperf",
     In::keys,
     {"inter_token_latency_s", "ttft_s"},
     nullptr,
     "it measures an API, of which no GPU is known"},
    {"llmfit", In::keys, {"hwClass", "avgTps"}, nullptr, by_hand},
    {"nvbandwidth",
     In::keys,
     {"nvbandwidth"},
     nullptr,
     "give a bandwidth of device_local_copy by hand: --bandwidth-gbs"},
    {"Google Benchmark",
     In::keys,
     {"context", "benchmarks", "cpu_time"},
     nullptr,
     "no benchmark of inference"},
    {"SGLang's bench_one_batch_server",
     In::keys,
     {"last_gen_throughput", "overall_throughput", "batch_size"},
     nullptr,
     "give its last_gen_throughput by hand: --tokens-per-s, --batch"},
    {"Ollama",
     In::keys,
     {"eval_count", "eval_duration", "load_duration"},
     nullptr,
     "give eval_count / eval_duration, which is in ns, by hand: --tokens-per-s"},
    {"MLPerf's log", In::text, {":::MLLOG"}, nullptr, run_rate},
    {"SuperBench", In::keys, {"node", "kernel-launch/event_time"}, nullptr, by_hand},
    {"SuperBench", In::text, {"\"node\"", "gemm-flops/"}, nullptr, by_hand},
    {"SuperBench", In::text, {"\"node\"", "mem-bw/"}, nullptr, by_hand},
    {"SuperBench", In::text, {"\"node\"", "_models/pytorch-"}, nullptr, by_hand},

    {"llama-bench", In::keys, {"avg_ts", "n_gen", "model_size"}, read_llama_bench_json},
    {"SGLang's bench_serving",
     In::keys,
     {"output_throughput", "duration", "total_output_tokens_retokenized"},
     read_sglang_serving},
    {"SGLang's bench_one_batch",
     In::keys,
     {"prefill_latency", "prefill_throughput", "batch_size"},
     read_sglang_batch},
    {"vLLM's bench serve",
     In::keys,
     {"output_throughput", "total_input_tokens", "duration"},
     read_vllm_serve},
    {"vLLM's bench latency", In::keys, {"avg_latency", "percentiles"}, read_vllm_latency},
    {"vLLM's bench throughput",
     In::keys,
     {"elapsed_time", "total_num_tokens"},
     read_vllm_throughput},
    {"llama-bench's SQL",
     In::text,
     {"INSERT INTO llama_bench"},
     nullptr,
     "llama-bench -o json, jsonl, csv or md is"},
    {"llama-bench", In::text, {"avg_ts", "n_gen,", "model_size,"}, read_llama_bench_csv},
    {"llama-bench", In::text, {"| model ", " test ", " t/s |"}, read_llama_bench_table},

    {"the console of a serving benchmark",
     In::text,
     {"Serving Benchmark Result", "Benchmark duration (s):"},
     read_serving_console},
    {"Ollama",
     In::text,
     {"eval rate:", "eval count:", "load duration:"},
     nullptr,
     "give its eval rate by hand: --tokens-per-s"},
    {"LMDeploy", In::text, {"throughput(out tok/s)"}, nullptr, run_rate},
    {"MLPerf's summary", In::text, {"MLPerf Results Summary"}, nullptr, run_rate},
    {"tt-inference-server", In::text, {"Tput Decode (TPS)"}, nullptr, by_hand},
    {"InferenceX", In::text, {"tput/GPU (tok/s)"}, nullptr, by_hand},
    {"nvbandwidth",
     In::text,
     {"nvbandwidth Version"},
     nullptr,
     "give a bandwidth of device_local_copy by hand: --bandwidth-gbs"},
    {"nvbandwidth",
     In::text,
     {"SUM device_"},
     nullptr,
     "give a bandwidth of device_local_copy by hand: --bandwidth-gbs"},
    {"TensorRT-LLM's trtllm-bench", In::text, {"= PERFORMANCE OVERVIEW"}, nullptr, by_hand},
    {"TensorRT-LLM's benchmark.py", In::text, {"[BENCHMARK]", "world_size"}, nullptr, by_hand},
    {"FasterTransformer", In::text, {"FT-CPP-decoding"}, nullptr, by_hand},
    {"GenAI-Perf", In::text, {"GenAI-Perf |"}, nullptr, by_hand},
    {"AIPerf", In::text, {"AIPerf |"}, nullptr, by_hand},
    {"gpt-fast or torchao", In::text, {"Average tokens/sec"}, nullptr, by_hand},
    {"gpt-fast", In::text, {"| Tokens/Second |"}, nullptr, by_hand},
    {"gpt-fast or torchchat", In::text, {"Time for inference", "tokens/sec"}, nullptr, by_hand},
    {"MLC LLM", In::text, {"llm_chat.cc"}, nullptr, by_hand},
    {"MLC LLM", In::text, {"MLC LLM (tok/sec)"}, nullptr, by_hand},
    {"Prometheus metrics of vLLM",
     In::text,
     {"# TYPE vllm:"},
     nullptr,
     "counters have no rate: it takes two scrapes and their times"},
    {"Prometheus metrics",
     In::text,
     {"# TYPE ", "# HELP "},
     nullptr,
     "counters have no rate: it takes two scrapes and their times"},
    {"nvidia-smi", In::text, {"NVIDIA-SMI"}, nullptr, "it measures no inference"},
};

std::string tools_read() {
  std::string names;
  for (const Form& form : forms) {
    if (!form.read || names.find(form.tool) != names.npos) continue;
    names += (names.empty() ? "" : ", ") + std::string(form.tool);
  }
  return names;
}

const Form* form_of(std::string_view text) {
  const auto keys = keys_of(text);
  for (const Form& form : forms) {
    const auto is_there = [&](std::string_view mark) {
      if (mark.empty()) return true;
      return form.in == In::keys ? keys.contains(mark) : text.find(mark) != text.npos;
    };
    if (std::all_of(form.marks.begin(), form.marks.end(), is_there)) return &form;
  }
  return nullptr;
}

}  // namespace

ForeignReport read_report(std::string_view text, const std::string& file) {
  if (text.size() > largest_report_bytes) {
    throw RecordError(file, "", "is larger than 16 MiB: give it without the lists of requests");
  }
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  const Form* form = form_of(text);
  if (!form) {
    const std::string look = look_of(text).value_or("");
    if (look.starts_with("is ")) throw RecordError(file, "", look);
    throw RecordError(file, "",
                      "is not like a file of " + tools_read() +
                          "; by its keys it is of no tool that is known here");
  }
  if (!form->read) {
    throw RecordError(
        file, "", fmt::format("looks like {}, which is not read; {}", form->tool, form->instead));
  }
  ForeignReport report = {form->tool, file, form->read(text, file)};
  if (report.figures.empty()) {
    throw RecordError(file, "", fmt::format("looks like {}, but holds no figure", form->tool));
  }
  return report;
}

}  // namespace roofproof::analysis
