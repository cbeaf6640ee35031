// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>

#include "analysis/article.h"
#include "analysis/embedded.h"
#include "analysis/input_error.h"

namespace roofproof::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

const SpecTable& table() {
  static const SpecTable specs = SpecTable::load();
  return specs;
}

const GpuSpec& spec(const std::string& name) {
  for (const GpuSpec& gpu : table().gpus()) {
    if (gpu.name == name) return gpu;
  }
  throw std::runtime_error("no spec " + name);
}

std::string embedded_text(std::string_view file) {
  for (const EmbeddedFile& embedded : embedded_specs()) {
    if (embedded.name == file) return std::string(embedded.bytes);
  }
  throw std::runtime_error("not embedded");
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("'" + from + "' is not in the text");
  return text.replace(at, from.size(), to);
}

template <class Call>
std::string message_of(const Call& call) {
  try {
    call();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "nothing thrown";
}

// A folder of its own, gone with the test.
class SpecFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(::testing::TempDir()) / (std::string("specs ") + test->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& file, const std::string& text) const {
    std::ofstream(folder_ / file) << text;
  }
  std::filesystem::path folder_;
};

// --- the data --------------------------------------------------------------------------------

TEST(SpecData, HoldsEveryGpu) { EXPECT_EQ(table().gpus().size(), embedded_specs().size()); }

// What the printed figures are, apart from the files: TFLOPS and TOPS dense, GB/s, GiB, SMs.
struct Printed {
  const char* name;
  double fp32, fp16, int8, bandwidth, memory, sm_count;
};
constexpr Printed printed[] = {
    {"T4", 8.1, 65, 130, 320, 16, 40},
    {"A10", 31.2, 125, 250, 600, 24, 72},
    {"A10G", 35, 70, 140, 600, 24, 80},
    {"L4", 30.3, 121, 242, 300, 24, 58},
    {"A40", 37.4, 149.7, 299.3, 696, 48, 84},
    {"L40S", 91.6, 362.05, 733, 864, 48, 142},
    {"A100 40GB PCIe", 19.5, 312, 624, 1555, 40, 108},
    {"A100 40GB SXM4", 19.5, 312, 624, 1555, 40, 108},
    {"A100 80GB PCIe", 19.5, 312, 624, 1935, 80, 108},
    {"A100 80GB SXM4", 19.5, 312, 624, 2039, 80, 108},
    {"H100 PCIe", 51, 756.5, 1513, 2000, 80, 114},
    {"H100 SXM5", 67, 989.4, 1978.9, 3350, 80, 132},
    {"H100 NVL", 60, 835, 1670.5, 3938, 94, 132},
    {"H200 SXM", 67, 989.4, 1978.9, 4800, 141, 132},
    {"GH200 96GB", 67, 989.4, 1978.9, 4000, 96, 132},
    {"RTX 3090", 35.58, 71, 284, 936, 24, 82},
    {"RTX 4090", 82.58, 165.2, 660.6, 1008, 24, 128},
    {"B200", 80, 2250, 4500, 8000, 180, 148},
    {"L20", 59.35, 119.5, 239, 864, 48, 92},
    {"H20", 44, 148, 296, 4000, 96, 78},
    {"RTX 5090", 104.8, 209.5, 838, 1792, 32, 170},
    {"RTX 5080", 56.28, 112.6, 450.2, 960, 16, 84},
    {"RTX PRO 6000 Blackwell Server", 126, 503.8, 1007.6, 1792, 96, 188},
    {"RTX PRO 6000 Blackwell Workstation", 126, 503.8, 1007.6, 1792, 96, 188},
    {"B300", 76.99, 2250, 153.5, 7750, 288, 148},
    {"GB200", 80, 2500, 5000, 8000, 186, 152},
    {"GB300", 80, 2500, 165, 8000, 288, 152},
    {"A30", 10.3, 165, 330, 933, 24, 56},
    {"L40", 90.5, 181.05, 362.1, 864, 48, 142},
    {"RTX A6000", 38.7, 154.8, 309.7, 768, 48, 84},
    {"RTX 6000 Ada", 91.1, 364.2, 728.5, 960, 48, 142},
    {"RTX 2080 Ti", 13.4, 53.8, 215.2, 616, 11, 68},
    {"RTX 3080", 29.77, 59.5, 238, 760, 10, 68},
    {"RTX 4080", 48.74, 97.5, 389.9, 717, 16, 76},
    {"T4G", 8.14, 65.1, 130.2, 320, 16, 40},
};

