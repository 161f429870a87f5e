// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"

#include "cli/error_text.hpp"
#include "cli/help_formatter.hpp"
#include "cli/output.hpp"
#include "cli/stop.hpp"
#include "cli/watch.hpp"

namespace graft::cli {
namespace {

constexpr std::size_t kMostBar = 40, kLeastBar = 5;
constexpr std::size_t kStageWidth = 10;
constexpr double kSecondsBetweenDraws = 0.1;
constexpr double kSecondsBetweenLines = 10;

double seconds_between(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

/// Columns of the terminal on standard error, which may have changed since.
std::size_t error_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return static_cast<std::size_t>(console_width());
}

std::string_view setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

/// Whether the locale's characters are UTF-8, by the variables that decide it, the strongest first.
bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = setting(name);
    if (value.empty()) continue;
    return value.find("UTF-8") != value.npos || value.find("utf8") != value.npos ||
           value.find("UTF8") != value.npos || value.find("utf-8") != value.npos;
  }
  return false;
}

/// Text with commands to the terminal, past the filter of std::cerr.
void command_terminal(const std::string& text) {
  std::cerr.flush();
  // A failure to draw does not matter.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
}

/// Columns of a text: one per character, which is true for what the bar is made of.
std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// The first `columns` characters.
std::string cut(const std::string& text, std::size_t columns) {
  std::size_t at = 0;
  for (std::size_t seen = 0; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
    if (begins && seen++ == columns) break;
  }
  return text.substr(0, at);
}

}  // namespace

std::string bar_line(const transfer::Progress& progress, double seconds, std::size_t width, bool utf8,
                     std::size_t begun_at) {
  std::string line = progress.stage;
  line.resize(std::max<std::size_t>(line.size() + 1, kStageWidth), ' ');
  if (progress.total == 0) return cut(cat(line, progress.done, " ", progress.unit), width);
  const std::size_t done = std::min(progress.done, progress.total);
  std::string count = cat("  ", done, " of ", progress.total);
  std::string left;
  if (done > begun_at && seconds > 1) {
    const double rest =
        seconds / static_cast<double>(done - begun_at) * static_cast<double>(progress.total - done);
    left = cat("  ", duration(rest), " left");
  }
  const auto room = [&](const std::string& text) {
    const std::size_t used = columns_of(line) + columns_of(text);
    return used < width ? width - used : 0;
  };
  std::string text = cat(count, " ", progress.unit, left);
  if (room(text) < kLeastBar) text = cat(count, left);
  const std::size_t bar = std::min(kMostBar, room(text));
  if (bar >= kLeastBar) {
    const std::size_t filled = bar * done / progress.total;
    for (std::size_t i = 0; i < bar; ++i) line += i < filled ? (utf8 ? "━" : "#") : (utf8 ? "·" : ".");
  }
  return cut(line + text, width);
}

ProgressDisplay::Style ProgressDisplay::style_for(bool quiet) {
  if (setting("GRAFT_PROGRESS") == "json") return Style::json;
  if (quiet) return Style::none;
  const bool moves_cursor =
      isatty(STDERR_FILENO) == 1 && !setting("TERM").empty() && setting("TERM") != "dumb";
  return moves_cursor ? Style::bar : Style::lines;
}

void ProgressDisplay::show(const transfer::Progress& progress) {
  if (style_ == Style::none) return;
  if (!progress.line.empty()) {
    if (style_ == Style::json) return print_json_line(progress);
    clear_bar();
    const bool on_terminal = isatty(STDERR_FILENO) == 1;
    const std::string line = note_text(progress.line);
    std::cerr << (on_terminal ? wrapped(line, error_width() - 1, 4) : line) << '\n';
    stage_.clear();
    return;
  }
  const Clock::time_point now = Clock::now();
  if (progress.stage != stage_) {
    stage_ = progress.stage;
    begun_at_ = progress.done > 1 ? progress.done : 0;
    begin_ = now;
    shown_ = now;
    if (style_ == Style::lines) return;
  } else {
    const double pause = style_ == Style::lines ? kSecondsBetweenLines : kSecondsBetweenDraws;
    if (seconds_between(shown_, now) < pause) return;
  }
  shown_ = now;
  if (style_ == Style::json) return print_json_line(progress);
  if (style_ == Style::bar) {
    draw_bar(progress);
  } else {
    print_line(progress);
  }
}

