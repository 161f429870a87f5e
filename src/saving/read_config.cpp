// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/operation.hpp"
#include "graft/layers/registry.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/saving.hpp"

#include "saving/graph_reader.hpp"
#include "saving/model_walk.hpp"
#include "saving/op_lambda.hpp"

namespace graft::saving {
namespace {

using models::FunctionalModel;

constexpr int kDeepestModels = 32;
constexpr std::size_t kDeepestJson = 500;
/// A model called in a model called in a model multiplies; nothing real comes near.
constexpr std::uint64_t kMostCalls = 1'000'000;

void check_depth(const Json& json) {
  std::vector<std::pair<const Json*, std::size_t>> stack{{&json, 0}};
  while (!stack.empty()) {
    const auto [value, depth] = stack.back();
    stack.pop_back();
    if (depth > kDeepestJson)
      fail(ErrorKind::resource_limit, "the model's config nests deeper than ", kDeepestJson, " levels");
    if (!value->is_structured()) continue;
    for (const Json& inner : *value) stack.emplace_back(&inner, depth + 1);
  }
}

const Json& member(const Json& object, const char* key, std::string_view place) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (!object.is_object() || found == object.end())
    fail(ErrorKind::bad_file, place, ": it has no '", key, "'");
  return *found;
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

bool names_a_model(const std::string& class_name) {
  return class_name == "Functional" || class_name == "Model" || class_name == "Sequential";
}

/// Dropout and the random layers record what training meant when they were called; the mode of the model
/// decides, as in Keras, where fit and predict set it for every layer.
bool minds_training(const Layer& layer) {
  return as_model(layer).base() != nullptr || layer.class_name() == "BatchNormalization";
}

/// Whether a call in Keras 3's form has a constant among its arguments.
bool has_constant(const Json& entry) {
  const Json::json_pointer arguments("/inbound_nodes/0/args");
  if (!entry.contains(arguments) || !entry.at(arguments).is_array()) return false;
  return std::ranges::any_of(entry.at(arguments), [](const Json& argument) {
    const std::string class_name = text_of(argument, "class_name");
    return argument.is_number() || class_name == "__tensor__" || class_name == "__numpy__";
  });
}

/// Keras 3 writes the module of an operation; a whole-model .h5 has no modules, and there the class decides,
/// where no layer has its name, or a constant argument, which layers never have. Layers, a user's too, have
/// the option trainable.
bool is_operation(const Json& entry) {
  if (entry.contains("module")) return text_of(entry, "module").starts_with("keras.src.ops");
  constexpr std::array kNoLayers{
      "Absolute", "Cast",      "Clip",   "Exp",   "Flip",    "Gelu", "Reshape",  "Softplus",  "ExpandDims",
      "GetItem",  "LeakyRelu", "Matmul", "Max",   "Mean",    "Min",  "Negative", "Relu",      "Relu6",
      "Sigmoid",  "Silu",      "Square", "Stack", "Squeeze", "Sum",  "Tanh",     "Transpose", "TrueDivide"};
  constexpr std::array kAlsoLayers{"Add", "Maximum", "Minimum", "Multiply", "Subtract"};
  const std::string class_name = text_of(entry, "class_name");
  const auto config = entry.find("config");
  if (config == entry.end() || config->contains("trainable")) return false;
  if (class_name == "Reshape") return config->contains("newshape");  // the layer has target_shape
  return std::ranges::find(kNoLayers, class_name) != kNoLayers.end() ||
         (std::ranges::find(kAlsoLayers, class_name) != kAlsoLayers.end() && has_constant(entry));
}

/// Keras 3 and tf_keras write the module of each class of theirs. Whole-model .h5 files have no modules.
bool is_of_the_user(const Json& entry) {
  const auto module = entry.find("module");
  if (module == entry.end() || !entry.contains("registered_name")) return false;
  const std::string name = module->is_string() ? module->get<std::string>() : "";
  const std::string package = name.substr(0, name.find('.'));
  return package != "keras" && package != "tf_keras" && package != "tensorflow";
}

/// Keras's model.quantize() replaces the kernels by whole numbers and scales.
void refuse_quantized(const Json& config, const std::string& place) {
  const auto dtype = config.is_object() ? config.find("dtype") : config.end();
  if (!config.is_object() || dtype == config.end() || !dtype->is_object()) return;
  if (!text_of(*dtype, "class_name").starts_with("Quantized")) return;
  const auto policy = dtype->find("config");
  fail(ErrorKind::unsupported, place, ": layer '", text_of(config, "name"), "' was quantized by Keras (",
       policy == dtype->end() ? "" : text_of(*policy, "mode"),
       "), which graft does not read; save the model before model.quantize()");
}

class ConfigReader {
 public:
  Model read_model(const Json& object, const std::string& outer, int depth) {
    const std::string class_name = text_of(object, "class_name");
    const std::string_view where = outer.empty() ? "the model's config" : std::string_view(outer);
    const Json& config = member(object, "config", where);
    const std::string name = text_of(config, "name");
    const std::string place = cat(outer, outer.empty() ? "" : ", ", "model '", name, "'");
    if (depth > kDeepestModels)
      fail(ErrorKind::resource_limit, "models nest deeper than ", kDeepestModels, " levels");
    if (!names_a_model(class_name)) {
      fail(ErrorKind::unsupported, place, " is a ", class_name.empty() ? "?" : class_name,
           "; graft reads Functional and Sequential models");
    }
    if (!config.is_object() || !member(config, "layers", place).is_array())
      fail(ErrorKind::bad_file, place, ": expected a list of layers");
    Model model = class_name == "Sequential" ? read_sequential(object, place, depth)
                                             : read_functional(config, place, depth);
    const auto trainable = config.find("trainable");
    // Only its own flag: each layer has its flag in the config.
    if (trainable != config.end() && trainable->is_boolean())
      model.functional()->layers::LayerBase::set_trainable(trainable->get<bool>());
    return model;
  }

