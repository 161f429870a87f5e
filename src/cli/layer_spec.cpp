// SPDX-License-Identifier: Apache-2.0
#include "cli/layer_spec.hpp"

#include <algorithm>
#include <optional>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/extend/layer.hpp"
#include "graft/layers/registry.hpp"
#include "graft/models/find_layer.hpp"

namespace graft::cli {
namespace {

[[noreturn]] void fail_for(const std::string& text, const std::string& what) {
  fail(ErrorKind::invalid_argument, "layer '", text, "': ", what,
       "; expected a class and its options, as in Dropout(rate=0.3)");
}

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

/// Splits at the commas outside brackets and quotes.
std::vector<std::string> split_options(const std::string& inner) {
  std::vector<std::string> parts(1);
  int depth = 0;
  char quote = 0;
  for (const char c : inner) {
    if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    }
    if (quote == 0) depth += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
    if (c == ',' && depth == 0 && quote == 0) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

/// Reads Python's (3, 3), 'x', True and None, or JSON's [3, 3], "x", true and null; a bare word is a text.
Json value_of(std::string text) {
  if (text == "True" || text == "False" || text == "None")
    return text == "None" ? Json(nullptr) : Json(text == "True");
  std::ranges::replace(text, '(', '[');
  std::ranges::replace(text, ')', ']');
  std::ranges::replace(text, '\'', '"');
  Json value = Json::parse(text, nullptr, false);
  return value.is_discarded() ? Json(text) : value;
}

Json options_of(const std::string& text, const std::string& inner) {
  Json config = Json::object();
  if (trimmed(inner).empty()) return config;
  for (const std::string& part : split_options(inner)) {
    const std::size_t equals = part.find('=');
    const std::string key = trimmed(part.substr(0, equals));
    const std::string value = equals == std::string::npos ? "" : trimmed(part.substr(equals + 1));
    if (key.empty() || value.empty()) fail_for(text, cat("'", trimmed(part), "' is not option=value"));
    if (config.contains(key)) fail_for(text, cat("the option ", key, " is given twice"));
    config[key] = key == "name" ? Json(value) : value_of(value);
  }
  return config;
}

void check_options(const Layer& layer, const Json& given) {
  const Json known = layer.config();
  for (const auto& [key, value] : given.items()) {
    if (known.contains(key)) continue;
    std::string keys;
    for (const auto& [name, unused] : known.items()) keys += (keys.empty() ? "" : ", ") + name;
    fail(ErrorKind::invalid_argument, layer.class_name(), " has no option '", key, "'; it has ", keys);
  }
}

}  // namespace

Layer parse_layer(const std::string& text, const Model& model) {
  const std::size_t open = text.find('(');
  const std::string class_name = trimmed(text.substr(0, open));
  std::string inner;
  if (open != std::string::npos) {
    const std::size_t close = text.find_last_not_of(' ');
    if (text[close] != ')' || close == open) fail_for(text, "the closing bracket is missing");
    inner = text.substr(open + 1, close - open - 1);
  }
  if (class_name.empty()) fail_for(text, "the class is missing");
  if (std::ranges::find(layers::registry(), class_name, &layers::LayerClass::class_name) ==
      layers::registry().end()) {
    fail(ErrorKind::unsupported, "there is no layer '", class_name, "'; known are ",
         comma_list(layers::registry(), &layers::LayerClass::class_name));
  }
  const Json given = options_of(text, inner);
  Json config = given;
  if (!config.contains("name")) config["name"] = models::free_name(model, layers::to_snake_case(class_name));
  Layer layer = layers::from_config(class_name, config);
  check_options(layer, given);
  return layer;
}

}  // namespace graft::cli
