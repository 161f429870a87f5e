// SPDX-License-Identifier: Apache-2.0
#include "cli/stop.hpp"

#include <csignal>
#include <string_view>

#include <unistd.h>

namespace graft::cli {
namespace {

volatile std::sig_atomic_t interrupt_seen = 0;

void on_interrupt(int signal) {
  interrupt_seen = signal == SIGINT ? 1 : interrupt_seen;
  constexpr std::string_view kText =
      "\nstopping; the best model so far is kept. Press Ctrl-C again to end at once\n";
  // Signal handlers may call write(); a failure to print does not matter.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kText.data(), kText.size());
}

}  // namespace

void watch_for_interrupt() {
  // A program started with Ctrl-C ignored (nohup, background jobs) keeps ignoring it.
  struct sigaction before {};
  if (sigaction(SIGINT, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
}

void let_large_writes_fail() { std::signal(SIGXFSZ, SIG_IGN); }

bool interrupted() { return interrupt_seen != 0; }

}  // namespace graft::cli
