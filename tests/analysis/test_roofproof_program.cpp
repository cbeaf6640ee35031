// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The roofproof program from outside: exit codes, what goes to which stream, JSON that parses.
// ROOFPROOF_PROGRAM is the path of the program under test.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>

#include "tests/record_fixture.h"

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Outcome {
  int exit_code;
  std::string out;
};

// A path as one word of the shell: the source tree may stand below a folder with spaces.
std::string shell_word(const std::string& path) { return "'" + path + "'"; }

Outcome run_command(const std::string& command) {
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

// Runs the program through the shell; `arguments` may redirect.
Outcome run(const std::string& arguments, const std::string& environment = "") {
  return run_command(environment + " '" ROOFPROOF_PROGRAM "' " + arguments);
}

nlohmann::json run_json(const std::string& arguments) {
  const Outcome outcome = run(arguments);
  EXPECT_EQ(outcome.exit_code, 0) << arguments;
  return nlohmann::json::parse(outcome.out);
}

std::size_t spec_files() {
  std::size_t count = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(SOURCE_FOLDER) + "/analysis/specs")) {
    count += entry.path().extension() == ".json" ? 1 : 0;
  }
  return count;
}

std::string file_of(const std::string& name, const std::string& text) {
  const std::string path = testing::TempDir() + name;
  std::ofstream(path) << text;
  return path;
}

TEST(Program, PredictGivesTheArticlesFigures) {
  const auto predict = [](const std::string& weights) {
    return run_json("predict --gpu T4 --parameters 7e9 --weights " + weights +
                    " --bandwidth-gbs 300 --json");
  };
  const nlohmann::json fp16 = predict("fp16");
  EXPECT_NEAR(fp16["time_per_token_s"].get<double>(), 46.67e-3, 0.005e-3);
  EXPECT_NEAR(fp16["tokens_per_s"].get<double>(), 21.43, 0.005);
  EXPECT_NEAR(predict("int8")["tokens_per_s"].get<double>(), 42.86, 0.005);
  EXPECT_NEAR(predict("int4")["tokens_per_s"].get<double>(), 85.71, 0.005);
  EXPECT_EQ(fp16["bound"], "memory");
  EXPECT_EQ(fp16["crossover_batch"], 217);
  EXPECT_TRUE(fp16["fits"].is_null());  // what is read need not be all that is in memory
}

TEST(Program, AModelIsAlsoItsDimensions) {
  const nlohmann::json named = run_json("predict --gpu T4 --weights int4 --json");
  const nlohmann::json spelled =
      run_json("predict --gpu T4 --weights int4 --model 32x4096x14336x32x8x128x32000 --json");
  EXPECT_EQ(spelled["model"], "32x4096x14336x32x8x128x32000");
  EXPECT_EQ(spelled["time_per_token_s"], named["time_per_token_s"]);
}

// Mixtral's dimensions: a table of 32000 x 4096 in 2 bytes is not read; 2 of 8 experts are.
TEST(Program, AModelIsAlsoItsConfig) {
  const std::string config = file_of("mixtral.json", R"({"model_type": "mixtral",
      "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
      "num_attention_heads": 32, "num_key_value_heads": 8, "num_local_experts": 8,
      "num_experts_per_tok": 2, "vocab_size": 32000, "sliding_window": null,
      "torch_dtype": "bfloat16", "rope_scaling": [0.0, Infinity]})");
  const nlohmann::json json = run_json("predict --gpu A100 --model " + config + " --json");
  EXPECT_EQ(json["parameters"], 46702792704);
  EXPECT_EQ(json["active_parameters"], 12879925248);
  EXPECT_EQ(json["weights"], "bf16");
  EXPECT_EQ(json["weight_bytes"], 2 * (12879925248 - 32000 * 4096));
  EXPECT_EQ(json["resident_weight_bytes"], 2 * 46702792704);
  EXPECT_EQ(json["fits"], false);
  const nlohmann::json eight =
      run_json("predict --gpu A100 --gpus 8 --kv fp8 --context 99 --model " + config + " --json");
  EXPECT_EQ(eight["kv_cache_bytes"], 100 * 65536);
  EXPECT_EQ(eight["fits"], true);
  EXPECT_DOUBLE_EQ(eight["bandwidth_bytes_per_s"].get<double>(), 8 * 2039e9);
  // 8 heads of keys: on 16 GPUs each is held twice.
  const char* held = "hold each key 2 times";
  EXPECT_THAT(run("predict --gpu A100 --gpus 16 --model " + config).out, HasSubstr(held));
  EXPECT_THAT(run("predict --gpu A100 --gpus 8 --model " + config).out,
              testing::Not(HasSubstr("hold each key")));
  const std::string text = run("predict --gpu A100 --batch 2 --model " + config).out;
  EXPECT_THAT(text, HasSubstr("12.88 billion active"));
  EXPECT_THAT(text, HasSubstr("3.5 of 8 experts per layer"));
  EXPECT_THAT(text, HasSubstr("choose independently and evenly"));
  EXPECT_THAT(run("recommend --weights fp8 --kv fp8 --model " + config).out,
              HasSubstr("fp8 weights · fp8 KV cache"));
}

