// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/claims/claims.h"
#include "analysis/compare/compare.h"
#include "analysis/recommend/recommend.h"
#include "analysis/spec.h"
#include "tests/analysis/device_fixture.h"
#include "tests/record_fixture.h"

namespace roofproof::analysis {
namespace {

using testing::HasSubstr;
using enum Implementation;

const SpecTable& table() {
  static const SpecTable table = SpecTable::load();
  return table;
}

// The GPU that a device is of, whole or not; "" where the table has none.
std::string kin(const char* name, std::optional<std::string> pci_device_id = std::nullopt) {
  const DeviceMatch match = table().match_device(
      {.backend = Backend::cuda, .name = name, .pci_device_id = pci_device_id});
  return match.spec ? match.spec->name : "";
}

std::string why_not_whole(const DeviceRecord& device) {
  return table().match_device(device).why_not_whole;
}

TEST(DeviceMatch, IsByNameThenByPciId) {
  EXPECT_EQ(kin("NVIDIA A10G"), "A10G");
  EXPECT_EQ(kin("A10G"), "A10G");  // an old driver
  EXPECT_EQ(kin("NVIDIA Tesla T4"), "T4");
  EXPECT_EQ(kin("NVIDIA H100 80GB HBM3", "FFFF"), "H100 SXM5");
  EXPECT_EQ(kin("NVIDIA A10G", "1EB8"), "A10G");  // the id is a T4's
  EXPECT_EQ(kin("Graphics Device", "2237"), "A10G");
  EXPECT_EQ(kin("Graphics Device", "27b8"), "L4");
  // The RTX 3080 of 10 GB, and the one of 12 GB, which has more SMs.
  EXPECT_EQ(kin("Graphics Device", "2206"), "RTX 3080");
  EXPECT_EQ(kin("Graphics Device", "220A"), "");
  // The 94 GB part must not pass for the 80 GB one, nor a laptop's GPU for the desktop's.
  EXPECT_EQ(kin("NVIDIA H100", "2339"), "");
  EXPECT_EQ(kin("NVIDIA H200 NVL", "233B"), "");
  EXPECT_EQ(kin("NVIDIA GeForce RTX 4090 Laptop GPU", "2757"), "");
  EXPECT_EQ(kin("", ""), "");
  EXPECT_EQ(why_not_whole(host_device()), "");
}

// With NVML and without.
TEST(DeviceMatch, APartOfAnyGpuIsNotTheWhole) {
  for (const GpuSpec& gpu : table().gpus()) {
    SCOPED_TRACE(gpu.name);
    const DeviceRecord whole = whole_device(gpu);
    EXPECT_EQ(table().match_device(whole).whole(), &gpu) << why_not_whole(whole);
    const auto part = [&](auto&& change) {
      DeviceRecord device = whole;
      change(device);
      const DeviceMatch match = table().match_device(device);
      EXPECT_EQ(match.spec, &gpu);
      EXPECT_EQ(match.whole(), nullptr);
      return match.why_not_whole;
    };
    EXPECT_EQ(part([](DeviceRecord& device) { device.mig = "1g.10gb"; }),
              "a MIG slice (1g.10gb) is not the whole GPU");
    EXPECT_EQ(part([](DeviceRecord& device) { device.name += " MIG 1g.10gb"; }),
              "a MIG slice (1g.10gb) is not the whole GPU");
    const std::string virtual_gpu = "a virtual GPU is not the whole GPU";
    EXPECT_EQ(part([](DeviceRecord& device) { device.virtualisation = "vgpu"; }), virtual_gpu);
    EXPECT_EQ(part([](DeviceRecord& device) { device.name = "GRID " + device.name; }), virtual_gpu);
    for (const char* profile : {"-8C", "-48Q", "-1B", "-4A", "-1-10C"}) {
      EXPECT_EQ(part([&](DeviceRecord& device) { device.name += profile; }), virtual_gpu);
    }
    EXPECT_EQ(part([](DeviceRecord& device) { device.mps = true; }),
              "a GPU shared through MPS is not the whole GPU");
    EXPECT_THAT(part([](DeviceRecord& device) { device.processors = *device.processors / 2; }),
                HasSubstr("its number of SMs is "));
    EXPECT_THAT(part([](DeviceRecord& device) { device.memory_bytes = *device.memory_bytes / 2; }),
                HasSubstr("its memory is "));
    EXPECT_THAT(part([](DeviceRecord& device) { device.memory_bytes = *device.memory_bytes * 2; }),
                HasSubstr("its memory is "));
    EXPECT_THAT(part([](DeviceRecord& device) { device.pci_device_id = "FFFF"; }),
                HasSubstr("its PCI id is FFFF, not " + gpu.pci_device_ids.values.front()));
    EXPECT_THAT(part([](DeviceRecord& device) { device.name = "NVIDIA Unheard-of"; }),
                HasSubstr("its name is NVIDIA Unheard-of, not " + gpu.device_names.values.front()));
  }
}

TEST(DeviceMatch, SaysWhatDiffers) {
  DeviceRecord device = t4_device();
  device.processors = 20;
  EXPECT_EQ(why_not_whole(device),
            "not the whole T4 as it is known: its number of SMs is 20, not 40");
  device = t4_device();
  device.memory_bytes = 8000000000;
  EXPECT_EQ(why_not_whole(device),
            "not the whole T4 as it is known: its memory is 7.5 GiB, not 16 GiB");
}

// As devices have reported it: with ECC and without, by driver.
TEST(DeviceMatch, LessMemoryThanIsOnTheBoardIsUsual) {
  const auto whole = [](const char* gpu, std::int64_t mebibytes) {
    DeviceRecord device = whole_device(*table().choose(gpu).gpu);
    device.memory_bytes = mebibytes << 20;
    return why_not_whole(device).empty();
  };
  EXPECT_TRUE(whole("T4", 14912));
  EXPECT_TRUE(whole("A10G", 22587));
  EXPECT_TRUE(whole("L4", 22478));
  EXPECT_TRUE(whole("L40S", 45373));
  EXPECT_TRUE(whole("RTX 3090", 24575));
  EXPECT_TRUE(whole("H100 NVL", 94849));
  EXPECT_TRUE(whole("V100 SXM2 16GB", 16160));
  EXPECT_FALSE(whole("RTX 4090", 48 * 1024));  // a board that somebody rebuilt
}

TEST(DeviceMatch, WhatIsNotReportedCannotDiffer) {
  EXPECT_EQ(why_not_whole({.backend = Backend::cuda, .name = "NVIDIA L4"}), "");
}

// --- what follows from it, besides the floors of check

Record decoding(const DeviceRecord& device, double time_s) {
  Record record = empty_record(device);
  record.run_id = device.name;
  add_rows(record, decode(Precision::fp16, 1, "mistral-7b"), hand, {time_s, time_s, time_s});
  return record;
}

DeviceRecord slice_of_an_a100() {
  DeviceRecord device = whole_device(*table().choose("A100 80GB SXM4").gpu);
  device.name += " MIG 1g.10gb";
  device.processors = 14;
  device.memory_bytes = 10200547328;
  return device;
}

TEST(PartOfAGpu, DecidesNoClaim) {
  const auto verdict = [](const DeviceRecord& device) {
    const Record t4 = decoding(t4_device(), 0.04);
    const Record a100 = decoding(device, 0.01);
    const RunFile runs[] = {{"t4.json", &t4}, {"a100.json", &a100}};
    return decide_claims_across(runs, table()).front().verdict;
  };
  EXPECT_EQ(verdict(whole_device(*table().choose("A100 80GB SXM4").gpu)), Verdict::confirmed);
  EXPECT_NE(verdict(slice_of_an_a100()), Verdict::confirmed);
}

TEST(PartOfAGpu, IsComparedWithoutADatasheet) {
  const ComparedRun run = extract_run("slice.json", decoding(slice_of_an_a100(), 0.1), table());
  EXPECT_EQ(run.gpu, "");
  EXPECT_EQ(run.series[0].peak.datasheet, std::nullopt);
  EXPECT_THAT(run.banners,
              testing::ElementsAre("slice.json: a MIG slice (1g.10gb) is not the whole GPU"));
  EXPECT_EQ(extract_run("t4.json", decoding(t4_device(), 0.04), table()).gpu, "T4");
}

TEST(PartOfAGpu, IsNoMeasureOfTheWhole) {
  const auto is_measured = [](const DeviceRecord& device) {
    const Record record = decoding(device, 0.01);
    for (const Recommendation& one : recommend({.model = layout_of(find_model("mistral-7b"))},
                                               table(), {}, {{"a100.json", &record}}, {})) {
      if (one.gpu->name == "A100 80GB SXM4") return one.measured.has_value();
    }
    throw std::logic_error("no A100");
  };
  EXPECT_TRUE(is_measured(whole_device(*table().choose("A100 80GB SXM4").gpu)));
  EXPECT_FALSE(is_measured(slice_of_an_a100()));
}

}  // namespace
}  // namespace roofproof::analysis
