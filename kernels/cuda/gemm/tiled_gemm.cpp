// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/gemm/tiled_gemm.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "kernels/cuda/gemm/tiled/kernel_tables.h"
#include "kernels/cuda/gemm/workload.h"
#include "kernels/cuda/runtime/buffer.h"
#include "kernels/cuda/runtime/error.h"
#include "kernels/cuda/runtime/launch.h"
#include "kernels/cuda/runtime/rates.h"

namespace roofproof::cuda {
namespace tiled_gemm {
namespace {

struct KernelRow {
  std::string_view kernel;
  Precision precision;
  TiledKernels (*kernels)();
  double Rates::*rate;
};

constexpr KernelRow rows[] = {
    {"simt", Precision::fp32, simt_fp32_kernels, &Rates::fp32},
    {"simt_sm75", Precision::fp32, simt_sm75_fp32_kernels, &Rates::fp32},
    {"mma_sm80", Precision::fp16, mma_kernels<Generation::sm80, Fp16>, &Rates::tensor_fp16},
    {"mma_sm80", Precision::int8, mma_kernels<Generation::sm80, Int8>, &Rates::tensor_int8},
    {"mma_sm75", Precision::fp16, mma_kernels<Generation::sm75, Fp16>, &Rates::tensor_fp16},
    {"mma_sm75", Precision::int8, mma_kernels<Generation::sm75, Int8>, &Rates::tensor_int8},
};

const KernelRow& row_of(std::string_view kernel, Precision precision) {
  for (const KernelRow& row : rows) {
    if (row.kernel == kernel && row.precision == precision) return row;
  }
  throw std::invalid_argument("kernels/cuda/gemm/tiled_gemm.cpp: " + std::string(kernel) +
                              " has no kernels for " + std::string(name(precision)));
}

int element_bytes(Precision precision) { return weight_bits(precision) / 8; }

// Sums of int8 products are 32 bits wide, as those of the other types.
constexpr std::size_t accumulator_bytes = 4;

void check_scalars(Precision precision, const GemmOperands& operands) {
  if (precision != Precision::int8) return;
  for (const float scalar : {operands.alpha, operands.beta}) {
    if (!(scalar == std::trunc(scalar) && std::abs(scalar) < 0x1p31f)) {
      throw std::invalid_argument(
          "kernels/cuda/gemm/tiled_gemm.cpp: int8 needs integer alpha and beta, not " +
          std::to_string(scalar));
    }
  }
}

}  // namespace

// Buffers only grow before the first launch: each launch is made for the size it needs.
class Workspace {
 public:
  explicit Workspace(cudaStream_t stream) : stream_(stream) {}

  // Room for `blocks` partial sums of `bytes` each; flags are down.
  void reserve(int blocks, std::size_t bytes) {
    const auto count = static_cast<std::size_t>(blocks);
    if (partials_.size() < count * bytes) partials_ = Buffer(count * bytes);
    if (flags_.size() < count * sizeof(unsigned)) {
      flags_ = Buffer(count * sizeof(unsigned));
      ROOFPROOF_CUDA_CHECK(cudaMemsetAsync(flags_.data(), 0, flags_.size(), stream_));
    }
  }
  void* partials() const { return partials_.data(); }
  unsigned* flags() const { return flags_.as<unsigned>(); }

 private:
  cudaStream_t stream_;
  Buffer partials_;
  Buffer flags_;
};

std::shared_ptr<Workspace> make_workspace(cudaStream_t stream) {
  return std::make_shared<Workspace>(stream);
}

Tiles tiles(std::string_view kernel, Precision precision) {
  Tiles result{row_of(kernel, precision).kernels(), {}};
  int device = 0;
  int shared_bytes = 0;
  ROOFPROOF_CUDA_CHECK(cudaGetDevice(&device));
  ROOFPROOF_CUDA_CHECK(
      cudaDeviceGetAttribute(&shared_bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, device));
  for (const TiledKernel& tiled : result.kernels) {
    int blocks = 0;
    if (tiled.shape.shared_bytes <= shared_bytes) {
      ROOFPROOF_CUDA_CHECK(cudaFuncSetAttribute(
          tiled.function, cudaFuncAttributeMaxDynamicSharedMemorySize, tiled.shape.shared_bytes));
      ROOFPROOF_CUDA_CHECK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(
          &blocks, tiled.function, tiled.shape.threads,
          static_cast<std::size_t>(tiled.shape.shared_bytes)));
    }
    result.resident.push_back(blocks);
  }
  return result;
}

TileChoice choose(std::string_view kernel, Precision precision, const Tiles& tiles, std::int64_t m,
                  std::int64_t n, std::int64_t k, const Device& device) {
  std::vector<TileShape> shapes;
  for (const TiledKernel& tiled : tiles.kernels) shapes.push_back(tiled.shape);
  const double multiply_adds = rates_of(device).*row_of(kernel, precision).rate;
  const TileMachine machine{device.processors, multiply_adds * element_bytes(precision)};
  const TileChoice choice =
      choose_tile(shapes.data(), tiles.resident.data(), static_cast<int>(shapes.size()), m, n,
                  k * element_bytes(precision), machine);
  if (choice.index < 0) {
    throw std::runtime_error("kernels/cuda/gemm/tiled_gemm.cpp: no configuration of " +
                             std::string(kernel) + " runs on " + device.name);
  }
  return choice;
}

namespace {

class TiledLaunch : public GemmLaunch {
 public:
  TiledLaunch(std::string_view kernel, Precision precision, const GemmOperands& operands,
              const TiledKernel& tiled, const TileChoice& choice,
              std::shared_ptr<Workspace> workspace)
      : kernel_(kernel),
        element_bytes_(element_bytes(precision)),
        tiled_(tiled),
        workspace_(std::move(workspace)) {
    arguments_.a = static_cast<const std::byte*>(operands.a);
    arguments_.b = static_cast<const std::byte*>(operands.b);
    arguments_.c = operands.c;
    arguments_.m = static_cast<int>(operands.m);
    arguments_.n = static_cast<int>(operands.n);
    arguments_.row_bytes = static_cast<int>(operands.k * element_bytes_);
    arguments_.alpha = operands.alpha;
    arguments_.beta = operands.beta;
    arguments_.grid = choice.grid;
    arguments_.raster_group = choice.raster_group;
    arguments_.work = choice.work;
    if (choice.work.streamed_tiles > 0) {
      workspace_->reserve(choice.work.blocks, accumulator_bytes *
                                                  static_cast<std::size_t>(tiled.shape.m) *
                                                  static_cast<std::size_t>(tiled.shape.n));
    }
    ROOFPROOF_CUDA_CHECK(cudaFuncSetAttribute(
        tiled.function, cudaFuncAttributeMaxDynamicSharedMemorySize, tiled.shape.shared_bytes));
  }

