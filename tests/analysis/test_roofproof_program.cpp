// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The roofproof program from outside: exit codes, what goes to which stream, JSON that parses.
// ROOFPROOF_PROGRAM is the path of the program under test.

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
  EXPECT_EQ(fp16["fits"], true);
}

TEST(Program, AModelIsAlsoItsDimensions) {
  const nlohmann::json named = run_json("predict --gpu T4 --weights int4 --json");
  const nlohmann::json spelled =
      run_json("predict --gpu T4 --weights int4 --model 32x4096x14336x32x8x128x32000 --json");
  EXPECT_EQ(spelled["model"], "32x4096x14336x32x8x128x32000");
  EXPECT_EQ(spelled["time_per_token_s"], named["time_per_token_s"]);
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
  ASSERT_EQ(all["gpus"].size(), 22u);
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
      {"predict --gpu T4 --model gpt-5", "unknown model 'gpt-5'; known: mistral-7b"},
      {"predict --gpu T4 --model 32x4096",
       "model '32x4096': a model needs seven dimensions: layers x"},
      {"recommend --model 2x24x40x4x3x8x30", "its heads must be a multiple of its kv heads"},
      {"predict --gpu T4 --weights w8a16", "--weights must be fp32, fp16, int8 or int4"},
      {"predict --gpu T4 --parameters nan", "--parameters must be a positive number"},
      {"predict --gpu T4 --parameters 0", "--parameters must be a positive number"},
      {"predict --gpu T4 --bandwidth-gbs -1", "--bandwidth-gbs must be a positive number"},
      {"predict --gpu T4 --batch 0", "--batch"},
      {"predict --gpu T4 --parameters 7e9 --context 100", "--context"},
      {"predict --gpu T4 --parameters 7e9 --model tiny", "--model"},
      {"predict", "--gpu is required"},
      {"predict --from /nonexistent.json", "/nonexistent.json"},
      {"predict --from x.json --bandwidth-gbs 300", "--bandwidth-gbs"},
      {"compare /nonexistent.json", "/nonexistent.json"},
      {"compare --csv --json x.json", "--csv"},
      {"compare", "--published --gpu T4,A10G,A100"},
      {"compare --gpu T4", "--published"},
      {"compare x.json --published --gpu T4", "excludes"},
      {"compare --published --gpu T5", "T5"},
      {"recommend --weights w8a16", "--weights must be fp32, fp16, int8 or int4"},
      {"recommend --price g5.xlarge", "--price must be INSTANCE=USD_PER_HOUR"},
      {"recommend --price g5.xlarge=-1", "--price must be INSTANCE=USD_PER_HOUR"},
      {"recommend --price g99.huge=1", "unknown instance or GPU 'g99.huge'; known: A10, "},
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
  const std::string claims = run("claims").out;
  EXPECT_THAT(commands, HasSubstr(claims.substr(0, claims.find("\n\nfp16-halves-bytes"))));
}

TEST(Program, ReportPrintsItsDataAsJson) {
  const nlohmann::json data = run_json(std::string("report '") + RECORDED_RESULT + "' --json");
  EXPECT_EQ(data["runs"][0]["device"], "AMD EPYC");
  EXPECT_EQ(data["claims"].size(), 22u);
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
        "report --help", "export --help", "check --help", "baseline --help"}) {
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

TEST(Program, ColourIsForTerminalsThatTakeIt) {
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
  ASSERT_EQ(json["gpus"].size(), 22u);
  for (const nlohmann::json& gpu : json["gpus"]) {
    if (gpu["gpu"] != "A10G") continue;
    EXPECT_EQ(gpu["cost"]["price_given"], true);
    EXPECT_EQ(gpu["cost"]["usd_per_hour"], 1);
  }
  EXPECT_THAT(run("recommend").out, HasSubstr("THE ARTICLE'S CHOICES"));
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
