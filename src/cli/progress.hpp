// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "graft/transfer/train.hpp"

namespace graft::cli {

/// Shows training on stderr: a bar with the remaining time on a terminal, plain lines elsewhere.
class ProgressShow {
 public:
  enum class Style { none, lines, bar };
  /// What fits stderr.
  [[nodiscard]] static Style style_for(bool quiet);
  explicit ProgressShow(Style style) : style_(style) {}
  ~ProgressShow() { clear_bar(); }
  ProgressShow(const ProgressShow&) = delete;
  ProgressShow& operator=(const ProgressShow&) = delete;

  void show(const transfer::Progress& progress);

 private:
  using Clock = std::chrono::steady_clock;

  void draw_bar(const transfer::Progress& progress);
  void print_now_and_then(const transfer::Progress& progress);
  void clear_bar();

  Style style_;
  std::string stage_;
  Clock::time_point begun_;
  Clock::time_point shown_;
  bool bar_on_screen_ = false;
};

/// "0:06", "1:02:03"
[[nodiscard]] std::string duration(double seconds);

}  // namespace graft::cli
