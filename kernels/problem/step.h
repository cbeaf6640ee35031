// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What a step moves and computes, in whole or in part: a decode step of a model, and what stands
// for one, a layer or a single matrix (gemv).
#pragma once

#include "kernels/problem/model.h"
#include "kernels/problem/name_table.h"
#include "kernels/problem/problem.h"

namespace roofproof {

// Of gemv, layer and decode; the problem's own batch does not matter. Throws std::logic_error for
// another operation.
StepWork step_work(const Problem& problem);

// The variants of a decode step that say where its time goes, each a kernel of that name.
enum class Rung {
  stream_only,    // the stored values of all matrices are read, with the group scales of INT4. The
                  // row scales of INT8 and the norms, a thousandth, would break the stream
  gemv_only,      // all matrices are multiplied, none waiting for another
  unordered,      // every operation of the step, none waiting for another
  launches_only,  // as many launches, of nothing
};
std::string_view name(Rung rung);
template <>
std::optional<Rung> parse_name(std::string_view text);

// Of the rung of a decode problem of one sequence.
double rung_flop(Rung rung, const Problem& decode);
double rung_bytes(Rung rung, const Problem& decode);

}  // namespace roofproof
