// SPDX-License-Identifier: Apache-2.0
#include "saving/read_node.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

namespace graft::saving {
namespace {

/// Keras's ["conv1", 0, 0], possibly with more elements.
bool is_node_reference(const Json& json) {
  return json.is_array() && json.size() >= 3 && json[0].is_string() && json[1].is_number_integer() &&
         json[2].is_number_integer();
}

TensorReference to_reference(const Json& json, Counting counting, const std::string& place) {
  if (!is_node_reference(json)) {
    fail(ErrorKind::bad_file, place, ": expected [layer, call, output], received ",
         json.dump().substr(0, 80));
  }
  return {json[0].get<std::string>(), json[1].get<std::int64_t>(), json[2].get<std::int64_t>(), counting};
}

bool is_tensor(const Json& json) {
  return json.is_object() && json.value("class_name", Json()) == "__keras_tensor__" &&
         json.contains("config") && json["config"].is_object() && json["config"].contains("keras_history");
}

/// The items of a list, or of a tuple as Keras serialises it; null when it is neither.
const Json* items_of(const Json& json) {
  if (json.is_array()) return &json;
  if (json.is_object() && json.value("class_name", Json()) == "__tuple__") {
    const auto items = json.find("items");
    if (items != json.end()) return items->is_object() ? items_of(*items) : &*items;
  }
  return nullptr;
}

void add_tensors(const Json& json, NodeConfig& node, const std::string& place) {
  if (is_tensor(json)) {
    node.inputs.push_back(to_reference(json["config"]["keras_history"], Counting::from_zero, place));
    return;
  }
  const Json* items = items_of(json);
  if (items == nullptr) {
    fail(ErrorKind::unsupported, place, " is called with ", json.dump().substr(0, 80),
         ", expected the outputs of other layers alone");
  }
  for (const Json& item : *items) add_tensors(item, node, place);
}

void read_kwargs(const Json& kwargs, NodeConfig& node, const std::string& place) {
  if (!kwargs.is_object()) fail(ErrorKind::bad_file, place, ": expected an object of keyword arguments");
  for (const auto& [key, value] : kwargs.items()) {
    if (value.is_null()) continue;
    if (key == "training" && (value.is_boolean() || value.is_number())) {
      node.options.training = value.is_boolean() ? value.get<bool>() : value.get<double>() != 0;
    } else if (key == "inputs") {
      add_tensors(value, node, place);
    } else {
      fail(ErrorKind::unsupported, place, " is called with ", key, " = ", value.dump().substr(0, 80),
           ", which graft cannot do");
    }
  }
}

}  // namespace

std::optional<layers::Operand> operand_of(const Json& operation, const std::string& place) {
  const Json::json_pointer first_arguments("/inbound_nodes/0/args");
  if (!operation.contains(first_arguments)) return std::nullopt;
  const Json& arguments = operation.at(first_arguments);
  for (std::size_t i = 0; arguments.is_array() && i < std::min<std::size_t>(arguments.size(), 2); ++i) {
    if (!arguments[i].is_number()) continue;
    if (operation.at("inbound_nodes").size() > 1)
      fail(ErrorKind::unsupported, place, ": an operation with a number is called more than once");
    return layers::Operand{.number = arguments[i].get<double>(), .first = i == 0};
  }
  return std::nullopt;
}

NodeConfig read_node(const Json& json, const std::string& place, bool with_numbers) {
  NodeConfig node;
  if (json.is_object()) {
    Json args = json.value("args", Json::array());
    if (with_numbers && args.is_array()) {
      const auto number = std::ranges::find_if(args, [](const Json& each) { return each.is_number(); });
      if (number != args.end()) args.erase(number);
    }
    const Json kwargs = json.value("kwargs", Json::object());
    add_tensors(args, node, place);
    read_kwargs(kwargs, node, place);
    return node;
  }
  if (!json.is_array()) {
    fail(ErrorKind::bad_file, place, ": expected a list of inbound nodes, received ",
         json.dump().substr(0, 80));
  }
  // Keras 2 leaves out the outer list of a call with one input in some versions.
  const Json single = Json::array({json});
  for (const Json& input : is_node_reference(json) ? single : json) {
    node.inputs.push_back(to_reference(input, Counting::models_from_one, place));
    if (input.size() > 3) read_kwargs(input[3], node, place);
  }
  return node;
}

std::vector<TensorReference> read_ends(const Json& ends, const std::string& place) {
  std::vector<TensorReference> result;
  if (is_node_reference(ends)) {
    result.push_back(to_reference(ends, Counting::functional_from_one, place));
  } else if (ends.is_array() || ends.is_object()) {
    for (const Json& end : ends) {
      const std::vector<TensorReference> inner =
          is_node_reference(end) ? std::vector{to_reference(end, Counting::functional_from_one, place)}
                                 : read_ends(end, place);
      result.insert(result.end(), inner.begin(), inner.end());
    }
  }
  if (result.empty()) {
    fail(ErrorKind::bad_file, place, ": expected [layer, call, output] or a list of them, received ",
         ends.dump().substr(0, 80));
  }
  return result;
}

}  // namespace graft::saving
