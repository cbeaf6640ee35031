// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What the kernel's files say of the CPU and of what is left of it, from a tree of such files in a
// folder of the test.

#include "kernels/host/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "kernels/host/cgroup.h"
#include "kernels/host/processor_name.h"

namespace roofproof::host {
namespace {

namespace fs = std::filesystem;

class HostFacts : public testing::Test {
 protected:
  HostFacts() {
    std::string pattern = testing::TempDir() + "host-device-XXXXXX";
    root = ::mkdtemp(pattern.data());
  }
  ~HostFacts() override { fs::remove_all(root); }

  void write(const fs::path& path, const std::string& text) const {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path) << text;
  }
  std::string name_of(const std::string& cpuinfo_text) const {
    write("cpuinfo", cpuinfo_text);
    return processor_name(root / "cpuinfo");
  }

  fs::path root;
};

constexpr std::int64_t gib = std::int64_t{1} << 30;

TEST_F(HostFacts, WithoutGroupsThereIsNoLimit) {
  EXPECT_EQ(cgroup_cores(root), std::nullopt);
  EXPECT_EQ(cgroup_memory_limit_bytes(root), std::nullopt);
  EXPECT_EQ(cgroup_memory_left_bytes(root), std::nullopt);
}

// A pod of Kubernetes, a job of Slurm: the limit stands above the group of the process, or below
// one that is larger still.
TEST_F(HostFacts, TheLeastOfAllGroupsAboveCountsInVersion2) {
  write("proc/self/cgroup", "0::/pod/container/leaf\n");
  write("sys/fs/cgroup/pod/cpu.max", "150000 100000\n");
  write("sys/fs/cgroup/pod/container/cpu.max", "400000 100000\n");
  write("sys/fs/cgroup/pod/container/leaf/cpu.max", "max 100000\n");
  EXPECT_EQ(cgroup_cores(root), 1.5);
  write("sys/fs/cgroup/memory.max", std::to_string(8 * gib));
  write("sys/fs/cgroup/pod/memory.max", std::to_string(2 * gib));
  write("sys/fs/cgroup/pod/container/memory.max", std::to_string(4 * gib));
  write("sys/fs/cgroup/pod/container/leaf/memory.max", "max\n");
  EXPECT_EQ(cgroup_memory_limit_bytes(root), 2 * gib);
  // Less is left where more is granted.
  write("sys/fs/cgroup/pod/memory.current", std::to_string(gib / 2));
  write("sys/fs/cgroup/pod/container/memory.current", std::to_string(3 * gib));
  EXPECT_EQ(cgroup_memory_left_bytes(root), gib);
  EXPECT_EQ(cgroup_memory_limit_bytes(root), 2 * gib);
}

TEST_F(HostFacts, TheLeastOfAllGroupsAboveCountsInVersion1) {
  write("proc/self/cgroup",
        "7:memory:/job/step\n4:cpuacct,cpu:/slice/unit\n1:name=systemd:/other\n");
  write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  write("sys/fs/cgroup/cpu/slice/cpu.cfs_quota_us", "100000\n");
  write("sys/fs/cgroup/cpu/slice/cpu.cfs_period_us", "100000\n");
  write("sys/fs/cgroup/cpu/slice/unit/cpu.cfs_quota_us", "-1\n");
  write("sys/fs/cgroup/cpu/slice/unit/cpu.cfs_period_us", "100000\n");
  // Of a group that this process is not in.
  write("sys/fs/cgroup/cpu/other/cpu.cfs_quota_us", "1000\n");
  write("sys/fs/cgroup/cpu/other/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cgroup_cores(root), 1.0);
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  write("sys/fs/cgroup/memory/job/memory.limit_in_bytes", std::to_string(gib));
  write("sys/fs/cgroup/memory/job/step/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(cgroup_memory_limit_bytes(root), gib);
}

// Version 1 carries the controllers, version 2 is mounted beside them (systemd's "hybrid").
TEST_F(HostFacts, BothVersionsMayBeInUse) {
  write("proc/self/cgroup", "3:memory:/a\n0::/b/c\n");
  write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", std::to_string(3 * gib));
  write("sys/fs/cgroup/unified/b/memory.max", std::to_string(2 * gib));
  EXPECT_EQ(cgroup_memory_limit_bytes(root), 2 * gib);
}

// A container sees its own group as the root, and may name it by a path that leads nowhere here.
TEST_F(HostFacts, TheRootOfAContainerCounts) {
  write("proc/self/cgroup", "0::/../../outside\n");
  write("sys/fs/cgroup/cpu.max", "200000 100000\n");
  EXPECT_EQ(cgroup_cores(root), 2.0);
}

TEST_F(HostFacts, FileCacheCountsAsFree) {
  write("proc/self/cgroup", "3:memory:/a\n");
  write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", std::to_string(2 * gib));
  write("sys/fs/cgroup/memory/a/memory.usage_in_bytes", std::to_string(7 * gib / 4));
  EXPECT_EQ(cgroup_memory_left_bytes(root), gib / 4);
  write("sys/fs/cgroup/memory/a/memory.stat",
        "cache 1\ninactive_file 4096\ntotal_inactive_file " + std::to_string(3 * gib / 2) + "\n");
  EXPECT_EQ(cgroup_memory_left_bytes(root), 7 * gib / 4);
  write("proc/self/cgroup", "0::/b\n");
  write("sys/fs/cgroup/b/memory.max", std::to_string(2 * gib));
  write("sys/fs/cgroup/b/memory.current", std::to_string(gib));
  write("sys/fs/cgroup/b/memory.stat", "anon 4096\ninactive_file 536870912\n");
  EXPECT_EQ(cgroup_memory_left_bytes(root), 3 * gib / 2);
  // The two are read one after the other.
  write("sys/fs/cgroup/b/memory.stat", "inactive_file " + std::to_string(4 * gib) + "\n");
  EXPECT_EQ(cgroup_memory_left_bytes(root), 2 * gib);
  EXPECT_EQ(cgroup_memory_limit_bytes(root), 2 * gib);
}

TEST_F(HostFacts, FrequencyScalingIsTrueFalseOrUnknown) {
  EXPECT_EQ(frequency_scaling(root), std::nullopt);
  write("sys/devices/system/cpu/present", "0-1\n");
  EXPECT_EQ(frequency_scaling(root), std::nullopt);
  write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
  EXPECT_EQ(frequency_scaling(root), false);
  write("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "schedutil\n");
  EXPECT_EQ(frequency_scaling(root), true);
}

TEST_F(HostFacts, ANameOfTheKernelsIsTaken) {
  EXPECT_EQ(name_of("processor\t: 0\nmodel name\t: AMD EPYC 7B13\nCPU part\t: 0xd0c\n"),
            "AMD EPYC 7B13");
}

// Graviton2, Grace, GB10.
TEST_F(HostFacts, ArmCoresAreNamedByTheirNumbers) {
  const std::string n1 = "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n\n";
  EXPECT_EQ(name_of(n1 + n1), "ARM Neoverse N1");
  EXPECT_EQ(name_of("CPU implementer\t: 0x41\nCPU part\t: 0xd4f\n"), "ARM Neoverse V2");
  EXPECT_EQ(name_of("CPU implementer\t: 0x41\nCPU part\t: 0xd87\n\nCPU implementer\t: 0x41\n"
                    "CPU part\t: 0xd85\n\nCPU implementer\t: 0x41\nCPU part\t: 0xd87\n"),
            "ARM Cortex-A725 + ARM Cortex-X925");
  EXPECT_EQ(name_of("CPU implementer\t: 0x41\nCPU part\t: 0xfff\n"),
            "ARM implementer 0x41 part 0xfff");
  EXPECT_NE(name_of("CPU implementer\t: 0xc0\nCPU part\t: 0xd0c\n"), "ARM Neoverse N1");
}

TEST_F(HostFacts, WithoutAnyNameItIsTheArchitectures) {
  EXPECT_THAT(name_of("processor\t: 0\n"), testing::EndsWith(" CPU"));
}

}  // namespace
}  // namespace roofproof::host
