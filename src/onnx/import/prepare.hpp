// SPDX-License-Identifier: Apache-2.0
// The nodes of a graph before they become layers: checked, joined where several are one layer, and sorted.
#pragma once

#include <list>
#include <map>
#include <string>
#include <vector>

#include "graft/formats/onnx.hpp"

namespace graft {
inline namespace onnx {

/// A graph's nodes and who makes and reads its values. The nodes may be changed.
class NodeGraph {
 public:
  NodeGraph(const formats::OnnxModel& model, const std::string& file);

  [[nodiscard]] const formats::OnnxModel& model() const { return model_; }
  [[nodiscard]] std::vector<formats::OnnxNode>& nodes() { return nodes_; }
  /// The node that computes a value; null for others. Valid until nodes are added.
  [[nodiscard]] formats::OnnxNode* producer(const std::string& value);
  /// How many nodes and outputs of the graph read a value.
  [[nodiscard]] int uses(const std::string& value) const;
  /// A tensor of the initializers and Constant nodes; null for others.
  [[nodiscard]] const Tensor* constant(const std::string& value);
  [[nodiscard]] bool is_number(const std::string& value, double number);

  /// The nodes that the outputs need, each after those it reads. Throws Error{bad_file} for a cycle and for a
  /// value that nothing makes.
  [[nodiscard]] std::vector<const formats::OnnxNode*> sorted() const;

 private:
  void add_constant(const formats::OnnxNode& node);

  const formats::OnnxModel& model_;
  std::string file_;
  std::vector<formats::OnnxNode> nodes_;
  std::map<std::string, std::size_t> producers_;
  std::map<std::string, const Tensor*> constants_;
  std::list<Tensor> of_numbers_;  ///< of Constant nodes that hold no tensors
  std::map<std::string, int> uses_;
};

/// Replaces what exporters write as several nodes, and graft computes as one, by nodes of operators of its
/// own: Silu, Gelu, Mish, HardSwish, and LayerNormalization. A rounding to 8 bits and back is left out.
void join_nodes(NodeGraph& graph);

}  // namespace onnx
}  // namespace graft
