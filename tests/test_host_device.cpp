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
