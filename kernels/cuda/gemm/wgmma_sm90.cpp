// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/gemm/wgmma_sm90.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>

#include "kernels/cuda/gemm/tensor_map.h"
#include "kernels/cuda/gemm/wgmma_sm90_kernels.h"
#include "kernels/cuda/gemm/workload.h"
#include "kernels/cuda/runtime/error.h"
#include "kernels/cuda/runtime/launch.h"
#include "kernels/cuda/runtime/overlap.h"

namespace roofproof::cuda {
namespace wgmma_sm90 {
namespace {

ElementKind element_kind(Precision precision) {
  switch (precision) {
    case Precision::fp16:
      return ElementKind::fp16;
    case Precision::int8:
      return ElementKind::int8;
    default:
      throw std::invalid_argument("kernels/cuda/gemm/wgmma_sm90.cpp: no kernel for " +
                                  std::string(name(precision)));
  }
}

GemmShape shape_of(Precision precision, std::int64_t m, std::int64_t n, std::int64_t k) {
  return element_kind(precision) == ElementKind::fp16 ? GemmShape{m, n, k, 2, 2}
                                                      : GemmShape{m, n, k, 1, 4};
}

void check_scalars(Precision precision, const GemmOperands& operands) {
  if (precision != Precision::int8) return;
  for (const float scalar : {operands.alpha, operands.beta}) {
    if (!(scalar == std::trunc(scalar) && std::abs(scalar) < 0x1p31f)) {
      throw std::invalid_argument(
          "kernels/cuda/gemm/wgmma_sm90.cpp: int8 needs integer alpha and beta, not " +
          std::to_string(scalar));
    }
  }
}

// [rows, k] operand in boxes of 128 bytes of K.
CUtensorMap operand_map(ElementKind kind, const void* data, std::int64_t rows, std::int64_t k,
                        int box_rows) {
  return kind == ElementKind::fp16
             ? make_tensor_map({CU_TENSOR_MAP_DATA_TYPE_FLOAT16, 2, data, rows, k, box_rows})
             : make_tensor_map({CU_TENSOR_MAP_DATA_TYPE_UINT8, 1, data, rows, k, box_rows});
}

// A kernel's function with the grid it is launched with. Programmatic: the next of these kernels
// may set itself up while this one finishes; each waits for the one before it to complete before it
// touches memory.
class KernelLaunch {
 public:
  KernelLaunch(const void* function, int threads, int shared_bytes, int cluster)
      : function_(function), shape_{cluster, threads, shared_bytes, false, cluster} {
    ROOFPROOF_CUDA_CHECK(
        cudaFuncSetAttribute(function, cudaFuncAttributeMaxDynamicSharedMemorySize, shared_bytes));
  }

  // Clusters that the current device runs at a time; 0 where it cannot run any.
  int resident_clusters() const {
    const LaunchConfig config(shape_);
    int clusters = 0;
    ROOFPROOF_CUDA_CHECK(cudaOccupancyMaxActiveClusters(&clusters, function_, config.get()));
    return clusters;
  }

  void launch(int clusters, void** arguments, cudaStream_t stream) const {
    LaunchShape shape = shape_;
    shape.grid = clusters * shape.cluster;
    shape.dependent = overlaps_;
    launch_function(function_, shape, stream, arguments);
  }

