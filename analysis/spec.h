// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// What is known of each GPU, with the source of every figure: analysis/specs/*.json as values. The
// files travel inside the program; a folder may replace some and add others. Format and meaning of
// the fields: analysis/specs/README.md.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "results/record/record.h"

namespace roofproof::analysis {

// How much a figure can be trusted.
enum class FigureStatus {
  read,         // read in the cited source
  derived,      // computed from what was read
  unconfirmed,  // from memory, from a third party or at second hand; the note says which
  conflict,     // sources disagree; the note says how
  unknown,      // no source gives it: no value
  unsupported,  // the GPU cannot do it: no value
};
std::string_view name(FigureStatus status);
std::string_view words(FigureStatus status);  // for a reader: `read` is "verified"

// What a peak is a peak of. fp16 accumulates in FP32, fp16_acc16 in FP16; int8 and int4 in INT32.
enum class Arithmetic { fp32, tf32, fp16, fp16_acc16, bf16, int8, int4, fp8, fp4 };
inline constexpr std::array<Arithmetic, 9> all_arithmetic = {
    Arithmetic::fp32, Arithmetic::tf32, Arithmetic::fp16, Arithmetic::fp16_acc16, Arithmetic::bf16,
    Arithmetic::int8, Arithmetic::int4, Arithmetic::fp8,  Arithmetic::fp4};
std::string_view name(Arithmetic arithmetic);

struct Figure {
  std::optional<double> value;  // SI: 1, hertz, bit, bytes, bytes/s, watts, operations/s
  double printed = 0;           // the same in `unit`, as the file has it
  std::string unit;
  FigureStatus status = FigureStatus::unknown;
  std::vector<std::string> sources;     // keys of GpuSpec::sources
  std::optional<double> with_sparsity;  // peaks: the 2:4 figure that some datasheets print, SI
  std::string printed_as;               // peaks: how the datasheet prints it
  bool circular = false;                // rates: deduced from the peak that it would check
  std::string note;
};

// Names the GPU goes by: no figure, but sourced all the same.
struct Identity {
  std::vector<std::string> values;
  FigureStatus status = FigureStatus::unknown;
  std::vector<std::string> sources;
  std::string note;
};

// What a figure that was measured is of.
using Kind = std::pair<Op, Precision>;
// "gemm/fp16": how the names of such benchmarks begin.
std::string kind_name(const Kind& kind);

// Why a printed figure is not SMs x clock x operations (or not clock x bus).
struct Discrepancy {
  std::vector<std::string> figures;  // names of peaks, or "memory_bandwidth"
  std::string reason;
  std::optional<Figure> datasheet_clock;  // the SM clock at which the printed peaks hold
};

struct GpuSpec {
  std::string file;
  std::string name;
  std::vector<std::string> aliases;  // short names that mean this GPU by default
  std::string architecture;
  Identity device_names;  // as the driver reports them
  Identity pci_device_ids;
  Identity compute_capability;  // one value, "7.5"
  std::string memory_type;
  Figure sm_count;
  Figure boost_clock_hz;
  Figure memory_clock_hz;  // as CUDA and the driver report it: half the data rate of a line
  Figure memory_bus_bits;
  Figure memory_bytes;
  Figure memory_visible_bytes;  // what CUDA reports; may be unknown
  Figure memory_bandwidth_bytes_per_s;
  Figure l2_cache_bytes;
  Figure tdp_w;
  std::array<Figure, all_arithmetic.size()> peaks_per_s;  // dense, by Arithmetic
  std::array<Figure, all_arithmetic.size()> rates;        // operations per clock and SM
  std::vector<Discrepancy> known_discrepancies;
  // What has been measured on this GPU, here or elsewhere: bytes/s or operations/s.
  std::map<Kind, Figure> achieved;
  std::vector<std::string> notes;
  std::map<std::string, std::string> sources;

