// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.hpp"

#include <algorithm>
#include <iostream>

#include <unistd.h>

#include "graft/base/fail.hpp"

#include "cli/output.hpp"
#include "cli/stop.hpp"

namespace graft::cli {
namespace {

constexpr std::size_t kBarWidth = 40;
constexpr double kSecondsBetweenDraws = 0.1;
constexpr double kSecondsBetweenLines = 10;

double seconds_between(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

ProgressDisplay::Style ProgressDisplay::style_for(bool quiet) {
  if (quiet) return Style::none;
  return isatty(STDERR_FILENO) == 1 ? Style::bar : Style::lines;
}

void ProgressDisplay::show(const transfer::Progress& progress) {
  if (style_ == Style::none) return;
  if (!progress.line.empty()) {
    clear_bar();
    std::cerr << progress.line << '\n';
    stage_.clear();
    return;
  }
  const Clock::time_point now = Clock::now();
  if (progress.stage != stage_) {
    stage_ = progress.stage;
    begin_ = now;
    shown_ = now;
    if (style_ == Style::lines) return;
  } else {
    const double pause = style_ == Style::bar ? kSecondsBetweenDraws : kSecondsBetweenLines;
    if (seconds_between(shown_, now) < pause) return;
  }
  shown_ = now;
  if (style_ == Style::bar) {
    draw_bar(progress);
  } else {
    print_line(progress);
  }
}

void ProgressDisplay::draw_bar(const transfer::Progress& progress) {
  std::string line = progress.stage;
  line.resize(std::max<std::size_t>(line.size() + 1, 10), ' ');
  if (progress.total > 0) {
    const std::size_t done = std::min(progress.done, progress.total);
    const std::size_t filled = kBarWidth * done / progress.total;
    for (std::size_t i = 0; i < kBarWidth; ++i) line += i < filled ? "━" : "·";
    line += cat("  ", done, " of ", progress.total, " ", progress.unit);
    const double passed = seconds_between(begin_, shown_);
    if (done > 0 && passed > 1)
      line += "  " +
              duration(passed / static_cast<double>(done) * static_cast<double>(progress.total - done)) +
              " left";
  } else {
    line += cat(progress.done, " ", progress.unit);
  }
  std::cerr << '\r' << line << "\x1b[K" << std::flush;
  bar_on_screen_ = true;
}

void ProgressDisplay::print_line(const transfer::Progress& progress) {
  std::cerr << progress.stage << "  " << progress.done;
  if (progress.total > 0) std::cerr << " of " << progress.total;
  std::cerr << ' ' << progress.unit << '\n';
}

void ProgressDisplay::clear_bar() {
  if (bar_on_screen_) std::cerr << "\r\x1b[K" << std::flush;
  bar_on_screen_ = false;
}

ProgressOnScreen::ProgressOnScreen(bool quiet, transfer::TrainOptions& options)
    : options_(options), display_(ProgressDisplay::style_for(quiet)) {
  watch_for_interrupt();
  options.progress = [this](const transfer::Progress& progress) {
    display_.show(progress);
    return !interrupted();
  };
}

}  // namespace graft::cli
