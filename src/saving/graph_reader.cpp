// SPDX-License-Identifier: Apache-2.0
#include "saving/graph_reader.hpp"

#include "graft/base/fail.hpp"
#include "graft/extend/layer.hpp"

#include "saving/model_walk.hpp"

namespace graft::saving {

std::vector<SymbolicTensor> PendingLayer::outputs_of(std::size_t node) const {
  const int number = made.at(node);
  const std::vector<Shape>& shapes = layer.base()->nodes().at(static_cast<std::size_t>(number)).outputs;
  std::vector<SymbolicTensor> result;
  for (std::size_t i = 0; i < shapes.size(); ++i)
    result.push_back({layer.base(), number, static_cast<int>(i), shapes[i]});
  return result;
}

CallMaker::CallMaker(std::vector<PendingLayer>& layers, std::string place)
    : layers_(layers), place_(std::move(place)) {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const std::string& name = layers_[i].layer.name();
    if (!by_name_.emplace(name, i).second)
      fail(ErrorKind::bad_file, place_, ": two layers are named '", name, "'");
  }
}

CallMaker::Position CallMaker::find(const TensorReference& reference) const {
  const auto found = by_name_.find(reference.layer);
  if (found == by_name_.end()) {
    fail(ErrorKind::bad_file, place_, ": it names a layer '", reference.layer, "' that is not in its list");
  }
  const PendingLayer& layer = layers_[found->second];
  const bool functional = layer.layer.class_name() == "Functional";
  const bool from_one = functional ? reference.counting != Counting::from_zero
                                   : reference.counting == Counting::models_from_one &&
                                         layer.layer.class_name() == "Sequential";
  const std::int64_t node = from_one && reference.node > 0 ? reference.node - 1 : reference.node;
  if (node < 0 || static_cast<std::size_t>(node) >= layer.nodes.size()) {
    fail(ErrorKind::bad_file, place_, ": it uses call ", reference.node, " of layer '", reference.layer,
         "', which has ", layer.nodes.size(),
         "; Keras 3.0 writes this where a layer is also called outside of the model, and cannot read it "
         "itself; "
         "build the model without the other call and save it again");
  }
  return {found->second, static_cast<std::size_t>(node)};
}

bool CallMaker::is_made(Position position) const {
  return layers_[position.layer].made.size() > position.node;
}

std::optional<CallMaker::Position> CallMaker::blocker(Frame& frame) const {
  const PendingLayer& layer = layers_[frame.position.layer];
  if (layer.made.size() < frame.position.node) return Position{frame.position.layer, layer.made.size()};
  const std::vector<TensorReference>& inputs = layer.nodes[frame.position.node].inputs;
  for (; frame.next < inputs.size(); ++frame.next) {
    const Position needed = find(inputs[frame.next]);
    if (!is_made(needed)) return needed;
  }
  return std::nullopt;
}

SymbolicTensor CallMaker::tensor(const TensorReference& reference) const {
  const Position position = find(reference);
  const std::vector<SymbolicTensor> outputs = layers_[position.layer].outputs_of(position.node);
  if (reference.index < 0 || static_cast<std::size_t>(reference.index) >= outputs.size()) {
    fail(ErrorKind::bad_file, place_, ": it uses output ", reference.index, " of layer '", reference.layer,
         "', which has ", outputs.size());
  }
  return outputs[static_cast<std::size_t>(reference.index)];
}

void CallMaker::make(Position position) {
  PendingLayer& layer = layers_[position.layer];
  const NodeConfig& node = layer.nodes[position.node];
  std::vector<SymbolicTensor> inputs;
  for (const TensorReference& input : node.inputs) inputs.push_back(tensor(input));
  layer.made.push_back(layer.layer(inputs, node.options).node);
}

void CallMaker::make_with_inputs(Position position) {
  std::vector<Frame> stack{{position}};
  while (!stack.empty()) {
    const Position top = stack.back().position;
    const std::optional<Position> first = is_made(top) ? std::nullopt : blocker(stack.back());
    if (first) {
      if (stack.size() > total_) {  // more calls wait for each other than there are
        fail(ErrorKind::bad_file, place_, ": its layers form a cycle through '",
             layers_[top.layer].layer.name(), "'");
      }
      stack.push_back({*first});
      continue;
    }
    if (!is_made(top)) make(top);
    stack.pop_back();
  }
}

void CallMaker::make_all() {
  for (const PendingLayer& layer : layers_) total_ += layer.nodes.size();
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    for (std::size_t node = 0; node < layers_[i].nodes.size(); ++node) make_with_inputs({i, node});
  }
}

}  // namespace graft::saving
