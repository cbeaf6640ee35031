// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The machine code of built kernels, as cuobjdump shows it. A test that uses it is built with
// CUOBJDUMP (the program, empty where there is none) and REQUIRE_SASS (1 in CI).
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace roofproof::sass {

struct Instruction {
  std::int64_t address = 0;
  std::string opcode;                  // "LDG.E.128", without its predicate
  std::vector<std::string> registers;  // "R4", "RZ" as they stand, the destination first if any;
                                       // not the uniform ones
  std::vector<int> constants;          // offsets in constant bank 0, where parameters are
  std::optional<std::int64_t> target;  // of a branch

  bool is(const std::string& prefix) const { return opcode.rfind(prefix, 0) == 0; }
};

struct Function {
  std::string name;  // mangled
  std::vector<Instruction> instructions;

  int count(const std::string& prefix) const {
    int found = 0;
    for (const Instruction& instruction : instructions) found += instruction.is(prefix) ? 1 : 0;
    return found;
  }
};

// Instructions of this opcode that have `part` in their modifiers.
inline int count(const Function& function, const std::string& prefix, const std::string& part) {
  int found = 0;
  for (const Instruction& instruction : function.instructions) {
    found += instruction.is(prefix) && instruction.opcode.find(part) != std::string::npos;
  }
  return found;
}

inline void expect_no_local_memory(const Function& function) {
  EXPECT_EQ(function.count("LDL"), 0);
  EXPECT_EQ(function.count("STL"), 0);
}

// Where a kernel's parameters begin in constant bank 0.
inline int parameter_base(const std::string& architecture) {
  return architecture < "sm_90" ? 0x160 : 0x210;  // of sm_7x and sm_8x, of sm_90
}

// Whether an instruction names a word of the parameters at an offset in [begin, end).
inline bool reads_parameters(const Function& function, const std::string& architecture,
                             std::size_t begin, std::size_t end) {
  const int base = parameter_base(architecture);
  for (const Instruction& instruction : function.instructions) {
    for (const int constant : instruction.constants) {
      if (constant >= base + static_cast<int>(begin) && constant < base + static_cast<int>(end)) {
        return true;
      }
    }
  }
  return false;
}

inline bool named(const Function& function, const std::string& part) {
  return function.name.find(part) != std::string::npos;
}

// The shortest loop, which is what lies between a backward branch and its target, that has `opcode`
// in it; empty where there is none.
inline Function shortest_loop(const Function& function, const std::string& opcode) {
  Function best{function.name, {}};
  for (const Instruction& branch : function.instructions) {
    if (!branch.target || *branch.target >= branch.address) continue;
    Function body{function.name, {}};
    for (const Instruction& instruction : function.instructions) {
      if (instruction.address >= *branch.target && instruction.address <= branch.address) {
        body.instructions.push_back(instruction);
      }
    }
    if (body.count(opcode) > 0 &&
        (best.instructions.empty() || body.instructions.size() < best.instructions.size())) {
      best = body;
    }
  }
  return best;
}

// The first instruction of a loop that reads what its instruction number `load` brings, a 16-byte
// load, going round once; and how many that begin with `opcode` lie between the two.
struct Use {
  const Instruction* instruction = nullptr;
  int between = 0;
};
inline Use first_use(const std::vector<Instruction>& loop, std::size_t load,
                     const std::string& opcode) {
  const int first = std::stoi(loop[load].registers.at(0).substr(1));
  Use use;
  for (std::size_t step = 1; step < loop.size(); ++step) {
    const Instruction& next = loop[(load + step) % loop.size()];
    const std::vector<std::string>& names = next.registers;
    for (std::size_t i = next.is("ST") ? 0 : 1; i < names.size(); ++i) {
      const int number = names[i] == "RZ" ? -1 : std::stoi(names[i].substr(1));
      if (number >= first && number < first + 4) use.instruction = &next;
    }
    if (use.instruction != nullptr) break;
    use.between += next.is(opcode) ? 1 : 0;
  }
  return use;
}

// What a command prints. Throws when it fails.
inline std::string output_of(const std::string& command) {
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  std::string text;
  std::array<char, 65536> part;
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), pipe)) {
    text.append(part.data(), size);
  }
  if (pclose(pipe) != 0) throw std::runtime_error("failed: " + command);
  return text;
}

