// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// `roofproof audit` from outside: options, exit codes, the forms of its output.
// ROOFPROOF_PROGRAM is the path of the program under test.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace {

using testing::AllOf;
using testing::HasSubstr;

struct Outcome {
  int exit_code;
  std::string out;  // and errors
};

Outcome audit(const std::string& arguments) {
  const std::string command = "'" ROOFPROOF_PROGRAM "' audit " + arguments + " 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) throw std::runtime_error("cannot run " + command);
  std::string out;
  std::array<char, 4096> chunk;
  std::size_t count = 0;
  while ((count = std::fread(chunk.data(), 1, chunk.size(), pipe)) > 0) {
    out.append(chunk.data(), count);
  }
  const int status = pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, out};
}

std::string file(const std::string& name) { return "'" AUDIT_FOLDER "/" + name + "'"; }

TEST(AuditProgram, JudgesByHand) {
  const std::string l4 = "--gpu L4 --model qwen3-8b --weights int4 --tokens-per-s ";
  const Outcome normal = audit(l4 + "50");
  EXPECT_EQ(normal.exit_code, 0) << normal.out;
  EXPECT_THAT(normal.out, AllOf(HasSubstr("typical"), HasSubstr("300 GB/s"),
                                HasSubstr("published rows of decode steps")));
  EXPECT_THAT(audit(l4 + "200").out, AllOf(HasSubstr("impossible"), HasSubstr("speculative")));
  EXPECT_EQ(audit(l4 + "200").exit_code, 1);
  EXPECT_EQ(audit(l4 + "200 --speculative").exit_code, 3);
  EXPECT_EQ(audit(l4 + "200 --batch 8").exit_code, 0);
  EXPECT_EQ(audit(l4 + "50 --min-share 90").exit_code, 1);
  EXPECT_THAT(audit("--gpu A10G --bandwidth-gbs 300").out, HasSubstr("50.0 % of the roof"));
  EXPECT_THAT(audit("--gpu T4 --tflops 39").out, HasSubstr("60.0 % of the roof"));
  EXPECT_THAT(audit("--gpu L4 --tokens-per-s 50").out, HasSubstr("--model"));
  EXPECT_EQ(audit("--gpu L4 --tokens-per-s 50").exit_code, 3);
  EXPECT_EQ(audit("--gpu X1 --gpu-bandwidth-gbs 500 --parameters 7e9 --weights int8 "
                  "--tokens-per-s 50")
                .exit_code,
            0);
}

TEST(AuditProgram, BadInputIsTwo) {
  for (const std::string& arguments :
       {std::string(""), std::string("no-such-file"),
        "--tokens-per-s 5 " + file("vllm_latency.json"), std::string("--gpu L4 --tokens-per-s nan"),
        std::string("--gpu L4 --tokens-per-s -5"), std::string("--gpu nothing --tokens-per-s 5"),
        std::string("--json --markdown x"),
        std::string("--model nothing --gpu L4 --tokens-per-s 5"),
        file("llama_bench_head_lacks_a_column.csv")}) {
    EXPECT_EQ(audit(arguments).exit_code, 2) << arguments;
  }
}

