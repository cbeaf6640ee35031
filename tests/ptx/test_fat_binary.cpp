// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What fat_binary reads of the project's objects, against cuobjdump's account of them.
#include <elf.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/kernels/sass.h"
#include "tests/ptx/runtime/fat_binary.h"

namespace roofproof::ptx::runtime {
namespace {

using sass::output_of;

std::string content_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> cuda_objects() {
  std::vector<std::string> objects;
  std::stringstream list(CUDA_OBJECTS);
  for (std::string path; std::getline(list, path, ',');) objects.push_back(path);
  return objects;
}

// The section of an object in which nvcc puts its fat binary.
const char* fat_section(const std::string& object) {
  const auto& header = *reinterpret_cast<const Elf64_Ehdr*>(object.data());
  const auto* const sections = reinterpret_cast<const Elf64_Shdr*>(object.data() + header.e_shoff);
  const char* const names = object.data() + sections[header.e_shstrndx].sh_offset;
  for (int i = 0; i < header.e_shnum; ++i) {
    if (names + sections[i].sh_name == std::string(".nv_fatbin")) {
      return object.data() + sections[i].sh_offset;
    }
  }
  throw std::runtime_error("no .nv_fatbin");
}

std::string architecture(const FatImage& image) {
  return "sm_" + std::to_string(image.compute_capability) + (image.specific ? "a" : "");
}

class FatBinaryOf : public sass::SassTest, public testing::WithParamInterface<std::string> {
 protected:
  void SetUp() override {
    SassTest::SetUp();
    images_ = fat_images(fat_section(object_));
  }

  const std::string object_ = content_of_file(GetParam());
  std::vector<FatImage> images_;
};

TEST_P(FatBinaryOf, PtxIsWhatCuobjdumpExtracts) {
  const std::filesystem::path folder = testing::TempDir() + "/ptx_of_" + std::to_string(getpid());
  std::filesystem::create_directory(folder);
  output_of("cd '" + folder.string() + "' && '" CUOBJDUMP "' -xptx all '" + GetParam() + "'");
  std::map<std::string, std::string> extracted;  // by architecture
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    // name.sm_90.ptx
    extracted[file.path().stem().extension().string().substr(1)] = content_of_file(file.path());
  }
  std::filesystem::remove_all(folder);
  std::map<std::string, std::string> read;
  for (const FatImage& image : images_) {
    if (image.kind == FatImage::Kind::ptx) read[architecture(image)] = content(image);
  }
  ASSERT_FALSE(extracted.empty());
  EXPECT_EQ(read, extracted);
}

TEST_P(FatBinaryOf, MachineCodeIsOfTheArchitecturesThatCuobjdumpLists) {
  std::set<std::string> read;
  for (const FatImage& image : images_) {
    if (image.kind == FatImage::Kind::machine_code) read.insert(architecture(image));
  }
  EXPECT_EQ(read, sass::architectures(CUOBJDUMP, GetParam()));
}

TEST_P(FatBinaryOf, RegistersAreThoseOfResUsage) {
  machine_code(GetParam());
  if (IsSkipped()) return;
  using Registers = std::map<std::string, int>;  // "sm_90 KERNEL"
  const std::string usage = output_of("'" CUOBJDUMP "' -res-usage '" + GetParam() + "'");
  Registers wanted;
  std::string code, kernel;
  const std::regex line(R"(arch = (\S+)| Function (\S+):|REG:(\d+))");
  for (std::sregex_iterator match(usage.begin(), usage.end(), line), end; match != end; ++match) {
    if ((*match)[1].matched) code = (*match)[1];
    if ((*match)[2].matched) kernel = (*match)[2];
    if ((*match)[3].matched) wanted[code + " " + kernel] = std::stoi((*match)[3]);
  }
  Registers read;
  for (const FatImage& image : images_) {
    if (image.kind != FatImage::Kind::machine_code) continue;
    for (const auto& [name, count] : registers_of(content(image))) {
      read[architecture(image) + " " + name] = count;
    }
  }
  ASSERT_FALSE(wanted.empty());
  EXPECT_EQ(read, wanted);
}

INSTANTIATE_TEST_SUITE_P(Object, FatBinaryOf, testing::ValuesIn(cuda_objects()),
                         [](const auto& object) {
                           return std::filesystem::path(object.param).stem().stem().string();
                         });

TEST(FatBinary, RefusesOtherBytes) {
  const std::string zeros(64, '\0');
  EXPECT_THROW(fat_images(zeros.data()), std::runtime_error);
}

}  // namespace
}  // namespace roofproof::ptx::runtime