// "sm_90": the machine code that a library holds.
inline std::set<std::string> architectures(const std::string& cuobjdump,
                                           const std::string& library) {
  const std::string text = output_of("'" + cuobjdump + "' -lelf '" + library + "'");
  std::set<std::string> found;
  const std::regex file(R"(\.(sm_\d+[af]?)\.cubin)");
  for (std::sregex_iterator match(text.begin(), text.end(), file), end; match != end; ++match) {
    found.insert((*match)[1]);
  }
  return found;
}

// One line, "        /*0280*/              @!P1 LDG.E.128 R4, desc[UR10][R24.64] ;  /* ... */";
// empty for lines that are none. By hand: std::regex takes seconds for a library.
inline std::optional<Instruction> parse_instruction(const std::string& line) {
  const std::size_t open = line.find_first_not_of(" \t");
  if (open == std::string::npos || line.compare(open, 2, "/*") != 0) return std::nullopt;
  const std::size_t close = line.find("*/", open);
  const std::size_t end = line.find(';');
  if (close == std::string::npos || end == std::string::npos) return std::nullopt;
  Instruction instruction;
  instruction.address = std::stoll(line.substr(open + 2, close - open - 2), nullptr, 16);

  const auto word = [&](std::size_t from) {
    const std::size_t first = line.find_first_not_of(" \t", from);
    const std::size_t last = std::min(line.find_first_of(" \t;", first), end);
    return std::pair{first, last};
  };
  auto [first, last] = word(close + 2);
  if (line[first] == '@') std::tie(first, last) = word(last);
  instruction.opcode = line.substr(first, last - first);

  for (std::size_t i = last; i < end; ++i) {
    const bool starts = std::isalnum(static_cast<unsigned char>(line[i])) &&
                        !std::isalnum(static_cast<unsigned char>(line[i - 1]));
    if (!starts) continue;
    std::size_t stop = i;
    while (std::isalnum(static_cast<unsigned char>(line[stop]))) ++stop;
    const std::string token = line.substr(i, stop - i);
    const std::string bank = "c[0x0][";
    if (i >= bank.size() && line.compare(i - bank.size(), bank.size(), bank) == 0 &&
        token.rfind("0x", 0) == 0) {
      instruction.constants.push_back(std::stoi(token, nullptr, 16));
    }
    if (instruction.is("BRA") && token.rfind("0x", 0) == 0) {
      instruction.target = std::stoll(token, nullptr, 16);
    } else if (token[0] == 'R' && token.size() > 1) {
      instruction.registers.push_back(token);
    }
  }
  return instruction;
}

inline std::vector<Function> disassemble(const std::string& cuobjdump, const std::string& library,
                                         const std::string& architecture) {
  std::istringstream text(
      output_of("'" + cuobjdump + "' -sass -arch " + architecture + " '" + library + "'"));
  const std::string heading = "Function : ";
  std::vector<Function> functions;
  for (std::string line; std::getline(text, line);) {
    const std::size_t name = line.find(heading);
    if (name != std::string::npos) {
      functions.push_back({line.substr(name + heading.size()), {}});
    } else if (auto instruction = parse_instruction(line); instruction && !functions.empty()) {
      functions.back().instructions.push_back(std::move(*instruction));
    }
  }
  return functions;
}

// Skips where there is no disassembler or no machine code, fails where there have to be both.
class SassTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::string(CUOBJDUMP).empty()) return;
    if (REQUIRE_SASS) FAIL() << "no cuobjdump, and CI needs one";
    GTEST_SKIP() << "no cuobjdump: neither in the toolkit nor where test_all puts it";
  }

  // The architectures of the library, up to sm_90: what newer machine code is like no test knows.
  // Without any, a test of it would have looked at nothing: a build for one GPU alone has such
  // libraries.
  static std::set<std::string> machine_code(const std::string& library) {
    std::set<std::string> found = architectures(CUOBJDUMP, library);
    std::erase_if(found, [](const std::string& name) { return name.rfind("sm_1", 0) == 0; });
    if (!found.empty()) return found;
    if (REQUIRE_SASS) ADD_FAILURE() << "no machine code in " << library;
    [&] { GTEST_SKIP() << "no machine code in " << library; }();
    return found;
  }

  // Calls check(function) for every function in every machine code of the library; SCOPED_TRACE
  // says which.
  template <class Check>
  static void for_each_function(const std::string& library, const Check& check) {
    for (const std::string& architecture : machine_code(library)) {
      const std::vector<Function> functions = disassemble(CUOBJDUMP, library, architecture);
      EXPECT_FALSE(functions.empty()) << architecture << " in " << library;
      for (const Function& function : functions) {
        SCOPED_TRACE(architecture + ": " + function.name);
        check(function);
      }
    }
  }
};

}  // namespace roofproof::sass
