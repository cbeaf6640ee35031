// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The plan of a run: the suite's rows for one backend and profile, one case per name.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "bench/suite.h"

namespace roofproof::bench {

struct Case {
  std::string name;
  Problem problem;
  Implementation implementation;
  Choice choice = Choice::newest;
  std::string kernel = {};  // forced; empty: chosen as `choice` says
  Caches caches = Caches::rotated;

  // "kernel:mma_sm80", "cache:hot": the end of the name; empty for a headline figure.
  std::string condition() const;
};

struct PlanOptions {
  Backend backend = Backend::host;
  Profile profile = Profile::standard;
  std::string filter = {};      // a regular expression found in the name; empty: all
  std::string kernel = {};      // measure hand-written cases by this kernel alone
  std::string model = {};       // in place of every model of the suite
  bool without_models = false;  // no kernel computes the one that was asked for
};

// Throws std::invalid_argument for a filter that is no regular expression.
std::vector<Case> make_plan(std::span<const SuiteRow> suite, const PlanOptions& options);

}  // namespace roofproof::bench
