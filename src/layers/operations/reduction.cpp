// SPDX-License-Identifier: Apache-2.0
// Mean, Sum, Max and Min over axes of each sample.
#include <algorithm>
#include <numeric>
#include <utility>

#include "graft/base/fail.hpp"

#include "layers/lowering.hpp"
#include "layers/merging/broadcasting.hpp"
#include "layers/operations/rule.hpp"

namespace graft::layers {
namespace {

enum class Kind { mean, sum, max, min };

class Reduction final : public OperationRule {
 public:
  Reduction(std::string name, Kind kind, std::vector<std::int64_t> axes, bool keepdims)
      : name_(std::move(name)), kind_(kind), axes_(std::move(axes)), keepdims_(keepdims) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    if (inputs.size() != 1) {
      fail(ErrorKind::invalid_argument, "operation '", name_, "': expected one tensor, received ",
           inputs.size());
    }
    return reduced(inputs[0], axes_of(inputs[0]), keepdims_);
  }

  /// The reduced axes become the height of an image, the others its channels: global pooling does the rest.
  [[nodiscard]] ops::ValueId lower(ops::Graph& graph,
                                   const std::vector<ops::ValueId>& inputs) const override {
    ops::ValueId x = inputs[0];
    const Shape shape = graph.shape(x);
    const std::vector<int> axes = axes_of(shape);
    std::vector<int> order{0};
    order.insert(order.end(), axes.begin(), axes.end());
    std::int64_t count = 1;
    for (const int axis : axes) count *= shape[axis];
    for (int axis = 1; axis < static_cast<int>(shape.rank()); ++axis) {
      if (std::ranges::find(axes, axis) == axes.end()) order.push_back(axis);
    }
    if (kind_ == Kind::min) x = lower_scaled(graph, x, -1);
    if (!std::ranges::is_sorted(order)) {
      Shape permuted = shape;
      for (std::size_t i = 0; i < order.size(); ++i) permuted.set(static_cast<int>(i), shape[order[i]]);
      x = graph.add(ops::Permute{order}, {x}, permuted);
    }
    const std::int64_t rest = count == 0 ? 0 : shape.count() / std::max<std::int64_t>(1, shape[0] * count);
    x = reshaped(graph, x, {shape[0], count, 1, rest});
    const bool averages = kind_ == Kind::mean || kind_ == Kind::sum;
    x = graph.add(ops::GlobalPool{averages ? ops::PoolKind::average : ops::PoolKind::max}, {x},
                  {shape[0], rest});
    if (kind_ == Kind::sum) x = lower_scaled(graph, x, static_cast<double>(count));
    if (kind_ == Kind::min) x = lower_scaled(graph, x, -1);
    return reshaped(graph, x, reduced(shape, axes, keepdims_));
  }

 private:
  /// Sorted, each once; the batch axis is not among them.
  [[nodiscard]] std::vector<int> axes_of(const Shape& shape) const {
    std::vector<int> result;
    for (const std::int64_t axis : axes_) result.push_back(resolved_axis(name_, axis, shape));
    std::ranges::sort(result);
    result.erase(std::unique(result.begin(), result.end()), result.end());
    return result;
  }

  static Shape reduced(const Shape& shape, const std::vector<int>& axes, bool keepdims) {
    std::vector<std::int64_t> sizes;
    for (int axis = 0; axis < static_cast<int>(shape.rank()); ++axis) {
      const bool gone = std::ranges::find(axes, axis) != axes.end();
      if (!gone) sizes.push_back(shape[axis]);
      if (gone && keepdims) sizes.push_back(1);
    }
    return Shape(std::move(sizes));
  }

  std::string name_;
  Kind kind_;
  std::vector<std::int64_t> axes_;
  bool keepdims_;
};

}  // namespace

RulePtr reduction_rule(const OperationReader& reader) {
  Kind kind = Kind::mean;
  if (reader.class_name == "Sum") {
    kind = Kind::sum;
  } else if (reader.class_name == "Max" || reader.class_name == "Amax") {
    kind = Kind::max;
  } else if (reader.class_name == "Min" || reader.class_name == "Amin") {
    kind = Kind::min;
  } else if (reader.class_name != "Mean") {
    return nullptr;
  }
  std::vector<std::int64_t> axes = reader.integers("axis");
  if (axes.empty()) reader.refuse("is over all axes, the batch axis too; graft computes samples apart");
  if (reader.setting("initial") != nullptr) reader.refuse("has an initial value, which graft cannot use");
  return std::make_unique<Reduction>(reader.name, kind, std::move(axes), reader.boolean("keepdims", false));
}

}  // namespace graft::layers
