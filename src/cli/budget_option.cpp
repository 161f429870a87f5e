// SPDX-License-Identifier: Apache-2.0
#include "cli/budget_option.hpp"

#include <charconv>
#include <map>
#include <string_view>

#include "graft/base/fail.hpp"

namespace graft::cli {
namespace {

constexpr double kMost = 1e7;  // seconds, some months

}  // namespace

double read_seconds(const std::string& text) {
  static const std::map<std::string_view, double> units{{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}};
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto unit = units.find(std::string_view(rest, text.data() + text.size()));
  if (error == std::errc() && unit != units.end()) {
    const double seconds = number * unit->second;
    if (seconds > 0 && seconds <= kMost) return seconds;
  }
  fail(ErrorKind::invalid_argument, "expected a time as in 90s, 2m, 1h or 90 (seconds), received '", text,
       "'");
}

void add_budget_option(CLI::App& command, std::optional<double>& seconds, const std::string& help) {
  command
      .add_option_function<std::string>(
          "--budget", [&seconds](const std::string& text) { seconds = read_seconds(text); }, help)
      ->check([](const std::string& text) {
        try {
          static_cast<void>(read_seconds(text));
        } catch (const Error& error) {
          return std::string(error.what());
        }
        return std::string();
      })
      ->type_name("TIME");
}

}  // namespace graft::cli
