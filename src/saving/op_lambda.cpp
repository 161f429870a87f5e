// SPDX-License-Identifier: Apache-2.0
#include "saving/op_lambda.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

#include "saving/read_node.hpp"

namespace graft::saving {
namespace {

/// One call of a function: tensors as Keras 2 refers to them, the first number among the first two arguments,
/// and what else was given by keyword.
struct Call {
  std::string function;
  std::string name;
  std::string place;
  std::vector<Json> tensors;    ///< ["conv1", 0, 0]
  std::vector<double> numbers;  ///< one, or one a channel
  bool number_first = false;
  Json keywords = Json::object();
};

bool is_reference(const Json& json) {
  return json.is_array() && json.size() >= 3 && json[0].is_string() && json[1].is_number_integer();
}

bool is_numbers(const Json& json) {
  if (json.is_number()) return true;
  return json.is_array() && !json.empty() &&
         std::ranges::all_of(json, [](const Json& each) { return each.is_number(); });
}

std::vector<double> numbers_of(const Json& json) {
  return json.is_number() ? std::vector{json.get<double>()} : json.get<std::vector<double>>();
}

[[noreturn]] void refuse(const Call& call, const std::string& why) {
  fail(ErrorKind::unsupported, call.place, ": layer '", call.name, "' calls tf.", call.function, why,
       ", for which graft has no layer; build the model with Keras's layers instead and load its weights");
}

void add_argument(Call& call, const std::string& key, const Json& value) {
  if (value.is_null() || key == "name") return;
  if (is_reference(value)) {
    call.tensors.push_back({value[0], value[1], value[2], Json::object()});
  } else if (is_numbers(value) && (key == "x" || key == "y")) {
    call.numbers = numbers_of(value);
  } else if (value.is_array() && !value.empty() && std::ranges::all_of(value, is_reference)) {
    for (const Json& tensor : value) add_argument(call, key, tensor);
  } else {
    call.keywords[key] = value;
  }
}

/// Keras 2 writes [["conv1", 0, 0, {"y": 2.0}]], or ["_CONSTANT_VALUE", -1, 1.0, {"y": [...]}] where the
/// first argument is a number, or a list of tensors of which the last has the keywords.
Call read_call(const Json& entry, const std::string& place) {
  Call call;
  const Json& config = entry.at("config");
  call.function = config.value("function", std::string());
  constexpr std::string_view kOld = "compat.v1.";
  if (call.function.starts_with(kOld)) call.function.erase(0, kOld.size());
  call.name = config.value("name", std::string());
  call.place = place;
  const Json nodes = entry.value("inbound_nodes", Json::array());
  if (!nodes.is_array() || nodes.size() != 1 || !nodes[0].is_array())
    fail(ErrorKind::bad_file, place, ": layer '", call.name, "': expected one call of tf.", call.function);
  const Json& node = nodes[0];
  const bool single = node.size() >= 3 && node[0].is_string();
  const Json inputs = single ? Json::array({node}) : node;
  for (const Json& input : inputs) {
    if (!input.is_array() || input.size() < 3 || !input[0].is_string())
      fail(ErrorKind::bad_file, place, ": layer '", call.name, "': expected [layer, call, output]");
    if (input[0] == "_CONSTANT_VALUE") {
      if (!is_numbers(input[2])) refuse(call, " with a constant that is not a number");
      call.numbers = numbers_of(input[2]);
      call.number_first = true;
    } else {
      add_argument(call, "x", input);
    }
    if (input.size() > 3 && input[3].is_object()) {
      for (const auto& [key, value] : input[3].items()) add_argument(call, key, value);
    }
  }
  if (call.tensors.empty()) fail(ErrorKind::bad_file, place, ": layer '", call.name, "' has no input");
  return call;
}

struct Replacement {
  std::string class_name;
  Json config = Json::object();
};

/// What makes x * scale + offset of an operation with one number.
struct Linear {
  double scale = 1, offset = 0;
};
std::optional<Linear> linear(std::string_view what, double number, bool number_first) {
  if (what == "add") return Linear{.offset = number};
  if (what == "subtract") return number_first ? Linear{-1, number} : Linear{.offset = -number};
  if (what == "multiply") return Linear{.scale = number};
  if (what == "divide" && !number_first && number != 0) return Linear{.scale = 1 / number};
  return std::nullopt;
}

/// Element by element, the same number everywhere or one a channel.
std::optional<Replacement> with_numbers(const Call& call, std::string_view what) {
  if (call.numbers.empty() || call.tensors.size() != 1) return std::nullopt;
  std::vector<double> scales;
  std::vector<double> offsets;
  for (const double number : call.numbers) {
    const std::optional<Linear> found = linear(what, number, call.number_first);
    if (!found) return std::nullopt;
    scales.push_back(found->scale);
    offsets.push_back(found->offset);
  }
  if (scales.size() == 1) return Replacement{"Rescaling", {{"scale", scales[0]}, {"offset", offsets[0]}}};
  return Replacement{"Rescaling", {{"scale", scales}, {"offset", offsets}}};
}

std::optional<Replacement> arithmetic(const Call& call) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kNames{
      {{"math.add", "add"},
       {"__operators__.add", "add"},
       {"__operators__.radd", "add"},
       {"math.subtract", "subtract"},
       {"__operators__.sub", "subtract"},
       {"math.multiply", "multiply"},
       {"__operators__.mul", "multiply"},
       {"__operators__.rmul", "multiply"},
       {"math.truediv", "divide"},
       {"math.divide", "divide"},
       {"__operators__.truediv", "divide"},
       {"math.maximum", "maximum"},
       {"math.minimum", "minimum"}}};
  const auto found =
      std::ranges::find(kNames, call.function, &std::pair<std::string_view, std::string_view>::first);
  if (found == kNames.end() || !call.keywords.empty()) return std::nullopt;
  if (auto scaled = with_numbers(call, found->second)) return scaled;
  if (!call.numbers.empty() || call.tensors.size() != 2 || found->second == "divide") return std::nullopt;
  std::string class_name(found->second);
  class_name[0] = static_cast<char>(class_name[0] - 'a' + 'A');
  return Replacement{class_name};
}

std::optional<Replacement> activation(const Call& call) {
  constexpr std::array<std::pair<std::string_view, const char*>, 13> kNames{{{"nn.relu", "relu"},
                                                                             {"nn.relu6", "relu6"},
                                                                             {"nn.elu", "elu"},
                                                                             {"nn.selu", "selu"},
                                                                             {"nn.silu", "swish"},
                                                                             {"nn.swish", "swish"},
                                                                             {"nn.sigmoid", "sigmoid"},
                                                                             {"math.sigmoid", "sigmoid"},
                                                                             {"nn.tanh", "tanh"},
                                                                             {"math.tanh", "tanh"},
                                                                             {"nn.softplus", "softplus"},
                                                                             {"nn.softmax", "softmax"},
                                                                             {"identity", "linear"}}};
  const auto found =
      std::ranges::find(kNames, call.function, &std::pair<std::string_view, const char*>::first);
  const bool plain = call.tensors.size() == 1 && call.numbers.empty() && call.keywords.empty();
  if (found == kNames.end() || !plain) return std::nullopt;
  return Replacement{"Activation", {{"activation", found->second}}};
}

/// A bias per channel.
std::optional<Replacement> biased(const Call& call) {
  const Json& given = call.keywords;
  if (call.function != "nn.bias_add" || !given.contains("bias") || !is_numbers(given["bias"]) ||
      given.value("data_format", Json("NHWC")) != "NHWC")
    return std::nullopt;
  return Replacement{"Rescaling", {{"scale", 1.0}, {"offset", given["bias"]}}};
}

/// What only changes the shape.
std::optional<Replacement> shaped(const Call& call) {
  const Json& given = call.keywords;
  const auto is_one_of = [&](const char* key, std::initializer_list<Json> values) {
    return !given.contains(key) || std::ranges::find(values, given[key]) != values.end();
  };
  if (call.function == "image.resize" && given.contains("size") && given["size"].is_array() &&
      given["size"].size() == 2 && is_one_of("preserve_aspect_ratio", {false}) &&
      is_one_of("antialias", {false})) {
    return Replacement{"Resizing",
                       {{"height", given["size"][0]},
                        {"width", given["size"][1]},
                        {"interpolation", given.value("method", Json("bilinear"))}}};
  }
  if (call.function == "reshape" && given.contains("shape") && given["shape"].is_array() &&
      given["shape"].size() > 1 && given["shape"][0] == -1) {
    const Json& shape = given["shape"];
    return Replacement{"Reshape",
                       {{"target_shape", Json(std::vector<Json>(shape.begin() + 1, shape.end()))}}};
  }
  if (call.function == "math.reduce_mean" && is_one_of("axis", {Json{1, 2}, Json{-3, -2}}) &&
      given.contains("axis"))
    return Replacement{"GlobalAveragePooling2D", {{"keepdims", given.value("keepdims", Json(false))}}};
  if (call.function == "concat" && call.tensors.size() > 1)
    return Replacement{"Concatenate", {{"axis", given.value("axis", Json(-1))}}};
  if (call.function == "cast" && is_one_of("dtype", {"float32"}))
    return Replacement{"Activation", {{"activation", "linear"}}};
  return std::nullopt;
}

/// Keras 3's way to write an index of Keras 2: {"class_name": "__ellipsis__"}, a number, or start, stop,
/// step.
Json key_of(const Json& spec) {
  Json key = Json::array();
  for (const Json& index : spec) {
    if (index.is_object() && index.contains("start")) {
      key.push_back({{"class_name", "__slice__"}, {"config", index}});
    } else if (index.is_object()) {
      key.push_back({{"class_name", index.value("class_name", Json())}, {"config", Json::object()}});
    } else {
      key.push_back(index);
    }
  }
  return key;
}

/// A function of one tensor, and how Keras 3's operation of the same kind calls its settings.
struct OperationName {
  std::string_view function;
  const char* class_name;
  std::vector<std::pair<const char*, const char*>> settings;  ///< Keras 2's and Keras 3's keyword
};

const std::vector<OperationName>& operation_names() {
  static const std::vector<OperationName> names{
      {"math.reduce_mean", "Mean", {{"axis", "axis"}, {"keepdims", "keepdims"}}},
      {"math.reduce_max", "Max", {{"axis", "axis"}, {"keepdims", "keepdims"}}},
      {"math.reduce_min", "Min", {{"axis", "axis"}, {"keepdims", "keepdims"}}},
      {"math.reduce_sum", "Sum", {{"axis", "axis"}, {"keepdims", "keepdims"}}},
      {"math.negative", "Negative", {}},
      {"math.square", "Square", {}},
      {"math.abs", "Absolute", {}},
      {"math.exp", "Exp", {}},
      {"nn.leaky_relu", "LeakyRelu", {{"alpha", "negative_slope"}}},
      {"nn.gelu", "Gelu", {{"approximate", "approximate"}}},
      {"clip_by_value", "Clip", {{"clip_value_min", "x_min"}, {"clip_value_max", "x_max"}}},
      {"cast", "Cast", {{"dtype", "dtype"}}},
      {"expand_dims", "ExpandDims", {{"axis", "axis"}}},
      {"squeeze", "Squeeze", {{"axis", "axis"}}},
      {"transpose", "Transpose", {{"perm", "axes"}}},
      {"reverse", "Flip", {{"axis", "axis"}}},
      {"stack", "Stack", {{"axis", "axis"}}}};
  return names;
}

/// The settings of an operation; nothing where the call has others.
std::optional<Json> settings_of(const Call& call, const OperationName& operation) {
  Json settings = Json::object();
  std::size_t used = 0;
  for (const auto& [keras2, keras3] : operation.settings) {
    if (!call.keywords.contains(keras2)) continue;
    settings[keras3] = call.keywords[keras2];
    ++used;
  }
  if (call.keywords.value("conjugate", Json()) == false) ++used;  // of transpose
  if (used != call.keywords.size()) return std::nullopt;
  if (operation.function == "nn.gelu" && !settings.contains("approximate")) settings["approximate"] = false;
  return settings;
}

/// The entry of one of Keras 3's operations; null where there is none.
Json operation(const Call& call) {
  Json arguments = Json::array();
  for (const Json& tensor : call.tensors) arguments.push_back(tensor_argument(tensor));
  std::string class_name;
  Json settings = Json::object();
  const bool larger = call.function == "math.maximum";
  if (call.function == "__operators__.getitem" && call.keywords.contains("slice_spec")) {
    class_name = "GetItem";
    arguments.push_back(key_of(call.keywords["slice_spec"]));
  } else if ((larger || call.function == "math.minimum") && call.numbers.size() == 1) {
    class_name = larger ? "Maximum" : "Minimum";
    arguments.push_back(call.numbers[0]);
  } else {
    const auto known = std::ranges::find(operation_names(), call.function, &OperationName::function);
    if (known == operation_names().end() || !call.numbers.empty()) return nullptr;
    const std::optional<Json> found = settings_of(call, *known);
    if (!found) return nullptr;
    class_name = known->class_name;
    settings = *found;
    if (class_name == "Stack") arguments = Json::array({arguments});
  }
  settings["name"] = call.name;
  return {{"module", "keras.src.ops.numpy"},
          {"class_name", class_name},
          {"config", settings},
          {"registered_name", class_name},
          {"name", call.name},
          {"inbound_nodes", Json::array({{{"args", arguments}, {"kwargs", Json::object()}}})}};
}

std::string described(const Call& call) {
  std::string text;
  for (const auto& [key, value] : call.keywords.items())
    text += cat(text.empty() ? " with " : ", ", key, " = ", value.dump().substr(0, 60));
  if (!call.numbers.empty()) text += cat(text.empty() ? " with " : ", ", call.numbers.front());
  return text;
}

}  // namespace

bool is_op_lambda(const Json& entry) {
  if (!entry.is_object() || !entry.contains("config") || !entry["config"].is_object()) return false;
  const auto name = entry.find("class_name");
  return name != entry.end() && (*name == "TFOpLambda" || *name == "SlicingOpLambda");
}

Json without_op_lambda(const Json& entry, const std::string& place) {
  const Call call = read_call(entry, place);
  std::optional<Replacement> found = arithmetic(call);
  if (!found) found = activation(call);
  if (!found) found = biased(call);
  if (!found) found = shaped(call);
  if (!found) {
    Json made = operation(call);
    if (made.is_null()) refuse(call, described(call));
    return made;
  }
  found->config["name"] = call.name;
  Json result{
      {"class_name", found->class_name}, {"config", found->config}, {"name", entry.value("name", call.name)}};
  result["inbound_nodes"] = Json::array({call.tensors});
  return result;
}

}  // namespace graft::saving
