// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "analysis/report/page.h"

#include <fmt/format.h>

#include <stdexcept>

#include "analysis/embedded.h"

namespace roofproof::analysis {
namespace {

unsigned hex_digit(char digit) {
  return static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

// As a Content-Security-Policy names a script or a style: 'sha256-<base64>'.
std::string policy_hash(const EmbeddedFile& file) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text = "'sha256-";
  // Three hexadecimal digits are two of base64; 64 of them are followed by two empty bits.
  for (std::size_t i = 0; i < file.sha256.size(); i += 3) {
    unsigned bits = 0;
    for (std::size_t j = i; j < i + 3; ++j) {
      bits = bits << 4 | (j < file.sha256.size() ? hex_digit(file.sha256[j]) : 0);
    }
    text += digits[bits >> 6];
    text += digits[bits & 63];
  }
  // 32 bytes: 43 digits and one to fill up.
  text.back() = '=';
  return text + "'";
}

// Inside <script> only "<" could end it or begin a comment.
std::string script_safe(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char character : text) {
    if (character == '<') {
      safe += "\\u003c";
    } else {
      safe += character;
    }
  }
  return safe;
}

// Each {{name}} is replaced once; what is put in is not looked at again.
std::string fill(std::string_view page,
                 const std::vector<std::pair<std::string_view, std::string_view>>& values) {
  std::string filled;
  for (const auto& [name, value] : values) {
    const std::string mark = fmt::format("{{{{{}}}}}", name);
    const std::size_t at = page.find(mark);
    if (at == std::string_view::npos) throw std::logic_error("report.html lacks " + mark);
    filled += page.substr(0, at);
    filled += value;
    page.remove_prefix(at + mark.size());
  }
  return filled += page;
}

}  // namespace

std::string report_page(const Json& data) {
  const auto files = embedded_report();
  const EmbeddedFile& page = files[0];
  const EmbeddedFile& style = files[1];
  std::string scripts;
  std::string hashes;
  for (const EmbeddedFile& script : files.subspan(2)) {
    scripts += fmt::format("<script>{}</script>\n", script.bytes);
    hashes += ' ' + policy_hash(script);
  }
  const std::string policy = fmt::format(
      "default-src 'none'; style-src {}; script-src{}; base-uri 'none'; "
      "form-action 'none'",
      policy_hash(style), hashes);
  return fill(page.bytes, {{"policy", policy},
                           {"style", style.bytes},
                           {"data", script_safe(print_json(data, -1))},
                           {"scripts", scripts}});
}

}  // namespace roofproof::analysis