// An option that no figure depends on would be taken for heard.
TEST(AuditProgram, WhatNoFigureDependsOnIsRefused) {
  const std::string decode = "--gpu L4 --model qwen3-8b --weights int4 --tokens-per-s 50 ";
  const std::string counted = "--gpu L4 --parameters 8e9 --weights int4 --tokens-per-s 50 ";
  const std::string copy = "--gpu L4 --bandwidth-gbs 250 ";
  const std::string product = "--tflops 60 --gpu L4 ";
  const std::pair<std::string, const char*> refused[] = {
      {decode + "--input-len 100", "--input-len changes nothing here: what is judged is a decode"},
      {decode + "--output-len 100", "--output-len changes nothing here"},
      {decode + "--active 1e9", "--model excludes --active"},
      {counted + "--context 100", "--context excludes --parameters"},
      {file("vllm_latency.json") + " --input-len 9 --context 9", "--context excludes --input-len"},
      {counted + "--kv fp8", "--kv excludes --parameters"},
      {copy + "--gpus 2", "--gpus changes nothing here: what is judged is a bandwidth"},
      {copy + "--math fp16", "--math changes nothing"},
      {copy + "--model qwen3-8b", "--model changes nothing"},
      {copy + "--speculative", "--speculative changes nothing"},
      {copy + "--gpu-tflops 100", "--gpu-tflops changes nothing"},
      {copy + "--engine vllm", "--engine changes nothing"},
      {copy + "--tflops 60 --gpus 2", "what is judged is a bandwidth and a rate of arithmetic"},
      {product + "--gpus 2", "--gpus changes nothing here: what is judged is a rate of arith"},
      {product + "--gpu-bandwidth-gbs 300", "--gpu-bandwidth-gbs changes nothing"},
      {file("llama_bench_2025.csv") + " --output-len 5", "a decode rate and a prompt rate"},
      {file("llama_bench_prefill_t4.json") + " --kv fp8", "what is judged is a prompt rate"},
      {decode + "--engine nonsense", "no published rates of the engine 'nonsense'"},
      {decode + "--engine ''", "--engine"},
      {"--gpu 'RTX 3080 12GB' --bandwidth-gbs 880", "any other with its --gpu-bandwidth-gbs"},
      {decode + "--gpu ''", "--gpu"},
      {"--gpu L4 --tokens-per-s 5 --model ''", "--model"},
  };
  for (const auto& [arguments, why] : refused) {
    const Outcome outcome = audit(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << arguments;
    EXPECT_THAT(outcome.out, HasSubstr(why)) << arguments;
  }
  for (const std::string& used :
       {decode + "--gpus 2 --kv fp8 --context 100 --batch 2 --math fp16 --engine VLLM",
        counted + "--active 1e9 --batch 2", copy + "--tflops 60 --math fp16",
        std::string("--gpu X1 --gpu-tflops 100 --tflops 80"),
        file("vllm_latency.json") +
            " --gpu H100 --gpus 8 --model llama-3.1-405b --weights fp8 --batch 16 "
            "--input-len 2048 --output-len 2048"}) {
    EXPECT_EQ(audit(used).exit_code, 0) << used << audit(used).out;
  }
  EXPECT_THAT(audit(decode + "--engine VLLM").out, HasSubstr("with vLLM"));
}

TEST(AuditProgram, ReadsFilesAndWritesThreeForms) {
  const std::string replicas = file("vllm_serve_replicas.json");
  EXPECT_THAT(audit(replicas).out, AllOf(HasSubstr("vLLM's bench serve"), HasSubstr("typical")));
  EXPECT_EQ(audit(replicas).exit_code, 0);
  EXPECT_EQ(audit(file("vllm_latency.json")).exit_code, 3);
  const std::string throughput =
      file("vllm_throughput.json") +
      " --gpu 'H100 SXM5' --gpus 8 --model llama-3.1-405b --weights fp8 --batch 64 --input-len 128 "
      "--output-len 2048";
  EXPECT_THAT(audit(throughput).out, HasSubstr("low"));
  EXPECT_THAT(audit("--markdown " + replicas).out,
              AllOf(HasSubstr("| figure"), HasSubstr("mean\\_tpot\\_ms |")));
  const nlohmann::json json =
      nlohmann::json::parse(audit("--json " + replicas + ' ' + file("llama_bench_2025.csv")).out);
  ASSERT_EQ(json["reports"].size(), 2U);
  const nlohmann::json& first = json["reports"][0]["figures"][0];
  EXPECT_EQ(first["quantity"], "step_time");
  EXPECT_EQ(first["verdict"], "typical");
  EXPECT_GT(first["published_rows"], 0);
  EXPECT_TRUE(json["reports"][0]["figures"][1]["percentile"].is_null());
}

}  // namespace