  void launch(cudaStream_t stream) override {
    // Asked for here because the workspace may have grown for another launch that shares it.
    arguments_.partials = workspace_->partials();
    arguments_.flags = workspace_->flags();
    void* arguments[] = {&arguments_};
    launch_function(tiled_.function,
                    {arguments_.work.blocks, tiled_.shape.threads, tiled_.shape.shared_bytes},
                    stream, arguments);
  }

  std::string label() const override {
    const TileShape& shape = tiled_.shape;
    std::string text = kernel_;
    text += ' ' + std::to_string(shape.m) + 'x' + std::to_string(shape.n) + 'x' +
            std::to_string(shape.row_bytes / element_bytes_) + " stages " +
            std::to_string(shape.stages);
    if (arguments_.work.streamed_tiles > 0) {
      text += " streamed " + std::to_string(arguments_.work.streamed_tiles) + " of " +
              std::to_string(arguments_.work.tiles) + " tiles";
    }
    return text;
  }

 private:
  std::string kernel_;
  int element_bytes_;
  TiledKernel tiled_;
  GemmArguments arguments_ = {};
  std::shared_ptr<Workspace> workspace_;
};

}  // namespace

std::unique_ptr<GemmLaunch> make_launch(std::string_view kernel, Precision precision,
                                        const GemmOperands& operands, const Tiles& tiles,
                                        const TileChoice& choice,
                                        const std::shared_ptr<Workspace>& workspace) {
  check_scalars(precision, operands);
  return std::make_unique<TiledLaunch>(kernel, precision, operands,
                                       tiles.kernels.at(static_cast<std::size_t>(choice.index)),
                                       choice, workspace);
}

}  // namespace tiled_gemm

std::string tiled_gemm_unsupported(std::string_view, const Problem& problem, const Device&) {
  // Kernels count tiles and their steps in 32 bits, of up to 4096 tiles at once, and the smallest
  // tile is 16 x 64 with steps of 64 bytes; coordinates go up to a tile beyond the matrix.
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max() - 256;
  const Shape& shape = problem.shape;
  if (shape.m > most || shape.n > most || (shape.m / 16 + 1) * (shape.n / 64 + 1) > most ||
      shape.k * tiled_gemm::element_bytes(problem.precision) > std::int64_t{1} << 24) {
    return "counts tiles and steps in 32 bits";
  }
  return {};
}

std::unique_ptr<Workload> prepare_tiled_gemm(std::string_view kernel, const Problem& problem,
                                             const Device& device, const Preparation& preparation) {
  namespace tiled = tiled_gemm;
  return make_gemm_workload(
      problem, device, preparation,
      GemmSetFactory([&](const std::vector<GemmOperands>& copies, cudaStream_t stream) {
        const tiled::Tiles all = tiled::tiles(kernel, problem.precision);
        const Shape& shape = problem.shape;
        const TileChoice choice =
            tiled::choose(kernel, problem.precision, all, shape.m, shape.n, shape.k, device);
        const auto workspace = tiled::make_workspace(stream);
        std::vector<std::unique_ptr<GemmLaunch>> launches;
        for (const GemmOperands& operands : copies) {
          launches.push_back(
              tiled::make_launch(kernel, problem.precision, operands, all, choice, workspace));
        }
        return launches;
      }));
}

}  // namespace roofproof::cuda
