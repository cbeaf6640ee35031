// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The layout of fat binaries is not documented by NVIDIA. Offsets here were read off what nvcc 13.0
// writes; test_fat_binary holds them against cuobjdump's account of the same object.
#include "tests/ptx/runtime/fat_binary.h"

#include <elf.h>
#include <zstd.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace roofproof::ptx::runtime {
namespace {

template <class T>
T read_at(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

// Of the header of an image.
constexpr std::size_t kind_at = 0, header_size_at = 4, stored_size_at = 8, compressed_size_at = 16,
                      capability_at = 28, flags_at = 40, content_size_at = 56;
constexpr std::uint64_t flag_zstd = 0x8000, flag_lz4 = 0x2000, flag_specific = 0x100000;

// Of the section .nv.info: (format, attribute, size or value), then the value of format 4.
constexpr std::uint8_t format_sized = 4, attribute_registers = 0x2f;

}  // namespace

std::vector<FatImage> fat_images(const void* data) {
  const char* const start = static_cast<const char*>(data);
  if (read_at<std::uint32_t>(start) != 0xba55ed50) throw std::runtime_error("no fat binary");
  const char* at = start + read_at<std::uint16_t>(start + 6);
  const char* const end = at + read_at<std::uint64_t>(start + 8);
  std::vector<FatImage> images;
  while (at < end) {
    const auto kind = read_at<std::uint16_t>(at + kind_at);
    const auto header = read_at<std::uint32_t>(at + header_size_at);
    const auto stored = read_at<std::uint64_t>(at + stored_size_at);
    const auto flags = read_at<std::uint64_t>(at + flags_at);
    if (kind != 1 && kind != 2) throw std::runtime_error("a fat binary with an unknown image");
    if (flags & flag_lz4) throw std::runtime_error("images compressed with LZ4: nvcc before 12.8");
    FatImage image;
    image.kind = kind == 1 ? FatImage::Kind::ptx : FatImage::Kind::machine_code;
    image.compute_capability = static_cast<int>(read_at<std::uint32_t>(at + capability_at));
    image.specific = (flags & flag_specific) != 0;
    image.compressed = (flags & flag_zstd) != 0;
    image.size = image.compressed ? read_at<std::uint64_t>(at + content_size_at) : stored;
    image.bytes = {at + header,
                   image.compressed ? read_at<std::uint32_t>(at + compressed_size_at) : stored};
    images.push_back(image);
    at += header + stored;
  }
  return images;
}

std::string content(const FatImage& image) {
  std::string text(image.bytes);
  if (image.compressed) {
    text.resize(image.size);
    const std::size_t size =
        ZSTD_decompress(text.data(), text.size(), image.bytes.data(), image.bytes.size());
    if (ZSTD_isError(size) || size != image.size) {
      throw std::runtime_error("an image that zstd cannot read");
    }
  }
  if (image.kind == FatImage::Kind::ptx) text.resize(std::min(text.size(), text.find('\0')));
  return text;
}

std::unordered_map<std::string, int> registers_of(std::string_view cubin) {
  const char* const file = cubin.data();
  const auto header = read_at<Elf64_Ehdr>(file);
  const auto section = [&](std::size_t index) {
    return read_at<Elf64_Shdr>(file + header.e_shoff + index * header.e_shentsize);
  };
  const auto names = section(header.e_shstrndx);
  Elf64_Shdr info{}, symbols{};
  for (std::size_t i = 0; i < header.e_shnum; ++i) {
    const Elf64_Shdr found = section(i);
    if (found.sh_type == SHT_SYMTAB) symbols = found;
    if (file + names.sh_offset + found.sh_name == std::string_view(".nv.info")) info = found;
  }
  const auto strings = section(symbols.sh_link);
  std::unordered_map<std::string, int> registers;
  for (std::size_t at = info.sh_offset; at + 4 <= info.sh_offset + info.sh_size;) {
    const auto format = read_at<std::uint8_t>(file + at);
    const auto attribute = read_at<std::uint8_t>(file + at + 1);
    const auto size = read_at<std::uint16_t>(file + at + 2);
    at += 4;
    if (format != format_sized) continue;
    if (attribute == attribute_registers) {
      const auto index = read_at<std::uint32_t>(file + at);
      const auto symbol = read_at<Elf64_Sym>(file + symbols.sh_offset + index * symbols.sh_entsize);
      registers[file + strings.sh_offset + symbol.st_name] = read_at<std::int32_t>(file + at + 4);
    }
    at += size;
  }
  return registers;
}

}  // namespace roofproof::ptx::runtime
