// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What is known of GPUs that nobody measured here: their datasheets, what the roofline predicts
// from these, and the best of what others published. Each figure says which of the three it is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/published.h"
#include "analysis/spec.h"

namespace roofproof::analysis {

enum class KnownKind { datasheet, predicted, published };
std::string_view name(KnownKind kind);

struct KnownFigure {
  KnownKind kind = KnownKind::datasheet;
  double value = 0;          // in the unit of the row
  bool unconfirmed = false;  // datasheet: nobody read it in the cited source
  bool fits = true;          // predicted: the model fits into the memory of one GPU
  int source = 0;            // which of KnownTable::sources, from 1; 0: computed here
};

// One quantity. Cells by GPU, in each one figure of a kind at most.
struct KnownRow {
  std::string name;       // "memory", "GEMM fp16", "decode mistral-7b int4"
  std::string_view unit;  // of quantity_text()
  std::vector<std::vector<KnownFigure>> cells;
};

struct KnownTable {
  std::vector<std::string> gpus;  // names of the spec table
  std::vector<KnownRow> rows;
  std::vector<std::string> sources;
};

// Of GPUs in words that SpecTable::choose() takes; throws its InputError. Decode is one user,
// context 0: mistral-7b, and whatever model and format somebody published for one of these GPUs.
KnownTable known_figures(const std::vector<std::string>& gpus, const SpecTable& specs);

std::string known_text(const KnownTable& table);
std::string known_markdown(const KnownTable& table);
std::string known_csv(const KnownTable& table);
std::string known_json(const KnownTable& table);

}  // namespace roofproof::analysis
