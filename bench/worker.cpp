// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/worker.h"

#include <iostream>
#include <new>

#include "bench/describe.h"
#include "bench/device_fault.h"
#include "bench/measure.h"
#include "results/journal.h"

namespace roofproof::bench {
namespace {

void tell_parent(const std::string& event) { std::cout << event << std::endl; }

}  // namespace

bool run_session(std::span<const CatalogueEntry> catalogue, const std::vector<Case>& cases,
                 const WorkerOptions& options) {
  const std::unique_ptr<Timer> timer = make_timer(options.device);
  Journal journal(options.journal);
  std::vector<double> samples_s;
  MeasureContext context{catalogue, options.device, options.protocol, options.session, *timer, {},
                         {}};

  bool warm = false;
  for (const Case& planned : cases) {
    tell_parent("start " + planned.name);
    journal.case_started(planned.name, options.session);
    samples_s.clear();
    context.on_batch = [&](double sample_s) {
      samples_s.push_back(sample_s);
      journal.batch(planned.name, options.session, sample_s);
      tell_parent("batch");
    };
    context.on_wrong = [&](const std::string& what) { tell_parent("wrong " + what); };

    NotMeasured failure{planned.name, options.session, "failed", "", {}};
    bool device_lost = false;
    try {
      if (!warm) warm_up(planned, context, options.protocol.warmup_s);
      warm = true;
      const std::variant<Row, NotMeasured> outcome = measure(planned, context);
      if (const Row* row = std::get_if<Row>(&outcome)) {
        journal.row(*row);
        tell_parent("done ok");
        continue;
      }
      failure = std::get<NotMeasured>(outcome);
    } catch (const std::bad_alloc&) {
      failure.status = "out of memory";
      failure.reason = "the host's memory does not hold the buffers";
    } catch (const std::exception& error) {
      const DeviceFault fault = classify_fault(error);
      failure.status = fault.out_of_memory ? "out of memory" : "failed";
      failure.reason = error.what();
      device_lost = fault.sticky;
    }
    failure.samples_s = samples_s;
    journal.not_measured(failure);
    tell_parent("done " + failure.status + ": " + failure.reason);
    if (device_lost) return false;
  }
  return true;
}

}  // namespace roofproof::bench
