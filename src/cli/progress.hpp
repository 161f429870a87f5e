// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "graft/train.hpp"

namespace graft::cli {

/// Shows progress on standard error: a bar with the remaining time on a terminal, lines elsewhere.
class ProgressDisplay {
 public:
  enum class Style { none, lines, bar };
  /// The style for standard error.
  [[nodiscard]] static Style style_for(bool quiet);
  explicit ProgressDisplay(Style style) : style_(style) {}
  ~ProgressDisplay() { clear_bar(); }
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  void show(const transfer::Progress& progress);

 private:
  using Clock = std::chrono::steady_clock;

  void draw_bar(const transfer::Progress& progress);
  void print_line(const transfer::Progress& progress);
  void clear_bar();

  Style style_;
  std::string stage_;
  Clock::time_point begin_;
  Clock::time_point shown_;
  bool bar_on_screen_ = false;
};

/// While it lives, a training with these options reports to the screen and stops at the first Ctrl-C.
class ProgressOnScreen {
 public:
  /// options: must outlive this object; sets options.progress.
  ProgressOnScreen(bool quiet, transfer::TrainOptions& options);
  ~ProgressOnScreen() { options_.progress = nullptr; }
  ProgressOnScreen(const ProgressOnScreen&) = delete;
  ProgressOnScreen& operator=(const ProgressOnScreen&) = delete;

 private:
  transfer::TrainOptions& options_;
  ProgressDisplay display_;
};

}  // namespace graft::cli
