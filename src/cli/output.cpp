// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include <sys/ioctl.h>
#include <unistd.h>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"

#include "cli/help_formatter.hpp"

namespace graft::cli {

std::string dumped(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

void print_json(const Json& value) { std::cout << dumped(value) << '\n'; }

std::string fitted(const std::string& text) {
  if (isatty(STDOUT_FILENO) != 1) return text;
  return wrapped(text, static_cast<std::size_t>(std::max(console_width(), 2) - 1), 2);
}

std::string interval_text(const Interval& interval) {
  return cat("95 % interval ", percent(interval.low), " to ", percent(interval.high));
}

std::string counted(std::size_t count, const std::string& one, const std::string& many) {
  return cat(count, " ", count == 1 ? one : many);
}

std::string duration(double seconds) {
  const auto whole = static_cast<long long>(std::llround(std::max(seconds, 0.0)));
  std::string text(32, '\0');
  const int length = whole < 3600
                         ? std::snprintf(text.data(), text.size(), "%lld:%02lld", whole / 60, whole % 60)
                         : std::snprintf(text.data(), text.size(), "%lld:%02lld:%02lld", whole / 3600,
                                         whole / 60 % 60, whole % 60);
  text.resize(static_cast<std::size_t>(std::max(length, 0)));
  return text;
}

std::string quoted(const std::string& word) {
  constexpr const char* kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::string most_confused(const Confusion& confusion, const std::vector<std::string>& names) {
  std::int64_t most = 0;
  std::size_t pairs = 0;
  std::string text;
  for (std::size_t truth = 0; truth < confusion.size(); ++truth) {
    for (std::size_t predicted = 0; predicted < confusion[truth].size(); ++predicted) {
      const std::int64_t times = confusion[truth][predicted];
      if (predicted == truth || times == 0) continue;
      if (times == most) ++pairs;
      if (times <= most) continue;
      most = times;
      pairs = 1;
      text = cat(names.at(truth), " taken for ", names.at(predicted), ", ",
                 most == 1   ? "once"
                 : most == 2 ? "twice"
                             : cat(most, " times"));
    }
  }
  if (pairs > 1) text += cat("; ", pairs - 1, pairs == 2 ? " other pair" : " other pairs", " as often");
  return text;
}

int console_width() {
  constexpr int kMost = 10000;
  const char* columns = std::getenv("COLUMNS");
  const int named = columns == nullptr ? 0 : std::atoi(columns);
  if (named > 0) return std::min(named, kMost);
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace graft::cli
