// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Asynchronous work: what is in flight, and when it takes effect.
#pragma once

#include "tests/ptx/machine/operands.h"

namespace roofproof::ptx {

// Bulk and tensor copies (bulk_copy.cpp).
bool complete_one(Cluster& c);   // one pending operation, chosen by seed; false: none
void complete_some(Cluster& c);  // Async::random: perhaps some of the pending operations
void complete_all(Cluster& c);
// A Fault if a store in flight may still read what is written.
void require_stores_read(Warp& w, Block& b, u32 offset, u32 bytes);
// Faults for what is still in flight.
void copies_at_block_end(Block& b);

// Checks a read of shared memory by the async proxy.
void async_shared_read(Warp& w, const Instruction& i, int lane, Block& b, u32 offset, u32 bytes,
                       const char* what);

// mbarriers (mbarrier.cpp).
void mbarrier_progress(Block& b, Mbarrier& m);
void complete_transactions(Block& b, u32 offset, u32 bytes, const AsyncOp& op);

// wgmma (wgmma.cpp).
void wgmma_at_warp_end(Warp& w, const Instruction& i);
void wgmma_at_block_end(Block& b);

}  // namespace roofproof::ptx