TEST(SpecData, FiguresAreThePrintedOnes) {
  for (const Printed& row : printed) {
    const GpuSpec& gpu = spec(row.name);
    EXPECT_DOUBLE_EQ(*gpu.peak_per_s(Arithmetic::fp32).value, row.fp32 * 1e12) << row.name;
    EXPECT_DOUBLE_EQ(*gpu.peak_per_s(Arithmetic::fp16).value, row.fp16 * 1e12) << row.name;
    EXPECT_DOUBLE_EQ(*gpu.peak_per_s(Arithmetic::int8).value, row.int8 * 1e12) << row.name;
    EXPECT_DOUBLE_EQ(*gpu.memory_bandwidth_bytes_per_s.value, row.bandwidth * 1e9) << row.name;
    EXPECT_DOUBLE_EQ(*gpu.memory_bytes.value, row.memory * 1073741824.0) << row.name;
    EXPECT_DOUBLE_EQ(*gpu.sm_count.value, row.sm_count) << row.name;
  }
  for (const char* volta : {"V100 SXM2 16GB", "V100 SXM2 32GB"}) {
    EXPECT_DOUBLE_EQ(*spec(volta).peak_per_s(Arithmetic::fp32).value, 15.7e12);
    EXPECT_DOUBLE_EQ(*spec(volta).peak_per_s(Arithmetic::fp16).value, 125e12);
    EXPECT_EQ(spec(volta).peak_per_s(Arithmetic::int8).status, FigureStatus::unsupported);
    EXPECT_DOUBLE_EQ(*spec(volta).memory_bandwidth_bytes_per_s.value, 900e9);
  }
}

// SMs x clock x rate, and clock x bus, against every printed figure: what differs is explained in
// the file, and what is explained does differ.
TEST(SpecData, AddsUpOrSaysWhyNot) {
  const std::set<std::string> little_is_known = {"GB10", "H20-3e"};
  for (const GpuSpec& gpu : table().gpus()) {
    std::set<std::string> checked;
    for (const SpecCheck& check : check_spec(gpu)) {
      checked.insert(check.figure);
      EXPECT_TRUE(check.ok()) << gpu.name << " " << check.figure << ": computed " << check.computed
                              << ", datasheet " << check.datasheet
                              << (check.discrepancy ? ", explained" : ", unexplained");
    }
    for (const Discrepancy& discrepancy : gpu.known_discrepancies) {
      for (const std::string& figure : discrepancy.figures) {
        EXPECT_TRUE(checked.contains(figure)) << gpu.name << " explains " << figure;
      }
    }
    // Bandwidth, FP32 and FP16 at the least.
    EXPECT_GE(checked.size(), little_is_known.contains(gpu.name) ? 0u : 3u) << gpu.name;
  }
}

TEST(SpecData, TellsWhatIsUnconfirmed) {
  EXPECT_EQ(spec("A10G").peak_per_s(Arithmetic::int8).status, FigureStatus::unconfirmed);
  EXPECT_EQ(spec("A10G").peak_per_s(Arithmetic::fp16_acc16).status, FigureStatus::unknown);
  EXPECT_EQ(spec("T4").memory_bandwidth_bytes_per_s.status, FigureStatus::read);
  EXPECT_EQ(spec("L4").peak_per_s(Arithmetic::tf32).status, FigureStatus::derived);
  EXPECT_EQ(spec("L40S").l2_cache_bytes.status, FigureStatus::read);
  EXPECT_EQ(spec("GB300").memory_bytes.status, FigureStatus::conflict);
  EXPECT_EQ(spec("H100 SXM5").peak_per_s(Arithmetic::int4).status, FigureStatus::unsupported);
}

