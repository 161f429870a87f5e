// SPDX-License-Identifier: Apache-2.0
#include "cli/stop.hpp"

#include <csignal>
#include <string_view>

#include <unistd.h>

namespace graft::cli {
namespace {

volatile std::sig_atomic_t interrupt_seen = 0;
std::string_view stop_text;  // set before the handlers are

void on_interrupt(int /*signal*/) {
  interrupt_seen = 1;
  // Signal handlers may call write(); a failure to print does not matter.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, stop_text.data(), stop_text.size());
}

void watch_for(int signal) {
  // A program started with Ctrl-C ignored (nohup, background jobs) keeps ignoring it.
  struct sigaction before {};
  if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

bool leaves_interrupts = false;

}  // namespace

void leave_interrupts() { leaves_interrupts = true; }

void watch_for_interrupt(Stopping stopping) {
  if (leaves_interrupts) return;
  stop_text = stopping == Stopping::keeps_model
                  ? "\nstopping; the best model so far is kept. Press Ctrl-C again to end at once\n"
                  : "\nstopping. Press Ctrl-C again to end at once\n";
  watch_for(SIGINT);
  watch_for(SIGTERM);  // of kill, timeout and job schedulers
}

void let_large_writes_fail() { std::signal(SIGXFSZ, SIG_IGN); }

bool interrupted() { return interrupt_seen != 0; }

}  // namespace graft::cli
