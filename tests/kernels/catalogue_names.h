// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The names of tests that have entries of the catalogue for parameters: the same in every run.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "kernels/catalogue.h"

namespace roofproof {

// "gemm_fp16_hand_mma_sm80"
inline std::string test_name(const CatalogueEntry& entry) {
  std::string text;
  for (const std::string_view part :
       {name(entry.op), name(entry.precision), name(entry.implementation), entry.kernel.name}) {
    text += (text.empty() ? "" : "_") + std::string(part);
  }
  return text;
}

inline std::string row_name(const testing::TestParamInfo<const CatalogueEntry*>& row) {
  return test_name(*row.param);
}

// For GoogleTest, which would print the address: CTest has in a test's name what is printed here.
inline void PrintTo(const CatalogueEntry* entry, std::ostream* out) { *out << test_name(*entry); }

}  // namespace roofproof
