// SPDX-License-Identifier: Apache-2.0
#include "models/rebuild.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/layers/core.hpp"
#include "graft/layers/operation.hpp"
#include "graft/models/find_layer.hpp"
#include "graft/models/functional_model.hpp"

namespace graft::models {
namespace {

using layers::LayerBase;
using Tensors = std::vector<SymbolicTensor>;

/// Only its own flag: the layers in a model have theirs.
void mark_model(const Model& copy, const Model& original) {
  copy.functional()->LayerBase::set_trainable(original.trainable());
}

class Rebuilder {
 public:
  explicit Rebuilder(const RebuildPlan& plan) : plan_(plan) {}

  Model build(const Model& model, const Tensors& inputs, const std::string& prefix) {
    const auto functional = model.functional();
    Known known;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const SymbolicTensor& old = model.inputs()[i];
      const auto edit = plan_.edits.find(old.layer.get());
      known[key_of(old)] = edit == plan_.edits.end()
                               ? inputs[i]
                               : in_a_row(edit->second.after, inputs[i], Layer(old.layer), prefix, 1);
    }
    const std::vector<Call>& calls = functional->calls();
    const std::optional<std::size_t> end = last_call(calls);
    Tensors outputs;
    for (std::size_t i = 0; i < calls.size() && outputs.empty(); ++i) {
      const Call& call = calls[i];
      if (known.contains({call.layer.get(), call.node, 0})) continue;  // one of the model's inputs
      const Tensors results = repeat(call, known, prefix);
      for (std::size_t n = 0; n < results.size(); ++n)
        known[{call.layer.get(), call.node, static_cast<int>(n)}] = results[n];
      if (i == end) outputs = results;
    }
    if (outputs.empty()) {
      for (const SymbolicTensor& output : model.outputs()) outputs.push_back(known.at(key_of(output)));
    }
    auto copy =
        std::make_shared<FunctionalModel>(used(inputs, outputs), outputs, model.name(), model.class_name());
    keep_order(*copy, *functional);
    mark_model(Model(copy), model);
    return Model(copy);
  }

  std::vector<LayerPair> pairs, added;

 private:
  using Key = std::tuple<const LayerBase*, int, int>;
  using Known = std::map<Key, SymbolicTensor>;

  static Key key_of(const SymbolicTensor& tensor) { return {tensor.layer.get(), tensor.node, tensor.index}; }

  [[nodiscard]] bool holds_cut(const LayerBase* layer) const {
    if (layer == plan_.cut) return true;
    const auto* model = dynamic_cast<const FunctionalModel*>(layer);
    return model != nullptr && std::ranges::any_of(model->model_layers(), [&](const Layer& inner) {
             return holds_cut(inner.base().get());
           });
  }

  [[nodiscard]] std::optional<std::size_t> last_call(const std::vector<Call>& calls) const {
    if (plan_.cut == nullptr) return std::nullopt;
    for (std::size_t i = calls.size(); i-- > 0;) {
      if (holds_cut(calls[i].layer.get())) return i;
    }
    return std::nullopt;
  }

  /// One call of the original, made again.
  Tensors repeat(const Call& call, const Known& known, const std::string& prefix) {
    const Layer layer(call.layer);
    const layers::Node& node = call.layer->nodes().at(static_cast<std::size_t>(call.node));
    Tensors arguments;
    for (const SymbolicTensor& input : node.inputs) arguments.push_back(known.at(key_of(input)));
    const auto found = plan_.edits.find(call.layer.get());
    const LayerEdit none;
    const LayerEdit& edit = found == plan_.edits.end() ? none : found->second;
    if (!edit.before.empty()) arguments.front() = in_a_row(edit.before, arguments.front(), layer, prefix, -1);
    Tensors results = edit.removed
                          ? Tensors{arguments.front()}
                          : layer_for(layer, arguments, prefix).base()->call(arguments, node.options);
    if (!edit.after.empty()) results.front() = in_a_row(edit.after, results.front(), layer, prefix, 1);
    return results;
  }

  SymbolicTensor in_a_row(const std::vector<Layer>& row, SymbolicTensor x, const Layer& neighbour,
                          const std::string& prefix, int side) {
    for (const Layer& layer : row) {
      if (beside_.emplace(layer.base().get(), Place{neighbour.base().get(), side}).second)
        added.push_back({{}, layer, prefix + layer.name()});
      x = layer(x);
    }
    return x;
  }

