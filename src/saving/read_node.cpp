// SPDX-License-Identifier: Apache-2.0
#include "saving/read_node.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

namespace graft::saving {
namespace {

/// Marks a tensor argument that was made of Keras 2's reference.
constexpr const char* kKeras2 = "keras2";

/// Keras's ["conv1", 0, 0], possibly with more elements.
bool is_reference(const Json& json) {
  return json.is_array() && json.size() >= 3 && json[0].is_string() && json[1].is_number_integer() &&
         json[2].is_number_integer();
}

TensorReference to_reference(const Json& json, Counting counting, const std::string& place) {
  if (!is_reference(json)) {
    fail(ErrorKind::bad_file, place, ": expected [layer, call, output], received ",
         json.dump().substr(0, 80));
  }
  return {layer_name(json[0].get<std::string>()), json[1].get<std::int64_t>(), json[2].get<std::int64_t>(),
          counting};
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

/// The output of a layer that a tensor argument names.
TensorReference reference_of(const Json& tensor, const std::string& place) {
  const Json& config = tensor["config"];
  const bool keras2 = config.value("counting", Json()) == kKeras2;
  return to_reference(config["keras_history"], keras2 ? Counting::models_from_one : Counting::from_zero,
                      place);
}

void add_tensors(const Json& json, NodeConfig& node, const std::string& place) {
  if (is_tensor(json)) {
    node.inputs.push_back(reference_of(json, place));
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

/// Puts placeholders in the place of tensors, whose references are added to the node's inputs. The depth of
/// the config was checked before.
void replace_tensors(Json& value, NodeConfig& node, const std::string& place) {
  if (is_tensor(value)) {
    node.inputs.push_back(reference_of(value, place));
    value = layers::tensor_placeholder(node.inputs.size() - 1);
  } else if (value.is_structured()) {
    for (Json& item : value) replace_tensors(item, node, place);
  }
}

}  // namespace

std::string layer_name(std::string name) {
  std::ranges::replace(name, '/', '_');
  return name;
}

Json tensor_argument(const Json& reference) {
  return {{"class_name", "__keras_tensor__"},
          {"config", {{"keras_history", reference}, {"counting", kKeras2}}}};
}

NodeConfig read_operation_node(const Json& json, const std::string& place, layers::OperationCall& call) {
  if (!json.is_object()) return read_node(json, place);
  NodeConfig node;
  Json arguments = json.value("args", Json::array());
  Json keywords = json.value("kwargs", Json::object());
  if (!arguments.is_array() || !keywords.is_object())
    fail(ErrorKind::bad_file, place, ": expected a list of arguments and an object of keyword arguments");
  replace_tensors(arguments, node, place);
  replace_tensors(keywords, node, place);
  call.arguments = std::move(arguments);
  call.keywords = std::move(keywords);
  return node;
}

NodeConfig read_node(const Json& json, const std::string& place) {
  NodeConfig node;
  if (json.is_object()) {
    add_tensors(json.value("args", Json::array()), node, place);
    read_kwargs(json.value("kwargs", Json::object()), node, place);
    return node;
  }
  if (!json.is_array()) {
    fail(ErrorKind::bad_file, place, ": expected a list of inbound nodes, received ",
         json.dump().substr(0, 80));
  }
  // Keras 2 leaves out the outer list of a call with one input in some versions.
  const Json single = Json::array({json});
  for (const Json& input : is_reference(json) ? single : json) {
    node.inputs.push_back(to_reference(input, Counting::models_from_one, place));
    if (input.size() > 3) read_kwargs(input[3], node, place);
  }
  return node;
}

std::vector<TensorReference> read_ends(const Json& ends, const std::string& place) {
  std::vector<TensorReference> result;
  if (is_reference(ends)) {
    result.push_back(to_reference(ends, Counting::functional_from_one, place));
  } else if (ends.is_array() || ends.is_object()) {
    for (const Json& end : ends) {
      const std::vector<TensorReference> inner =
          is_reference(end) ? std::vector{to_reference(end, Counting::functional_from_one, place)}
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
