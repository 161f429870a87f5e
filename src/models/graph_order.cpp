// SPDX-License-Identifier: Apache-2.0
#include "models/graph_order.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "graft/base/fail.hpp"

namespace graft::models {
namespace {

using LayerBase = layers::LayerBase;
using CallKey = std::pair<const LayerBase*, int>;  // a layer and one of its calls

/// Depth-first search from the outputs with its own stack, so that no network is too deep for it.
class Search {
 public:
  explicit Search(const std::vector<SymbolicTensor>& inputs) : inputs_(inputs) {}

  void visit(const SymbolicTensor& output) {
    struct Frame {
      SymbolicTensor tensor;
      std::size_t next = 0;
    };
    std::vector<Frame> stack;
    const auto enter = [&](const SymbolicTensor& tensor) {
      const CallKey key{tensor.layer.get(), tensor.node};
      if (finished_.contains(key)) return;
      first_seen_.try_emplace(tensor.layer.get(), static_cast<int>(first_seen_.size()));
      stack.push_back({tensor});
    };
    enter(output);
    while (!stack.empty()) {
      const SymbolicTensor tensor = stack.back().tensor;
      const std::vector<SymbolicTensor>& parents = parents_of(tensor);
      if (stack.back().next < parents.size()) {
        enter(parents[stack.back().next++]);
        continue;
      }
      if (finished_.insert({tensor.layer.get(), tensor.node}).second)
        calls_.push_back({tensor.layer, tensor.node});
      stack.pop_back();
    }
  }

  /// The inputs of the call that made a tensor; none where the model begins.
  [[nodiscard]] const std::vector<SymbolicTensor>& parents_of(const SymbolicTensor& tensor) const {
    static const std::vector<SymbolicTensor> kNone;
    const auto& parents = tensor.layer->nodes().at(static_cast<std::size_t>(tensor.node)).inputs;
    if (std::ranges::find(inputs_, tensor) != inputs_.end()) return kNone;
    if (parents.empty()) {
      fail(ErrorKind::invalid_argument, "the model's output depends on input '", tensor.layer->name(),
           "', which is not among the model's inputs");
    }
    return parents;
  }

  [[nodiscard]] const std::vector<Call>& calls() const { return calls_; }
  [[nodiscard]] int first_seen(const LayerBase* layer) const { return first_seen_.at(layer); }

 private:
  const std::vector<SymbolicTensor>& inputs_;
  std::set<CallKey> finished_;
  std::map<const LayerBase*, int> first_seen_;
  std::vector<Call> calls_;  // parents before children
};

void check_names(const std::vector<Layer>& layers) {
  std::set<std::string> names;
  for (const Layer& layer : layers) {
    if (!names.insert(layer.name()).second) {
      fail(ErrorKind::invalid_argument, "the model has two layers named '", layer.name(),
           "'; names must differ");
    }
  }
}

}  // namespace

GraphOrder order_graph(const std::vector<SymbolicTensor>& inputs,
                       const std::vector<SymbolicTensor>& outputs) {
  Search search(inputs);
  for (const SymbolicTensor& output : outputs) search.visit(output);
  std::map<CallKey, int> call_depth;
  std::map<const LayerBase*, int> layer_depth;
  const std::vector<Call>& calls = search.calls();
  for (auto call = calls.rbegin(); call != calls.rend(); ++call) {
    int& depth = call_depth[{call->layer.get(), call->node}];
    depth = std::max(depth, layer_depth[call->layer.get()]);
    layer_depth[call->layer.get()] = depth;
    const SymbolicTensor tensor{call->layer, call->node, 0, {}};
    for (const SymbolicTensor& parent : search.parents_of(tensor)) {
      int& parent_depth = call_depth[{parent.layer.get(), parent.node}];
      parent_depth = std::max(parent_depth, depth + 1);
    }
  }
  GraphOrder order;
  std::set<const LayerBase*> listed;
  for (const Call& call : calls) {
    if (listed.insert(call.layer.get()).second) order.layers.emplace_back(call.layer);
  }
  const auto rank = [&](const Layer& layer) {
    return std::pair{-layer_depth.at(layer.base().get()), search.first_seen(layer.base().get())};
  };
  std::ranges::sort(order.layers, {}, rank);
  check_names(order.layers);
  order.calls = calls;
  std::ranges::stable_sort(order.calls, std::greater{}, [&](const Call& call) {
    return call_depth.at({call.layer.get(), call.node});
  });
  return order;
}

}  // namespace graft::models
