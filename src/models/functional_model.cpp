// SPDX-License-Identifier: Apache-2.0
#include "graft/models/functional_model.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/layers/operation.hpp"

#include "models/graph_order.hpp"

namespace graft::models {
namespace {

using Key = std::tuple<const layers::LayerBase*, int, int>;

Key key_of(const SymbolicTensor& tensor) { return {tensor.layer.get(), tensor.node, tensor.index}; }

/// Walks the calls in order; each computes its outputs (shapes, or values of an op graph) from earlier ones.
template <typename T, typename Visit>
std::map<Key, T> walk(const FunctionalModel& model, const std::vector<T>& inputs, const Visit& visit) {
  if (inputs.size() != model.inputs().size()) {
    fail(ErrorKind::invalid_argument, "model '", model.name(), "': expected ", model.inputs().size(),
         " inputs, received ", inputs.size());
  }
  std::map<Key, T> known;
  for (std::size_t i = 0; i < inputs.size(); ++i) known[key_of(model.inputs()[i])] = inputs[i];
  for (const Call& call : model.calls()) {
    if (known.contains({call.layer.get(), call.node, 0})) continue;  // one of the model's inputs
    const layers::Node& node = call.layer->nodes().at(static_cast<std::size_t>(call.node));
    std::vector<T> arguments;
    for (const SymbolicTensor& input : node.inputs) arguments.push_back(known.at(key_of(input)));
    const std::vector<T> results = visit(*call.layer, node, arguments);
    for (std::size_t i = 0; i < results.size(); ++i)
      known[{call.layer.get(), call.node, static_cast<int>(i)}] = results[i];
  }
  return known;
}

void append(std::vector<VariablePtr>& all, std::vector<VariablePtr> more) {
  for (VariablePtr& weight : more) all.push_back(std::move(weight));
}

/// A layer that is used inside and outside a nested model has its weights once.
std::vector<VariablePtr> each_once(const std::vector<VariablePtr>& weights) {
  std::vector<VariablePtr> result;
  std::set<const Variable*> seen;
  for (const VariablePtr& weight : weights) {
    if (seen.insert(weight.get()).second) result.push_back(weight);
  }
  return result;
}

}  // namespace

Json FunctionalModel::own_config() const { return Json::object(); }

FunctionalModel::FunctionalModel(std::vector<SymbolicTensor> inputs, std::vector<SymbolicTensor> outputs,
                                 const std::string& name, const std::string& class_name)
    : LayerBase(class_name, name), inputs_(std::move(inputs)), outputs_(std::move(outputs)) {
  if (inputs_.empty() || outputs_.empty()) {
    fail(ErrorKind::invalid_argument, "model '", this->name(),
         "': expected at least one input and one output");
  }
  GraphOrder order = order_graph(inputs_, outputs_);
  operations_ = std::move(order.layers);
  std::ranges::copy_if(operations_, std::back_inserter(layers_), [](const Layer& layer) {
    return layers::as_operation(layer.base().get()) == nullptr;
  });
  calls_ = std::move(order.calls);
}

void FunctionalModel::check_input(std::size_t index, const Shape& received) const {
  const Shape& own = inputs_[index].shape;
  bool fits = received.rank() == own.rank();
  for (int axis = 1; fits && axis < static_cast<int>(own.rank()); ++axis) {
    fits = own[axis] < 0 || received[axis] < 0 || own[axis] == received[axis];
  }
  if (!fits) bad_input(cat("input ", own), received);
}

Shape FunctionalModel::output_shape(const std::vector<Shape>& inputs) const {
  return output_shapes(inputs).front();
}

std::vector<Shape> FunctionalModel::output_shapes(const std::vector<Shape>& inputs) const {
  for (std::size_t i = 0; i < std::min(inputs.size(), inputs_.size()); ++i) check_input(i, inputs[i]);
  const auto known =
      walk<Shape>(*this, inputs,
                  [](const layers::LayerBase& layer, const layers::Node&, const std::vector<Shape>& shapes) {
                    return layer.output_shapes(shapes);
                  });
  std::vector<Shape> shapes;
  for (const SymbolicTensor& output : outputs_) shapes.push_back(known.at(key_of(output)));
  return shapes;
}

FunctionalModel::Lowered FunctionalModel::lower_with(layers::LowerContext& context,
                                                     const std::vector<ops::ValueId>& inputs,
                                                     const std::vector<SymbolicTensor>& requested) const {
  for (std::size_t i = 0; i < std::min(inputs.size(), inputs_.size()); ++i)
    check_input(i, context.graph.shape(inputs[i]));
  const auto visit = [&](const layers::LayerBase& layer, const layers::Node& node,
                         const std::vector<ops::ValueId>& arguments) {
    // Keras's predict and evaluate override an argument training=True of a call.
    const bool training = !context.inference && node.options.training.value_or(context.training);
    layers::LowerContext inner{.graph = context.graph,
                               .training = training,
                               .inference = context.inference,
                               .trainable = context.trainable && trainable(),
                               .path_prefix = context.path_prefix,
                               .regularized = context.regularized};
    const bool nested = dynamic_cast<const FunctionalModel*>(&layer) != nullptr;
    if (nested) {
      inner.path_prefix += layer.name() + "/";
    } else {
      context.graph.set_layer(context.path_prefix + layer.name());
    }
    std::vector<ops::ValueId> results = layer.lower_all(inner, arguments);
    const auto rule = layer.rules().find("activity_regularizer");
    if (context.regularized != nullptr && rule != layer.rules().end()) {
      for (const ops::ValueId value : results)
        context.regularized->push_back({value, context.path_prefix + layer.name(), rule->second});
    }
    return results;
  };
  const auto known = walk<ops::ValueId>(*this, inputs, visit);
  Lowered lowered;
  for (const SymbolicTensor& output : outputs_) lowered.outputs.push_back(known.at(key_of(output)));
  for (const SymbolicTensor& tensor : requested) {
    const auto found = known.find(key_of(tensor));
    if (found == known.end()) {
      fail(ErrorKind::not_found, "model '", name(), "' does not compute the output of layer '",
           tensor.layer->name(), "'");
    }
    lowered.requested.push_back(found->second);
  }
  return lowered;
}

std::vector<ops::ValueId> FunctionalModel::lower_all(layers::LowerContext& context,
                                                     const std::vector<ops::ValueId>& inputs) const {
  return lower_with(context, inputs, {}).outputs;
}

ops::ValueId FunctionalModel::lower(layers::LowerContext& context,
                                    const std::vector<ops::ValueId>& inputs) const {
  return lower_all(context, inputs).front();
}

void FunctionalModel::set_trainable(bool trainable) {
  LayerBase::set_trainable(trainable);
  for (Layer& layer : layers_) layer.set_trainable(trainable);
}

std::vector<VariablePtr> FunctionalModel::weights() const {
  std::vector<VariablePtr> all;
  for (const Layer& layer : layers_) append(all, layer.weights());
  return each_once(all);
}

std::vector<VariablePtr> FunctionalModel::trainable_weights() const {
  std::vector<VariablePtr> all;
  if (!trainable()) return all;
  for (const Layer& layer : layers_) append(all, layer.trainable_weights());
  return each_once(all);
}

bool FunctionalModel::has_random_state() const {
  return std::ranges::any_of(layers_, [](const Layer& layer) { return layer.base()->has_random_state(); });
}

}  // namespace graft::models
