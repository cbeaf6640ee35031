// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/ptx/cases/cases.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "kernels/cuda/gemm/tiled_gemm.h"
#include "kernels/cuda/gemm/wgmma_sm90.h"
#include "kernels/cuda/gemm/workload.h"
#include "tests/ptx/cases/execute.h"

namespace roofproof::ptx::cases {
namespace {

namespace tiled = cuda::tiled_gemm;
namespace wgmma = cuda::wgmma_sm90;

std::string row_name(const std::string& kind, const CatalogueEntry& entry) {
  std::string text = kind;
  text += '/';
  text += name(entry.precision);
  text += '/';
  text += entry.kernel.name;
  return text;
}

std::string text_of(Op op, const CaseShape& shape) {
  std::string text = shape.shape.model;
  for (const Dimension& dimension : dimensions(op)) {
    if (!text.empty()) text += ' ';
    text += dimension.name;
    text += ':';
    text += std::to_string(shape.shape.*dimension.value);
  }
  if (shape.alpha != 1) text += " alpha:" + std::to_string(static_cast<int>(shape.alpha));
  if (shape.beta != 0) text += " beta:" + std::to_string(static_cast<int>(shape.beta));
  return text;
}

// The libraries' INT8 is called with alpha 1 and beta 0.
bool takes_scalars(const CatalogueEntry& entry) {
  return !is_library(entry.implementation) || entry.precision != Precision::int8;
}

CaseRow catalogue_row(const CatalogueEntry& entry, Device device, Extent extent) {
  const bool peak = entry.op == Op::peak;
  CaseRow row{.name = row_name(std::string(name(entry.op)), entry), .one_mode = peak};
  if (peak) device.processors = 1;  // all multiprocessors do the same, for long
  for (CaseShape shape : shapes(entry, extent)) {
    if (!takes_scalars(entry)) shape = {shape.shape};
    const Problem problem{entry.op, entry.precision, shape.shape};
    if (const std::string why = entry.unsupported(problem, device); !why.empty()) {
      row.unsupported = why;
      continue;
    }
    row.cases.push_back({text_of(entry.op, shape), [=, &entry] {
                           return execute(entry, shape, [&](const Preparation& preparation) {
                             return entry.prepare(problem, device, preparation);
                           });
                         }});
  }
  if (!row.cases.empty()) row.unsupported.clear();
  return row;
}

// --- configurations ----------------------------------------------------------------------------

Case configuration_case(const CatalogueEntry& entry, const Device& device, const CaseShape& shape,
                        const std::string& configuration, const cuda::GemmFactory& factory) {
  return {configuration + ' ' + text_of(Op::gemm, shape), [=, &entry] {
            const Problem problem{Op::gemm, entry.precision, shape.shape};
            return execute(entry, shape, [&](const Preparation& preparation) {
              return cuda::make_gemm_workload(problem, device, preparation, factory);
            });
          }};
}

// With whole tiles, and with all tiles shared by 2 and by about 7 blocks each.
void add_tiled(const CatalogueEntry& entry, const Device& device, const CaseShape& shape,
               std::vector<Case>& cases) {
  const std::string_view kernel = entry.kernel.name;
  const tiled::Tiles tiles = tiled::tiles(kernel, entry.precision);
  const std::int64_t row_bytes = shape.shape.k * weight_bits(entry.precision) / 8;
  for (std::size_t i = 0; i < tiles.kernels.size(); ++i) {
    const cuda::TileShape& tile = tiles.kernels[i].shape;
    if (tiles.resident[i] == 0 || (tile.aligned && row_bytes % 16 != 0)) continue;
    const cuda::TileChoice whole =
        cuda::plan_tile(tile, static_cast<int>(i), tiles.resident[i], shape.shape.m, shape.shape.n,
                        row_bytes, {device.processors, 1024});
    const int count = whole.work.tiles;
    const int slots = device.processors * tiles.resident[i];
    for (const int shares : {1, 2, 7}) {
      if (shares > whole.work.k_blocks) continue;
      cuda::TileChoice choice = whole;
      choice.work = {std::min(count * shares, slots), count, whole.work.k_blocks,
                     shares == 1 ? 0 : count};
      cases.push_back(configuration_case(
          entry, device, shape,
          "configuration:" + std::to_string(i) + " shares:" + std::to_string(shares),
          [=, precision = entry.precision](const cuda::GemmOperands& operands,
                                           cudaStream_t stream) {
            return tiled::make_launch(kernel, precision, operands, tiles, choice,
                                      tiled::make_workspace(stream));
          }));
    }
  }
}

void add_wgmma(const CatalogueEntry& entry, const Device& device, const CaseShape& shape,
               std::vector<Case>& cases) {
  const wgmma::Capacity capacity = wgmma::device_capacity(entry.precision, device.processors);
  for (const wgmma::Choice& choice :
       wgmma::all_choices(shape.shape.k, weight_bits(entry.precision) / 8, capacity)) {
    cases.push_back(configuration_case(
        entry, device, shape,
        (choice.skinny ? "skinny:" : "tile:") + std::to_string(choice.config) +
            " split:" + std::to_string(choice.split_shift),
        [=, precision = entry.precision](const cuda::GemmOperands& operands, cudaStream_t) {
          return wgmma::make_launch(precision, operands, choice, capacity);
        }));
  }
}

// Of the hand-written kernels alone, which have configurations.
CaseRow configurations_row(const CatalogueEntry& entry, const Device& device, Extent extent) {
  CaseRow row{.name = row_name("tiles", entry), .of_catalogue = false};
  const bool is_wgmma = entry.kernel.name == "wgmma_sm90";
  std::vector<CaseShape> all = configuration_shapes(extent);
  if (is_wgmma) std::ranges::copy(deep_shapes(extent), std::back_inserter(all));
  for (const CaseShape& shape : all) {
    if (!entry.unsupported({Op::gemm, entry.precision, shape.shape}, device).empty()) continue;
    (is_wgmma ? add_wgmma : add_tiled)(entry, device, shape, row.cases);
  }
  return row;
}

}  // namespace

std::vector<CaseRow> case_rows(const Device& device, Extent extent) {
  std::vector<CaseRow> rows;
  for (const CatalogueEntry& entry : catalogue()) {
    if (entry.backend != Backend::cuda || entry.kernel.name.empty()) continue;
    rows.push_back(catalogue_row(entry, device, extent));
    if (entry.op != Op::gemm || is_library(entry.implementation) || has_packed_weights(entry)) {
      continue;
    }
    CaseRow configurations = configurations_row(entry, device, extent);
    if (!configurations.cases.empty()) rows.push_back(std::move(configurations));
  }
  return rows;
}

}  // namespace roofproof::ptx::cases
