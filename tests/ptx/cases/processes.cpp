// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "tests/ptx/cases/processes.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <map>
#include <string_view>
#include <system_error>

namespace roofproof::ptx::cases {
namespace {

// The first byte that a process sends: without it, it did not come to its end.
constexpr char ended = 'e';

void send(int pipe, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::write(pipe, text.data(), text.size());
    if (sent <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

[[noreturn]] void run_child(const std::function<std::string()>& test, double limit_s, int pipe) {
  ::alarm(static_cast<unsigned>(limit_s));
  std::string message;
  try {
    message = test();
  } catch (const std::exception& error) {
    message = std::string("fault: ") + error.what();
  }
  send(pipe, ended + message);
  std::fflush(nullptr);
  ::_exit(0);  // no destructors of what the parent owns
}

struct Child {
  std::size_t test;
  int pipe;
};

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::string read_all(int pipe) {
  std::string text;
  char buffer[4096];
  for (ssize_t got; (got = ::read(pipe, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(pipe);
  return text;
}

std::string message_of(std::string text, int status) {
  if (!text.empty() && text[0] == ended) return text.substr(1);
  if (!WIFSIGNALED(status)) return "crash: exit code " + std::to_string(WEXITSTATUS(status));
  if (WTERMSIG(status) == SIGALRM) return "hang: did not end in time";
  return std::string("crash: ") + ::strsignal(WTERMSIG(status));
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

}  // namespace

void run_in_processes(const std::vector<std::function<std::string()>>& tests, int jobs,
                      double limit_s,
                      const std::function<void(std::size_t, const Outcome&)>& done) {
  std::map<pid_t, Child> running;
  std::size_t next = 0;
  while (next < tests.size() || !running.empty()) {
    while (next < tests.size() && running.size() < static_cast<std::size_t>(jobs)) {
      int ends[2];
      if (::pipe(ends) != 0) fail("pipe");
      std::fflush(nullptr);
      const pid_t pid = ::fork();
      if (pid < 0) fail("fork");
      if (pid == 0) run_child(tests[next], limit_s, ends[1]);
      ::close(ends[1]);
      running[pid] = {next++, ends[0]};
    }
    int status = 0;
    rusage usage{};
    const pid_t pid = ::wait4(-1, &status, 0, &usage);
    if (pid < 0) fail("wait4");
    const Child child = running.at(pid);
    running.erase(pid);
    // A message is shorter than what a pipe holds.
    done(child.test, {message_of(read_all(child.pipe), status),
                      seconds(usage.ru_utime) + seconds(usage.ru_stime)});
  }
}

}  // namespace roofproof::ptx::cases
