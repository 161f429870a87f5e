// SPDX-License-Identifier: Apache-2.0
#include "layers/rules/keras_call.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"

namespace graft::layers {
namespace {

/// As a setting is written in a call: 2, 0.5, fan_in, [0,1].
std::string written(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_number()) return value.dump();
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value.get<double>()).ptr;
  return {digits.data(), end};
}

std::string known(const KerasKind& kind) {
  std::string names;
  for (const KerasClass& one : kind.classes) {
    names += (names.empty() ? "" : ", ") + one.call_name;
    std::string arguments;
    for (const KerasParameter& parameter : one.parameters)
      arguments += (arguments.empty() ? "" : ",") + parameter.name;
    if (!arguments.empty()) names += "(" + arguments + ")";
  }
  return names;
}

bool is_axis(const Json& value) { return value.is_number_integer() && value >= -8 && value < 8; }

/// Whether Keras would take this value, and in one shape for all ways of writing it.
bool accept(const KerasParameter& parameter, Json& value) {
  if (parameter.name == "axis") {
    return is_axis(value) ||
           (value.is_array() && !value.empty() && value.size() <= 8 && std::ranges::all_of(value, is_axis));
  }
  if (parameter.fallback.is_null()) {
    if (!value.is_number_unsigned()) value = nullptr;  // a SeedGenerator, whose numbers are Keras's own
    return true;
  }
  if (parameter.fallback.is_string())
    return value.is_string() &&
           std::ranges::find(parameter.words, value.get<std::string>()) != parameter.words.end();
  return value.is_number() && std::isfinite(value.get<double>());
}

std::string expected(const KerasParameter& parameter) {
  if (parameter.name == "axis") return "an axis or a list of axes";
  if (!parameter.fallback.is_string()) return "a number";
  return comma_list(parameter.words);
}

void set(const KerasKind& kind, const std::string& text, KerasCall& call, const KerasParameter& parameter,
         Json value) {
  const bool is_scale = parameter.name == "scale" || kind.what == "regularizer";
  if (!accept(parameter, value) || (is_scale && value.is_number() && value < 0) ||
      (parameter.name == "scale" && value == 0)) {
    fail(ErrorKind::unsupported, kind.what, " '", text, "': ", parameter.name, ": expected ",
         expected(parameter), is_scale ? " above 0" : "", ", received ", value.dump().substr(0, 80));
  }
  call.settings[parameter.name] = std::move(value);
}

/// "a,b=[1,2],c" to "a", "b=[1,2]", "c".
std::vector<std::string> arguments_of(std::string_view text) {
  std::vector<std::string> parts;
  int depth = 0;
  std::string part;
  for (const char c : text) {
    if (c == ' ') continue;
    if (c == '[') ++depth;
    if (c == ']') --depth;
    if (c == ',' && depth == 0) {
      parts.push_back(std::move(part));
      part.clear();
    } else {
      part += c;
    }
  }
  if (!part.empty() || !parts.empty()) parts.push_back(std::move(part));
  return parts;
}

Json value_of(const std::string& text) {
  if (text == "None") return nullptr;
  Json value = Json::parse(text, nullptr, false);
  return value.is_discarded() ? Json(text) : value;
}

const KerasClass* find_class(const KerasKind& kind, std::string_view name) {
  for (const KerasClass& one : kind.classes) {
    if (one.call_name == name || one.class_name == name) return &one;
  }
  // Keras's other names of the same.
  if (name == "IdentityInitializer") return find_class(kind, "Identity");
  if (name == "OrthogonalInitializer") return find_class(kind, "Orthogonal");
  if (name == "normal") return find_class(kind, "RandomNormal");
  if (name == "uniform") return find_class(kind, "RandomUniform");
  if (name == "zero") return find_class(kind, "Zeros");
  if (name == "one") return find_class(kind, "Ones");
  return nullptr;
}

KerasCall with_defaults(const KerasClass& found) {
  KerasCall call{.class_name = found.class_name};
  for (const KerasParameter& parameter : found.parameters) call.settings[parameter.name] = parameter.fallback;
  return call;
}

std::string text_of(const KerasClass& found, const KerasCall& call) {
  std::string arguments;
  std::size_t last = 0;
  for (std::size_t i = 0; i < found.parameters.size(); ++i) {
    if (call.settings.at(found.parameters[i].name) != found.parameters[i].fallback) last = i + 1;
  }
  for (std::size_t i = 0; i < last; ++i)
    arguments += (i == 0 ? "" : ",") + written(call.settings.at(found.parameters[i].name));
  return last == 0 ? found.call_name : found.call_name + "(" + arguments + ")";
}

}  // namespace

std::vector<int> KerasCall::axes(const char* key) const {
  const Json& value = settings.at(key);
  return value.is_array() ? value.get<std::vector<int>>() : std::vector<int>{value.get<int>()};
}

KerasCall parse_call(const KerasKind& kind, const std::string& text) {
  const std::size_t open = text.find('(');
  const bool whole = open == std::string::npos || text.ends_with(')');
  const KerasClass* found = whole ? find_class(kind, text.substr(0, open)) : nullptr;
  if (found == nullptr) {
    fail(ErrorKind::unsupported, kind.what, " '", text.substr(0, 80), "' is not known; known are ",
         known(kind));
  }
  KerasCall call = with_defaults(*found);
  if (open == std::string::npos) return call;
  const auto arguments = arguments_of(std::string_view(text).substr(open + 1, text.size() - open - 2));
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::size_t equals = arguments[i].find('=');
    const auto parameter =
        equals != std::string::npos
            ? std::ranges::find(found->parameters, arguments[i].substr(0, equals), &KerasParameter::name)
            : found->parameters.begin() + static_cast<std::ptrdiff_t>(std::min(i, found->parameters.size()));
    if (parameter == found->parameters.end()) {
      fail(ErrorKind::unsupported, kind.what, " '", text.substr(0, 80),
           "' has a setting too many: ", arguments[i], "; known are ", known(kind));
    }
    set(kind, text, call, *parameter,
        value_of(equals == std::string::npos ? arguments[i] : arguments[i].substr(equals + 1)));
  }
  return call;
}

std::optional<std::string> call_from_json(const KerasKind& kind, const Json& json) {
  if (json.is_string()) {
    const KerasClass* found = find_class(kind, json.get<std::string>());
    if (found == nullptr) return std::nullopt;
    return found->call_name;
  }
  if (!json.is_object() || !json.contains("class_name") || !json["class_name"].is_string())
    return std::nullopt;
  const KerasClass* found = find_class(kind, json["class_name"].get<std::string>());
  if (found == nullptr) return std::nullopt;
  KerasCall call = with_defaults(*found);
  const Json config = json.contains("config") ? json["config"] : Json::object();
  for (const KerasParameter& parameter : found->parameters) {
    if (!config.is_object() || !config.contains(parameter.name) || config[parameter.name].is_null()) continue;
    Json value = config[parameter.name];
    // Keras 2 wrote the truncated normal as "normal".
    if (parameter.name == "distribution" && value == "normal") value = "truncated_normal";
    set(kind, found->class_name, call, parameter, std::move(value));
  }
  return text_of(*found, call);
}

Json call_json(const KerasKind& kind, const std::string& text) {
  KerasCall call = parse_call(kind, text);
  return {{"module", kind.module},
          {"class_name", std::move(call.class_name)},
          {"config", std::move(call.settings)},
          {"registered_name", nullptr}};
}

Json initializer_json(const std::string& initializer) {
  return initializer.find('(') == std::string::npos ? Json(initializer)
                                                    : call_json(initializers(), initializer);
}

}  // namespace graft::layers