TEST(SpecData, WhatWasAchievedIsPossible) {
  const std::set<std::string> without = {"GH200 96GB", "H100 NVL", "A30",          "GB200", "GB300",
                                         "H20-3e",     "RTX 4080", "RTX 6000 Ada", "T4G"};
  for (const GpuSpec& gpu : table().gpus()) {
    EXPECT_EQ(gpu.achieved.empty(), without.contains(gpu.name)) << gpu.name;
    for (const auto& [kind, figure] : gpu.achieved) {
      const bool arithmetic = kind.first == Op::peak || kind.first == Op::gemm;
      const double ceiling =
          !arithmetic                      ? *gpu.memory_bandwidth_bytes_per_s.value
          : kind.second == Precision::fp32 ? *gpu.peak_per_s(Arithmetic::fp32).value
          : kind.second == Precision::fp16 ? *gpu.peak_per_s(Arithmetic::fp16).value
                                           : *gpu.peak_per_s(Arithmetic::int8).value;
      EXPECT_GT(*figure.value, 0.4 * ceiling) << gpu.name << " " << kind_name(kind);
      EXPECT_LT(*figure.value, 1.0 * ceiling) << gpu.name << " " << kind_name(kind);
    }
  }
  const auto achieved = [](const char* gpu, Op op, Precision precision) {
    return *spec(gpu).achieved.at({op, precision}).value;
  };
  EXPECT_DOUBLE_EQ(achieved("T4", Op::copy, Precision::fp32), 240e9);
  EXPECT_DOUBLE_EQ(achieved("T4", Op::gemm, Precision::fp16), 41.91e12);
  EXPECT_DOUBLE_EQ(achieved("A100 80GB SXM4", Op::gemm, Precision::int8), 486.3e12);
  EXPECT_DOUBLE_EQ(achieved("H100 SXM5", Op::gemv, Precision::fp16), 2905e9);
}

TEST(SpecData, ArticleRowsBelongToTheirGpus) {
  EXPECT_EQ(find_article_row("A100 40GB PCIe"), find_article_row("A100 80GB SXM4"));
  EXPECT_DOUBLE_EQ(find_article_row("A10G")->fp16_flop_per_s, 125e12);
  EXPECT_EQ(find_article_row("H100 SXM5")->gpu, "H100");
  EXPECT_EQ(find_article_row("H100 PCIe"), nullptr);
  EXPECT_EQ(find_article_row("L4"), nullptr);
  for (const ArticleRow& row : article_peaks) {
    EXPECT_EQ(find_article_row(table().choose(row.gpu).gpu->name), &row) << row.gpu;
  }
}

// --- the check itself ----------------------------------------------------------------------------

SpecCheck check_of(const std::string& text, const std::string& figure) {
  const GpuSpec gpu = parse_spec(text, "changed.json");
  for (SpecCheck check : check_spec(gpu)) {
    // The discrepancy would dangle; only whether there is one counts here.
    if (check.figure == figure) return check;
  }
  throw std::runtime_error("no check of " + figure);
}

TEST(SpecCheck, AnUnexplainedDifferenceFails) {
  const std::string t4 = embedded_text("t4.json");
  EXPECT_TRUE(check_of(t4, "fp32").ok());
  EXPECT_FALSE(check_of(replaced(t4, "\"value\": 8.1,", "\"value\": 8.3,"), "fp32").ok());
  EXPECT_FALSE(check_of(replaced(t4, "\"value\": 320, \"unit\": \"GB/s\"",
                                 "\"value\": 300, \"unit\": \"GB/s\""),
                        "memory_bandwidth")
                   .ok());
}

