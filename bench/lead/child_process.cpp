// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "bench/lead/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

namespace roofproof::bench {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

struct Pipe {
  int read = -1;
  int write = -1;
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail("cannot make a pipe");
    read = ends[0];
    write = ends[1];
  }
};

// After fork() only calls that are safe in a signal handler.
[[noreturn]] void become(char* const* arguments, const Pipe& input, const Pipe& output,
                         pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  ::dup2(input.read, STDIN_FILENO);
  ::dup2(output.write, STDOUT_FILENO);
  ::execv(arguments[0], arguments);
  ::_exit(127);
}

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& arguments, const std::string& input) {
  std::vector<char*> raw;
  for (const std::string& argument : arguments) raw.push_back(const_cast<char*>(argument.c_str()));
  raw.push_back(nullptr);
  const Pipe to_child;
  const Pipe from_child;
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) fail("cannot start a child process");
  if (pid_ == 0) become(raw.data(), to_child, from_child, parent);
  ::close(to_child.read);
  ::close(from_child.write);
  output_ = from_child.read;
  // A child that died early closes its end: writing then fails with EPIPE, and its exit status says
  // more than that would.
  for (std::size_t sent = 0; sent < input.size();) {
    const ssize_t written = ::write(to_child.write, input.data() + sent, input.size() - sent);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) break;
    sent += static_cast<std::size_t>(written);
  }
  ::close(to_child.write);
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (output_ >= 0) ::close(output_);
}

ChildProcess::Output ChildProcess::next_line(double timeout_s) {
  while (true) {
    if (const std::size_t end = pending_.find('\n'); end != std::string::npos) {
      Output output{Event::line, pending_.substr(0, end)};
      pending_.erase(0, end + 1);
      return output;
    }
    pollfd poll_output{output_, POLLIN, 0};
    const int ready = ::poll(&poll_output, 1, static_cast<int>(timeout_s * 1e3));
    if (ready < 0 && errno == EINTR) return {Event::interrupted};
    if (ready < 0) fail("cannot wait for the child process");
    if (ready == 0) return {Event::timeout};
    char buffer[4096];
    const ssize_t received = ::read(output_, buffer, sizeof buffer);
    if (received < 0 && errno == EINTR) return {Event::interrupted};
    if (received <= 0) return {Event::closed};
    pending_.append(buffer, static_cast<std::size_t>(received));
  }
}

void ChildProcess::stop() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  for (int i = 0; i < 100; ++i) {
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        info.si_pid == pid_) {
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ::kill(pid_, SIGKILL);
}

std::string ChildProcess::wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return "signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
  }
  const int code = WEXITSTATUS(status);
  return code == 0 ? "" : "exit code " + std::to_string(code);
}

}  // namespace roofproof::bench
