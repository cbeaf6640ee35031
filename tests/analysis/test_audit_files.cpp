// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The files of other tools: what each form means, what is read and what is refused. The files of
// audit/ have the forms that the tools write; their figures are invented, near enough to real ones
// that a verdict means something.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "results/record/record.h"
#include "tests/analysis/audit_fixture.h"

namespace roofproof::analysis {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// "" where it is read.
std::string error_of(const std::string& text) {
  try {
    read_report(text, "f");
  } catch (const RecordError& error) {
    return error.what();
  }
  return "";
}

Stated on_any(const std::string& gpu) {
  Stated stated;
  stated.gpu = gpu;
  return stated;
}

Stated with_bandwidth(double bytes_per_s) {
  Stated stated;
  stated.gpu_bytes_per_s = bytes_per_s;
  return stated;
}

// 405 billion parameters in FP8 on 8 x H100, 2048 tokens out: what the two batch benchmarks of vLLM
// leave open.
Stated of_405b(double batch, double prompt_tokens) {
  Stated stated = on("H100 SXM5", 8);
  stated.layout = find_layout("llama-3.1-405b");
  stated.weights = [](const ModelLayout&) { return find_weight_format("fp8"); };
  stated.batch = batch;
  stated.prompt_tokens = prompt_tokens;
  stated.output_tokens = 2048;
  return stated;
}

Stated of_70b(int gpus) {
  Stated stated = on("H200", gpus);
  stated.layout = find_layout("llama-3-70b");
  stated.weights = [](const ModelLayout&) { return find_weight_format("bf16"); };
  return stated;
}

Stated of_llama_2(Stated stated) {
  stated.layout = find_layout("llama-2-7b");
  return stated;
}

// What is expected of each figure of a file; a share of {0, 0} is not looked at.
struct Expected {
  std::string label;
  AuditVerdict verdict;
  std::pair<double, double> share = {0, 0};
  std::string words = "";  // among arithmetic, reasons and notes
};

struct Row {
  std::string file;
  Stated stated;
  std::vector<Expected> figures;
};

using enum AuditVerdict;

TEST(Audit, EachFormIsReadForWhatItIs) {
  const Row rows[] = {
      {"llama_bench_2023.json",
       {},
       {{"pp512", cannot_tell, {}, "'NVIDIA GeForce RTX 3090 Ti', which is not in the table"},
        {"tg128", cannot_tell, {}, "--gpu-bandwidth-gbs"}}},
      {"llama_bench_2023.json",
       with_bandwidth(1008e9),
       {{"pp512", cannot_tell, {}, "--gpu-tflops"}, {"tg128", low, {0.45, 0.5}, "embedding"}}},
      {"llama_bench_2025.csv",
       {},
       {{"pp512", at_the_roof, {0.9, 1}, "8 bits"}, {"tg128", typical, {0.68, 0.78}, "4.91 bits"}}},
      {"llama_bench_2025.jsonl",
       {},
       {{"pp512", at_the_roof, {0.9, 1}, ""}, {"tg128", typical, {0.68, 0.78}, ""}}},
      {"llama_bench_depth.md",
       {},
       {{"pp512", cannot_tell, {}, "--gpu"}, {"tg128 @ d1024", cannot_tell, {}, "--gpu"}}},
      {"llama_bench_depth.md",
       of_llama_2(on("RTX 4080")),
       {{"pp512", at_the_roof, {0.8, 1}}, {"tg128 @ d1024", typical, {0.6, 0.8}, "KV cache"}}},
      {"llama_bench_experts.json",
       {},
       {{"tg128", cannot_tell, {}, "Radeon RX 7900 XTX, Some CPU"}}},
      {"llama_bench_experts.json",
       with_bandwidth(960e9),
       {{"tg128", low, {0.35, 0.5}, "Of 32 experts per layer a step reads 4"}}},
      {"llama_bench_active.json",
       with_bandwidth(256e9),
       {{"tg128", typical, {0.58, 0.66}, "11 of 121 billion parameters are active"}}},
      {"llama_bench_4090.md",
       {},
       {{"pp512", at_the_roof, {0.8, 0.95}, "fp16"},
        {"tg128", at_the_roof, {0.8, 0.84}, ""},
        {"tg128", typical, {0.66, 0.71}, ""}}},
      {"llama_bench_cached.md",
       {},
       {{"tg128", typical, {0.5, 0.56}, "L2 cache of 75.5 MB"},
        {"tg128", cannot_tell, {1.05, 1.2}, "from the L2 cache"}}},
      {"llama_bench_spread.md",
       {},
       {{"pp32", cannot_tell, {}, "no measurement"}, {"tg16", cannot_tell, {}, "--gpu"}}},
      {"llama_bench_prefill_t4.json", {}, {{"pp244", low, {0.1, 0.15}, "warm-up"}}},
      {"llama_bench_pipeline.md",
       {},
       {{"pp2048", low, {0.06, 0.09}, "8 x A100 80GB PCIe"},
        {"tg128", typical, {0.5, 0.65}, "bandwidths do not add up"}}},
      {"llama_bench_offload.md",
       of_llama_2(with_bandwidth(1008e9)),
       {{"pp512", cannot_tell, {}, "10 layers are on the GPU, all are 35"},
        {"tg128", cannot_tell, {}, "10 layers are on the GPU, all are 35"},
        {"tg128", cannot_tell, {}, "34 layers"},
        {"tg128", low, {0.45, 0.5}, ""}}},
      {"llama_bench_offload.md",
       with_bandwidth(1008e9),
       {{"pp512", cannot_tell, {}, "not known"},
        {"tg128", cannot_tell, {}, "not known"},
        {"tg128", cannot_tell, {}, "not known"},
        {"tg128", cannot_tell, {}, "not known"}}},

      {"vllm_serve_replicas.json",
       {},
       {{"mean_tpot_ms", typical, {0.58, 0.66}, "Batch 7.78 by Little's law"},
        {"output_throughput", cannot_tell, {0.001, 1}, "says no more"}}},
      {"vllm_serve_2024.json",
       {},
       {{"mean_tpot_ms", cannot_tell, {}, "the GPU (--gpu); "},
        {"output_throughput", cannot_tell, {}, "--gpus"}}},
      {"vllm_serve_two_pools.json",
       on("H200"),
       {{"mean_tpot_ms", cannot_tell, {}, "'openai/gpt-oss-120b' is not known"},
        {"output_throughput", cannot_tell}}},
      {"vllm_serve_seconds.json",
       {},
       {{"median_tpot", cannot_tell, {}, "--gpu"}, {"output_throughput", cannot_tell}}},
      {"vllm_serve_peak_below_mean.json",
       {},
       {{"mean_tpot_ms", contradictory, {}, "peak of 873"},
        {"output_throughput", contradictory, {}, "several tokens"}}},
      {"serving_console.txt",
       {},
       {{"mean_tpot_ms", contradictory, {}, "peak of 873"},
        {"output_throughput", contradictory, {}, "several tokens"},
        {"output_throughput", cannot_tell, {}, "--gpu"}}},
      {"vllm_latency.json", {}, {{"avg_latency", cannot_tell, {}, "--output-len"}}},
      {"vllm_latency.json",
       of_405b(16, 2048),
       {{"avg_latency", low, {0.36, 0.42}, "prefill and sampling"}}},
      {"vllm_throughput.json", {}, {{"elapsed_time", cannot_tell, {}, "--output-len"}}},
      {"vllm_throughput.json", of_405b(64, 128), {{"elapsed_time", low, {0.24, 0.3}, ""}}},
      {"vllm_throughput.json",
       of_405b(8, 128),
       {{"elapsed_time", impossible, {1.5, 2.5}, "1057 output tokens/s"}}},

      {"sglang_serving.jsonl",
       {},
       {{"median_itl_ms", cannot_tell, {}, "the model (--model)"},
        {"output_throughput", cannot_tell},
        {"median_itl_ms", cannot_tell},
        {"output_throughput", cannot_tell}}},
      {"sglang_serving.jsonl",
       of_70b(4),
       {{"median_itl_ms", typical, {0.5, 0.56}, "Little's law"},
        {"output_throughput", cannot_tell, {0.001, 1}, "possible"},
        {"median_itl_ms", low, {0.3, 0.5}, ""},
        {"output_throughput", cannot_tell, {0.001, 1}, "possible"}}},
      {"sglang_serving.jsonl",
       of_70b(2),
       {{"median_itl_ms", impossible, {1.02, 1.1}, "Still"},
        {"output_throughput", cannot_tell},
        {"median_itl_ms", at_the_roof, {0.8, 0.83}, ""},
        {"output_throughput", cannot_tell}}},
      {"sglang_serving_offline.jsonl",
       {},
       {{"median_itl_ms", cannot_tell}, {"output_throughput", cannot_tell}}},
      {"sglang_serving_sharegpt.json",
       {},
       {{"mean_tpot_ms", cannot_tell, {}, "--model"}, {"output_throughput", cannot_tell}}},
      {"sglang_one_batch.log",
       {},
       {{"prefill_throughput", cannot_tell},
        {"prefill_throughput", cannot_tell},
        {"median_decode_latency", cannot_tell, {}, "the GPU (--gpu)"},
        {"prefill_throughput", cannot_tell},
        {"median_decode_latency", cannot_tell}}},
      {"sglang_one_batch.log",
       of_70b(8),
       {{"prefill_throughput", low, {0.01, 0.1}, ""},
        {"prefill_throughput", low, {0.01, 0.1}, ""},
        {"median_decode_latency", low, {0.15, 0.25}, "exchange results"},
        {"prefill_throughput", low, {0.01, 0.1}, ""},
        {"median_decode_latency", low, {0.1, 0.25}, ""}}},
  };
  for (const Row& row : rows) {
    const AuditedReport report = audited(row.file, row.stated);
    ASSERT_EQ(report.findings.size(), row.figures.size()) << row.file;
    for (std::size_t i = 0; i < row.figures.size(); ++i) {
      const Expected& expected = row.figures[i];
      const AuditFinding& finding = report.findings[i];
      const std::string all = joined(finding.arithmetic) + "; " + joined(finding.because) + "; " +
                              joined(finding.notes) + finding.gpu + finding.model;
      const std::string where = row.file + ", " + expected.label + ": " + all;
      EXPECT_EQ(report.report.figures[i].label, expected.label) << where;
      EXPECT_EQ(words(finding.verdict), words(expected.verdict)) << where;
      if (expected.share.second > 0) {
        ASSERT_TRUE(finding.share.has_value()) << where;
        EXPECT_GE(*finding.share, expected.share.first) << where;
        EXPECT_LE(*finding.share, expected.share.second) << where;
      }
      EXPECT_THAT(all, HasSubstr(expected.words)) << row.file;
      const bool is_placed =
          expected.verdict == low || expected.verdict == typical || expected.verdict == at_the_roof;
      EXPECT_EQ(finding.standing.has_value(), is_placed) << where;
      EXPECT_EQ(expected.verdict == low, finding.because.size() == 3 && is_placed) << where;
    }
  }
}

TEST(Audit, ARowOfAnotherLengthThanTheHeadIsRefusedWithItsLine) {
  try {
    audited("llama_bench_head_lacks_a_column.csv");
    FAIL() << "read one column off";
  } catch (const RecordError& error) {
    EXPECT_THAT(error.what(), HasSubstr("line 2: has 26 values under 25 headings"));
  }
}

TEST(Audit, OtherToolsAreRefusedByName) {
  const std::pair<const char*, const char*> texts[] = {
      {R"({"suite_id": "A", "implementation_id": "x", "chip": {"name": "L4"}})", "AccelMark"},
      {R"([{"infmax_model_prefix": "dsv4", "mean_tpot": 0.007, "hw": "b300"}])", "InferenceX"},
      {"| **Total tput/GPU (tok/s)** | 120.0 |\n", "InferenceX"},
      {R"({"engine": {"model": "m"}, "world_info": {"tp_size": 1}})",
       "TensorRT-LLM's trtllm-bench"},
      {"= ENGINE DETAILS\n= PERFORMANCE OVERVIEW\n", "TensorRT-LLM's trtllm-bench"},
      {"[BENCHMARK] model_name llama world_size 2\n", "TensorRT-LLM's benchmark.py"},
      {R"({"inter_token_latency": {"avg": 1}, "input_config": {}})", "AIPerf"},
      {R"({"metadata": {"x_request_id": "1"}, "metrics": {"time_to_first_token": {}}})", "AIPerf"},
      {"   NVIDIA GenAI-Perf | LLM Metrics\n", "GenAI-Perf"},
      {R"({"config": {"backend": {"_target_": "optimum_benchmark.backends.x"}}})",
       "optimum-benchmark"},
      {R"({"report": {"decode": {}, "per_token": {}}})", "optimum-benchmark"},
      {R"({"results_inter_token_latency_s_mean": 0.02})", "llmperf"},
      {R"([{"inter_token_latency_s": 0.02, "ttft_s": 0.4}])", "llmperf"},
      {R"({"hardware": {"hwClass": "X"}, "results": [{"avgTps": 25.0}]})", "llmfit"},
      {"nvbandwidth Version: v0.8\n", "nvbandwidth"},
      {"{\"nvbandwidth\" : {\"testcases\" : [", "nvbandwidth"},
      {R"({"context": {}, "benchmarks": [{"name": "b", "cpu_time": 1}]})", "Google Benchmark"},
      {"{\"node\": \"n\", \"gemm-flops/FP16_TC:0\": 279474}\n", "SuperBench"},
      {"# TYPE vllm:num_requests_running gauge\n", "Prometheus metrics of vLLM"},
      {"# HELP x y\n# TYPE x counter\nx 1\n", "Prometheus metrics"},
      {"Average tokens/sec: 48.25\nAverage Bandwidth: 189.32 GB/s\n", "gpt-fast or torchao"},
      {"| Model    | Technique | Tokens/Second | Memory Bandwidth (GB/s) |\n", "gpt-fast"},
      {"Time for inference 1: 1.10 sec total, 181.82 tokens/sec\n", "gpt-fast or torchchat"},
      {"[18:04:47] cpp/llm_chat.cc:689: [i: 51] decoding-time=8.44127ms\n", "MLC LLM"},
      {"| Model | GPU | MLC LLM (tok/sec) |\n", "MLC LLM"},
      {"[INFO] FT-CPP-decoding-beamsearch-time 114.23 ms\n", "FasterTransformer"},
      {"| ISL | Tput Decode (TPS) |\n", "tt-inference-server"},
      {R"({"roofproof": 3, "protocol": {}})", "roofproof bench_all"},
      {"CREATE TABLE IF NOT EXISTS llama_bench (\n  model_size INTEGER\n);\n"
       "INSERT INTO llama_bench (model_size, n_prompt, n_gen, avg_ts) VALUES ('1', '0', '9', '1');",
       "llama-bench's SQL"},
      {R"({"run_name": "r", "batch_size": 16, "input_len": 1024, "output_len": 16, "latency": 2.0, )"
       R"("output_throughput": 128, "overall_throughput": 8320, "last_gen_throughput": 900})",
       "SGLang's bench_one_batch_server"},
      {R"({"model": "m", "done": true, "total_duration": 9, "load_duration": 1, "eval_count": 7, )"
       R"("eval_duration": 5})",
       "Ollama"},
      {"total duration:       12.3s\nload duration:        1.2s\neval count:           52 "
       "token(s)\n"
       "eval rate:            47.00 tokens/s\n",
       "Ollama"},
      {"batch,prompt_tokens,completion_tokens,throughput(out tok/s),mem(GB)\n1,1,512,85.0,20.1\n",
       "LMDeploy"},
      {":::MLLOG {\"key\": \"result_validity\", \"value\": \"VALID\"}\n", "MLPerf's log"},
      {"MLPerf Results Summary\nSUT name : PySUT\nTokens per second: 1300\n", "MLPerf's summary"},
  };
  for (const auto& [text, tool] : texts) {
    EXPECT_THAT(error_of(text), AllOf(HasSubstr("f: looks like " + std::string(tool)),
                                      HasSubstr("which is not read; ")))
        << text;
  }
}

TEST(Audit, OtherTextsAreRefusedWithWhatIsRead) {
  for (const char* text : {"", "{}", "[]", "tokens/s: 12", "{\"a\": 1}", "\x00\x01"}) {
    EXPECT_THAT(error_of(text), HasSubstr("is not like a file of llama-bench")) << text;
  }
  EXPECT_THAT(error_of("\x1F\x8B\x08"), HasSubstr("gzip -d"));
  EXPECT_EQ(error_of("\xEF\xBB\xBF"
                     R"({"avg_latency": 1, "percentiles": {}})"),
            "");
  EXPECT_THAT(error_of(std::string(largest_report_bytes + 1, ' ')),
              HasSubstr("larger than 16 MiB"));
  EXPECT_THAT(error_of(R"([{"avg_ts": 1, "n_gen": 1, "model_size": )"), HasSubstr("JSON"));
  EXPECT_THAT(error_of(R"([{"avg_ts": NaN, "n_gen": 1, "model_size": 5}])"),
              HasSubstr("[0].avg_ts: must be a number"));
  EXPECT_THAT(error_of(R"({"avg_ts": -3, "n_gen": 1, "model_size": 5})"),
              HasSubstr("avg_ts: must be a number from 0 to 1e18"));
  EXPECT_THAT(error_of(R"({"avg_ts": 1e-310, "n_gen": 1, "model_size": 5})"),
              HasSubstr("avg_ts: must be 0 or at least 1e-15"));
  EXPECT_THAT(error_of(R"({"avg_ts": 5, "n_gen": 1e12, "model_size": 5})"),
              HasSubstr("n_gen: must be at most 1e8"));
  EXPECT_THAT(error_of("| model | size | test | t/s |\n|--|--|--|--|\n| m | 1 B | xx | 5 |\n"),
              HasSubstr("line 3: test: is no test of llama-bench"));
  EXPECT_THAT(error_of(R"({"avg_latency": 1, "percentiles": {}, "latencies": 5})"),
              HasSubstr("latencies: must be an array"));
}

// Nothing here may take more than a moment.
TEST(Audit, AHostileFileIsAnsweredAtOnce) {
  const std::string key = R"({"avg_ts": 1, "n_gen": 1, "model_size": 1, )";
  std::string keys = key;
  for (int i = 0; i < 200000; ++i) keys += fmt::format("\"k{}\": 1, ", i);
  std::string values;
  for (int i = 0; i < 200000; ++i) values += R"({"avg_ts":1,"n_gen":1,"model_size":1})";
  for (const std::string& text : {key + std::string(1000000, '['), keys + "\"z\": -}", values,
                                  key + std::string(1000000, '"'),
                                  "| model | test | t/s |\n" + std::string(1000000, '|') + "\n",
                                  "avg_ts,n_gen,model_size,\n" + std::string(1000000, ',')}) {
    EXPECT_THAT(error_of(text), Not(IsEmpty())) << text.substr(0, 60);
  }
}

TEST(Audit, AFileThatContradictsItselfIsNotHeldAgainstARoof) {
  const auto record = [](const std::string& more) {
    return R"({"model_size": 4e9, "model_n_params": 7e9, "n_prompt": 0, "n_gen": 100, )"
           R"("gpu_info": "Tesla T4", "n_gpu_layers": 99, )" +
           more + "}";
  };
  const auto verdict = [&](const std::string& text) {
    const AuditedReport report = audit(read_report(text, "f"), {}, judge());
    return report.findings.at(0).verdict;
  };
  EXPECT_EQ(verdict(record(R"("avg_ts": 50, "avg_ns": 2e9)")), typical);
  EXPECT_EQ(verdict(record(R"("avg_ts": 50, "avg_ns": 1e9)")), contradictory);
  EXPECT_EQ(verdict(record(R"("avg_ts": 50, "samples_ts": [40, 41, 40])")), contradictory);
  EXPECT_EQ(verdict(record(R"("avg_ts": 5000, "avg_ns": 2e7)")), impossible);
  EXPECT_EQ(verdict(record(R"("avg_ts": 5000, "avg_ns": 1e7)")), contradictory);

  const auto serve = [](const std::string& more) {
    return R"({"duration": 10, "completed": 20, "total_input_tokens": 2000, )"
           R"("total_output_tokens": 2000, "backend": "vllm", "mean_tpot_ms": 20, )" +
           more + "}";
  };
  EXPECT_EQ(verdict(serve(R"("output_throughput": 200)")), cannot_tell);
  EXPECT_EQ(verdict(serve(R"("output_throughput": 250)")), contradictory);
  EXPECT_EQ(verdict(serve(R"("output_throughput": 200, "request_throughput": 3)")), contradictory);
  EXPECT_EQ(verdict(serve(R"("output_throughput": 200, "total_token_throughput": 300)")),
            contradictory);
  EXPECT_EQ(verdict(serve(R"("output_throughput": 200, "median_ttft_ms": 9, "p99_ttft_ms": 8)")),
            contradictory);
  EXPECT_EQ(
      verdict(serve(R"("output_throughput": 200, "mean_e2el_ms": 2100, "max_concurrency": 4)")),
      contradictory);
  EXPECT_EQ(
      verdict(serve(R"("output_throughput": 200, "mean_e2el_ms": 1900, "max_concurrency": 4)")),
      cannot_tell);
}

// 4 GB on two boards of 320 GB/s: 80 tokens/s in turn, 160 together.
TEST(Audit, OnlyLayersAreReadInTurn) {
  const auto verdict = [](const std::string& more) {
    const std::string text = R"({"model_size": 4e9, "model_n_params": 7e9, "n_prompt": 0, )"
                             R"("n_gen": 100, "gpu_info": "Tesla T4, Tesla T4", "avg_ts": 120)" +
                             more + "}";
    return audit(read_report(text, "f"), {}, judge()).findings.at(0).verdict;
  };
  EXPECT_EQ(verdict(R"(, "split_mode": "layer")"), impossible);
  EXPECT_EQ(verdict(R"(, "split_mode": "row")"), typical);
  EXPECT_EQ(verdict(R"(, "split_mode": "tensor")"), typical);
  EXPECT_EQ(verdict(R"(, "split_mode": "graph")"), cannot_tell);
  EXPECT_EQ(verdict(""), cannot_tell);
}

TEST(Audit, OnlyTheChosenDevicesCount) {
  const auto finding = [](const std::string& gpus, const std::string& devices) {
    const std::string text =
        fmt::format(R"({{"model_size": 4e9, "model_n_params": 7e9, "n_prompt": 0, "n_gen": 100, )"
                    R"("gpu_info": "{}", "avg_ts": 60, "split_mode": "row", "devices": "{}"}})",
                    gpus, devices);
    return audit(read_report(text, "f"), {}, judge()).findings.at(0);
  };
  const std::string same = "Tesla T4, Tesla T4";
  EXPECT_EQ(finding(same, "CUDA0").gpu, "T4");
  EXPECT_EQ(finding(same, "auto").gpu, "2 x T4");
  EXPECT_EQ(finding(same, "CUDA0/CUDA1").gpu, "2 x T4");
  EXPECT_EQ(finding(same, "CUDA0/CUDA0/CUDA0").gpu, "2 x T4");
  EXPECT_EQ(finding("Tesla T4, NVIDIA L4", "CUDA1").gpu, "L4");
  EXPECT_EQ(finding("Tesla T4, NVIDIA L4", "CUDA1/CUDA0").verdict, cannot_tell);
  EXPECT_EQ(finding("Tesla T4, NVIDIA L4", "CUDA7").verdict, cannot_tell);
  EXPECT_EQ(finding(same, "CUDA7").verdict, cannot_tell);
  EXPECT_EQ(finding("Tesla T4", "CUDA0/RPC0").verdict, cannot_tell);
  EXPECT_EQ(finding("Tesla T4", "RPC0").verdict, cannot_tell);
  EXPECT_EQ(finding("Tesla T4", "CUDA0").gpu, "T4");
  EXPECT_THAT(joined(finding("", "CUDA0").because), HasSubstr("--gpu"));
  EXPECT_THAT(joined(finding(same, "none").because), HasSubstr("computed by the CPU"));
  const std::string table =
      "  Device 0: Tesla T4, compute capability 7.5\n"
      "  Device 1: NVIDIA L4, compute capability 8.9\n"
      "| model | size | params | ngl | dev | nkvo | n_cpu_moe | test | t/s |\n"
      "|--|--|--|--|--|--|--|--|--|\n"
      "| llama 7B | 4 GiB | 7 B | 99 | CUDA1 | 1 | 8 | tg128 | 50 |\n";
  const ReportedFigure row = read_report(table, "f").figures.at(0);
  EXPECT_EQ(row.gpu, "NVIDIA L4");
  EXPECT_THAT(joined(row.unfit), HasSubstr("the KV cache is in the host's memory"));
  EXPECT_THAT(joined(row.unfit), HasSubstr("experts are in the host's memory"));
}

TEST(Audit, AConsoleSaysThatTokensWereDrafted) {
  const auto is_speculative = [](const std::string& line) {
    const std::string text =
        "==== Serving Benchmark Result ====\nSuccessful requests: 10\nBenchmark duration (s): 10\n"
        "Total generated tokens: 1000\nMean TPOT (ms): 10.00\n" +
        line;
    return read_report(text, "f").figures.at(0).speculative;
  };
  EXPECT_TRUE(is_speculative("Acceptance length: 2.84\n"));
  EXPECT_TRUE(is_speculative("Accept length: 2.84\n"));
  EXPECT_FALSE(is_speculative(""));
}

TEST(Audit, WhatAServerOfSglangIsStartedWith) {
  const auto step = [](const std::string& server) {
    const std::string text =
        R"({"duration": 100, "completed": 100, "total_input_tokens": 1000000, )"
        R"("total_output_tokens": 40000, "total_output_tokens_retokenized": 40000, )"
        R"("output_throughput": 400, "mean_tpot_ms": 10, "mean_ttft_ms": 100, "server_info": )"
        R"({"model_path": "meta-llama/Llama-3.1-70B-Instruct", "quantization": "fp8", )" +
        server + "}}";
    return audit(read_report(text, "f"), on_any("H100 SXM5"), judge()).findings.at(0);
  };
  const std::string whole = R"("tp_size": 8, "dp_size": 2)";
  const AuditFinding copies = step(whole);
  EXPECT_THAT(joined(copies.notes), HasSubstr("on 2 replicas"));
  // The groups are inside of the eight.
  const AuditFinding shared = step(whole + R"(, "enable_dp_attention": true)");
  EXPECT_EQ(shared.gpu, "8 x H100 SXM5");
  EXPECT_THAT(joined(shared.notes), Not(HasSubstr("replicas")));
  EXPECT_GT(*shared.share, *copies.share);
  EXPECT_LT(*step(whole + R"(, "kv_cache_dtype": "fp8_e5m2")").share, 0.97 * *copies.share);
  EXPECT_EQ(*step(whole + R"(, "kv_cache_dtype": "auto")").share, *copies.share);
  EXPECT_THAT(joined(step(whole + R"(, "pp_size": 2)").because), HasSubstr("--gpus"));
}

// mistral-7b keeps 131072 B of each token in FP16: 4.3 GB of 32768, beside 3.6 GB of weights.
TEST(Audit, TheCacheIsAsNarrowAsTheFileSaysOrMayBe) {
  const auto finding = [](double rate, const std::string& more) {
    const std::string text = fmt::format(
        R"({{"model_size": 3.8e9, "model_n_params": 7248023552, "n_prompt": 0, "n_gen": 1, )"
        R"("n_depth": 32768, "model_filename": "mistral-7b-q4.gguf", "gpu_info": "Tesla T4", )"
        R"("avg_ts": {}{}}})",
        rate, more);
    return audit(read_report(text, "f"), {}, judge()).findings.at(0);
  };
  const std::string wide = R"(, "type_k": "f16", "type_v": "f16")";
  const std::string narrow = R"(, "type_k": "q4_0", "type_v": "q8_0")";
  EXPECT_EQ(finding(50, wide).verdict, impossible);
  EXPECT_EQ(finding(50, narrow).verdict, at_the_roof);
  EXPECT_EQ(finding(62, "").verdict, cannot_tell);
  EXPECT_THAT(joined(finding(62, "").because), HasSubstr("an INT4 cache"));
  // 3.7 GB and 4.295 GB x 6.5 / 16.
  EXPECT_NEAR(*finding(50, narrow).share / *finding(50, wide).share, 5.44 / 7.99, 0.02);
}

// What --metadata may add, in the words that people use.
TEST(Audit, MetadataOfVllmIsReadWhereItIsKnown) {
  const std::string text =
      R"({"duration": 100, "completed": 100, "total_input_tokens": 10000, "backend": "vllm", )"
      R"("total_output_tokens": 10000, "output_throughput": 100, "mean_tpot_ms": 9, )"
      R"("model_id": "meta-llama/Llama-3.1-70B-Instruct", "gpu": "H100", )"
      R"("tensor_parallel_size": "4", "quantization": "fp8"})";
  const AuditedReport report = audit(read_report(text, "f"), {}, judge());
  const AuditFinding& step = report.findings.at(0);
  EXPECT_EQ(step.gpu, "4 x H100 SXM5");
  EXPECT_EQ(step.model, "llama-3-70b, fp8");
  EXPECT_EQ(step.verdict, typical);
  EXPECT_THAT(joined(step.notes), HasSubstr("H100 NVL"));
}

}  // namespace
}  // namespace roofproof::analysis
