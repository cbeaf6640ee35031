// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// GPUs side by side without a run. The expected figures are those of the files in analysis/specs
// and results/published, read by eye, and quotients of them.
#include "analysis/compare/known.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "analysis/input_error.h"
#include "results/record/json_text.h"
#include "tests/analysis/device_fixture.h"

namespace roofproof::analysis {
namespace {

using testing::HasSubstr;
using enum KnownKind;

KnownTable three() { return known_figures({"T4", "A10G", "A100"}, specs()); }

const KnownFigure* find(const KnownTable& table, std::string_view row_name, std::size_t gpu,
                        KnownKind kind) {
  for (const KnownRow& row : table.rows) {
    if (row.name != row_name) continue;
    for (const KnownFigure& figure : row.cells[gpu]) {
      if (figure.kind == kind) return &figure;
    }
  }
  return nullptr;
}

TEST(Known, EachFigureIsOfItsKindAndSourced) {
  const KnownTable table = three();
  EXPECT_EQ(table.gpus, (std::vector<std::string>{"T4", "A10G", "A100 80GB SXM4"}));
  const struct {
    const char* row;
    std::size_t gpu;
    KnownKind kind;
    double value;
  } expected[] = {
      {"memory", 0, datasheet, 320e9},
      {"memory", 0, published, 260.5e9},  // GEMV in FP16: above the copy's 240
      {"memory", 1, datasheet, 600e9},
      {"memory", 2, published, 1775e9},
      {"GEMM fp32", 0, published, 4.43e12},  // not the other source's 4
      {"GEMM fp16", 0, datasheet, 65e12},
      {"GEMM fp16", 0, published, 42.71e12},
      {"GEMM fp16", 2, published, 258.74e12},
      {"GEMM bf16", 2, published, 290.2e12},
      {"GEMM int8", 2, published, 585.7e12},
      {"decode mistral-7b fp16", 0, predicted, 320e9 / 14.22e9},
      {"decode mistral-7b fp16", 1, predicted, 600e9 / 14.22e9},
      {"decode mistral-7b int4", 0, published, 35},
      {"decode llama-2-7b int4", 2, published, 209.19},
  };
  for (const auto& row : expected) {
    const KnownFigure* figure = find(table, row.row, row.gpu, row.kind);
    ASSERT_NE(figure, nullptr) << row.row << " of " << table.gpus[row.gpu];
    EXPECT_NEAR(figure->value / row.value, 1, 1e-3) << row.row << " of " << table.gpus[row.gpu];
  }
  EXPECT_EQ(find(table, "GEMM fp16", 1, published), nullptr);
  for (const KnownRow& row : table.rows) {
    for (const auto& cell : row.cells) {
      for (const KnownFigure& figure : cell) {
        EXPECT_EQ(figure.source > 0, figure.kind != predicted) << row.name;
        EXPECT_LE(static_cast<std::size_t>(figure.source), table.sources.size()) << row.name;
      }
    }
  }
  const int source = find(table, "GEMM fp16", 0, published)->source;
  EXPECT_THAT(table.sources[static_cast<std::size_t>(source) - 1],
              HasSubstr("gemm fp16, square, best of 1024 to 10240, Kaggle torch 2.6 cu12.4: "
                        "zzc0721/torch-performance-test-data, database.md, commit 9d82827 "
                        "(github.com), as of 2026-01-12"));
}

TEST(Known, WhatNobodyReadInItsSourceIsMarked) {
  const KnownTable table = three();
  EXPECT_TRUE(find(table, "GEMM fp16", 1, datasheet)->unconfirmed);
  EXPECT_FALSE(find(table, "GEMM fp16", 0, datasheet)->unconfirmed);
  EXPECT_THAT(known_text(table), HasSubstr("70.0 TFLOP/s D?"));
}

// 8.03e9 weights of 2 bytes are 16.06 GB, of which a T4 shows 15.84.
TEST(Known, WhatDoesNotFitIsSaid) {
  const KnownTable table = three();
  EXPECT_FALSE(find(table, "decode llama-3-8b fp16", 0, predicted)->fits);
  EXPECT_TRUE(find(table, "decode llama-3-8b int8", 0, predicted)->fits);
  EXPECT_TRUE(find(table, "decode llama-3-8b fp16", 1, predicted)->fits);
  EXPECT_THAT(known_text(table), HasSubstr("does not fit P"));
}

TEST(Known, FourFormsOfTheSame) {
  const KnownTable table = three();
  const Json json = parse_json(known_json(table), "known");
  std::size_t figures = 0;
  for (const KnownRow& row : table.rows) {
    for (const auto& cell : row.cells) figures += cell.size();
  }
  EXPECT_EQ(json["figures"].size(), figures);
  for (const Json& figure : json["figures"]) {
    EXPECT_FALSE(figure["source"].get<std::string>().empty());
    EXPECT_FALSE(figure["kind"].get<std::string>().empty());
  }
  const std::string csv = known_csv(table);
  EXPECT_EQ(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')), figures + 1);
  EXPECT_THAT(csv,
              HasSubstr("memory,T4,datasheet,320000000000,B/s,false,true,\"NVIDIA T4 Product "));
  for (const std::string& text : {known_text(table), known_markdown(table)}) {
    EXPECT_THAT(text, HasSubstr("65.0 TFLOP/s D"));
    EXPECT_THAT(text, HasSubstr("42.7 TFLOP/s †"));
    EXPECT_THAT(text, HasSubstr("22.5 tokens/s P"));
    EXPECT_THAT(text, HasSubstr("None was measured here."));
  }
}

TEST(Known, AnUnknownGpuIsRefused) {
  EXPECT_THROW(known_figures({"T4", "T5"}, specs()), InputError);
}

}  // namespace
}  // namespace roofproof::analysis