// A folder of the working directory comes before the name of a model that it has.
TEST(Program, APathComesBeforeAName) {
  const std::string folder = testing::TempDir() + "names";
  std::filesystem::create_directories(folder + "/mistral-7b");
  std::ofstream(folder + "/mistral-7b/config.json") << R"({"model_type": "llama",
      "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
      "intermediate_size": 96, "vocab_size": 100})";
  const std::string program = "'" ROOFPROOF_PROGRAM "' predict --gpu T4 --json --model ";
  const auto parameters = [&](const std::string& model) {
    const Outcome outcome = run_command("cd " + shell_word(folder) + " && " + program + model);
    return nlohmann::json::parse(outcome.out)["parameters"].get<double>();
  };
  EXPECT_LT(parameters("mistral-7b"), 1e6);
  EXPECT_GT(parameters("mistralai/mistral-7b"), 7e9);
  std::filesystem::remove_all(folder);
  EXPECT_THAT(run("predict --gpu T4 --model mistralai/Mistral-7B-Instruct-v0.2").out,
              HasSubstr("'mistralai/Mistral-7B-Instruct-v0.2' is taken as mistral-7b."));
}

TEST(Program, AHostileConfigIsRefusedQuickly) {
  const std::string path = file_of("config.json", "");
  const auto refusal = [&](const std::string& text) {
    std::ofstream(path) << text;
    const Outcome outcome = run("predict --gpu T4 --model " + path + " 2>&1");
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_LT(outcome.out.size(), 2000u);
    return outcome.out;
  };
  EXPECT_THAT(refusal(""), HasSubstr("config.json: byte 1: is not valid JSON"));
  EXPECT_THAT(refusal(std::string(5000, '[')), HasSubstr("nested too deeply"));
  EXPECT_THAT(refusal(R"({"model_type": ")" + std::string(500'000, 'x') + "\"}"),
              HasSubstr("model_type: has more than 256 characters"));
  EXPECT_THAT(refusal(R"({"model_type": ")" + std::string(2'000'000, 'x') + "\"}"),
              HasSubstr("larger than 1 MiB"));
  // What a terminal would take for a command, in a file and in an option.
  const std::string escaped = refusal(R"({"model_type": "\u001b[31mred\u0007\n"})");
  EXPECT_THAT(escaped, HasSubstr(R"('\x1b[31mred\x07\x0a' is not understood)"));
  EXPECT_EQ(escaped.find('\x1b'), std::string::npos);
  EXPECT_THAT(run("predict --gpu T4 --model \"$(printf '\\033[31mred')\" 2>&1").out,
              HasSubstr(R"(unknown model '\x1b[31mred')"));
  // A format that is not understood can be stated.
  const std::string llama = R"({"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2,
      "num_attention_heads": 4, "intermediate_size": 96, "vocab_size": 100,
      "quantization_config": {"quant_method": "aqlm"}})";
  EXPECT_THAT(refusal(llama), HasSubstr("'aqlm' is not understood"));
  EXPECT_EQ(run("predict --gpu T4 --weights int4 --model " + path).exit_code, 0);
  EXPECT_THAT(refusal(R"({"model_type": "jamba"})"),
              testing::AllOf(HasSubstr("model_type: 'jamba' is not understood"),
                             HasSubstr("--parameters")));
}

TEST(Program, AFormatIsAlsoItsBitsOrItsBytes) {
  const auto predict = [](const std::string& format) {
    return run_json("predict --gpu A100 --model llama-2-7b --json " + format);
  };
  // A Q4_K_M file of 4080263168 bytes: 4.84 bits per weight; 131072000 are a table.
  const nlohmann::json bytes = predict("--weight-bytes 4080263168");
  EXPECT_NEAR(bytes["bits_per_weight"].get<double>(), 8 * 4080263168.0 / 6738415616, 1e-12);
  EXPECT_NEAR(bytes["weight_bytes"].get<double>(), 4080263168.0 * (1 - 131072000 / 6738415616.0),
              1);
  EXPECT_NEAR(bytes["resident_weight_bytes"].get<double>(), 4080263168.0, 1);
  EXPECT_DOUBLE_EQ(predict("--bits-per-weight 4")["resident_weight_bytes"].get<double>(),
                   6738415616.0 / 2);
  const std::string file = file_of("model.gguf", std::string(1000, 'x'));
  std::filesystem::resize_file(file, 4080263168);
  EXPECT_EQ(predict("--weight-bytes " + file)["weight_bytes"], bytes["weight_bytes"]);
  // The table of a safetensors file stays in 16 bits; the name's case does not count.
  const std::string upper = testing::TempDir() + "Model.SAFETENSORS";
  std::filesystem::rename(file, upper);
  const nlohmann::json safetensors = predict("--weight-bytes " + upper);
  EXPECT_LT(safetensors["weight_bytes"], bytes["weight_bytes"]);
  const std::string shard = testing::TempDir() + "model-00001-of-00002.safetensors";
  std::filesystem::rename(upper, shard);
  const Outcome one =
      run("predict --gpu A100 --model llama-2-7b --weight-bytes " + shard + " 2>&1");
  EXPECT_EQ(one.exit_code, 2);
  EXPECT_THAT(one.out, HasSubstr("is one of 2 files; give the sum of their sizes in bytes"));
  const std::string whole = testing::TempDir() + "model-00001-of-00001.safetensors";
  std::filesystem::rename(shard, whole);
  EXPECT_EQ(predict("--weight-bytes " + whole)["weight_bytes"], safetensors["weight_bytes"]);
  std::filesystem::remove(whole);
}

