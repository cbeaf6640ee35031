// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Tensor maps: what cuTensorMapEncodeTiled refuses, and where the elements of a box lie.
#include "tests/ptx/machine/tensor_map.h"

#include <cstring>
#include <string>

#include "tests/ptx/machine/machine.h"

namespace roofproof::ptx {

void encode_tensor_map(void* out, const TensorMapRequest& r) {
  const auto refuse = [](const std::string& what) {
    throw Fault("cuTensorMapEncodeTiled: " + what);
  };
  static const int sizes[] = {1, 2, 4, 4, 8, 8, 2, 4, 8, 2, 4, 4, 4};
  if (r.data_type < 0 || r.data_type > 12) refuse("data type " + std::to_string(r.data_type));
  if (r.rank < 1 || r.rank > 5) refuse("rank " + std::to_string(r.rank));
  if (reinterpret_cast<u64>(out) % 64) refuse("the map is not aligned to 64 bytes");
  if (reinterpret_cast<u64>(r.address) % 16) refuse("the address is not aligned to 16 bytes");
  if (r.interleave != 0) refuse("interleave is not modelled");
  if (r.swizzle < 0 || r.swizzle > 3)
    refuse("swizzle " + std::to_string(r.swizzle) + " is not modelled");
  if (r.fill < 0 || r.fill > 1 || r.promotion < 0 || r.promotion > 3) refuse("fill or promotion");
  static const u8 spans[] = {0, 32, 64, 128};
  TensorMap t{};
  t.magic = TensorMap::right_magic;
  t.address = reinterpret_cast<u64>(r.address);
  t.rank = static_cast<u8>(r.rank);
  t.element = static_cast<u8>(sizes[r.data_type]);
  t.swizzle_span = spans[r.swizzle];
  t.fill = static_cast<u8>(r.fill);
  if (r.fill && (r.data_type < 6)) refuse("NaN fill of integers");
  for (int k = 0; k < r.rank; ++k) {
    if (!r.dims[k] || r.dims[k] > (u64{1} << 32))
      refuse("dimension " + std::to_string(k) + " is " + std::to_string(r.dims[k]));
    if (!r.box[k] || r.box[k] > 256)
      refuse("box " + std::to_string(k) + " is " + std::to_string(r.box[k]));
    if (!r.element_strides[k] || r.element_strides[k] > 8) refuse("element stride");
    if (r.element_strides[k] != 1) refuse("element strides other than 1 are not modelled");
    t.dims[k] = r.dims[k];
    t.box[k] = static_cast<u16>(r.box[k]);
    if (k) {
      if (r.strides[k - 1] % 16 || r.strides[k - 1] >= (u64{1} << 40))
        refuse("stride " + std::to_string(r.strides[k - 1]));
      t.strides[k - 1] = r.strides[k - 1];
    }
  }
  const u32 inner = r.box[0] * t.element;
  if (inner % 16) refuse("the inner box is " + std::to_string(inner) + " bytes, no multiple of 16");
  if (r.swizzle && inner > t.swizzle_span)
    refuse("the inner box of " + std::to_string(inner) + " bytes is larger than the swizzle");
  static_assert(sizeof t <= 128);
  std::memset(out, 0, 128);
  std::memcpy(out, &t, sizeof t);
}

}  // namespace roofproof::ptx