 private:
  const void* function_;
  LaunchShape shape_;  // of one cluster
  bool overlaps_ = launches_overlap(90);
};

KernelLaunch tile_launch(ElementKind kind, int config) {
  return {tile_kernel(kind, config), tile_threads, shared_bytes(tile_configs[config]),
          cluster_blocks(tile_configs[config])};
}
KernelLaunch skinny_launch(ElementKind kind, int config, int split_shift) {
  return {skinny_kernel(kind, config), skinny_threads, shared_bytes(skinny_configs[config]),
          1 << split_shift};
}

class TileLaunch : public GemmLaunch {
 public:
  TileLaunch(ElementKind kind, const GemmShape& shape, const GemmOperands& operands, int index,
             int resident)
      : index_(index), kernel_(tile_launch(kind, index)) {
    const TileConfig& config = tile_configs[index];
    const bool fp16 = kind == ElementKind::fp16;
    a_ = operand_map(kind, operands.a, shape.m, shape.k, a_part(config, 0).rows);
    b_ = operand_map(kind, operands.b, shape.n, shape.k, b_part(config, 0).rows);
    arguments_.m = static_cast<int>(shape.m);
    arguments_.n = static_cast<int>(shape.n);
    arguments_.k_rows =
        static_cast<int>((shape.k * shape.input_bytes + k_row_bytes - 1) / k_row_bytes);
    arguments_.grid = cluster_grid(config, arguments_.m, arguments_.n);
    clusters_ = std::min(resident, arguments_.grid.count());
    arguments_.group = raster_group(arguments_.grid, config.tile_m * config.cluster_m,
                                    config.tile_n * config.cluster_n, clusters_);
    arguments_.alpha = operands.alpha;
    arguments_.beta = operands.beta;
    arguments_.c = operands.c;
    // FP16 scales on the way to shared memory; INT32 does not.
    arguments_.staged = operands.beta == 0 && (fp16 || operands.alpha == 1) &&
                        shape.n * shape.output_bytes % 16 == 0;
    if (arguments_.staged) {
      c_ = make_tensor_map({fp16 ? CU_TENSOR_MAP_DATA_TYPE_FLOAT16 : CU_TENSOR_MAP_DATA_TYPE_INT32,
                            shape.output_bytes, operands.c, shape.m, shape.n, wgmma_rows});
    }
  }

  void launch(cudaStream_t stream) override {
    void* arguments[] = {&a_, &b_, &c_, &arguments_};
    kernel_.launch(clusters_, arguments, stream);
  }

  std::string label() const override {
    const TileConfig& config = tile_configs[index_];
    return "wgmma_sm90 " + std::to_string(config.tile_m) + "x" + std::to_string(config.tile_n) +
           (config.pingpong ? " pingpong" : "") + " cluster " + std::to_string(config.cluster_m) +
           "x" + std::to_string(config.cluster_n) + " stages " + std::to_string(config.stages);
  }

 private:
  int index_;
  KernelLaunch kernel_;
  int clusters_ = 0;
  CUtensorMap a_ = {};
  CUtensorMap b_ = {};
  CUtensorMap c_ = {};
  TileArguments arguments_ = {};
};

class SkinnyLaunch : public GemmLaunch {
 public:
  SkinnyLaunch(ElementKind kind, const GemmShape& shape, const GemmOperands& operands, int index,
               int split_shift)
      : index_(index), kernel_(skinny_launch(kind, index, split_shift)) {
    const SkinnyConfig& config = skinny_configs[index];
    a_ = operand_map(kind, operands.a, shape.m, shape.k, config.tokens);
    b_ = operand_map(kind, operands.b, shape.n, shape.k, config.rows);
    arguments_.m = static_cast<int>(shape.m);
    arguments_.n = static_cast<int>(shape.n);
    arguments_.k_stages = k_stages(config, shape.k * shape.input_bytes);
    arguments_.split_shift = split_shift;
    arguments_.token_tiles = static_cast<int>((shape.m + config.tokens - 1) / config.tokens);
    arguments_.weights_once = arguments_.token_tiles == 1;
    arguments_.alpha = operands.alpha;
    arguments_.beta = operands.beta;
    arguments_.c = operands.c;
    clusters_ =
        arguments_.token_tiles * static_cast<int>((shape.n + config.rows - 1) / config.rows);
  }

  void launch(cudaStream_t stream) override {
    void* arguments[] = {&a_, &b_, &arguments_};
    kernel_.launch(clusters_, arguments, stream);
  }