TEST(Program, ABandwidthIsEnoughOfAGpu) {
  const nlohmann::json json =
      run_json("predict --gpu 'Radeon RX 7900' --bandwidth-gbs 960 --weights int8 --json");
  EXPECT_DOUBLE_EQ(json["bandwidth_bytes_per_s"].get<double>(), 960e9);
  EXPECT_TRUE(json["peak_flop_per_s"].is_null());
  EXPECT_DOUBLE_EQ(
      run_json("predict --bandwidth-gbs 960 --tflops 61 --json")["peak_flop_per_s"].get<double>(),
      61e12);
  EXPECT_THAT(run("predict --gpu GB10").out, HasSubstr("No fp16 peak is known"));
  EXPECT_THAT(run("predict --gpu T4 --weights bf16").out, HasSubstr("The T4 has no BF16"));
  EXPECT_THAT(run("predict --gpu A100 --weights fp8").out, HasSubstr("has no FP8"));
  EXPECT_EQ(run_json("predict --gpu L4 --weights fp8 --json")["arithmetic"], "fp8");
  const std::string crowd = "predict --gpu A100 --weights int8 --batch 4096 ";
  EXPECT_THAT(run(crowd).out, HasSubstr("--math states it"));
  EXPECT_THAT(run(crowd + "--math int8").out, Not(HasSubstr("--math states it")));
  EXPECT_THAT(run("predict --gpu A100 --weights int8").out, Not(HasSubstr("--math states it")));
  EXPECT_EQ(run_json("predict --gpu A100 --weights int8 --math int8 --json")["arithmetic"], "int8");
}

TEST(Program, PredictSaysWhichGpuAShortNameMeans) {
  const nlohmann::json json = run_json("predict --gpu A100 --json");
  EXPECT_EQ(json["gpu"], "A100 80GB SXM4");
  EXPECT_EQ(json["also_known"].size(), 3u);
  EXPECT_THAT(run("predict --gpu A100").out, HasSubstr("'A100' is taken as A100 80GB SXM4"));
}

// A T4 that reads 250 GB/s and launches a kernel in 2 us. By hand: the layer has 163840 weights of
// 4 bits in rows of 128 and 256, so 1280 scales of 2 bytes, and 512 bytes of norms; the LM head
// 1280 weights and 10 scales, the final norm 256 bytes. Each of 3 sequences reads an embedding row
// of 256 bytes and moves 5 tokens of 512 bytes. 20 kernels of 2 layers are 10 of one.
TEST(Program, PredictsAnyModelFromTheCeilingsOfARun) {
  using namespace roofproof;
  Record record = empty_record(t4_device());
  add_rates(record, read_problem(), Implementation::hand, {250e9, 250e9, 250e9});
  add_rates(record, square_gemm(Precision::fp16, 4096), Implementation::hand, {40e12, 40e12});
  const Problem step = decode(Precision::int4, 1, "tiny");
  add_rows(record, step, Implementation::hand, {1e-3});
  add_rung(record, step, "launches_only", {40e-6}).extra = {{"kernel_launches", 20}};
  const std::string path = testing::TempDir() + "predict_from.json";
  write_record(record, path);
  const nlohmann::json json = run_json("predict --from " + path +
                                       " --model 1x128x256x1x1x128x10 --weights int4 --batch 3 "
                                       "--context 4 --json");
  constexpr double bytes = 81920 + 2560 + 512 + 256 + 640 + 20 + 3 * (256 + 5 * 512);
  EXPECT_DOUBLE_EQ(json["bytes"].get<double>(), bytes);
  EXPECT_NEAR(json["memory_time_s"].get<double>(), bytes / 250e9, 1e-15);
  EXPECT_NEAR(json["launch_time_s"].get<double>(), 10 * 2e-6, 1e-12);
  EXPECT_NEAR(json["tokens_per_s"].get<double>(), 3 / (bytes / 250e9 + 20e-6), 1e-3);
  EXPECT_THAT(json["launch_source"].get<std::string>(), HasSubstr("kernel:launches_only"));
  EXPECT_TRUE(json["expected"].is_null());  // the ladder lacks its other rungs
}

// Of the step that was measured the time that it took.
TEST(Program, ExpectsOfARunWhatItsLadderMeasured) {
  using namespace roofproof;
  Record record = empty_record(t4_device());
  add_rates(record, read_problem(), Implementation::hand, {250e9, 250e9, 250e9});
  add_rates(record, square_gemm(Precision::fp16, 4096), Implementation::hand, {40e12, 40e12});
  const Problem step = decode(Precision::int4, 1, "tiny");
  add_rows(record, step, Implementation::hand, {1e-3});
  add_rung(record, step, "stream_only", {0.5e-3});
  add_rung(record, step, "gemv_only", {0.6e-3});
  add_rung(record, step, "unordered", {0.9e-3});
  add_rung(record, step, "launches_only", {40e-6}).extra = {{"kernel_launches", 20}};
  const std::string path = testing::TempDir() + "expected_from.json";
  write_record(record, path);
  const std::string command = "predict --from " + path + " --model tiny --weights int4";
  const nlohmann::json json = run_json(command + " --json");
  EXPECT_NEAR(json["expected"]["tokens_per_s"].get<double>(), 1000, 1e-6);
  EXPECT_GT(json["tokens_per_s"].get<double>(), 1000);
  EXPECT_THAT(run(command).out, HasSubstr("measured: decode/int4/hand/model:tiny"));
  // Of another model by the ladder, unless the board does not hold it.
  const auto other = [&](const std::string& model) {
    return run_json("predict --from " + path + " --weights int4 --json --model " + model);
  };
  EXPECT_GT(other("llama-2-7b")["expected"]["tokens_per_s"].get<double>(), 0);
  EXPECT_EQ(other("llama-2-70b")["fits"], false);
  EXPECT_TRUE(other("llama-2-70b")["expected"].is_null());
}