  Layer layer_for(const Layer& layer, const Tensors& arguments, const std::string& prefix) {
    Layer& made = made_[layer.base().get()];
    if (made.base() != nullptr) return made;
    const Model nested = as_model(layer);
    const bool is_model = nested.base() != nullptr;
    if (plan_.make && (!is_model || plan_.ask_for_models)) made = plan_.make(layer, arguments);
    const bool given = made.base() != nullptr;
    if (made.base() == nullptr) {
      made = is_model ? build_nested(nested, arguments, prefix + layer.name() + "/")
                      : layers::copy_without_weights(layer);
    }
    original_[made.base().get()] = layer.base().get();
    if (!is_model || given) pairs.push_back({layer, made, prefix + layer.name()});
    return made;
  }

  Model build_nested(const Model& nested, const Tensors& arguments, const std::string& prefix) {
    if (arguments.size() != nested.inputs().size()) {
      fail(ErrorKind::invalid_argument, "model '", nested.name(), "': expected ", nested.inputs().size(),
           " inputs, received ", arguments.size());
    }
    Tensors inputs;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const SymbolicTensor& old = nested.inputs()[i];
      const Shape& given = arguments[i].shape;
      Shape shape = old.shape;
      for (int axis = 1; axis < static_cast<int>(shape.rank()); ++axis) {
        if (shape[axis] >= 0 && given.rank() == shape.rank()) shape.set(axis, given[axis]);
      }
      inputs.push_back(new_input(old, shape));
    }
    return build(nested, inputs, prefix);
  }

 public:
  SymbolicTensor new_input(const SymbolicTensor& old, const Shape& shape) {
    SymbolicTensor input = Input(shape.without_batch(), old.layer->name());
    original_[input.layer.get()] = old.layer.get();
    return input;
  }

 private:
  /// The inputs that an output depends on; of a model that was cut these may be fewer.
  static Tensors used(const Tensors& inputs, const Tensors& outputs) {
    std::set<std::pair<const LayerBase*, int>> seen;
    Tensors stack = outputs;
    Tensors result;
    while (!stack.empty()) {
      const SymbolicTensor tensor = stack.back();
      stack.pop_back();
      if (!seen.insert({tensor.layer.get(), tensor.node}).second) continue;
      if (std::ranges::find(inputs, tensor) != inputs.end()) continue;
      for (const SymbolicTensor& parent :
           tensor.layer->nodes().at(static_cast<std::size_t>(tensor.node)).inputs)
        stack.push_back(parent);
    }
    for (const SymbolicTensor& input : inputs) {
      if (seen.contains({input.layer.get(), input.node})) result.push_back(input);
    }
    return result;
  }

  /// The original's order, which may come from a file; an added layer is next to its neighbour.
  void keep_order(FunctionalModel& copy, const FunctionalModel& original) const {
    std::map<const LayerBase*, double> position;
    for (const Layer& layer : original.model_layers())
      position.emplace(layer.base().get(), static_cast<double>(position.size()));
    const auto rank = [&](const Layer& layer) {
      const LayerBase* base = layer.base().get();
      double offset = 0;
      if (const auto beside = beside_.find(base); beside != beside_.end()) {
        base = beside->second.neighbour;
        offset = 0.25 * beside->second.side;
      } else if (const auto from = original_.find(base); from != original_.end()) {
        base = from->second;
      }
      const auto found = position.find(base);
      return (found == position.end() ? -1.0 : found->second) + offset;
    };
    std::ranges::stable_sort(copy.model_layers(), {}, rank);
  }

  struct Place {
    const LayerBase* neighbour;
    int side;
  };

  const RebuildPlan& plan_;
  std::map<const LayerBase*, Layer> made_;
  std::map<const LayerBase*, const LayerBase*> original_;
  std::map<const LayerBase*, Place> beside_;
};

}  // namespace

Rebuilt rebuild(const Model& model, const RebuildPlan& plan) {
  Rebuilder rebuilder(plan);
  Tensors inputs = plan.input_tensors;
  if (inputs.empty()) {
    for (const SymbolicTensor& old : model.inputs())
      inputs.push_back(rebuilder.new_input(old, plan.input_shape ? plan.input_shape(old.shape) : old.shape));
  }
  if (inputs.size() != model.inputs().size()) {
    fail(ErrorKind::invalid_argument, "model '", model.name(), "': expected ", model.inputs().size(),
         " input tensors, received ", inputs.size());
  }
  Rebuilt result{.model = rebuilder.build(model, inputs, "")};
  result.pairs = std::move(rebuilder.pairs);
  result.added = std::move(rebuilder.added);
  return result;
}

}  // namespace graft::models
