// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/linear/linear.h"

#include <algorithm>
#include <stdexcept>

#include "kernels/cuda/linear/instances.h"
#include "kernels/cuda/linear/rows.h"
#include "kernels/cuda/runtime/launch.h"
#include "kernels/cuda/runtime/overlap.h"
#include "kernels/kernel_row.h"

namespace roofproof::cuda::linear {
namespace {

struct VariantRow {
  Variant variant;
  const char* kernel;
  LinearKernel (*skinny)(WeightFormat, int);
  LinearKernel (*tiled)(WeightFormat, TiledConfig);
};
constexpr VariantRow variants[] = {
#define ROOFPROOF_ROW(name) \
  {Variant::name, #name, skinny_instance<Variant::name>, tiled_instance<Variant::name>},
    ROOFPROOF_VARIANTS(ROOFPROOF_ROW)
#undef ROOFPROOF_ROW
};

const VariantRow& variant_row(Variant variant) { return variants[static_cast<int>(variant)]; }

// simt and bulk_sm90 are compiled for sm_90, where they wait for their predecessors; what the
// others run there is older code, which does not.
bool waits_for_predecessor(Variant variant, const Device& device) {
  return launches_overlap(device.compute_capability) &&
         (variant == Variant::simt || variant == Variant::bulk_sm90);
}

std::int64_t rounded_up(std::int64_t value, std::int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

template <class T>
void move_by(const T*& pointer, std::int64_t bytes) {
  if (pointer == nullptr) return;
  pointer = reinterpret_cast<const T*>(reinterpret_cast<const char*>(pointer) + bytes);
}
template <class T>
void move_by(T*& pointer, std::int64_t bytes) {
  if (pointer == nullptr) return;
  pointer = reinterpret_cast<T*>(reinterpret_cast<char*>(pointer) + bytes);
}

// The operands of the sequences from `first` on.
LinearJob from_sequence(LinearJob job, const PackedShape& shape, std::int64_t first) {
  const std::int64_t value = shape.format == WeightFormat::fp32 ? 4 : 2;
  const AttentionRows& rows = job.attention;
  std::int64_t outputs = shape.n;
  if (job.finish == Finish::gate) outputs = shape.n / 2;
  if (job.finish == Finish::rotate) outputs = std::int64_t{rows.heads} * rows.head_dim;
  move_by(job.x, first * shape.k * value);
  move_by(job.y, first * outputs * (job.finish == Finish::store_fp32 ? 4 : value));
  move_by(job.residual, first * shape.n * value);
  const auto cached = first * rows.cache_step * rows.head_dim * std::int64_t{sizeof(Half)};
  move_by(job.attention.rotation, first * rows.rotation_step * std::int64_t{sizeof(float)});
  move_by(job.attention.keys, cached);
  move_by(job.attention.values, cached);
  return job;
}

}  // namespace

const char* name(Variant variant) { return variant_row(variant).kernel; }

Variant variant_of(std::string_view name) { return row_of(variants, name).variant; }

void LinearWorkspaceSize::include(const LinearWorkspaceSize& other) {
  partial_floats = std::max(partial_floats, other.partial_floats);
  arrivals = std::max(arrivals, other.arrivals);
  rows_bytes = std::max(rows_bytes, other.rows_bytes);
}

LinearBuffers::LinearBuffers(const LinearWorkspaceSize& size)
    : partial_(static_cast<std::size_t>(size.partial_floats) * sizeof(float)),
      arrivals_(static_cast<std::size_t>(size.arrivals) * sizeof(unsigned)),
      rows_(static_cast<std::size_t>(size.rows_bytes)) {}

void LinearBuffers::clear(cudaStream_t stream) {
  if (arrivals_.size() == 0) return;
  ROOFPROOF_CUDA_CHECK(cudaMemsetAsync(arrivals_.data(), 0, arrivals_.size(), stream));
}

LinearWorkspace LinearBuffers::view() const {
  return {partial_.as<float>(), arrivals_.as<unsigned>(), rows_.data()};
}

LinearPlan::LinearPlan(const PackedShape& shape, int batch, bool norm, Variant variant,
                       const Device& device)
    : shape_(shape),
      batch_(batch),
      norm_(norm),
      variant_(variant),
      dependent_(waits_for_predecessor(variant, device)) {
  if (shape.n < 1 || shape.k < 1 || batch < 1) {
    throw std::invalid_argument("sizes must be at least 1");
  }
  const VariantRow& row = variant_row(variant);
  const int most = most_sequences(variant, shape.format);
  if (batch > most && uses_tensor_cores(variant, shape.format)) {
    tiled_ = plan_tiled(shape, batch, variant, device);
    allow_shared_memory(row.tiled(shape.format, tiled_->config), tiled_->shared_bytes);
    if (prepares_rows()) prepare_rows(/*fp32=*/false);
    return;
  }
  // A norm is fused where each block can afford it, else it is a launch of its own.
  const bool fused = norm && fuses_norm(batch, shape.k);
  const auto plan = [&](int sequences) {
    auto found = plan_skinny(shape, sequences, fused, variant, device);
    if (!found) throw std::invalid_argument("the activations do not fit in shared memory");
    allow_shared_memory(row.skinny(shape.format, found->columns), found->shared_bytes);
    return found;
  };
  skinny_ = plan(std::min(batch, most));
  if (batch > most && batch % most != 0) last_skinny_ = plan(batch % most);
  if (prepares_rows()) prepare_rows(shape.format == WeightFormat::fp32);
}

bool LinearPlan::prepares_rows() const {
  if (tiled_) return norm_ || shape_.k % 8 != 0;
  return norm_ && !fuses_norm(batch_, shape_.k);
}

int LinearPlan::groups() const {
  if (tiled_) return 1;
  const int most = most_sequences(variant_, shape_.format);
  return (batch_ + most - 1) / most;
}

int LinearPlan::launches() const { return groups() + (prepares_rows() ? 1 : 0); }

LinearWorkspaceSize LinearPlan::workspace() const {
  LinearWorkspaceSize size;
  if (tiled_) {
    size.partial_floats = tiled_->partial_floats();
    size.arrivals = tiled_->arrivals();
  } else {
    const int most = most_sequences(variant_, shape_.format);
    size.partial_floats = skinny_->partial_floats(shape_, std::min(batch_, most));
    size.arrivals = skinny_->arrivals(shape_);
    if (last_skinny_) {
      size.include(
          {last_skinny_->partial_floats(shape_, batch_ % most), last_skinny_->arrivals(shape_), 0});
    }
  }
  if (prepares_rows()) {
    size.rows_bytes =
        batch_ * rounded_up(shape_.k, 8) * (shape_.format == WeightFormat::fp32 ? 4 : 2);
  }
  return size;
}

std::string LinearPlan::label() const {
  std::string text = name(variant_);
  if (tiled_) {
    const TiledSize size = tiled_size(tiled_->config);
    text += " " + std::to_string(tiled_warps * tile_rows * size.row_tiles) + "x" +
            std::to_string(8 * size.token_tiles);
    return text + " split " + std::to_string(tiled_->slices);
  }
  text += " x" + std::to_string(skinny_->columns) + " split " + std::to_string(skinny_->slices);
  if (groups() > 1) text += " groups " + std::to_string(groups());
  return text;
}

void LinearPlan::launch(LinearJob operands, const LinearWorkspace& workspace, bool dependent,
                        cudaStream_t stream) const {
  dependent = dependent && dependent_;
  operands.partial = workspace.partial;
  operands.arrivals = workspace.arrivals;
  operands.x_stride = static_cast<int>(shape_.k);
  if (prepares_rows()) {
    RowsJob rows;
    rows.x = operands.x;
    rows.norm = norm_ ? operands.norm : nullptr;
    rows.y = workspace.rows;
    rows.k = static_cast<int>(shape_.k);
    rows.stride = static_cast<int>(tiled_ ? rounded_up(shape_.k, 8) : shape_.k);
    rows.epsilon = operands.epsilon;
    launch_rows(rows, shape_.format == WeightFormat::fp32, batch_, dependent, stream);
    operands.x = workspace.rows;
    operands.x_stride = rows.stride;
    operands.norm = nullptr;
  }
  const VariantRow& row = variant_row(variant_);
  if (tiled_) {
    operands.batch = batch_;
    tiled_->apply(operands, shape_);
    launch_kernel(row.tiled(shape_.format, tiled_->config),
                  {tiled_->grid(), tiled_threads, tiled_->shared_bytes, dependent}, stream,
                  operands);
    return;
  }
  const int most = most_sequences(variant_, shape_.format);
  for (int first = 0; first < batch_; first += most) {
    const int sequences = std::min(most, batch_ - first);
    const SkinnyPlan& plan = last_skinny_ && sequences < most ? *last_skinny_ : *skinny_;
    LinearJob job = from_sequence(operands, shape_, first);
    job.batch = sequences;
    plan.apply(job, shape_);
    launch_kernel(row.skinny(shape_.format, plan.columns),
                  {plan.grid(), skinny_threads, plan.shared_bytes, dependent}, stream, job);
  }
}

}  // namespace roofproof::cuda::linear
