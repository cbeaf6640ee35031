// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Records built in code, for the tests of analysis. The figures are invented.
#pragma once

#include <string>
#include <vector>

#include "kernels/problem/step.h"
#include "results/record/record.h"

namespace roofproof {

inline Record empty_record(const DeviceRecord& device) {
  Record record;
  record.run_id = "3f2a";
  record.date = "2026-11-22T19:04:00Z";
  record.host_name = "a1b2";
  record.executable = "bench_all";
  record.complete = true;
  record.num_cpus = 4;
  record.mhz_per_cpu = 2596;
  record.duration_s = 341;
  record.device = device;
  record.software = {.roofproof = "0.1.0", .compiler = "GCC 12.2.0", .flags = "-O3"};
  record.protocol = {.profile = "standard",
                     .sessions = 3,
                     .samples = 5,
                     .sample_time_s = 0.01,
                     .warmup_s = 1,
                     .fill = "uniform"};
  return record;
}

inline DeviceRecord t4_device() {
  return {.backend = Backend::cuda,
          .name = "Tesla T4",
          .pci_device_id = "1EB8",
          .compute_capability = "7.5",
          .processors = 40,
          .sm_clock_max_hz = 1.59e9,
          .memory_clock_max_hz = 5.001e9,
          .memory_bus_bits = 256,
          .memory_bytes = 15843721216,
          .last_level_cache_bytes = 4194304,
          .ecc = true,
          .power_limit_w = 70};
}

inline DeviceRecord host_device() {
  return {.backend = Backend::host,
          .name = "Example CPU",
          .processors = 4,
          .last_level_cache_bytes = 33554432,
          .simd = "AVX3"};
}

// One row per time, sessions 0, 1, 2 ...; returns the first.
inline Row& add_rows(Record& record, const Problem& problem, Implementation implementation,
                     const std::vector<double>& times_s, double flop_of_a_loop = 0) {
  const std::size_t first = record.rows.size();
  for (const double time_s : times_s) {
    Row row;
    row.problem = problem;
    row.implementation = implementation;
    row.name = benchmark_name(problem, implementation);
    row.session = static_cast<int>(record.rows.size() - first);
    row.sessions = static_cast<int>(times_s.size());
    row.label = "fixture";
    row.time_s = time_s;
    row.launches_per_sample = 10;
    row.samples_s = {time_s};
    row.flop = problem.op == Op::peak ? flop_of_a_loop : flop(problem);
    row.bytes = compulsory_bytes(problem);
    record.rows.push_back(row);
  }
  return record.rows[first];
}

// As where other processes had the CPUs for all but this share of the time.
inline void disturb(Row& row, double cpu_share) {
  row.validity = Validity::disturbed;
  row.reasons = {"other processes ran: the threads had less of the wall time"};
  row.cpu_time_s = cpu_share * row.time_s;
}

// The same of one rung of a step's ladder.
inline Row& add_rung(Record& record, const Problem& problem, const std::string& kernel,
                     const std::vector<double>& times_s) {
  const Rung rung = parse_name<Rung>(kernel).value();
  const std::size_t first = record.rows.size();
  add_rows(record, problem, Implementation::hand, times_s);
  for (std::size_t i = first; i < record.rows.size(); ++i) {
    record.rows[i].name += "/kernel:" + kernel;
    record.rows[i].condition = "kernel:" + kernel;
    record.rows[i].flop = rung_flop(rung, problem);
    record.rows[i].bytes = rung_bytes(rung, problem);
  }
  return record.rows[first];
}

// The same, from the rate that each session is to show: FLOP/s or bytes/s, as is_arithmetic() says.
inline Row& add_rates(Record& record, const Problem& problem, Implementation implementation,
                      const std::vector<double>& rates) {
  constexpr double loop_flop = 1e12;
  double work = compulsory_bytes(problem);
  if (is_arithmetic(problem.op)) work = flop(problem);
  if (problem.op == Op::peak) work = loop_flop;
  std::vector<double> times_s;
  for (const double rate : rates) times_s.push_back(work / rate);
  return add_rows(record, problem, implementation, times_s, loop_flop);
}

// Of five sessions that differ by up to 0.4 %, with this median.
inline std::vector<double> five(double value) {
  return {0.998 * value, 1.001 * value, value, 0.999 * value, 1.002 * value};
}

inline Problem copy_problem() { return {Op::copy, Precision::fp32, {.bytes = 1 << 30}}; }

inline Problem read_problem(std::int64_t bytes = std::int64_t{1} << 30) {
  return {Op::read, Precision::fp32, {.bytes = bytes}};
}

inline Problem square_gemm(Precision precision, std::int64_t size) {
  return {Op::gemm, precision, {.m = size, .n = size, .k = size}};
}

inline Problem projection(Precision precision, std::int64_t batch) {
  return {Op::gemv, precision, {.n = 14336, .k = 4096, .batch = batch}};
}

inline Problem decode(Precision precision, std::int64_t batch, const std::string& model,
                      std::int64_t context = 0) {
  return {Op::decode, precision, {.batch = batch, .context = context, .model = model}};
}

}  // namespace roofproof
