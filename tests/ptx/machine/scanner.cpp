// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/ptx/machine/scanner.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "tests/ptx/machine/machine.h"

namespace roofproof::ptx {

void parse_error(int line, const std::string& what) {
  throw Fault("PTX line " + std::to_string(line) + ": " + what);
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '%';
}

void Scanner::skip() {
  while (position < text.size()) {
    if (text[position] == '\n') {
      ++line;
      ++position;
    } else if (std::isspace(static_cast<unsigned char>(text[position])))
      ++position;
    else if (text.compare(position, 2, "//") == 0) {
      while (position < text.size() && text[position] != '\n') ++position;
    } else if (text.compare(position, 2, "/*") == 0) {
      position += 2;
      while (position < text.size() && text.compare(position, 2, "*/") != 0) {
        if (text[position] == '\n') ++line;
        ++position;
      }
      position += 2;
    } else
      break;
  }
}

bool Scanner::end() {
  skip();
  return position >= text.size();
}

char Scanner::peek() {
  skip();
  return position < text.size() ? text[position] : '\0';
}

bool Scanner::take(char c) {
  if (peek() == c) {
    ++position;
    return true;
  }
  return false;
}

void Scanner::expect(char c) {
  if (!take(c))
    parse_error(line,
                std::string("expected '") + c + "' before '" + text.substr(position, 20) + "'");
}

std::string Scanner::name() {
  skip();
  const auto a = position;
  while (position < text.size() && is_word(text[position])) ++position;
  if (a == position)
    parse_error(line, "expected a name before '" + text.substr(position, 20) + "'");
  return text.substr(a, position - a);
}

std::string Scanner::opcode() {
  skip();
  const auto a = position;
  while (position < text.size() &&
         (is_word(text[position]) || text[position] == '.' ||
          (text[position] == ':' && position + 2 < text.size() && text[position + 1] == ':') ||
          (text[position] == ':' && position > a && text[position - 1] == ':')))
    ++position;
  return text.substr(a, position - a);
}

void Scanner::rest_of_line() {
  while (position < text.size() && text[position] != '\n') ++position;
}

s64 Scanner::integer() {
  skip();
  bool minus = false;
  if (position < text.size() && text[position] == '-') {
    minus = true;
    ++position;
  }
  char* e;
  const u64 v = std::strtoull(text.c_str() + position, &e, 0);
  if (e == text.c_str() + position)
    parse_error(line, "expected a number before '" + text.substr(position, 20) + "'");
  position = static_cast<std::size_t>(e - text.c_str());
  if (position < text.size() && text[position] == 'U') ++position;
  return static_cast<s64>(minus ? 0 - v : v);
}

void Scanner::skip_past(char c) {
  while (!take(c)) {
    if (position >= text.size()) parse_error(line, std::string("expected '") + c + "'");
    ++position;
  }
}

void Scanner::skip_string() {
  ++position;
  while (position < text.size() && text[position] != '"') ++position;
  ++position;
}

void Scanner::skip_braces() {
  expect('{');
  int depth = 1;
  while (depth && !end()) {
    if (text[position] == '"') {
      skip_string();
      continue;
    }
    const char c = text[position++];
    if (c == '{') ++depth;
    if (c == '}') --depth;
  }
}

bool Scanner::hex_float(char kind, u64& bits) {
  if (position + 1 >= text.size() || text[position] != '0' ||
      std::tolower(text[position + 1]) != kind)
    return false;
  const std::size_t digits = kind == 'f' ? 8 : 16;
  bits = std::strtoull(text.substr(position + 2, digits).c_str(), nullptr, 16);
  position += 2 + digits;
  return true;
}

Variable parse_variable(Scanner& s, const std::string& space) {
  Variable v;
  v.space = space;
  Type type = Type::none;
  int vec = 1;
  while (s.peek() == '.') {
    ++s.position;
    const auto d = s.name();
    if (d == "align")
      v.align = static_cast<std::size_t>(s.integer());
    else if (d == "v2")
      vec = 2;
    else if (d == "v4")
      vec = 4;
    else if (d == "attribute") {
      s.expect('(');
      while (!s.take(')')) ++s.position;
    } else if (d == "ptr" || d == "global" || d == "shared" || d == "const") {
    }  // of a pointer parameter
    else if (type_of(d) != Type::none)
      type = type_of(d);
    else
      parse_error(s.line, "unknown declaration ." + d);
  }
  v.name = s.name();
  std::size_t count = 1;
  bool array = false;
  while (s.take('[')) {
    array = true;
    if (s.take(']')) {
      v.dynamic = true;
      count = 0;
      continue;
    }
    count *= static_cast<std::size_t>(s.integer());
    s.expect(']');
  }
  const std::size_t element = static_cast<std::size_t>(size_of(type)) * vec;
  v.align = std::max(v.align, element);
  if (!array) count = 1;
  v.bytes = element * count;
  if (s.take('=')) {
    v.data.clear();
    const auto one = [&] {
      s.skip();
      u64 bits = 0;
      if (s.hex_float('f', bits) || s.hex_float('d', bits)) {
      } else if (std::isdigit(static_cast<unsigned char>(s.text[s.position])) ||
                 s.text[s.position] == '-')
        bits = static_cast<u64>(s.integer());
      else
        parse_error(s.line, "an initialiser that is no number is not modelled");
      for (int b = 0; b < size_of(type); ++b) v.data.push_back(static_cast<u8>(bits >> (8 * b)));
    };
    if (s.peek() == '{') {
      int depth = 0;
      do {
        if (s.take('{'))
          ++depth;
        else if (s.take('}'))
          --depth;
        else if (s.take(',')) {
        } else
          one();
      } while (depth);
    } else
      one();
    if (v.dynamic) {
      v.bytes = v.data.size();
      v.dynamic = false;
    }
  }
  return v;
}

}  // namespace roofproof::ptx
