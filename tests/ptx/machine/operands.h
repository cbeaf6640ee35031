// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// How instructions read and write lanes. Every register has a mask of the lanes that were written.
// What was never written may be computed with, and the result is as undefined; where it would
// matter (addresses, branches, stores to global memory) it is a Fault.
#pragma once

#include <immintrin.h>

#include <cstring>

#include "tests/ptx/machine/grid.h"

namespace roofproof::ptx {

[[noreturn]] void fail(Warp& w, const Instruction& i, int lane, const char* format, ...)
    __attribute__((format(printf, 4, 5)));
[[noreturn]] void undefined_use(Warp& w, const Instruction& i, const Slot& s, u32 mask);
// Of an operand that was not written in all lanes: these leave Warp::defined. A Fault for
// accumulators of a wgmma in flight, and always with Machine::poison_strict.
void note_undefined(Warp& w, const Instruction& i, const Slot& s, u32 mask);

inline void note_written(Warp& w, const Slot& d) {
  if (__builtin_expect(w.written_since_fence != nullptr, 0)) w.written_since_fence[d.id] = 1;
}

inline void require_defined(Warp& w, const Instruction& i, const Slot& s, u32 m) {
  if (__builtin_expect((~w.written[s.id] & m) != 0, 0)) undefined_use(w, i, s, m);
}
inline void merge_defined(Warp& w, const Instruction& i, const Slot& s, u32 m) {
  if (__builtin_expect((~w.written[s.id] & m) != 0, 0)) note_undefined(w, i, s, m);
}
// Lanes of a copy that are undefined; Warp::defined stays as it is.
inline u32 undefined_lanes(Warp& w, const Instruction& i, const Slot& s, u32 m) {
  const u32 u = ~w.written[s.id] & m;
  if (__builtin_expect(u != 0, 0)) {
    const u32 keep = w.defined;
    note_undefined(w, i, s, m);
    w.defined = keep;
  }
  return u;
}

template <class T>
inline const T* read(Warp& w, const Instruction& i, const Slot& s, u32 m) {
  merge_defined(w, i, s, m);
  return w.at<T>(s);
}
template <class T>
inline const T* read_defined(Warp& w, const Instruction& i, const Slot& s, u32 m) {
  require_defined(w, i, s, m);
  return w.at<T>(s);
}
inline u32 predicate_bits(Warp& w, const Slot& s) {
  const u32 v = *w.at<u32>(s);
  return s.negated ? ~v : v;
}
inline u32 read_predicate(Warp& w, const Instruction& i, const Slot& s, u32 m) {
  merge_defined(w, i, s, m);
  return predicate_bits(w, s);
}
inline u32 read_defined_predicate(Warp& w, const Instruction& i, const Slot& s, u32 m) {
  require_defined(w, i, s, m);
  return predicate_bits(w, s);
}

template <class T>
inline void write(Warp& w, const Slot& d, const T* r, u32 m) {
  T* p = w.at<T>(d);
#if defined(__AVX512F__) && defined(__AVX512BW__)
  if constexpr (sizeof(T) == 4) {
    _mm512_mask_storeu_epi32(p, static_cast<__mmask16>(m), _mm512_loadu_si512(r));
    _mm512_mask_storeu_epi32(p + 16, static_cast<__mmask16>(m >> 16), _mm512_loadu_si512(r + 16));
  } else if constexpr (sizeof(T) == 8) {
    for (int i = 0; i < 4; ++i)
      _mm512_mask_storeu_epi64(p + 8 * i, static_cast<__mmask8>(m >> (8 * i)),
                               _mm512_loadu_si512(r + 8 * i));
  } else if constexpr (sizeof(T) == 2) {
    _mm512_mask_storeu_epi16(p, m, _mm512_loadu_si512(r));
  } else {
    for (int i = 0; i < 32; ++i)
      if (m >> i & 1) p[i] = r[i];
  }
#else
  for (int i = 0; i < 32; ++i) p[i] = m >> i & 1 ? r[i] : p[i];
#endif
  w.written[d.id] = (w.written[d.id] & ~m) | (m & w.defined);
  note_written(w, d);
}

inline void write_predicate(Warp& w, const Slot& d, u32 bits, u32 m) {
  u32* p = w.at<u32>(d);
  *p = (*p & ~m) | (bits & m);
  w.written[d.id] = (w.written[d.id] & ~m) | (m & w.defined);
  note_written(w, d);
}

// A lane by the width of the register it lies in.
inline u64 lane_bits(Warp& w, const Slot& s, int i) {
  switch (s.bytes) {
    case 2:
      return w.at<u16>(s)[i];
    case 8:
      return w.at<u64>(s)[i];
    case 1:
      return *w.at<u32>(s) >> i & 1;
    default:
      return w.at<u32>(s)[i];
  }
}
inline void set_lane_bits(Warp& w, const Slot& d, int i, u64 v) {
  switch (d.bytes) {
    case 2:
      w.at<u16>(d)[i] = static_cast<u16>(v);
      break;
    case 8:
      w.at<u64>(d)[i] = v;
      break;
    default:
      w.at<u32>(d)[i] = static_cast<u32>(v);
      break;
  }
}

}  // namespace roofproof::ptx