  std::string label() const override {
    const SkinnyConfig& config = skinny_configs[index_];
    return "wgmma_sm90 skinny " + std::to_string(config.tokens) + "x" +
           std::to_string(config.rows) + " split " + std::to_string(1 << arguments_.split_shift);
  }

 private:
  int index_;
  KernelLaunch kernel_;
  int clusters_ = 0;
  CUtensorMap a_ = {};
  CUtensorMap b_ = {};
  SkinnyArguments arguments_ = {};
};

}  // namespace

Capacity device_capacity(Precision precision, int processors) {
  const ElementKind kind = element_kind(precision);
  Capacity capacity = {processors, {}, {}};
  for (int i = 0; i < tile_config_count; ++i) {
    capacity.tile[i] = tile_launch(kind, i).resident_clusters();
  }
  for (int i = 0; i < skinny_config_count; ++i) {
    for (int shift = 0; shift <= max_split_shift; ++shift) {
      capacity.skinny[i][shift] = skinny_launch(kind, i, shift).resident_clusters();
    }
  }
  return capacity;
}

std::vector<Choice> all_choices(std::int64_t k, int input_bytes, const Capacity& capacity) {
  std::vector<Choice> choices;
  for (int i = 0; i < tile_config_count; ++i) {
    if (capacity.tile[i] > 0) choices.push_back({false, i, 0, 0});
  }
  for (int i = 0; i < skinny_config_count; ++i) {
    for (int shift = 0; shift <= max_split_shift; ++shift) {
      if (can_split(skinny_configs[i], k * input_bytes, shift) && capacity.skinny[i][shift] > 0) {
        choices.push_back({true, i, shift, 0});
      }
    }
  }
  return choices;
}

std::unique_ptr<GemmLaunch> make_launch(Precision precision, const GemmOperands& operands,
                                        const Choice& choice, const Capacity& capacity) {
  check_scalars(precision, operands);
  const ElementKind kind = element_kind(precision);
  const GemmShape shape = shape_of(precision, operands.m, operands.n, operands.k);
  if (choice.skinny) {
    return std::make_unique<SkinnyLaunch>(kind, shape, operands, choice.config, choice.split_shift);
  }
  return std::make_unique<TileLaunch>(kind, shape, operands, choice.config,
                                      capacity.tile[choice.config]);
}

}  // namespace wgmma_sm90

std::string wgmma_gemm_unsupported(std::string_view, const Problem& problem, const Device&) {
  const Shape& shape = problem.shape;
  const std::int64_t input_bytes = problem.precision == Precision::fp16 ? 2 : 1;
  if (shape.k * input_bytes % 16 != 0) {
    return "TMA needs rows of a multiple of 16 bytes, k " + std::to_string(shape.k) + " gives " +
           std::to_string(shape.k * input_bytes);
  }
  constexpr std::int64_t limit = INT32_MAX - 256;  // TMA's coordinates, plus a tile
  if (shape.m > limit || shape.n > limit || shape.k > limit) {
    return "TMA's coordinates have 32 bits";
  }
  return {};
}

std::unique_ptr<Workload> prepare_wgmma_gemm(std::string_view, const Problem& problem,
                                             const Device& device, const Preparation& preparation) {
  namespace kernels = wgmma_sm90;
  ROOFPROOF_CUDA_CHECK(cudaSetDevice(device.ordinal));
  const Precision precision = problem.precision;
  const kernels::Capacity capacity = kernels::device_capacity(precision, device.processors);
  const Shape& shape = problem.shape;
  const kernels::Choice choice =
      kernels::select(kernels::shape_of(precision, shape.m, shape.n, shape.k), capacity);
  return make_gemm_workload(problem, device, preparation,
                            [=](const GemmOperands& operands, cudaStream_t) {
                              return kernels::make_launch(precision, operands, choice, capacity);
                            });
}

}  // namespace roofproof::cuda