TEST(Program, ADisturbedRunIsSaidByWhatIsPredictedFromItAndNotExported) {
  using namespace roofproof;
  Record record = empty_record(t4_device());
  add_rates(record, read_problem(), Implementation::hand, {250e9, 250e9, 250e9});
  add_rates(record, square_gemm(Precision::fp16, 4096), Implementation::hand, {40e12, 40e12});
  const std::string path = testing::TempDir() + "disturbed.json";
  write_record(record, path);
  EXPECT_EQ(run_json("predict --from " + path + " --json")["disturbed"], false);
  for (Row& row : record.rows) disturb(row, 0.5);
  write_record(record, path);
  EXPECT_EQ(run_json("predict --from " + path + " --json")["disturbed"], true);
  EXPECT_THAT(run("predict --from " + path).out,
              testing::AllOf(testing::StartsWith("DISTURBED: "), HasSubstr("sessions, disturbed")));
  const Outcome refused = run("export --format csv " + path + " 2>&1");
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.out, HasSubstr("has no row to export that is valid and was not disturbed"));
}

TEST(Program, SpecsShowsEveryGpuAndEveryFigure) {
  const nlohmann::json all = run_json("specs --json");
  ASSERT_EQ(all["gpus"].size(), spec_files());
  for (const nlohmann::json& gpu : all["gpus"]) {
    EXPECT_TRUE(gpu["checks"].is_array());
    EXPECT_THAT(run("specs").out, HasSubstr(gpu["name"].get<std::string>()));
  }
  const nlohmann::json t4 = run_json("specs T4 --json");
  EXPECT_DOUBLE_EQ(t4["memory_bandwidth_bytes_per_s"]["value"].get<double>(), 320e9);
  EXPECT_EQ(t4["peaks_per_s"]["fp16"]["status"], "read");
  const std::string text = run("specs H100").out;
  EXPECT_THAT(text, HasSubstr("+8.2 %"));
  EXPECT_THAT(text, HasSubstr("tensor figures assume 1830 MHz"));
  EXPECT_THAT(text, HasSubstr("the article's row 'H100'"));
}