  const Figure& peak_per_s(Arithmetic arithmetic) const {
    return peaks_per_s[static_cast<std::size_t>(arithmetic)];
  }
  bool supports(Arithmetic arithmetic) const {
    return peak_per_s(arithmetic).status != FigureStatus::unsupported;
  }
  const Figure& rate(Arithmetic arithmetic) const {
    return rates[static_cast<std::size_t>(arithmetic)];
  }
  // Memory a program can use: what CUDA reports where that is known, else what is on the board.
  const Figure& usable_memory_bytes() const {
    return memory_visible_bytes.value ? memory_visible_bytes : memory_bytes;
  }
};

// Throws RecordError naming the file and the place in it.
GpuSpec parse_spec(std::string_view text, const std::string& file);

// A GPU that somebody asked for, and those that the same words may mean.
struct SpecChoice {
  const GpuSpec* gpu;
  std::vector<const GpuSpec*> others;
};

// Which GPU of the table a device is.
struct DeviceMatch {
  const GpuSpec* spec = nullptr;  // null: not in the table
  // Why no figure of the whole GPU holds for the device: it is a part of it, or differs from it.
  std::string why_not_whole;

  // The GPU whose figures it may be held to.
  const GpuSpec* whole() const { return why_not_whole.empty() ? spec : nullptr; }
};

class SpecTable {
 public:
  // The embedded files; those of `folder` replace the embedded ones of the same name and add to
  // them. Throws RecordError, also where two files claim the same name or PCI id.
  static SpecTable load(const std::optional<std::filesystem::path>& folder = std::nullopt);
  explicit SpecTable(std::vector<GpuSpec> gpus);

  const std::vector<GpuSpec>& gpus() const { return gpus_; }  // by name

  // By name, alias or device name, in any case, blanks and dashes left out. Throws InputError that
  // lists what exists.
  SpecChoice choose(std::string_view words) const;

  // By the driver's name for the device (an optional leading "NVIDIA " left out), then by PCI id.
  // Never by compute capability: 8.6, 8.9 and 9.0 each hold GPUs of different tensor rates.
  //
  // Whole is what neither the driver nor its name calls a part (MIG, vGPU, MPS), and what agrees
  // with the spec in name, PCI id, SMs and memory as far as the device reports them.
  DeviceMatch match_device(const DeviceRecord& device) const;

 private:
  std::vector<GpuSpec> gpus_;
};

// A printed figure against what the device's own numbers give.
struct SpecCheck {
  std::string figure;    // name of the peak, or "memory_bandwidth"
  double computed = 0;   // SMs x boost clock x rate, or 2 x memory clock x bus / 8
  double datasheet = 0;  // SI
  bool circular = false;
  const Discrepancy* discrepancy = nullptr;
  std::optional<double> computed_at_datasheet_clock;

  double difference() const { return computed / datasheet - 1; }
  // Nothing unexplained, and nothing explained that is not there.
  bool ok() const;
};

// Datasheets round to two or three digits; more than this is a difference that needs a reason.
inline constexpr double datasheet_tolerance = 0.01;

// All figures of which both sides are known.
std::vector<SpecCheck> check_spec(const GpuSpec& spec);

// What a device can reach by its own numbers, whether or not it is in the table.
struct DevicePeaks : DeviceMatch {
  std::string basis;  // in words: where the rates per SM are from
  std::array<std::optional<double>, all_arithmetic.size()> peaks_per_s;
  std::optional<double> bytes_per_s;

  std::optional<double> peak_per_s(Arithmetic arithmetic) const {
    return peaks_per_s[static_cast<std::size_t>(arithmetic)];
  }
};

// SMs and clocks are the device's where it reports them, else the spec's. A GPU that is not in the
// table gets the highest rates of its compute capability there: an upper bound, as the basis says.
DevicePeaks device_peaks(const DeviceRecord& device, const SpecTable& table);

}  // namespace roofproof::analysis
