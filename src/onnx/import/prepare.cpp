// SPDX-License-Identifier: Apache-2.0
#include "onnx/import/prepare.hpp"

#include <cmath>
#include <set>
#include <span>
#include <utility>

#include "graft/base/fail.hpp"

namespace graft {
inline namespace onnx {
namespace {

using formats::OnnxNode;
using formats::OnnxTensor;

}  // namespace

NodeGraph::NodeGraph(const formats::OnnxModel& model, const std::string& file)
    : model_(model), file_(file), nodes_(model.nodes) {
  for (const OnnxTensor& tensor : model.initializers) constants_.emplace(tensor.name, &tensor.value);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    for (const std::string& output : nodes_[i].outputs) {
      if (output.empty()) continue;
      if (!producers_.emplace(output, i).second)
        fail(ErrorKind::bad_file, file, ": two nodes compute the value '", output, "'");
    }
    for (const std::string& input : nodes_[i].inputs) ++uses_[input];
    if (nodes_[i].op == "Constant" && !nodes_[i].outputs.empty()) add_constant(nodes_[i]);
  }
  for (const formats::OnnxValue& output : model.outputs) ++uses_[output.name];
}

void NodeGraph::add_constant(const OnnxNode& node) {
  const formats::OnnxAttribute* value = node.find("value");
  if (value != nullptr && value->kind == formats::OnnxAttribute::Kind::tensor) {
    constants_.emplace(node.outputs[0], &value->tensor);
    return;
  }
  const auto add = [&](Tensor tensor) {
    of_numbers_.push_back(std::move(tensor));
    constants_.emplace(node.outputs[0], &of_numbers_.back());
  };
  if (const auto* one = node.find("value_float"); one != nullptr)
    return add(Tensor::full(Shape(), one->real));
  if (const auto* all = node.find("value_ints"); all != nullptr) {
    const std::vector<std::int64_t>& integers = all->integers;
    add(Tensor::from({static_cast<std::int64_t>(integers.size())}, std::span<const std::int64_t>(integers)));
  }
}

OnnxNode* NodeGraph::producer(const std::string& value) {
  const auto found = producers_.find(value);
  return found == producers_.end() ? nullptr : &nodes_[found->second];
}

int NodeGraph::uses(const std::string& value) const {
  const auto found = uses_.find(value);
  return found == uses_.end() ? 0 : found->second;
}

const Tensor* NodeGraph::constant(const std::string& value) {
  const auto found = constants_.find(value);
  return found == constants_.end() ? nullptr : found->second;
}

bool NodeGraph::is_number(const std::string& value, double number) {
  const Tensor* tensor = constant(value);
  if (tensor == nullptr || tensor->count() != 1) return false;
  const double known = static_cast<double>(tensor->to(DType::float32).data()[0]);
  return std::abs(known - number) <= 1e-3 * std::abs(number);
}

std::vector<const OnnxNode*> NodeGraph::sorted() const {
  enum class State : char { unseen, open, done };
  std::vector<State> states(nodes_.size(), State::unseen);
  std::set<std::string> given;
  for (const formats::OnnxValue& input : model_.inputs) given.insert(input.name);
  for (const OnnxTensor& tensor : model_.initializers) given.insert(tensor.name);
  std::vector<const OnnxNode*> result;
  // Depth first, without recursion: a hostile graph may be a chain of a million nodes.
  std::vector<std::pair<std::size_t, std::size_t>> stack;  // node, next input
  const auto visit = [&](const std::string& value, const std::string& reader) {
    if (value.empty() || given.contains(value)) return;
    const auto found = producers_.find(value);
    if (found == producers_.end())
      fail(ErrorKind::bad_file, file_, ": ", reader, " reads '", value, "', which nothing computes");
    if (states[found->second] == State::open)
      fail(ErrorKind::bad_file, file_, ": the nodes that compute '", value, "' form a cycle");
    if (states[found->second] == State::unseen) {
      states[found->second] = State::open;
      stack.emplace_back(found->second, 0);
    }
  };
  for (const formats::OnnxValue& output : model_.outputs) {
    visit(output.name, "the graph");
    while (!stack.empty()) {
      auto& [node, next] = stack.back();
      if (next < nodes_[node].inputs.size()) {
        const std::string& input = nodes_[node].inputs[next++];
        visit(input, cat("node '", nodes_[node].name, "' (", nodes_[node].op, ")"));
      } else {
        states[node] = State::done;
        result.push_back(&nodes_[node]);
        stack.pop_back();
      }
    }
  }
  return result;
}

}  // namespace onnx
}  // namespace graft