TEST(Program, BadInputExitsWithTwoAndSaysWhatIsThere) {
  struct Case {
    const char* arguments;
    const char* message;
  };
  const Case cases[] = {
      {"predict --gpu MI300X", "unknown GPU 'MI300X'; known: A10, "},
      {"predict --gpu T4 --model gpt-5", "unknown model 'gpt-5'; known: codellama-34b, "},
      {"predict --gpu T4 --model 32x4096",
       "model '32x4096': a model needs seven dimensions: layers x"},
      {"recommend --model 2x24x40x4x3x8x30", "its heads must be a multiple of its kv heads"},
      {"predict --gpu T4 --weights w8a16",
       "--weights must be fp32, fp16, bf16, fp8, int8, int4, mxfp4 or nvfp4"},
      {"predict --gpu T4 --weights q4_k_m", "--bits-per-weight X, or --weight-bytes"},
      {"predict --gpu T4 --weights int4 --bits-per-weight 4", "excludes"},
      {"predict --gpu T4 --bits-per-weight 400", "400 bits per weight, which no format has"},
      {"predict --gpu T4 --weight-bytes 4", "bits per weight, which no format has"},
      {"predict --gpu T4 --weight-bytes /nonexistent.gguf", "neither a number nor a file"},
      {"predict --gpu T4 --weights ''", "--weights: must not be empty"},
      {"predict --gpu T4 --weight-bytes ''", "--weight-bytes: must not be empty"},
      {"predict --gpu T4 --kv ''", "--kv: must not be empty"},
      {"predict --gpu T4 --math ''", "--math: must not be empty"},
      {"predict --gpu T4 --parameters 7e9 --kv fp8", "--kv excludes --parameters"},
      {"predict --gpu T4 --parameters 2e14", "--parameters must be a positive number up to 1e+14"},
      {"predict --bandwidth-gbs 2000e9", "--bandwidth-gbs must be a positive number up to 100000"},
      {"predict --gpu T4 --tflops 65e12", "--tflops must be a positive number up to 100000"},
      {"predict --gpu T4 --kv bf8", "--kv must be fp16, fp8, int8 or int4"},
      {"predict --gpu T4 --math fp8", "the T4 does not have it"},
      {"predict --gpu H100 --math fp4", "the H100 SXM5 does not have it"},
      {"predict --gpu T4 --math fp6", "--math must be one of fp32, "},
      {"predict --gpu T4 --gpus 3", "32 heads, which 3 GPUs cannot share evenly"},
      {"predict --gpu T4 --active 1e9", "--parameters"},
      {"predict --gpu T4 --parameters 1e9 --active 2e9", "--active must not be more"},
      {"predict --gpu MI300X", "--bandwidth-gbs (and --tflops) is enough"},
      {"predict --gpu T4 --model /nonexistent/config.json", "/nonexistent/config.json"},
      {"predict --gpu T4 --model /proc", "holds no config.json"},
      {"predict --gpu T4 --model /dev/zero", "/dev/zero: is no file"},
      {"recommend --model ./nothing", "./nothing"},
      {"predict --gpu T4 --parameters nan", "--parameters must be a positive number"},
      {"predict --gpu T4 --parameters 0", "--parameters must be a positive number"},
      {"predict --gpu T4 --bandwidth-gbs -1", "--bandwidth-gbs must be a positive number"},
      {"predict --gpu T4 --batch 0", "--batch"},
      {"predict --gpu T4 --parameters 7e9 --context 100", "--context"},
      {"predict --gpu T4 --parameters 7e9 --model tiny", "--model"},
      {"predict", "--gpu is required"},
      {"predict --from /nonexistent.json", "/nonexistent.json"},
      {"dials x.json --time-per-token nan", "must be a positive number up to 1e+06"},
      {"predict --from x.json --bandwidth-gbs 300", "--bandwidth-gbs"},
      {"compare /nonexistent.json", "/nonexistent.json"},
      {"compare --csv --json x.json", "--csv"},
      {"compare", "--published --gpu T4,A10G,A100"},
      {"compare --gpu T4", "--published"},
      {"compare x.json --published --gpu T4", "excludes"},
      {"compare --published --gpu T5", "T5"},
      {"recommend --weights w8a16",
       "--weights must be fp32, fp16, bf16, fp8, int8, int4, mxfp4 or nvfp4"},
      {"recommend --price g5.xlarge", "--price: must be NAME=USD_PER_HOUR"},
      {"recommend --price g5.xlarge=-1", "--price: must be NAME=USD_PER_HOUR"},
      {"recommend --price g99.huge=1", "unknown machine or GPU 'g99.huge'; closest: "},
      {"recommend --price T4=1 --price T4=2", "'T4' has a price already"},
      {"recommend --prices /nonexistent.csv", "/nonexistent.csv"},
      {"recommend --prices ''", "--prices: must not be empty"},
      {"recommend --cloud ''", "--cloud: must not be empty"},
      {"recommend --engine ''", "--engine: must not be empty"},
      {"predict --gpu T4 --engine ''", "--engine: must not be empty"},
      {"predict --gpu T4 --from ''", "--from: must not be empty"},
      {"predict --gpu '' --bandwidth-gbs 300", "--gpu: must not be empty"},
      {"recommend --cloud oci", "--cloud must be one of aws, azure, gcp, not 'oci'"},
      {"recommend --engine ollama",
       "no published rates of the engine 'ollama'; there are some of "},
      {"predict --gpu T4 --engine ollama", "no published rates of the engine 'ollama'"},
      {"predict --gpu T4 --engine vllm --parameters 7e9", "excludes"},
      {"predict --from x.json --engine vllm", "excludes"},
      {"dials /nonexistent.json", "/nonexistent.json"},
      {"report x.json", "--out or --json is required"},
      {"report x.json --json -o r.html", "excludes"},
      {"report /nonexistent.json -o r.html", "/nonexistent.json"},
      {"export --format xml x.json", "--format must be gbench, bigger-is-better or csv"},
      {"check", "NEW is required"},
      {"check /nonexistent.json", "/nonexistent.json"},
      {"check --json --markdown x.json", "--markdown"},
      {"check --junit --json x.json", "--junit"},
      {"check --junit --markdown x.json", "--markdown"},
      {"check a.json b.json c.json", "check takes one result file, or two"},
      {"baseline", "subcommand"},
      {"baseline accept /nonexistent.json", "/nonexistent.json"},
      {"specs MI300X", "unknown GPU 'MI300X'"},
      {"--specs /nonexistent specs", "/nonexistent: cannot be read"},
      {"", "Subcommands:"},
      {"measure", "measure"},
  };
  for (const Case& wrong : cases) {
    const Outcome outcome = run(std::string(wrong.arguments) + " 2>&1 >/dev/null");
    EXPECT_EQ(outcome.exit_code, 2) << wrong.arguments;
    EXPECT_THAT(outcome.out, HasSubstr(wrong.message));
  }
}

