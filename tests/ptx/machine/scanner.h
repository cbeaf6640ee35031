// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Reading PTX text: words, numbers, and declarations of variables.
#pragma once

#include <string>
#include <vector>

#include "tests/ptx/machine/types.h"

namespace roofproof::ptx {

[[noreturn]] void parse_error(int line, const std::string& what);
bool is_word(char c);  // of a name: letters, digits, _ $ %

struct Scanner {
  const std::string& text;
  std::size_t position = 0;
  int line = 1;
  explicit Scanner(const std::string& ptx) : text(ptx) {}
  void skip();  // white space and comments
  bool end();   // of the text
  char peek();  // the next character behind white space; 0 at the end
  bool take(char c);
  void expect(char c);  // or a Fault
  std::string name();
  std::string opcode();  // words, dots and ::
  void rest_of_line();
  s64 integer();
  void skip_past(char c);
  void skip_braces();  // from { to its }, over strings
  void skip_string();  // from " on
  // 0f3f800000 (kind f) or 0d... (kind d): takes its bits. False: there is no such number.
  bool hex_float(char kind, u64& bits);
};

struct Variable {
  std::string name, space;
  std::size_t bytes = 0, align = 1;
  bool dynamic = false;  // extern .shared x[]
  std::vector<u8> data;  // its initialiser
  void* memory = nullptr;
};
// Behind ".global", ".shared", ".const", ".local" or ".param":
// [.align n] .type name[dims] [= initialiser]
Variable parse_variable(Scanner& s, const std::string& space);

}  // namespace roofproof::ptx
