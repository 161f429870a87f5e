// SPDX-License-Identifier: Apache-2.0
#include "cli/values.hpp"

#include <charconv>
#include <map>
#include <string_view>

#include "graft/base/fail.hpp"

namespace graft::cli {
namespace {

constexpr double kMostSeconds = 1e7;  // about four months

/// Numbers above 0, separated by ',' or 'x'; nothing for any other text.
std::vector<std::int64_t> read_numbers(const std::string& text) {
  constexpr std::int64_t kMost = 65536;
  std::vector<std::int64_t> numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    std::int64_t value = 0;
    const auto [rest, error] = std::from_chars(at, end, value);
    if (error != std::errc() || value <= 0 || value > kMost) return {};
    numbers.push_back(value);
    at = rest;
    if (at != end && ((*at != ',' && *at != 'x') || ++at == end)) return {};
  }
  return numbers;
}

}  // namespace

double read_seconds(const std::string& text) {
  static const std::map<std::string_view, double> units{{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}};
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto unit = units.find(std::string_view(rest, text.data() + text.size()));
  if (error == std::errc() && unit != units.end()) {
    const double seconds = number * unit->second;
    if (seconds > 0 && seconds <= kMostSeconds) return seconds;
  }
  fail(ErrorKind::invalid_argument, "expected a time as in 90s, 2m, 1h or 90 (seconds), received '", text,
       "'");
}

Size2D read_size(const std::string& text) {
  const std::vector<std::int64_t> numbers = read_numbers(text);
  if (numbers.size() == 1 || numbers.size() == 2) return {numbers.front(), numbers.back()};
  fail(ErrorKind::invalid_argument,
       "expected one or two whole numbers above 0, as in 224 or 224,160 (height, width), received '", text,
       "'");
}

Shape read_shape(const std::string& text) {
  const std::vector<std::int64_t> numbers = read_numbers(text);
  if (numbers.size() == 3) return Shape(numbers);
  fail(ErrorKind::invalid_argument,
       "expected three whole numbers above 0, as in 224,224,3 (height, width, channels), received '", text,
       "'");
}

CLI::Option* add_choice(CLI::App& command, const std::string& flag, std::string& value,
                        const std::vector<std::string>& names, const std::string& help) {
  return command.add_option(flag, value, help)
      ->check(CLI::IsMember(names))
      ->type_name(CLI::detail::join(names, "|"));
}

}  // namespace graft::cli