// A result that cannot be read is named, the others are read, and the exit code tells.
TEST(Program, UnreadableResultsArePassedOverByName) {
  const std::string good = FUZZ_SEEDS "/result.json";
  const std::string the_good = shell_word(good);
  const std::pair<const char*, const char*> broken[] = {
      {"empty.json", "is not valid JSON"},
      {"nan.json", "byte 31: is not valid JSON"},
      {"comma_decimal.json", "is not valid JSON"},
      {"torn.journal", "holds no complete line"},
      {"duplicate_key.json", "'context' appears twice"},
      {"other_version.json", "version 2"}};
  for (const auto& [name, wrong] : broken) {
    const std::string bad = std::string(FUZZ_SEEDS "/") + name;
    const std::string the_bad = shell_word(bad);
    for (const char* command : {"claims --json ", "recommend --json "}) {
      const Outcome errors = run(command + the_bad + " " + the_good + " 2>&1 >/dev/null");
      EXPECT_EQ(errors.exit_code, 2) << command << name;
      EXPECT_THAT(errors.out, HasSubstr("roofproof: skipped: " + bad + ": "));
      EXPECT_THAT(errors.out, HasSubstr(wrong));
      const Outcome answer = run(command + the_good + " " + the_bad + " 2>/dev/null");
      EXPECT_EQ(answer.exit_code, 2);
      EXPECT_EQ(answer.out, run(command + the_good).out);
      EXPECT_EQ(run(command + the_bad + " 2>&1 >/dev/null").exit_code, 2);
      EXPECT_EQ(run(command + the_bad + " 2>/dev/null").out, "") << "an answer from nothing";
    }
    const Outcome compared = run("compare " + the_bad + " " + the_good);
    EXPECT_EQ(compared.exit_code, 2) << name;
    EXPECT_THAT(compared.out, AllOf(HasSubstr("skipped: " + bad), HasSubstr(good)));
  }
}

std::string whole(const std::string& file) {
  std::ifstream stream(std::string(SOURCE_FOLDER) + "/" + file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// The pages show what the program prints.
TEST(Program, TheDocumentsShowItsAnswers) {
  const std::string known = run("compare --published --gpu T4,A10G,A100 --markdown").out;
  EXPECT_THAT(whole("docs/gpus.md"), HasSubstr(known));
  EXPECT_THAT(whole("README.md"), HasSubstr(known.substr(0, known.find("\n\n"))));
  const std::string commands = whole("docs/commands.md");
  EXPECT_THAT(commands, HasSubstr(run("predict --gpu T4 --model mistral-7b --weights int4").out));
  EXPECT_THAT(commands, HasSubstr(run("predict --gpu H100 --gpus 2 --model mixtral-8x7b --weights "
                                      "fp8 --kv fp8 --batch 4 --context 4096")
                                      .out));
  const std::string claims = run("claims").out;
  const std::size_t first = claims.find("\n\npeak-table");
  EXPECT_THAT(commands, HasSubstr(claims.substr(first, claims.find("\n\nfp32-waste") - first)));
}

TEST(Program, ReportPrintsItsDataAsJson) {
  const nlohmann::json data = run_json(std::string("report '") + RECORDED_RESULT + "' --json");
  EXPECT_EQ(data["runs"][0]["device"], "AMD EPYC");
  EXPECT_EQ(data["claims"].size(), run_json("claims --json")["claims"].size());
}

// Of a folder too, whatever the command: the others are read, and the end says that not all were.
TEST(Program, AFolderWithAFileThatIsNoResultEndsWithTwo) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(testing::TempDir()) / "mixed_folder";
  fs::remove_all(folder);
  fs::create_directories(folder / "empty");
  roofproof::write_record(roofproof::empty_record(roofproof::t4_device()), folder / "good.json");
  const std::string page = " -o " + (folder / "page.html").string();
  for (const std::string& command : {std::string("claims "), std::string("recommend "),
                                     std::string("compare "), "report" + page + " "}) {
    EXPECT_EQ(run(command + folder.string() + " 2>&1").exit_code, 0) << command;
    const Outcome nothing = run(command + (folder / "empty").string() + " 2>&1");
    EXPECT_EQ(nothing.exit_code, 2) << command;
    EXPECT_THAT(nothing.out, HasSubstr("no result file in"));
  }
  std::ofstream(folder / "bad.json") << "{";
  for (const std::string& command : {std::string("claims "), std::string("recommend "),
                                     std::string("compare "), "report" + page + " "}) {
    const Outcome outcome = run(command + folder.string() + " 2>&1");
    EXPECT_EQ(outcome.exit_code, 2) << command;
    EXPECT_THAT(outcome.out, HasSubstr("skipped: " + (folder / "bad.json").string()));
  }
}

TEST(Program, RecommendSaysWhichResultItDidNotUse) {
  using namespace roofproof;
  Record record = empty_record(t4_device());
  add_rows(record, decode(Precision::fp16, 1, "mistral-7b"), Implementation::hand, {0.1, 0.1, 0.1});
  const std::string path = testing::TempDir() + "recommend_used.json";
  write_record(record, path);
  EXPECT_THAT(run("recommend " + path).out, Not(HasSubstr("was not used")));
  EXPECT_THAT(
      run("recommend --weights int8 " + path).out,
      HasSubstr("! " + path + " was not used: it has no undisturbed decode with int8 weights"));
  EXPECT_EQ(run_json("recommend --weights int8 --json " + path)["notices"].size(), 1u);
  for (Row& row : record.rows) disturb(row, 0.5);
  write_record(record, path);
  EXPECT_THAT(run("recommend " + path).out,
              HasSubstr("was not used: it has no undisturbed decode with fp16 weights"));
}

TEST(Program, HelpHasExamplesAndExitsWithZero) {
  for (const char* arguments :
       {"--help", "predict --help", "specs --help", "compare --help", "recommend --help",
        "report --help", "export --help", "check --help", "baseline --help", "score --help",
        "dials --help"}) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << arguments;
    EXPECT_THAT(outcome.out, HasSubstr("roofproof")) << arguments;
  }
  EXPECT_EQ(run("--version").exit_code, 0);
}

