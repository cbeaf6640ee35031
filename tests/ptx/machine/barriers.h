// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Named barriers of a block and the barrier of a cluster. The release_ functions are to be called
// when a warp has ended: the others wait for fewer then.
#pragma once

#include "tests/ptx/machine/operands.h"

namespace roofproof::ptx {

void barrier_arrive(Warp& w, const Instruction& i, u32 id, u32 count, bool wait);
void release_barriers(Block& b);
void barriers_at_block_end(Block& b);

void cluster_arrive(Warp& w, const Instruction& i);
void cluster_wait(Warp& w, const Instruction& i);
void release_cluster(Cluster& c);

}  // namespace roofproof::ptx