TEST(SpecCheck, AnExplanationOfNothingFails) {
  const std::string t4 =
      replaced(embedded_text("t4.json"), "\"known_discrepancies\": []",
               R"("known_discrepancies": [{"figures": ["fp32"], "reason": "x"}])");
  const GpuSpec gpu = parse_spec(t4, "t4.json");
  EXPECT_FALSE(check_spec(gpu).front().ok());
}

TEST(SpecCheck, ADatasheetClockMustGiveTheFigure) {
  const std::string h100 = embedded_text("h100-sxm5.json");
  const GpuSpec right = parse_spec(h100, "h100.json");
  const GpuSpec wrong =
      parse_spec(replaced(h100, "\"value\": 1830,", "\"value\": 1750,"), "h100.json");
  EXPECT_EQ(check_spec(right)[2].figure, "fp16");
  EXPECT_TRUE(check_spec(right)[2].ok());
  EXPECT_NEAR(check_spec(right)[2].difference(), 0.082, 0.0005);
  EXPECT_FALSE(check_spec(wrong)[2].ok());
}

// --- reading -------------------------------------------------------------------------------------

TEST(SpecFile, ErrorsNameTheFileAndThePlace) {
  struct Case {
    const char* from;
    const char* to;
    const char* message;
  };
  const Case cases[] = {
      {"\"value\": 40,", "\"value\": \"40\",",
       "bad.json: figures.sm_count.value: must be a number"},
      {"\"value\": 40,", "\"value\": -40,", "figures.sm_count.value: must be positive"},
      {"\"unit\": \"MHz\"", "\"unit\": \"GHz\"", "figures.boost_clock.unit: 'GHz' is not a unit"},
      {"\"status\": \"read\", \"source\": [\"t4_dq\"]},\n    \"boost",
       "\"status\": \"sure\", \"source\": [\"t4_dq\"]},\n    \"boost",
       "figures.sm_count.status: must be read, derived"},
      {"\"sm_count\"", "\"sms\"", "figures: has an unknown key 'sms'"},
      {"\"aliases\"", "\"alias\"", "has an unknown key 'alias'"},
      {"[\"t4_dq\"]},\n    \"boost", "[\"t4_qd\"]},\n    \"boost", "cites 't4_qd'"},
      {"[\"t4_dq\"]},\n    \"boost", "[]},\n    \"boost", "sm_count.source: must name a source"},
      {"\"guide7\": \"CUDA", "\"spare\": \"x\",\n    \"guide7\": \"CUDA", "'spare' is not cited"},
      {"\"value\": null", "\"value\": 7", "must be null where the status is unsupported"},
      {"\"1EB8\"", "\"1eb8\"", "'1eb8' is not four hexadecimal digits"},
      {"\"fp32\": {", "\"fp31\": {", "has an unknown arithmetic 'fp31'"},
      {"\"gemm/fp16\"", "\"gemm/fp8\"", "achieved.gemm/fp8: is not an operation/precision"},
      {"\"gemm/fp16\"", "\"gemm\"", "achieved.gemm: is not an operation/precision"},
      {"\"copy/fp32\": {\"value\": 240, \"unit\": \"GB/s\"",
       "\"copy/fp32\": {\"value\": 240, \"unit\": \"TOPS\"",
       "achieved.copy/fp32.unit: 'TOPS' is not a unit of this figure"},
      {"\"value\": 240, \"unit\": \"GB/s\", \"status\": \"read\"",
       "\"value\": null, \"unit\": \"GB/s\", \"status\": \"unknown\"",
       "achieved.copy/fp32: must have a value"},
      {"\"name\": \"T4\",", "\"name\": \"T4\", \"name\": \"T4\",", "appears twice"},
      {"\"name\": \"T4\",", "\"name\": \"T4\"", "is not valid JSON"},
  };
  for (const Case& change : cases) {
    const std::string text = replaced(embedded_text("t4.json"), change.from, change.to);
    EXPECT_THAT(message_of([&] { parse_spec(text, "bad.json"); }),
                ::testing::AllOf(HasSubstr("bad.json: "), HasSubstr(change.message)));
  }
  const std::string peakless =
      replaced(embedded_text("v100-sxm2-16gb.json"), "\"gemm/fp16\"", "\"gemm/int8\"");
  EXPECT_THAT(message_of([&] { parse_spec(peakless, "bad.json"); }),
              HasSubstr("achieved.gemm/int8: has no peak to be a share of"));
  const std::string unreasoned = replaced(
      embedded_text("a10g.json"), ", \"note\": \"read in texts that quote the document\"", "");
  EXPECT_THAT(message_of([&] { parse_spec(unreasoned, "bad.json"); }),
              HasSubstr("peaks.fp32: needs a note"));
}