void ProgressDisplay::print_json_line(const transfer::Progress& progress) {
  Json json;
  if (progress.line.empty()) {
    json = {{"stage", progress.stage},
            {"done", progress.done},
            {"total", progress.total},
            {"unit", progress.unit}};
  } else {
    json["line"] = note_text(progress.line);
  }
  if (progress.epoch != nullptr) {
    Json& epoch = json["epoch"] = {{"epoch", progress.epoch->epoch}, {"phase", progress.epoch->phase}};
    for (const auto& [name, value] : progress.epoch->values) epoch[name] = value;
  }
  std::cerr << dumped(json) << std::endl;
}

void ProgressDisplay::draw_bar(const transfer::Progress& progress) {
  // The last column stays free: many terminals wrap as soon as it is used.
  const std::size_t width = std::max<std::size_t>(error_width(), 2) - 1;
  const std::string line =
      bar_line(progress, seconds_between(begin_, shown_), width, locale_is_utf8(), begun_at_);
  command_terminal("\r" + shown(line) + "\x1b[K");
  bar_on_screen_ = true;
}

void ProgressDisplay::print_line(const transfer::Progress& progress) {
  std::cerr << progress.stage << "  " << progress.done;
  if (progress.total > 0) std::cerr << " of " << progress.total;
  std::cerr << ' ' << progress.unit << '\n';
}

void ProgressDisplay::clear_bar() {
  if (bar_on_screen_) command_terminal("\r\x1b[K");
  bar_on_screen_ = false;
}

bool ProgressDisplay::draws_curves() const { return style_ == Style::bar && locale_is_utf8(); }

ProgressOnScreen::ProgressOnScreen(bool quiet, transfer::TrainOptions& options, TrainingWatch* watch)
    : options_(options), display_(ProgressDisplay::style_for(quiet)) {
  watch_for_interrupt(Stopping::keeps_model);
  options.progress = [this, watch](const transfer::Progress& progress) {
    transfer::Progress shown = progress;
    if (watch != nullptr) {
      watch->take(progress);
      if (progress.epoch != nullptr && display_.draws_curves()) shown.line += small_curves(watch->epochs());
    }
    display_.show(shown);
    return !interrupted();
  };
  options.listing.progress = [this](std::size_t files) {
    display_.show({.stage = "listing", .done = files, .total = 0, .unit = "files", .line = {}});
    return !interrupted();
  };
}

ProgressOnScreen::~ProgressOnScreen() {
  options_.progress = nullptr;
  options_.listing.progress = nullptr;
}

PhotoProgress::PhotoProgress(bool quiet, bool answers)
    : display_(ProgressDisplay::style_for(quiet || (answers && isatty(STDOUT_FILENO) == 1))) {
  watch_for_interrupt(Stopping::ends);
}

std::function<bool(std::size_t, std::size_t)> PhotoProgress::photos() {
  return [this](std::size_t done, std::size_t total) {
    display_.show({.stage = "photos", .done = done, .total = total, .unit = "photos", .line = {}});
    return !interrupted();
  };
}

std::function<bool(std::string_view, std::size_t, std::size_t)> PhotoProgress::stages() {
  return [this](std::string_view stage, std::size_t done, std::size_t total) {
    display_.show({.stage = std::string(stage),
                   .done = done,
                   .total = total,
                   .unit = stage == "labels" ? "steps" : "photos",
                   .line = {}});
    return !interrupted();
  };
}

std::function<bool(std::size_t)> PhotoProgress::files() {
  return [this](std::size_t files) {
    display_.show({.stage = "listing", .done = files, .total = 0, .unit = "files", .line = {}});
    return !interrupted();
  };
}

}  // namespace graft::cli
