// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "results/record/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "results/record/file_descriptor.h"
#include "results/record/record.h"

namespace roofproof {

void write_file_atomically(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::path temporary = path;
  temporary += ".tmp" + std::to_string(::getpid());
  try {
    FileDescriptor file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
    file.write_all(text);
    file.sync();
    file.close();
    std::filesystem::rename(temporary, path);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  FileDescriptor(folder, O_RDONLY | O_DIRECTORY).sync();
}

std::string read_text_file(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    throw RecordError(path.string(), "", "is a folder, not a file");
  }
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) throw RecordError(path.string(), "", "cannot be read: " + error.message());
  if (size > largest_file_bytes) throw RecordError(path.string(), "", "is larger than 64 MiB");
  std::ifstream stream(path, std::ios::binary);
  std::string text(size, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(size));
  if (!stream) throw RecordError(path.string(), "", "cannot be read");
  return text;
}

}  // namespace roofproof
