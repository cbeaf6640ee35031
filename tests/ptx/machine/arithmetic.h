// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Arithmetic, by type of the operands: the function that executes a statement, or null for a form
// that the machine does not know.
#pragma once

#include "tests/ptx/machine/decode.h"

namespace roofproof::ptx {

// The names are those of the first instruction: add is sub too, min max, neg abs, div rem, and fma
// mad.
Execute integer_add(const Statement& s, Type t);
Execute integer_mul(const Statement& s, Type t);
Execute integer_mad(const Statement& s, Type t);
Execute integer_div(const Statement& s, Type t);
Execute integer_min(const Statement& s, Type t);
Execute integer_neg(const Statement& s, Type t);
Execute integer_sad(const Statement& s, Type t);
Execute integer_dp4a(const Statement& s, Type t);
Execute float_add(const Statement& s, Type t);
Execute float_mul(const Statement& s, Type t);
Execute float_fma(const Statement& s, Type t);
Execute float_div(const Statement& s, Type t);
Execute float_min(const Statement& s, Type t);
Execute float_neg(const Statement& s, Type t);
Execute float_special(const Statement& s, Type t);
Execute float_copysign(const Statement& s, Type t);
Execute half_add(const Statement& s, Type t);
Execute half_mul(const Statement& s, Type t);
Execute half_fma(const Statement& s, Type t);
Execute half_min(const Statement& s, Type t);
Execute half_neg(const Statement& s, Type t);
Execute half_special(const Statement& s, Type t);

}  // namespace roofproof::ptx
