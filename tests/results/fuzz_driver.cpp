// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// fuzz_record without libFuzzer, so that every run of the tests includes it: every seed, every cut
// of it, and then so many mutations of the seeds, the same ones in each run.
//
//   fuzz_record SEED_FOLDER MUTATIONS

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

// What a parser of JSON and a reader of numbers may stumble over.
constexpr const char* tokens[] = {"NaN",
                                  "Infinity",
                                  "-1",
                                  "0",
                                  "1e999",
                                  "1e308",
                                  "1e-310",
                                  "1,5",
                                  "9223372036854775807",
                                  "{}",
                                  "[]",
                                  "[",
                                  "}",
                                  "\"",
                                  "\\u0000",
                                  "null",
                                  "18446744073709551616",
                                  "\n",
                                  "\xff",
                                  "1e9",
                                  "true",
                                  ",",
                                  ":",
                                  "",
                                  "-9223372036854775808"};

std::vector<std::string> read_seeds(const char* folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> seeds;
  for (const auto& path : paths) {
    std::ifstream stream(path, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  }
  return seeds;
}

void feed(const std::string& text) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

class Mutator {
 public:
  explicit Mutator(const std::vector<std::string>& seeds) : seeds_(seeds) {}

  std::string next() {
    std::string text = seeds_[below(seeds_.size())];
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t count) { return random_() % count; }

  void change(std::string& text) {
    const std::size_t at = below(text.size() + 1);
    const std::size_t length = below(16);
    switch (below(10)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(random_());
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(at, tokens[below(std::size(tokens))]);
        break;
      case 3:
        text.insert(at, text.substr(below(text.size() + 1), below(200)));
        break;
      case 4: {
        const std::string& other = seeds_[below(seeds_.size())];
        text = text.substr(0, at) + other.substr(below(other.size() + 1));
        break;
      }
      default:
        replace_value(text, at);
    }
  }

  // What stands after the next colon becomes something else: most mutants of that kind are still
  // JSON, and reach the code behind the parser.
  void replace_value(std::string& text, std::size_t from) {
    const std::size_t colon = text.find(':', from);
    if (colon == std::string::npos) return;
    const std::size_t end = text.find_first_of(",}\n", colon);
    text.replace(colon + 1, end == std::string::npos ? end : end - colon - 1,
                 tokens[below(std::size(tokens))]);
  }

  const std::vector<std::string>& seeds_;
  std::mt19937_64 random_{20261125};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: fuzz_record SEED_FOLDER MUTATIONS\n");
    return 2;
  }
  const std::vector<std::string> seeds = read_seeds(argv[1]);
  if (seeds.empty()) {
    std::fprintf(stderr, "fuzz_record: no seeds in %s\n", argv[1]);
    return 2;
  }
  long inputs = 0;
  for (const std::string& seed : seeds) {
    for (std::size_t size = 0; size <= seed.size(); ++size, ++inputs) feed(seed.substr(0, size));
  }
  Mutator mutator(seeds);
  for (long i = std::strtol(argv[2], nullptr, 10); i > 0; --i, ++inputs) feed(mutator.next());
  std::printf("%ld inputs\n", inputs);
}
