// SPDX-License-Identifier: Apache-2.0
#include "graft/base/config_reader.hpp"

#include <cmath>

#include "graft/base/error.hpp"
#include "graft/base/json.hpp"

namespace graft {
namespace {

constexpr double kLargestSize = 2147483648.0;
constexpr double kLargestWhole = 9007199254740992.0;  // 2^53: every smaller integer is a double
constexpr std::size_t kLongestInMessage = 80;

bool is_whole(double value, double largest) {
  return std::abs(value) <= largest && value == std::floor(value);
}

}  // namespace

ConfigReader::ConfigReader(const Json& config, std::string owner, Integers integers)
    : config_(config), owner_(std::move(owner)), integers_(integers) {}

const Json* ConfigReader::find(const char* key) const {
  if (!config_.is_object()) return nullptr;
  const auto found = config_.find(key);
  return found == config_.end() || found->is_null() ? nullptr : &*found;
}

void ConfigReader::wrong(const char* key, const std::string& expected) const {
  fail(ErrorKind::bad_file, owner_, ": expected ", expected, " for '", key, "', received ",
       config_.at(key).dump().substr(0, kLongestInMessage));
}

double ConfigReader::number(const char* key, double fallback) const {
  return optional_number(key).value_or(fallback);
}

std::optional<double> ConfigReader::optional_number(const char* key) const {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) wrong(key, "a number");
  return value->get<double>();
}

std::int64_t ConfigReader::integer(const char* key, std::int64_t fallback) const {
  return optional_integer(key).value_or(fallback);
}

std::optional<std::int64_t> ConfigReader::optional_integer(const char* key) const {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (integers_ == Integers::sizes) {
    if (!value->is_number_integer() || !is_whole(value->get<double>(), kLargestSize))
      wrong(key, "an integer of at most 2^31");
    return value->get<std::int64_t>();
  }
  if (!value->is_number()) wrong(key, "a number");
  if (!is_whole(value->get<double>(), kLargestWhole)) wrong(key, "an integer");
  return static_cast<std::int64_t>(value->get<double>());
}

bool ConfigReader::boolean(const char* key, bool fallback) const {
  const Json* value = find(key);
  if (value == nullptr) return fallback;
  if (!value->is_boolean()) wrong(key, "true or false");
  return value->get<bool>();
}

std::string ConfigReader::text(const char* key, const std::string& fallback) const {
  const Json* value = find(key);
  if (value == nullptr) return fallback;
  if (!value->is_string()) wrong(key, "a text");
  return value->get<std::string>();
}

std::vector<double> ConfigReader::numbers(const char* key) const {
  const Json* value = find(key);
  if (value == nullptr) return {};
  if (value->is_number()) return {value->get<double>()};
  std::vector<double> result;
  if (!value->is_array()) wrong(key, "a number or a list of numbers");
  for (const Json& entry : *value) {
    for (const Json& number : entry.is_array() ? entry.flatten() : Json::array({entry})) {
      if (!number.is_number()) wrong(key, "numbers");
      result.push_back(number.get<double>());
    }
  }
  return result;
}

std::vector<std::int64_t> ConfigReader::integers(const char* key) const {
  const Json* value = find(key);
  std::vector<double> read;
  if (value == nullptr) return {};
  if (value->is_array() && !value->empty() && value->front().is_array()) {
    read = numbers(key);
  } else {
    const Json single = Json::array({*value});
    for (const Json& entry : value->is_array() ? *value : single)
      read.push_back(entry.is_null() ? -1 : entry.is_number() ? entry.get<double>() : 0.5);
  }
  std::vector<std::int64_t> result;
  for (const double number : read) {
    if (!is_whole(number, kLargestSize)) wrong(key, "integers of at most 2^31");
    result.push_back(static_cast<std::int64_t>(number));
  }
  return result;
}

}  // namespace graft