TEST_F(SpecFolder, ReplacesAndAddsFiles) {
  write("t4.json", replaced(embedded_text("t4.json"), "\"value\": 320,", "\"value\": 319,"));
  write(
      "mine.json",
      replaced(replaced(replaced(embedded_text("t4.json"), "\"name\": \"T4\"", "\"name\": \"T9\""),
                        "Tesla T4", "Tesla T9"),
               "1EB8", "FFFF"));
  write("notes.txt", "not a spec");
  const SpecTable specs = SpecTable::load(folder_);
  EXPECT_EQ(specs.gpus().size(), embedded_specs().size() + 1);
  EXPECT_DOUBLE_EQ(*specs.choose("T4").gpu->memory_bandwidth_bytes_per_s.value, 319e9);
  EXPECT_EQ(specs.match_device({.name = "Tesla T9"}).spec->name, "T9");
}

TEST_F(SpecFolder, RefusesTwoClaimsToOneName) {
  write("mine.json", replaced(embedded_text("t4.json"), "\"name\": \"T4\"", "\"name\": \"T9\""));
  EXPECT_THAT(message_of([&] { SpecTable::load(folder_); }),
              ::testing::AllOf(HasSubstr("'Tesla T4' is also in"), HasSubstr("mine.json"),
                               HasSubstr("t4.json")));
}

TEST_F(SpecFolder, MustHoldSpecs) {
  EXPECT_THAT(message_of([&] { SpecTable::load(folder_); }), HasSubstr("holds no spec file"));
  EXPECT_THAT(message_of([&] { SpecTable::load(folder_ / "gone"); }), HasSubstr("cannot be read"));
  write("t4.json", "{");
  EXPECT_THAT(message_of([&] { SpecTable::load(folder_); }), HasSubstr("t4.json: byte"));
}

// --- names ---------------------------------------------------------------------------------------

TEST(SpecTable, ChoosesByNameAliasOrDeviceName) {
  EXPECT_EQ(table().choose("t4").gpu->name, "T4");
  EXPECT_EQ(table().choose("Tesla T4").gpu->name, "T4");
  EXPECT_EQ(table().choose("NVIDIA A100-SXM4-40GB").gpu->name, "A100 40GB SXM4");
  EXPECT_EQ(table().choose("a100-80gb-pcie").gpu->name, "A100 80GB PCIe");
  EXPECT_EQ(table().choose("GeForce RTX 4090").gpu->name, "RTX 4090");
  EXPECT_TRUE(table().choose("T4").others.empty());
  EXPECT_TRUE(table().choose("A10").others.empty());
  EXPECT_TRUE(table().choose("H100 PCIe").others.empty());
}

TEST(SpecTable, SaysWhatAShortNameMayMean) {
  const auto names = [](const SpecChoice& choice) {
    std::vector<std::string> result;
    for (const GpuSpec* gpu : choice.others) result.push_back(gpu->name);
    return result;
  };
  const SpecChoice a100 = table().choose("A100");
  EXPECT_EQ(a100.gpu->name, "A100 80GB SXM4");
  EXPECT_THAT(names(a100),
              UnorderedElementsAre("A100 40GB PCIe", "A100 40GB SXM4", "A100 80GB PCIe"));
  const SpecChoice h100 = table().choose("h100");
  EXPECT_EQ(h100.gpu->name, "H100 SXM5");
  EXPECT_THAT(names(h100), UnorderedElementsAre("H100 PCIe", "H100 NVL"));
  EXPECT_THAT(names(table().choose("V100")), ElementsAre("V100 SXM2 32GB", "V100S PCIe 32GB"));
}

