// SPDX-License-Identifier: Apache-2.0
#include "layers/config.hpp"

#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

#include "layers/keras_call.hpp"

namespace graft::layers {
namespace {

constexpr double kLargest = 2147483648.0;

bool is_sensible_integer(double value) { return std::abs(value) <= kLargest && value == std::floor(value); }

}  // namespace

const Json* Config::find(const char* key) const {
  const auto found = json_.find(key);
  return found == json_.end() || found->is_null() ? nullptr : &*found;
}

void Config::wrong(const char* key, const char* expected) const {
  fail(ErrorKind::bad_file, "config of layer '", json_.value("name", "?"), "': expected ", expected, " for '",
       key, "', received ", json_.at(key).dump());
}

bool Config::has(const char* key) const { return find(key) != nullptr; }

std::int64_t Config::integer(const char* key, std::int64_t fallback) const {
  const Json* value = find(key);
  if (value == nullptr) return fallback;
  if (!value->is_number_integer() || !is_sensible_integer(value->get<double>()))
    wrong(key, "an integer of at most 2^31");
  return value->get<std::int64_t>();
}

double Config::number(const char* key, double fallback) const {
  return optional_number(key).value_or(fallback);
}

std::optional<double> Config::optional_number(const char* key) const {
  const Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) wrong(key, "a number");
  return value->get<double>();
}

std::optional<std::uint64_t> Config::optional_seed() const {
  const Json* value = find("seed");
  if (value == nullptr || !value->is_number_integer()) return std::nullopt;
  return static_cast<std::uint64_t>(value->get<std::int64_t>());
}

bool Config::boolean(const char* key, bool fallback) const {
  const Json* value = find(key);
  if (value == nullptr) return fallback;
  if (!value->is_boolean()) wrong(key, "true or false");
  return value->get<bool>();
}

std::string Config::text(const char* key, const std::string& fallback) const {
  const Json* value = find(key);
  if (value == nullptr) return fallback;
  if (!value->is_string()) wrong(key, "a text");
  return value->get<std::string>();
}

std::vector<double> Config::numbers(const char* key) const {
  const Json* value = find(key);
  if (value == nullptr) return {};
  if (value->is_number()) return {value->get<double>()};
  std::vector<double> result;
  if (!value->is_array()) wrong(key, "a number or a list of numbers");
  for (const Json& entry : *value) {
    if (entry.is_array()) {  // Keras writes weights' means nested as their axes are
      for (const Json& inner : entry.flatten()) {
        if (!inner.is_number()) wrong(key, "numbers");
        result.push_back(inner.get<double>());
      }
    } else if (entry.is_number()) {
      result.push_back(entry.get<double>());
    } else {
      wrong(key, "numbers");
    }
  }
  return result;
}

std::vector<std::int64_t> Config::integers(const char* key) const {
  const Json* value = find(key);
  std::vector<std::int64_t> result;
  if (value == nullptr) return result;
  if (value->is_array() && !value->empty() && value->front().is_array()) {
    for (const double number : numbers(key)) {
      if (!is_sensible_integer(number)) wrong(key, "integers of at most 2^31");
      result.push_back(static_cast<std::int64_t>(number));
    }
    return result;
  }
  const Json single = Json::array({*value});
  for (const Json& entry : value->is_array() ? *value : single) {
    const double number = entry.is_null() ? -1 : entry.is_number() ? entry.get<double>() : 0.5;
    if (!is_sensible_integer(number)) wrong(key, "integers of at most 2^31");
    result.push_back(static_cast<std::int64_t>(number));
  }
  return result;
}

Size2D Config::size(const char* key, Size2D fallback) const {
  if (!has(key)) return fallback;
  const std::vector<std::int64_t> values = integers(key);
  if (values.size() == 1) return {values[0]};
  if (values.size() != 2) wrong(key, "one or two integers");
  return {values[0], values[1]};
}

Sides Config::sides(const char* key, Sides fallback) const {
  if (!has(key)) return fallback;
  const std::vector<std::int64_t> values = integers(key);
  if (values.size() == 1) return {values[0], values[0], values[0], values[0]};
  if (values.size() == 2) return {values[0], values[0], values[1], values[1]};
  if (values.size() != 4) wrong(key, "one, two or four integers");
  return {values[0], values[1], values[2], values[3]};
}

std::string Config::activation(const char* key) const {
  const Json* value = find(key);
  if (value == nullptr) return "linear";
  if (value->is_string()) return value->get<std::string>();
  if (value->is_object() && value->contains("config") && (*value)["config"].is_string()) {
    return (*value)["config"].get<std::string>();
  }
  wrong(key, "an activation's name");
}

std::string Config::initializer(const char* key, const std::string& fallback) const {
  const Json* value = find(key);
  if (value == nullptr) return fallback;
  // What graft does not know only sets how training from scratch would begin: a loaded model brings its
  // weights.
  const bool is_array = value->is_object() && value->contains("config") && (*value)["config"].is_object() &&
                        (*value)["config"].value("value", Json()).is_structured();
  return is_array ? fallback : call_from_json(initializers(), *value).value_or(fallback);
}

Padding Config::padding() const {
  const std::string name = text("padding", "valid");
  if (name == "valid") return Padding::valid;
  if (name == "same") return Padding::same;
  wrong("padding", "valid or same");
}

Factor Config::factor(const char* key, Factor fallback) const {
  if (!has(key)) return fallback;
  const std::vector<double> values = numbers(key);
  if (values.size() == 1) return {values[0]};
  if (values.size() != 2) wrong(key, "one or two numbers");
  return {values[0], values[1]};
}

void Config::require_channels_last() const {
  if (text("data_format", "channels_last") != "channels_last") {
    fail(ErrorKind::unsupported, "layer '", name(),
         "' has data_format channels_first; graft reads channels_last models. ",
         "Save the model with channels_last");
  }
}

std::string padding_name(Padding padding) { return padding == Padding::same ? "same" : "valid"; }

Json size_json(Size2D size) { return Json::array({size.height, size.width}); }

Json sides_json(const Sides& sides) {
  return Json::array({Json::array({sides.top, sides.bottom}), Json::array({sides.left, sides.right})});
}

Json seed_json(const std::optional<std::uint64_t>& seed) { return seed ? Json(*seed) : Json(nullptr); }

}  // namespace graft::layers
