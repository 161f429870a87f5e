// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "graft/train.hpp"

namespace graft::cli {

/// Shows progress on standard error: a bar with the remaining time on a terminal, lines elsewhere and on a
/// terminal that cannot move its cursor (TERM=dumb). The bar never wraps. With GRAFT_PROGRESS=json JSON
/// lines, for programs: {stage, done, total, unit}, and {line} or {line, epoch} for what is said.
class ProgressDisplay {
 public:
  enum class Style { none, lines, bar, json };
  /// The style for standard error.
  [[nodiscard]] static Style style_for(bool quiet);
  explicit ProgressDisplay(Style style) : style_(style) {}
  ~ProgressDisplay() { clear_bar(); }
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  void show(const transfer::Progress& progress);
  /// Whether curves of block characters can be shown: a terminal whose characters are UTF-8.
  [[nodiscard]] bool draws_curves() const;
  /// Removes the bar, so that other text can be printed.
  void clear_bar();

 private:
  using Clock = std::chrono::steady_clock;

  void draw_bar(const transfer::Progress& progress);
  void print_line(const transfer::Progress& progress);
  static void print_json_line(const transfer::Progress& progress);

  Style style_;
  std::string stage_;
  Clock::time_point begin_;
  Clock::time_point shown_;
  std::size_t begun_at_ = 0;  ///< what was done when the stage began
  bool bar_on_screen_ = false;
};

/// One line of a bar: "photos    ━━━━····  12 of 30 photos  0:05 left", at most `width` columns: the bar
/// shrinks first, then the rest is left out from the right. seconds: since the stage began, when begun_at of
/// it was already done.
[[nodiscard]] std::string bar_line(const transfer::Progress& progress, double seconds, std::size_t width,
                                   bool utf8, std::size_t begun_at = 0);

class TrainingWatch;

/// While it lives, a training with these options reports to the screen and stops at the first Ctrl-C.
class ProgressOnScreen {
 public:
  /// options and watch: must outlive this object; sets the options' two progress functions. watch: gets what
  /// the training reports; null: nobody watches.
  ProgressOnScreen(bool quiet, transfer::TrainOptions& options, TrainingWatch* watch = nullptr);
  ~ProgressOnScreen();
  ProgressOnScreen(const ProgressOnScreen&) = delete;
  ProgressOnScreen& operator=(const ProgressOnScreen&) = delete;

 private:
  transfer::TrainOptions& options_;
  ProgressDisplay display_;
};

/// Progress of a command that goes through photos. Ctrl-C stops it: Error{interrupted} from the library, or
/// unfinished lists.
class PhotoProgress {
 public:
  /// answers: the command prints its answers to standard output meanwhile; on a terminal they are progress
  /// enough.
  explicit PhotoProgress(bool quiet, bool answers = false);

  /// For data::LoadProgress and ClassifyOptions::progress.
  [[nodiscard]] std::function<bool(std::size_t, std::size_t)> photos();
  /// For data::ListOptions::progress.
  [[nodiscard]] std::function<bool(std::size_t)> files();
  /// For InspectOptions::progress: any stage.
  [[nodiscard]] std::function<bool(std::string_view, std::size_t, std::size_t)> stages();
  /// Removes the bar, so that other text can be printed.
  void clear() { display_.clear_bar(); }

 private:
  ProgressDisplay display_;
};

}  // namespace graft::cli
