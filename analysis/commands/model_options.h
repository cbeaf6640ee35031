// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The options that say which model, in which formats, at which batch and context.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "analysis/predict.h"

namespace roofproof::analysis {

struct ModelOptions {
  std::string model = "mistral-7b";
  std::string weights;
  std::optional<double> bits_per_weight;
  std::string weight_bytes;
  std::string kv;
  std::string math;
  std::int64_t batch = 1;
  std::int64_t context = 0;
};

// Those which a mere number of parameters excludes.
struct ModelOptionHandles {
  CLI::Option* model;
  CLI::Option* context;
  CLI::Option* kv;
};
ModelOptionHandles add_model_options(CLI::App& command, ModelOptions& options);

// Throw std::invalid_argument, InputError or RecordError, which name the option or the file.
StepRequest step_request(const ModelOptions& options, const ModelLayout& layout);
std::optional<Arithmetic> parse_math(const ModelOptions& options);
// Bytes of --weight-bytes, a number or a file; nothing where it is not given.
std::optional<double> weight_bytes(const ModelOptions& options);
// The format of a mere number of parameters.
WeightFormat format_of_parameters(const ModelOptions& options, double parameters);

// What a reader should know of the model: what was assumed, what a step leaves out.
std::vector<std::string> model_notes(const ModelLayout& layout, const StepRequest& request);

}  // namespace roofproof::analysis
