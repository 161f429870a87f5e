// SPDX-License-Identifier: Apache-2.0
#include "cli/stop.hpp"

#include <csignal>
#include <string_view>

#include <unistd.h>

namespace graft::cli {
namespace {

volatile std::sig_atomic_t asked = 0;

void on_interrupt(int signal) {
  asked = signal == SIGINT ? 1 : asked;
  constexpr std::string_view kText = "\nstopping, and keeping the best so far; Ctrl-C again ends at once\n";
  // Only write() is allowed in here; that nobody may see it does not matter.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kText.data(), kText.size());
}

}  // namespace

void watch_for_interrupt() {
  // Who started the program so that Ctrl-C does not reach it (nohup, a shell's background) keeps it that way.
  struct sigaction before {};
  if (sigaction(SIGINT, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
}

void let_large_writes_fail() { std::signal(SIGXFSZ, SIG_IGN); }

bool interrupted() { return asked != 0; }

}  // namespace graft::cli