 private:
  Layer read_layer(const Json& entry, const std::string& place, int depth) {
    const auto number = entry.is_object() ? entry.find("shared_object_id") : entry.end();
    const bool may_be_shared = entry.is_object() && number != entry.end() && number->is_number_integer();
    if (!may_be_shared) return make_layer(entry, place, depth);
    const std::int64_t id = number->get<std::int64_t>();
    const auto known = shared_.find(id);
    if (known != shared_.end() && known->second.class_name() == text_of(entry, "class_name") &&
        known->second.name() == text_of(member(entry, "config", place), "name"))
      return known->second;
    return shared_[id] = make_layer(entry, place, depth);
  }

  Layer make_layer(const Json& entry, const std::string& place, int depth) {
    const std::string class_name = text_of(entry, "class_name");
    const Json& config = member(entry, "config", place);
    const std::string name = text_of(config, "name");
    const std::string registered = text_of(entry, "registered_name");
    if (names_a_model(class_name)) return read_model(entry, place, depth + 1);
    refuse_quantized(config, place);
    if (is_operation(entry)) return make_operation(entry, place);
    // A registered name with a package is a user's class, whatever its class name.
    const std::string& known_as = registered.find('>') == std::string::npos ? class_name : registered;
    if (known_as == class_name && is_of_the_user(entry)) {
      fail(
          ErrorKind::unsupported, place, ": layer '", name, "' is of the user's own class ", class_name,
          ", which has the name of one of Keras's classes but is not it: the file names no module of Keras. ",
          "graft cannot know what it computes");
    }
    if (!layers::is_known(known_as)) {
      fail(ErrorKind::unsupported, place, ": layer '", name, "' is of the class ",
           registered.empty() ? class_name : registered, ", ", layers::why_unknown(class_name));
    }
    if (name.find('/') == std::string::npos) return layers::from_config(known_as, config);
    Json renamed = config;
    renamed["name"] = layer_name(name);
    return layers::from_config(known_as, renamed);
  }

  static Layer make_operation(const Json& entry, const std::string& place) {
    layers::OperationCall call;
    if (entry.contains("module")) call.module = text_of(entry, "module");
    Json settings = entry.at("config");
    settings.erase("name");
    call.settings = std::move(settings);
    call.arguments = Json::array();
    call.keywords = Json::object();
    const auto nodes = entry.find("inbound_nodes");
    if (nodes != entry.end() && nodes->is_array() && !nodes->empty())
      static_cast<void>(read_operation_node(nodes->front(), place, call));
    const std::string name = text_of(entry.at("config"), "name");
    return Layer(
        std::make_shared<layers::Operation>(text_of(entry, "class_name"), std::move(call),
                                            layer_name(name.empty() ? text_of(entry, "name") : name)));
  }

  Model read_functional(const Json& config, const std::string& place, int depth) {
    std::vector<PendingLayer> pending;
    for (const Json& listed : config["layers"]) {
      const bool function = is_op_lambda(listed);
      const Json replaced = function ? without_op_lambda(listed, place) : Json();
      const Json& entry = function ? replaced : listed;
      Layer layer = read_layer(entry, place, depth);
      // The name next to the config is the one that the other layers refer to.
      const std::string name = layer_name(text_of(entry, "name"));
      if (!name.empty() && name != layer.name()) layer.base()->set_name(name);
      pending.push_back({layer, read_nodes(entry, layer, place)});
    }
    count_calls(pending, place);
    CallMaker maker(pending, place);
    maker.make_all();
    const auto ends = [&](const char* key) {
      std::vector<SymbolicTensor> tensors;
      for (const TensorReference& end : read_ends(member(config, key, place), cat(place, ", ", key)))
        tensors.push_back(maker.tensor(end));
      return tensors;
    };
    auto model = std::make_shared<FunctionalModel>(ends("input_layers"), ends("output_layers"),
                                                   layer_name(text_of(config, "name")));
    costs_[model.get()] = last_cost_;
    keep_order(*model, pending);
    return Model(std::move(model));
  }

