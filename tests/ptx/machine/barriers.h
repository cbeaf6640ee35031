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

void cluster_arrive(Warp& w, const Instruction& i, bool relaxed);
void cluster_wait(Warp& w, const Instruction& i);
void release_cluster(Cluster& c);

// Order between the blocks of a cluster (PTX ISA, 9.7.13.4 and 9.7.13.15; CUDA C++ Programming
// Guide, distributed shared memory). A block may touch another one's shared memory when that is
// known to have started, and its mbarriers when their initialisation is known; and a block may end
// when all that others did to its shared memory is known to lie before.
void require_started(Warp& w, const Instruction& i, int lane, const Block& b);
void require_visible(Warp& w, const Instruction& i, int lane, const Block& b, const Mbarrier& m);
void fence_mbarrier_init(Warp& w);
// A copy of the warp is to complete on the mbarrier: the async proxy has to know its
// initialisation.
void require_known_to_copies(Warp& w, const Instruction& i, int lane, const Block& b,
                             const Mbarrier& m);
void note_remote_access(Warp& w, const Instruction& i, Block& b);
void remote_accesses_at_block_end(Block& b);

}  // namespace roofproof::ptx
