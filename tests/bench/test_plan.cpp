// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "bench/options.h"

namespace roofproof::bench {
namespace {

using testing::HasSubstr;

TEST(Plan, NamesAreUniqueInEveryProfileAndBackend) {
  for (const Backend backend : {Backend::host, Backend::cuda}) {
    std::size_t shorter = 1;
    for (const Profile profile : {Profile::quick, Profile::standard, Profile::full}) {
      const std::vector<Case> cases = make_plan(suite(), {backend, profile, "", ""});
      std::set<std::string> names;
      for (const Case& c : cases) EXPECT_TRUE(names.insert(c.name).second) << c.name;
      EXPECT_GE(cases.size(), shorter);
      shorter = cases.size();
    }
  }
}

TEST(Plan, QuickHoldsEveryRoofAndTheDecodeProjection) {
  for (const Backend backend : {Backend::host, Backend::cuda}) {
    std::set<std::string> names;
    for (const Case& c : make_plan(suite(), {backend, Profile::quick, "", ""}))
      names.insert(c.name);
    for (const char* wanted :
         {"peak/fp32/hand", "gemv/fp16/hand/n:14336/k:4096/batch:1",
          "gemv/int8/hand/n:14336/k:4096/batch:1", "gemv/int4/hand/n:14336/k:4096/batch:1"}) {
      EXPECT_TRUE(names.count(wanted)) << wanted;
    }
  }
}

// What a run is allowed to take, case by case. An allowance, not a measurement: the time that the
// protocol gives a case and its warm-up, twice the shortest sample to find its launches, and for
// preparing and checking it 0.1 s, or 0.8 s where a whole model of 7e9 weights is made and packed
// on the GPU. On the host making the buffers of a GEMV or a GEMM takes longest: 22 cases took 0.74
// s each in a recorded run, on 2 cores.
double allowed_s(const Case& planned, Backend backend, const Protocol& protocol) {
  const Timing& timing = protocol.timing(planned.problem.op);
  const double timed_s = timing.warmup_s + timing.case_time_s + 2 * timing.sample_time_s;
  const bool whole_model = planned.problem.op == Op::decode;
  if (backend == Backend::cuda) return timed_s + (whole_model ? 0.8 : 0.1);
  const bool tiny = planned.problem.shape.model == "tiny";
  return tiny ? timed_s + 0.1 : 0.74;
}

double allowed_s(Backend backend, Profile profile) {
  constexpr double process_start_s = 0.7;
  const Protocol protocol = bench::protocol(profile);
  double session_s = process_start_s + protocol.warmup_s + protocol.idle_s;
  for (const Case& planned : make_plan(suite(), {backend, profile, "", ""})) {
    session_s += allowed_s(planned, backend, protocol);
  }
  return protocol.sessions * session_s;
}

TEST(Plan, ProfilesKeepTheirTime) {
  EXPECT_LE(allowed_s(Backend::host, Profile::quick), 90);
  EXPECT_LE(allowed_s(Backend::host, Profile::standard), 360);
  EXPECT_LE(allowed_s(Backend::cuda, Profile::quick), 90);
  EXPECT_LE(allowed_s(Backend::cuda, Profile::standard), 360);
}

std::set<std::string> planned_names(Backend backend, Profile profile) {
  std::set<std::string> names;
  for (const Case& c : make_plan(suite(), {backend, profile, "", ""})) names.insert(c.name);
  return names;
}

TEST(Plan, AStepHasItsLadderInTheShortestProfile) {
  constexpr std::pair<Backend, const char*> steps[] = {
      {Backend::cuda, "decode/fp16/hand/model:mistral-7b"},
      {Backend::cuda, "decode/int8/hand/model:mistral-7b"},
      {Backend::cuda, "decode/int4/hand/model:mistral-7b"},
      {Backend::host, "decode/fp32/hand/model:tiny"},
      {Backend::host, "decode/int4/hand/model:tiny"},
  };
  for (const auto& [backend, model] : steps) {
    const std::set<std::string> names = planned_names(backend, Profile::quick);
    const std::string step = std::string(model) + "/batch:1/context:0";
    EXPECT_TRUE(names.count(step)) << step;
    for (const char* rung : {"stream_only", "gemv_only", "unordered", "launches_only"}) {
      EXPECT_TRUE(names.count(step + "/kernel:" + rung)) << step << " " << rung;
    }
  }
}

// Of the weight formats libraries multiply FP16 alone: wherever that is measured on a GPU.
TEST(Plan, LibrariesStandBesideEveryFp16Gemv) {
  for (const Profile profile : {Profile::quick, Profile::standard, Profile::full}) {
    std::map<Implementation, std::vector<std::string>> measured;
    for (const Case& c : make_plan(suite(), {Backend::cuda, profile, "^gemv/fp16/", ""})) {
      measured[c.implementation].push_back(benchmark_name(c.problem, Implementation::hand));
    }
    const std::vector<std::string>& by_hand = measured[Implementation::hand];
    EXPECT_THAT(by_hand, testing::Contains("gemv/fp16/hand/n:14336/k:4096/batch:1"));
    EXPECT_EQ(measured[Implementation::cublas], by_hand);
    EXPECT_EQ(measured[Implementation::cublaslt], by_hand);
  }
}

// What analysis looks for: both gradients of a forward GEMM, in the profile in which that is.
TEST(Plan, TrainingHasItsThreeGemms) {
  for (const char* name :
       {"gemm/fp16/hand/m:2048/n:14336/k:4096", "gemm/fp16/hand/m:2048/n:4096/k:14336",
        "gemm/fp16/hand/m:14336/n:4096/k:2048"}) {
    EXPECT_TRUE(planned_names(Backend::cuda, Profile::standard).count(name)) << name;
  }
  for (const char* name : {"gemm/fp32/hand/m:512/n:1408/k:512", "gemm/fp32/hand/m:512/n:512/k:1408",
                           "gemm/fp32/hand/m:1408/n:512/k:512"}) {
    EXPECT_TRUE(planned_names(Backend::host, Profile::quick).count(name)) << name;
  }
}

TEST(Plan, FullSweepsEveryBatchAtEveryContext) {
  const std::set<std::string> names = planned_names(Backend::cuda, Profile::full);
  for (const char* model : {"mistral-7b", "llama-3-8b"}) {
    for (const char* weights : {"fp32", "fp16", "int8", "int4"}) {
      for (int batch = 1; batch <= 256; batch *= 2) {
        for (const int context : {0, 1024, 8192}) {
          EXPECT_TRUE(names.count(std::string("decode/") + weights + "/hand/model:" + model +
                                  "/batch:" + std::to_string(batch) +
                                  "/context:" + std::to_string(context)));
        }
      }
    }
  }
}

// What is short is measured three times in full: in rotation, cold and by itself, hot.
TEST(Plan, FullHasShortKernelsColdAndHot) {
  const std::set<std::string> names = planned_names(Backend::cuda, Profile::full);
  for (const std::string name :
       {"gemv/int4/hand/n:4096/k:4096/batch:1", "gemm/fp16/hand/m:1024/n:1024/k:1024",
        "gemm/fp16/cublaslt/m:1024/n:1024/k:1024"}) {
    for (const char* condition : {"", "/cache:cold", "/cache:hot"}) {
      EXPECT_TRUE(names.count(name + condition)) << name << condition;
    }
  }
  for (const std::string& name : planned_names(Backend::cuda, Profile::standard)) {
    EXPECT_THAT(name, testing::Not(HasSubstr("cache:")));
  }
  // A name has one condition: of a forced kernel none is measured so.
  for (const Case& c : make_plan(suite(), {Backend::cuda, Profile::full, "", "simt"})) {
    EXPECT_EQ(c.caches, Caches::rotated) << c.name;
  }
  const SuiteRow cold = {.op = Op::gemv,
                         .precisions = {Precision::fp16},
                         .shapes = {{.n = 8, .k = 8, .batch = 1}},
                         .implementations = {Implementation::hand},
                         .backend = Backend::cuda,
                         .profile = Profile::full,
                         .varied = {.caches = {Caches::cold}}};
  EXPECT_EQ(make_plan({&cold, 1}, {Backend::cuda, Profile::full, "", ""}).size(), 1u);
  EXPECT_TRUE(make_plan({&cold, 1}, {Backend::cuda, Profile::full, "", "simt"}).empty());
}

TEST(Plan, FullPrefillsFrom128TokensTo4096) {
  const std::set<std::string> names = planned_names(Backend::cuda, Profile::full);
  for (const char* weights : {"fp16", "int8", "int4"}) {
    for (int m = 128; m <= 4096; m *= 2) {
      EXPECT_TRUE(names.count(std::string("prefill/") + weights +
                              "/hand/model:mistral-7b/m:" + std::to_string(m)));
    }
  }
}

TEST(Plan, FilterIsARegularExpressionFoundInTheName) {
  for (const Case& c :
       make_plan(suite(), {Backend::cuda, Profile::full, "^gemm/fp16/.*m:1/", ""})) {
    EXPECT_EQ(c.problem.op, Op::gemm);
    EXPECT_EQ(c.problem.shape.m, 1);
  }
  EXPECT_THROW(make_plan(suite(), {Backend::host, Profile::quick, "(", ""}), std::invalid_argument);
}

// On a GPU that is there for minutes a filter that finds nothing would be found out too late.
TEST(Plan, GpuChecksFiltersFindWhatTheyAreFor) {
  std::ifstream file(GPU_CHECK);
  const std::string script{std::istreambuf_iterator<char>(file), {}};
  std::map<std::string, std::size_t> found;
  const std::regex quoted("(one_case|--filter) '(\\^[^']*)'");
  for (std::sregex_iterator at(script.begin(), script.end(), quoted), end; at != end; ++at) {
    const Profile profile = (*at)[1] == "one_case" ? Profile::quick : Profile::full;
    found[(*at)[2]] = make_plan(suite(), {Backend::cuda, profile, (*at)[2], ""}).size();
  }
  EXPECT_THAT(found, testing::UnorderedElementsAre(
                         // FP16, INT8 and INT4, 14336 x 4096 at four batches, three others at two.
                         testing::Pair(HasSubstr("/batch:(1|8|9|16)$"), 3u * (4 + 3 * 2)),
                         testing::Pair(HasSubstr("^copy/"), 1),
                         testing::Pair(HasSubstr("^gemv/fp16/hand/n:14336"), 1),
                         testing::Pair(HasSubstr("^decode/int4/"), 1),
                         testing::Pair(HasSubstr("m:(4096|8192)"), testing::Gt(0u)),
                         testing::Pair(HasSubstr("^gemm/.*m:4096"), testing::Gt(0u))));
}

TEST(Plan, ARowThatNamesItsKernelsIsOneCaseForEach) {
  const SuiteRow ladder = {.op = Op::decode,
                           .precisions = {Precision::fp16},
                           .shapes = {{.batch = 1, .model = "tiny"}},
                           .implementations = {Implementation::hand},
                           .backend = Backend::host,
                           .profile = Profile::quick,
                           .varied = {.kernels = {"stream_only", "gemv_only"}}};
  std::vector<std::string> names;
  for (const Case& c : make_plan({&ladder, 1}, {Backend::host, Profile::quick, "", ""})) {
    names.push_back(c.name + " by " + c.kernel);
  }
  const std::string name = "decode/fp16/hand/model:tiny/batch:1/context:0/kernel:";
  EXPECT_THAT(names, testing::ElementsAre(name + "stream_only by stream_only",
                                          name + "gemv_only by gemv_only"));
  EXPECT_TRUE(make_plan({&ladder, 1}, {Backend::host, Profile::quick, "", "simt"}).empty());
}

TEST(Plan, AModelTakesThePlaceOfEveryOther) {
  const SuiteRow rows[] = {{Op::decode,
                            {Precision::fp16},
                            {{.batch = 1, .model = "tiny"}, {.batch = 1, .model = "llama-3-8b"}},
                            {Implementation::hand},
                            Backend::host,
                            Profile::quick},
                           {Op::read,
                            {Precision::fp32},
                            {{.bytes = 1024}},
                            {Implementation::hand},
                            Backend::host,
                            Profile::quick}};
  std::vector<std::string> names;
  for (const Case& c :
       make_plan(rows, {Backend::host, Profile::quick, "", "", "2x24x40x4x2x8x30"})) {
    names.push_back(c.name);
  }
  EXPECT_THAT(names,
              testing::ElementsAre("decode/fp16/hand/model:2x24x40x4x2x8x30/batch:1/context:0",
                                   "read/fp32/hand/bytes:1024"));
}

TEST(Plan, AModelThatNoKernelComputesLeavesTheRest) {
  const std::vector<Case> cases = make_plan(
      suite(), {.backend = Backend::host, .profile = Profile::quick, .without_models = true});
  ASSERT_FALSE(cases.empty());
  for (const Case& c : cases) EXPECT_EQ(c.problem.shape.model, "");
}

// Any name of a model, or its config.json, is measured under the name that kernels have for it.
TEST(Options, ModelsAreMeasuredAsFarAsKernelsGo) {
  const auto parsed = [](std::string model) {
    char program[] = "bench_all", option[] = "--model";
    char* arguments[] = {program, option, model.data()};
    return parse_options(3, arguments);
  };
  EXPECT_EQ(parsed("meta-llama/Meta-Llama-3-8B").options.model, "llama-3-8b");
  EXPECT_EQ(parsed("meta-llama/Meta-Llama-3-8B").options.model_notice, "");
  const Options biases = parsed("Qwen/Qwen2.5-7B-Instruct").options;
  EXPECT_EQ(biases.model, "28x3584x18944x28x4x128x152064");
  EXPECT_THAT(biases.model_notice, testing::HasSubstr("predicted only: its biases"));
  const Options experts = parsed("mixtral-8x7b").options;
  EXPECT_TRUE(experts.is_predicted_only);
  EXPECT_THAT(experts.model_notice, testing::HasSubstr("no kernel computes such layers"));
  EXPECT_EQ(parsed("gpt-5").exit_code, 2);
}

TEST(Plan, ForcedKernelLeavesTheLibrariesOut) {
  const std::vector<Case> cases =
      make_plan(suite(), {Backend::cuda, Profile::quick, "gemm", "simt"});
  ASSERT_FALSE(cases.empty());
  for (const Case& c : cases) {
    EXPECT_EQ(c.implementation, Implementation::hand);
    EXPECT_THAT(c.name, testing::EndsWith("/kernel:simt"));
  }
}

}  // namespace
}  // namespace roofproof::bench
