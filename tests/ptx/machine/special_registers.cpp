// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/ptx/machine/special_registers.h"

#include <algorithm>
#include <unordered_map>

#include "tests/ptx/machine/operands.h"

namespace roofproof::ptx {
namespace {

u32 thread_number(const Warp& w, u32 lane) { return static_cast<u32>(w.index) * 32 + lane; }
const Launch& launch_of(const Warp& w) { return *w.block->grid->launch; }
u32 cluster_size(const Warp& w) {
  const Dim c = launch_of(w).cluster;
  return c.x * c.y * c.z;
}

// %clock and %globaltimer are one clock, of 1.98 GHz and of one origin.
u64 nanoseconds(const Warp& w) {
  const Grid& g = *w.block->grid;
  return g.start_ns + g.time * 2 + g.extra_ns;
}

u64 cycles(const Warp& w) { return nanoseconds(w) * 99 / 50; }

const SpecialRegister registers[] = {
    {"%tid.x", 4,
     [](const Warp& w, u32 l) -> u64 { return thread_number(w, l) % launch_of(w).block.x; }},
    {"%tid.y", 4,
     [](const Warp& w, u32 l) -> u64 {
       return thread_number(w, l) / launch_of(w).block.x % launch_of(w).block.y;
     }},
    {"%tid.z", 4,
     [](const Warp& w, u32 l) -> u64 {
       return thread_number(w, l) / launch_of(w).block.x / launch_of(w).block.y;
     }},
    {"%ntid.x", 4, [](const Warp& w, u32) -> u64 { return launch_of(w).block.x; }},
    {"%ntid.y", 4, [](const Warp& w, u32) -> u64 { return launch_of(w).block.y; }},
    {"%ntid.z", 4, [](const Warp& w, u32) -> u64 { return launch_of(w).block.z; }},
    {"%ctaid.x", 4, [](const Warp& w, u32) -> u64 { return w.block->id.x; }},
    {"%ctaid.y", 4, [](const Warp& w, u32) -> u64 { return w.block->id.y; }},
    {"%ctaid.z", 4, [](const Warp& w, u32) -> u64 { return w.block->id.z; }},
    {"%nctaid.x", 4, [](const Warp& w, u32) -> u64 { return launch_of(w).grid.x; }},
    {"%nctaid.y", 4, [](const Warp& w, u32) -> u64 { return launch_of(w).grid.y; }},
    {"%nctaid.z", 4, [](const Warp& w, u32) -> u64 { return launch_of(w).grid.z; }},
    {"%laneid", 4, [](const Warp&, u32 l) -> u64 { return l; }},
    {"%warpid", 4, [](const Warp& w, u32) -> u64 { return static_cast<u32>(w.index); }},
    {"%nwarpid", 4, [](const Warp& w, u32) -> u64 { return w.block->warp_count; }},
    {"%smid", 4,
     [](const Warp& w, u32) -> u64 {
       return w.block->cluster->id % static_cast<u64>(w.block->grid->machine.multiprocessors);
     }},
    {"%nsmid", 4,
     [](const Warp& w, u32) -> u64 {
       return static_cast<u32>(w.block->grid->machine.multiprocessors);
     }},
    {"%gridid", 8, [](const Warp&, u32) -> u64 { return 0; }},
    {"%lanemask_eq", 4, [](const Warp&, u32 l) -> u64 { return 1u << l; }},
    {"%lanemask_lt", 4, [](const Warp&, u32 l) -> u64 { return (1u << l) - 1; }},
    {"%lanemask_le", 4, [](const Warp&, u32 l) -> u64 { return (2u << l) - 1; }},
    {"%lanemask_gt", 4, [](const Warp&, u32 l) -> u64 { return ~((2u << l) - 1); }},
    {"%lanemask_ge", 4, [](const Warp&, u32 l) -> u64 { return ~((1u << l) - 1); }},
    {"%clusterid.x", 4,
     [](const Warp& w, u32) -> u64 { return w.block->id.x / launch_of(w).cluster.x; }},
    {"%clusterid.y", 4,
     [](const Warp& w, u32) -> u64 { return w.block->id.y / launch_of(w).cluster.y; }},
    {"%clusterid.z", 4,
     [](const Warp& w, u32) -> u64 { return w.block->id.z / launch_of(w).cluster.z; }},
    {"%nclusterid.x", 4,
     [](const Warp& w, u32) -> u64 { return launch_of(w).grid.x / launch_of(w).cluster.x; }},
    {"%nclusterid.y", 4,
     [](const Warp& w, u32) -> u64 { return launch_of(w).grid.y / launch_of(w).cluster.y; }},
    {"%nclusterid.z", 4,
     [](const Warp& w, u32) -> u64 { return launch_of(w).grid.z / launch_of(w).cluster.z; }},
    {"%cluster_ctaid.x", 4,
     [](const Warp& w, u32) -> u64 { return w.block->id.x % launch_of(w).cluster.x; }},
    {"%cluster_ctaid.y", 4,
     [](const Warp& w, u32) -> u64 { return w.block->id.y % launch_of(w).cluster.y; }},
    {"%cluster_ctaid.z", 4,
     [](const Warp& w, u32) -> u64 { return w.block->id.z % launch_of(w).cluster.z; }},
    {"%cluster_nctaid.x", 4, [](const Warp& w, u32) -> u64 { return launch_of(w).cluster.x; }},
    {"%cluster_nctaid.y", 4, [](const Warp& w, u32) -> u64 { return launch_of(w).cluster.y; }},
    {"%cluster_nctaid.z", 4, [](const Warp& w, u32) -> u64 { return launch_of(w).cluster.z; }},
    {"%cluster_ctarank", 4, [](const Warp& w, u32) -> u64 { return w.block->rank; }},
    {"%cluster_nctarank", 4, [](const Warp& w, u32) -> u64 { return cluster_size(w); }},
    {"%is_explicit_cluster", 1, [](const Warp& w, u32) -> u64 { return cluster_size(w) > 1; }},
    {"%dynamic_smem_size", 4,
     [](const Warp& w, u32) -> u64 { return launch_of(w).dynamic_shared; }},
    {"%total_smem_size", 4,
     [](const Warp& w, u32) -> u64 { return w.block->shared_end - w.block->shared_begin; }},
    {"%clock", 4, [](const Warp& w, u32) { return cycles(w); }, true},
    {"%clock_hi", 4, [](const Warp& w, u32) { return cycles(w) >> 32; }, true},
    {"%clock64", 8, [](const Warp& w, u32) { return cycles(w); }, true},
    {"%globaltimer", 8, [](const Warp& w, u32) { return nanoseconds(w); }, true},
    {"%globaltimer_lo", 4, [](const Warp& w, u32) { return nanoseconds(w); }, true},
    {"%globaltimer_hi", 4, [](const Warp& w, u32) { return nanoseconds(w) >> 32; }, true},
};

}  // namespace

const SpecialRegister* find_special_register(std::string_view name) {
  static const auto by_name = [] {
    std::unordered_map<std::string_view, const SpecialRegister*> table;
    for (const auto& r : registers) table[r.name] = &r;
    return table;
  }();
  const auto it = by_name.find(name);
  return it == by_name.end() ? nullptr : it->second;
}

bool is_unmodelled_special_register(std::string_view name) {
  static const std::string_view prefixes[] = {"%envreg", "%reserved_smem_offset", "%aggr_smem_size",
                                              "%current_graph_exec", "%pm"};
  return std::any_of(std::begin(prefixes), std::end(prefixes),
                     [&](std::string_view p) { return name.starts_with(p); });
}

void fill_special_registers(Warp& w) {
  for (const auto& special : w.code->specials) {
    for (u32 lane = 0; lane < 32; ++lane) {
      const u64 v = special.what->value(w, lane);
      if (special.at.bytes == 1)
        *w.at<u32>(special.at) = v ? ~0u : 0u;
      else
        set_lane_bits(w, special.at, static_cast<int>(lane), v);
    }
    w.written[special.at.id] = ~0u;
  }
}

}  // namespace roofproof::ptx