TEST(Program, EveryCommandHasExamples) {
  std::istringstream help(run("--help").out);
  int commands = 0;
  bool listed = false;
  for (std::string line; std::getline(help, line);) {
    const std::string command = line.substr(0, line.find(' ', 2));
    if (listed && command.size() > 2) {
      ++commands;
      EXPECT_THAT(run(command + " --help").out,
                  ::testing::ContainsRegex("Examples:\n  roofproof" + command.substr(1) + "\\b"));
    }
    listed = (listed && !line.empty()) || line == "Subcommands:";
  }
  EXPECT_GE(commands, 6);
}

// What the program writes to a terminal.
std::string run_on_terminal(const std::string& arguments, const std::string& environment) {
  const std::string command = environment + " '" ROOFPROOF_PROGRAM "' " + arguments;
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child < 0) throw std::runtime_error("no pseudo-terminal");
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  std::string out;
  std::array<char, 4096> chunk;
  ssize_t count = 0;
  while ((count = read(terminal, chunk.data(), chunk.size())) > 0) {
    out.append(chunk.data(), static_cast<std::size_t>(count));
  }
  int status = 0;
  waitpid(child, &status, 0);
  close(terminal);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << command;
  return out;
}

// A container or chroot without devpts has none.
bool has_pseudo_terminals() {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal >= 0) ::close(terminal);
  return terminal >= 0;
}

TEST(Program, ColourIsForTerminalsThatTakeIt) {
  if (!has_pseudo_terminals()) GTEST_SKIP() << "no pseudo-terminal here";
  constexpr const char* plain = "\n  ✓ by arithmetic: holds";
  constexpr const char* green = "\n  \033[32m✓\033[0m by arithmetic: holds";
  const auto has_no_escape = ::testing::Not(HasSubstr("\033"));
  const std::string at_terminal = "unset NO_COLOR; TERM=xterm";
  EXPECT_THAT(run_on_terminal("claims", at_terminal), HasSubstr(green));
  EXPECT_THAT(run_on_terminal("claims --json", at_terminal), has_no_escape);
  EXPECT_THAT(run_on_terminal("claims", "TERM=xterm NO_COLOR="), HasSubstr(green));
  for (const char* refusal : {"TERM=xterm NO_COLOR=1", "unset NO_COLOR; TERM=dumb"}) {
    const std::string out = run_on_terminal("claims", refusal);
    EXPECT_THAT(out, HasSubstr(plain)) << refusal;
    EXPECT_THAT(out, has_no_escape) << refusal;
  }
  const std::string piped = run("claims", at_terminal).out;
  EXPECT_THAT(piped, HasSubstr(plain));
  EXPECT_THAT(piped, has_no_escape);
}

TEST(Program, CheckEndsWithItsVerdict) {
  const std::string recorded = RECORDED_RESULT;
  const Outcome alone = run("check '" + recorded + "'");
  EXPECT_EQ(alone.exit_code, 3);
  EXPECT_THAT(alone.out, HasSubstr("no floors are known for a CPU"));
  EXPECT_EQ(run("check --strict '" + recorded + "'").exit_code, 1);
  const Outcome json = run("check --json '" + recorded + "'");
  EXPECT_EQ(json.exit_code, 3);
  EXPECT_EQ(nlohmann::json::parse(json.out)["verdict"], "inconclusive");
}

TEST(Program, RecommendTakesPricesAndAnswersForEveryGpu) {
  const nlohmann::json json =
      run_json("recommend --weights int4 --context 4096 --price g5.xlarge=1 --json");
  ASSERT_EQ(json["gpus"].size(), spec_files());
  for (const nlohmann::json& gpu : json["gpus"]) {
    if (gpu["gpu"] != "A10G") continue;
    EXPECT_EQ(gpu["cost"]["price_given"], true);
    EXPECT_EQ(gpu["cost"]["usd_per_hour"], 1);
  }
  EXPECT_THAT(run("recommend").out, HasSubstr("THE ARTICLE'S CHOICES"));
}

TEST(Program, EveryPredictionHasAScoreUnderIt) {
  const std::string line = run_json("score --json")["line"].get<std::string>();
  EXPECT_THAT(line, HasSubstr("Score: 0 of 111 published rates above 'at most'; vLLM"));
  for (const char* command : {"predict --gpu T4", "predict --gpu L4 --engine vllm", "recommend",
                              "recommend --engine vllm"}) {
    const Outcome outcome = run(command);
    EXPECT_EQ(outcome.exit_code, 0) << command;
    EXPECT_THAT(outcome.out, HasSubstr(line)) << command;
    EXPECT_THAT(run_json(std::string(command) + " --json").dump(), HasSubstr(line)) << command;
  }
}

