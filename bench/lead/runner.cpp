// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/lead/runner.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "bench/device/device_fault.h"
#include "bench/lead/child_process.h"
#include "bench/worker_event.h"
#include "results/record/journal.h"

namespace roofproof::bench {
namespace {

// timeout(1) sends its signal to the process and to its group, so that two come at once.
constexpr sig_atomic_t most_signals = 2;

volatile sig_atomic_t signals = 0;

void on_signal(int number) {
  if (signals < most_signals) {
    signals = signals + 1;
    return;
  }
  signal(number, SIG_DFL);
  raise(number);
}

using Status = NotMeasured::Status;

// One session; its workers take cases from the front of the list until it is empty.
class SessionRun {
 public:
  SessionRun(const RunPlan& plan, int session, std::set<std::string>& unsupported,
             Progress& progress, RunOutcome& outcome)
      : plan_(plan),
        session_(session),
        unsupported_(unsupported),
        progress_(progress),
        outcome_(outcome),
        kernel_log_(plan.kernel_log) {
    for (const Case& planned : plan.cases) {
      if (!unsupported.count(planned.name)) waiting_.push_back(planned.name);
    }
  }

  void run() {
    while (!waiting_.empty() && !outcome_.over()) {
      const std::size_t before = waiting_.size();
      run_worker();
      // A worker that cannot start would be started again for ever.
      if (waiting_.size() == before && !outcome_.over()) {
        give_up(Status::failed, "the worker ended before its first case: " + last_end_);
      }
    }
  }

 private:
  void run_worker() {
    std::string input;
    for (const std::string& name : waiting_) input += name + "\n";
    ChildProcess worker(plan_.worker_command(session_), input);
    current_.clear();
    while (!interrupt_requested()) {
      const ChildProcess::Output output = worker.next_line(plan_.case_timeout_s);
      switch (output.event) {
        case ChildProcess::Event::line:
          if (const auto event = parse_worker_event(output.line)) on_event(*event);
          break;
        case ChildProcess::Event::interrupted:
          break;
        case ChildProcess::Event::timeout:
          worker.stop();
          worker.wait();
          last_end_ = "no progress for " + std::to_string(plan_.case_timeout_s) + " s";
          end_current(Status::timeout, last_end_ + kernel_log_.xid());
          return;
        case ChildProcess::Event::closed:
          last_end_ = worker.wait();
          // Ctrl-C ends the worker too: that is no crash.
          if (interrupt_requested()) break;
          end_current(Status::crashed, "the worker ended with " + last_end_ + kernel_log_.xid());
          return;
      }
    }
    worker.stop();
    outcome_.interrupted = true;
  }

  void on_event(const WorkerEvent& event) {
    using Kind = WorkerEvent::Kind;
    switch (event.kind) {
      case Kind::start:
        current_ = event.text;
        progress_.case_started(current_, session_);
        break;
      case Kind::sample:
        break;
      case Kind::rejected:
        outcome_.any_failed = true;
        progress_.note(current_ + ": " + event.text);
        break;
      case Kind::done:
        finish(event.text);
        break;
      case Kind::gone:
        outcome_.device_gone = event.text;
        break;
      case Kind::busy:
        outcome_.device_busy = event.text;
        break;
      case Kind::unfit:
        outcome_.build_unfit = event.text;
        break;
    }
  }

  void finish(const std::string& how) {
    if (parse_name<Status>(how.substr(0, how.find(':'))) == Status::unsupported) {
      unsupported_.insert(current_);
      progress_.cases_dropped(plan_.protocol.sessions - 1 - session_);
    } else if (how != "ok") {
      outcome_.any_failed = true;
      progress_.note(current_ + ": " + how);
    }
    waiting_.erase(std::remove(waiting_.begin(), waiting_.end(), current_), waiting_.end());
    progress_.case_finished();
    current_.clear();
  }

  // The worker is gone in the middle of a case.
  void end_current(Status status, const std::string& reason) {
    if (current_.empty()) return;
    Journal(plan_.journal).not_measured({current_, session_, status, reason, {}});
    finish(std::string(name(status)) + ": " + reason);
  }

  void give_up(Status status, const std::string& reason) {
    while (!waiting_.empty()) {
      current_ = waiting_.front();
      end_current(status, reason);
    }
  }

  const RunPlan& plan_;
  const int session_;
  std::set<std::string>& unsupported_;
  Progress& progress_;
  RunOutcome& outcome_;
  KernelLog kernel_log_;
  std::vector<std::string> waiting_;
  std::string current_;
  std::string last_end_;
};

}  // namespace

void note_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaddset(&action.sa_mask, SIGINT);
  sigaddset(&action.sa_mask, SIGTERM);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  // Writing to a worker that died must not kill the parent.
  signal(SIGPIPE, SIG_IGN);
}

bool interrupt_requested() { return signals != 0; }

std::vector<RunOutcome> run_sessions(std::span<const RunPlan> plans, Progress& progress) {
  std::vector<RunOutcome> outcomes(plans.size());
  std::vector<std::set<std::string>> unsupported(plans.size());
  for (int session = 0; session < plans[0].protocol.sessions; ++session) {
    for (std::size_t turn = 0; turn < plans.size(); ++turn) {
      const std::size_t i = session % 2 == 0 ? turn : plans.size() - 1 - turn;
      if (interrupt_requested()) {
        outcomes[i].interrupted = true;
        continue;
      }
      std::this_thread::sleep_for(std::chrono::duration<double>(plans[i].protocol.idle_s));
      SessionRun(plans[i], session, unsupported[i], progress, outcomes[i]).run();
      // They share the device.
      if (outcomes[i].device_lost()) {
        for (RunOutcome& outcome : outcomes) {
          outcome.device_gone = outcomes[i].device_gone;
          outcome.device_busy = outcomes[i].device_busy;
          outcome.build_unfit = outcomes[i].build_unfit;
        }
        progress.end();
        return outcomes;
      }
    }
  }
  progress.end();
  return outcomes;
}

}  // namespace roofproof::bench