TEST(SpecTable, AnUnknownGpuListsTheKnownOnes) {
  EXPECT_THAT(
      message_of([] { table().choose("MI300X"); }),
      ::testing::AllOf(HasSubstr("unknown GPU 'MI300X'"), HasSubstr("A10G, "), HasSubstr("T4")));
  EXPECT_THROW(table().choose(""), InputError);
  EXPECT_THROW(table().choose("nvidia"), InputError);
}

// --- what a device can reach -----------------------------------------------------------------

TEST(DevicePeaks, UseTheDevicesOwnNumbers) {
  DeviceRecord device;
  device.name = "NVIDIA H100 PCIe";
  device.processors = 114;
  device.sm_clock_max_hz = 1755e6;
  device.memory_clock_max_hz = 1593e6;
  device.memory_bus_bits = 5120;
  const DevicePeaks peaks = device_peaks(device, table());
  ASSERT_NE(peaks.spec, nullptr);
  EXPECT_DOUBLE_EQ(*peaks.peak_per_s(Arithmetic::fp16), 114 * 1755e6 * 4096);
  EXPECT_DOUBLE_EQ(*peaks.bytes_per_s, 2 * 1593e6 * 640);
  EXPECT_EQ(peaks.peak_per_s(Arithmetic::int4), std::nullopt);

  device.processors = 57;  // half a GPU
  EXPECT_DOUBLE_EQ(*device_peaks(device, table()).peak_per_s(Arithmetic::fp16), 57 * 1755e6 * 4096);
}

TEST(DevicePeaks, TakeFromTheSpecWhatTheDeviceDoesNotReport) {
  DeviceRecord device;
  device.name = "Tesla T4";
  const DevicePeaks peaks = device_peaks(device, table());
  EXPECT_DOUBLE_EQ(*peaks.peak_per_s(Arithmetic::fp32), 40 * 1590e6 * 128);
  EXPECT_DOUBLE_EQ(*peaks.bytes_per_s, 2 * 5001e6 * 32);
  EXPECT_THAT(peaks.basis, HasSubstr("T4"));
}

TEST(DevicePeaks, OfAnUnknownGpuAreAnUpperBoundAndSaySo) {
  DeviceRecord device;
  device.name = "NVIDIA RTX A2000";
  device.compute_capability = "8.6";
  device.processors = 26;
  device.sm_clock_max_hz = 1200e6;
  device.memory_clock_max_hz = 6001e6;
  device.memory_bus_bits = 192;
  const DevicePeaks peaks = device_peaks(device, table());
  EXPECT_EQ(peaks.spec, nullptr);
  EXPECT_THAT(peaks.basis, ::testing::AllOf(HasSubstr("not in the spec table"), HasSubstr("8.6"),
                                            HasSubstr("upper bound")));
  EXPECT_DOUBLE_EQ(*peaks.peak_per_s(Arithmetic::fp32), 26 * 1200e6 * 256);
  EXPECT_DOUBLE_EQ(*peaks.peak_per_s(Arithmetic::fp16), 26 * 1200e6 * 1024);  // not GeForce's 512
  EXPECT_DOUBLE_EQ(*peaks.bytes_per_s, 2 * 6001e6 * 24);

  device.compute_capability = "99.0";
  const DevicePeaks none = device_peaks(device, table());
  EXPECT_THAT(none.basis, HasSubstr("no arithmetic peak can be derived"));
  EXPECT_EQ(none.peak_per_s(Arithmetic::fp32), std::nullopt);
  EXPECT_DOUBLE_EQ(*none.bytes_per_s, 2 * 6001e6 * 24);
}

}  // namespace
}  // namespace roofproof::analysis
