// SPDX-License-Identifier: Apache-2.0
// Matmul of two tensors: attention multiplies what it has computed.
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

#include "layers/operations/rule.hpp"

namespace graft::layers {
namespace {

/// Of (N, ..., R, K) and (N, ..., K, C).
class Matmul final : public OperationRule {
 public:
  explicit Matmul(std::string name) : name_(std::move(name)) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    if (inputs.size() != 2) {
      fail(ErrorKind::invalid_argument, "operation '", name_, "': expected two tensors, received ",
           inputs.size());
    }
    Shape shape = inputs[0];
    Shape fitting = shape;
    if (shape.rank() < 3) bad_shape(name_, "a matrix for each sample, (N, ..., rows, columns)", shape);
    fitting.set(-2, shape[-1]);
    fitting.set(-1, inputs[1].rank() == shape.rank() ? inputs[1][-1] : -1);
    if (inputs[1] != fitting)
      bad_shape(name_, cat("a factor of ", shape, " with the shape ", fitting), inputs[1]);
    shape.set(-1, fitting[-1]);
    return shape;
  }

  [[nodiscard]] ops::ValueId lower(ops::Graph& graph,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape shape = output_shape({graph.shape(inputs[0]), graph.shape(inputs[1])});
    const ops::ValueId before = before_transposition(graph, inputs[1]);
    if (before != ops::kAbsent)
      return graph.add(ops::MatMul{.transpose_b = true}, {inputs[0], before}, shape);
    return graph.add(ops::MatMul{}, inputs, shape);
  }

 private:
  /// The value of which this one is the same with its last two axes exchanged; absent for others.
  static ops::ValueId before_transposition(const ops::Graph& graph, ops::ValueId value) {
    for (const ops::Op& op : graph.ops()) {
      if (op.outputs.empty() || op.outputs[0] != value) continue;
      const auto* permute = std::get_if<ops::Permute>(&op.params);
      if (permute == nullptr) return ops::kAbsent;
      std::vector<int> axes = permute->axes;
      std::swap(axes[axes.size() - 1], axes[axes.size() - 2]);
      for (std::size_t i = 0; i < axes.size(); ++i)
        if (axes[i] != static_cast<int>(i)) return ops::kAbsent;
      return op.inputs[0];
    }
    return ops::kAbsent;
  }

  std::string name_;
};

}  // namespace

RulePtr product_rule(const OperationReader& reader) {
  if (reader.class_name != "Matmul") return nullptr;
  const Json* a = reader.argument(0, "x1");
  const Json* b = reader.argument(1, "x2");
  if (a == nullptr || b == nullptr || placeholder_index(*a) != 0U || placeholder_index(*b) != 1U)
    reader.refuse("multiplies something else than two tensors");
  return std::make_unique<Matmul>(reader.name);
}

}  // namespace graft::layers
