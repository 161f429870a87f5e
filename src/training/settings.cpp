// SPDX-License-Identifier: Apache-2.0
#include "training/settings.hpp"

#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

namespace graft::training {
namespace {

constexpr double kLargestInteger = 9007199254740992.0;  // 2^53: every smaller integer is a double

}  // namespace

const Json* Settings::find(const char* key) const {
  if (!config_.is_object()) return nullptr;
  const auto found = config_.find(key);
  return found == config_.end() || found->is_null() ? nullptr : &*found;
}

void Settings::wrong(const char* key, const char* expected) const {
  fail(ErrorKind::bad_file, owner_, ": '", key, "': expected ", expected, ", received ",
       config_.at(key).dump().substr(0, 80));
}

std::optional<double> Settings::optional_number(const char* key) const {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) wrong(key, "a number");
  return value->get<double>();
}

double Settings::number(const char* key, double fallback) const {
  return optional_number(key).value_or(fallback);
}

std::optional<std::int64_t> Settings::optional_integer(const char* key) const {
  const std::optional<double> value = optional_number(key);
  if (!value) return std::nullopt;
  if (!(std::abs(*value) <= kLargestInteger) || std::floor(*value) != *value) wrong(key, "an integer");
  return static_cast<std::int64_t>(*value);
}

std::int64_t Settings::integer(const char* key, std::int64_t fallback) const {
  return optional_integer(key).value_or(fallback);
}

bool Settings::boolean(const char* key, bool fallback) const {
  const Json* value = find(key);
  if (value == nullptr) return fallback;
  if (!value->is_boolean()) wrong(key, "true or false");
  return value->get<bool>();
}

std::string Settings::text(const char* key, const std::string& fallback) const {
  const Json* value = find(key);
  if (value == nullptr) return fallback;
  if (!value->is_string()) wrong(key, "a text");
  return value->get<std::string>();
}

std::vector<double> Settings::numbers(const char* key) const {
  const Json* value = find(key);
  std::vector<double> result;
  if (value == nullptr) return result;
  if (value->is_number()) return {value->get<double>()};
  if (!value->is_array()) wrong(key, "a list of numbers");
  for (const Json& entry : *value) {
    if (!entry.is_number()) wrong(key, "a list of numbers");
    result.push_back(entry.get<double>());
  }
  return result;
}

Serialised read_serialised(const Json& json, const char* what) {
  if (!json.is_object() || !json.contains("class_name") || !json["class_name"].is_string()) {
    fail(ErrorKind::bad_file, what, ": expected an object with class_name and config, received ",
         json.dump().substr(0, 80));
  }
  Serialised result{.class_name = json["class_name"].get<std::string>(), .config = Json::object()};
  if (json.contains("config") && json["config"].is_object()) result.config = json["config"];
  return result;
}

Json write_serialised(const char* module, const std::string& class_name, Json config) {
  return {{"module", module},
          {"class_name", class_name},
          {"config", std::move(config)},
          {"registered_name", nullptr}};
}

}  // namespace graft::training