TEST(Program, PredictSaysWhatAnEngineReaches) {
  const nlohmann::json vllm =
      run_json("predict --gpu L40S --model llama-3-8b --engine vllm --json");
  const double expected = vllm["expected"]["tokens_per_s"].get<double>();
  EXPECT_LT(vllm["expected"]["low"].get<double>(), expected);
  EXPECT_GT(vllm["expected"]["high"].get<double>(), expected);
  EXPECT_LE(vllm["expected"]["high"].get<double>(), vllm["tokens_per_s"].get<double>());
  EXPECT_TRUE(run_json("predict --gpu L40S --json")["expected"].is_null());
  // Too few boards: a range and no more.
  const nlohmann::json tgi = run_json("predict --gpu L40S --engine TGI --json");
  EXPECT_TRUE(tgi["expected"]["tokens_per_s"].is_null());
  EXPECT_GT(tgi["expected"]["low"].get<double>(), 0);
  EXPECT_THAT(run("predict --gpu L40S --engine TGI").out,
              HasSubstr("fewer than 10 boards: the range is that of all engines"));
  // On several GPUs an upper bound.
  const nlohmann::json two =
      run_json("predict --gpu L40S --gpus 2 --model llama-3-8b --engine vllm --json");
  EXPECT_TRUE(two["expected"]["low"].is_null());
  EXPECT_GT(two["expected"]["tokens_per_s"].get<double>(), expected);
}

TEST(Program, PredictSaysWhereTheRatesOfAnEngineEnd) {
  const nlohmann::json crowd =
      run_json("predict --gpu H200 --model llama-3-8b --engine vllm --batch 1000 --json");
  EXPECT_TRUE(crowd["expected"]["tokens_per_s"].is_null());
  EXPECT_TRUE(crowd["expected"]["high"].is_null());
  EXPECT_THAT(crowd["notes"].dump(), HasSubstr("nothing but the bound is known of batch 1000"));
  const std::string large = run("predict --gpu T4 --model llama-3-70b --engine vllm").out;
  EXPECT_THAT(large, HasSubstr("does not fit in memory: nothing is expected of vLLM"));
  EXPECT_THAT(large, Not(HasSubstr("\nexpected")));
  EXPECT_THAT(run("recommend --engine vllm --batch 1000").out,
              AllOf(HasSubstr("nothing but the bound is known of batch 1000"),
                    HasSubstr("Ranked by the bound")));
}

TEST(Program, RecommendNamesPricesThatItDidNotUse) {
  const std::string command =
      "recommend --model llama-2-70b --cloud aws --price a3-highgpu-8g=8 --price T4=0.3";
  EXPECT_THAT(run(command).out,
              AllOf(HasSubstr("! Prices that were not used, of another cloud: a3-highgpu-8g\n"),
                    HasSubstr("not enough GPUs to hold the model: T4\n")));
  EXPECT_EQ(run_json(command + " --json")["notices"].size(), 2u);
  EXPECT_THAT(run("recommend --price T4=0.3").out, Not(HasSubstr("not used")));
}

TEST(Program, PriceFilesAreReadByLine) {
  const std::string path = testing::TempDir() + "prices.csv";
  std::ofstream(path) << "# ours\ng5.xlarge,0.5,2020-01-01\n";
  EXPECT_THAT(run("recommend --prices " + path).out,
              testing::ContainsRegex("g5.xlarge .1 GPU. at 0.5000 USD/h, 2020-01-01, .* stale"));
  EXPECT_THAT(run("recommend --price g5.xlarge=0.4 --prices " + path).out,
              HasSubstr("at 0.4000 USD/h, as given"));
  std::ofstream(path) << "g5.xlarge,0.5\ng5.xlarge;0.6\n";
  const Outcome outcome = run("recommend --prices " + path + " 2>&1");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.out, HasSubstr(path + ":2: must be NAME,USD_PER_HOUR"));
  std::ofstream(path) << "g5.xlarge,0.5,2999-01-01\n";
  EXPECT_THAT(run("recommend --prices " + path + " 2>&1").out,
              HasSubstr(path + ":1: the date '2999-01-01' is in the future"));
}

TEST(Program, DialsAnswerFromARun) {
  const std::string path = shell_word(RECORDED_RESULT);
  const Outcome outcome = run("dials " + path);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("acceptance from which drafted tokens pay"));
  EXPECT_EQ(run_json("dials --time-per-token 1 --json " + path)["dials"].size(), 4u);
}

TEST(Program, RecommendSaysWhichGpusLackTheArithmetic) {
  EXPECT_THAT(
      run("recommend --math fp8").out,
      testing::ContainsRegex("no fp8, counted in what engines multiply in there: A10, .*T4"));
  EXPECT_THAT(run("recommend --math fp16").out, Not(HasSubstr("no fp16")));
}

TEST(Program, SpecsFolderComesFromTheOptionOrTheEnvironment) {
  const std::string message = "/nonexistent: cannot be read";
  EXPECT_THAT(run("specs --specs /nonexistent 2>&1").out, HasSubstr(message));
  EXPECT_THAT(run("specs 2>&1", "ROOFPROOF_SPECS=/nonexistent").out, HasSubstr(message));
}

TEST(Program, AFullDiskIsAnError) {
  const Outcome outcome = run("specs 2>&1 >/dev/full");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.out, HasSubstr("standard output cannot be written"));
}

// Numbers must not follow the user's locale.
TEST(Program, JsonIsTheSameInACommaLocale) {
  const std::string commas = "LOCPATH=" + shell_word(COMMA_LOCALES) + " LC_ALL=de_DE.UTF-8";
  if (run_command(commas + " locale decimal_point").out != ",\n") {
    GTEST_SKIP() << "no locale with decimal commas in " COMMA_LOCALES;
  }
  const std::string arguments = "predict --gpu T4 --parameters 7.5e9 --json";
  EXPECT_EQ(run(arguments, commas).out, run(arguments, "LC_ALL=C").out);
}

}  // namespace