  static std::vector<NodeConfig> read_nodes(const Json& entry, const Layer& layer, const std::string& place) {
    std::vector<NodeConfig> nodes;
    const std::string here = cat(place, ", layer '", layer.name(), "'");
    const auto found = entry.find("inbound_nodes");
    if (found != entry.end()) {
      if (!found->is_array()) fail(ErrorKind::bad_file, here, ": expected a list as inbound_nodes");
      for (const Json& node : *found) {
        const layers::Operation* operation = layers::as_operation(layer.base().get());
        nodes.push_back(operation == nullptr ? read_node(node, here)
                                             : read_operation_call(node, here, *operation));
        if (!minds_training(layer)) nodes.back().options.training.reset();
        if (nodes.back().inputs.empty()) fail(ErrorKind::bad_file, here, ": a call of it has no input");
      }
    }
    const bool input = layer.class_name() == "InputLayer";
    if (input && !nodes.empty()) fail(ErrorKind::bad_file, here, ": an InputLayer has no input");
    if (input) nodes.emplace_back();
    return nodes;
  }

  /// A call of an operation. Its constants were read at the first call and must be the same at every other.
  static NodeConfig read_operation_call(const Json& node, const std::string& place,
                                        const layers::Operation& operation) {
    layers::OperationCall call{.arguments = Json::array(), .keywords = Json::object()};
    NodeConfig result = read_operation_node(node, place, call);
    const layers::OperationCall& first = operation.operation_call();
    if (*call.arguments != *first.arguments || *call.keywords != *first.keywords)
      fail(ErrorKind::unsupported, place, ": it is called more than once, with other constants");
    return result;
  }

  /// Bounds the work that calling the layers means, before any is called.
  void count_calls(const std::vector<PendingLayer>& pending, const std::string& place) {
    last_cost_ = 0;
    for (const PendingLayer& layer : pending) {
      const auto nested = costs_.find(layer.layer.base().get());
      last_cost_ += layer.nodes.size() * (nested == costs_.end() ? 1 : nested->second);
      if (last_cost_ > kMostCalls) {
        fail(ErrorKind::resource_limit, place, ": it comes to more than ", kMostCalls,
             " calls of layers, models within models counted");
      }
    }
  }

  /// Files store weights by the order of the config's list: where two orders are possible, that one holds.
  static void keep_order(FunctionalModel& model, const std::vector<PendingLayer>& pending) {
    std::map<const layers::LayerBase*, std::size_t> position;
    for (std::size_t i = 0; i < pending.size(); ++i) position[pending[i].layer.base().get()] = i;
    for (std::vector<Layer>* list : {&model.model_layers(), &model.operations()}) {
      std::ranges::stable_sort(*list, {},
                               [&](const Layer& layer) { return position.at(layer.base().get()); });
    }
  }

  Model read_sequential(const Json& object, const std::string& place, int depth) {
    const Json& config = object["config"];
    std::vector<PendingLayer> counted;
    std::vector<Layer> layers;
    for (const Json& entry : config["layers"]) {
      layers.push_back(read_layer(entry, place, depth));
      counted.push_back({layers.back(), std::vector<NodeConfig>(1)});
    }
    if (layers.empty()) fail(ErrorKind::bad_file, place, ": it has no layers");
    if (layers.front().class_name() != "InputLayer") {
      const Json input{{"batch_shape", input_shape(object, layers.front(), place)}};
      layers.insert(layers.begin(), layers::from_config("InputLayer", input));
    }
    count_calls(counted, place);
    const std::uint64_t cost = last_cost_;
    Model model = Sequential(layers, layer_name(text_of(config, "name")));
    costs_[model.base().get()] = cost;
    return model;
  }

  /// The input of a Sequential whose config lists no InputLayer.
  static Json input_shape(const Json& object, const Layer& first, const std::string& place) {
    const Json& config = object["config"];
    const Json& first_config = config["layers"][0]["config"];
    for (const auto& [holder, key] :
         {std::pair{&config, "build_input_shape"}, std::pair{&first_config, "batch_input_shape"},
          std::pair{&first_config, "batch_shape"}}) {
      const auto found = holder->find(key);
      if (found != holder->end() && found->is_array()) return *found;
    }
    const auto build = object.find("build_config");
    if (build != object.end() && build->is_object() && build->contains("input_shape") &&
        (*build)["input_shape"].is_array())
      return (*build)["input_shape"];
    const Model nested = as_model(first);
    if (nested.base() == nullptr) {
      fail(ErrorKind::unsupported, place, " has no input shape: it was stored before it was built. ",
           "Give its first layer an Input and store it again");
    }
    return shape_json(nested.input_shape());
  }

  std::map<std::int64_t, Layer> shared_;
  std::map<const layers::LayerBase*, std::uint64_t> costs_;
  std::uint64_t last_cost_ = 0;
};

}  // namespace

Model model_from_config(const Json& config) {
  check_depth(config);
  try {
    return ConfigReader().read_model(config, "", 0);
  } catch (const Json::exception& error) {
    fail(ErrorKind::bad_file, "the model's config is not as Keras writes it: ", error.what());
  }
}

}  // namespace graft::saving
