// SPDX-License-Identifier: Apache-2.0
// Stack, Concatenate, Reshape, ExpandDims, Squeeze and Transpose.
#include <algorithm>
#include <functional>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

#include "layers/lowering.hpp"
#include "layers/operations/rule.hpp"

namespace graft::layers {
namespace {

/// Stack joins along a new axis, Concatenate along one that exists.
class Join final : public OperationRule {
 public:
  Join(std::string name, std::int64_t axis, bool stacks)
      : name_(std::move(name)), axis_(axis), stacks_(stacks) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    if (inputs.empty()) fail(ErrorKind::invalid_argument, "operation '", name_, "': it has no input");
    Shape shape = part(inputs[0]);
    const int axis = axis_of(shape);
    std::int64_t total = 0;
    for (const Shape& input : inputs) {
      Shape same = part(input);
      if (same.rank() != shape.rank()) bad_shape(name_, cat("tensors with the axes of ", inputs[0]), input);
      total = total < 0 || same[axis] < 0 ? -1 : total + same[axis];
      same.set(axis, shape[axis]);
      if (same != shape)
        bad_shape(name_, cat("tensors that differ from ", inputs[0], " in axis ", axis, " only"), input);
    }
    shape.set(axis, total);
    return shape;
  }

  [[nodiscard]] ops::ValueId lower(ops::Graph& graph,
                                   const std::vector<ops::ValueId>& inputs) const override {
    std::vector<Shape> shapes;
    std::vector<ops::ValueId> parts;
    for (const ops::ValueId input : inputs) {
      shapes.push_back(graph.shape(input));
      parts.push_back(reshaped(graph, input, part(shapes.back())));
    }
    if (parts.size() == 1) return parts.front();
    const Shape shape = output_shape(shapes);
    return graph.add(ops::Concatenate{axis_of(shape)}, std::move(parts), shape);
  }

 private:
  /// An input with the new axis.
  [[nodiscard]] Shape part(const Shape& input) const {
    if (!stacks_) return input;
    std::vector<std::int64_t> sizes = input.sizes();
    const auto rank = static_cast<std::int64_t>(sizes.size()) + 1;
    const std::int64_t axis = axis_ < 0 ? axis_ + rank : axis_;
    if (axis < 1 || axis >= rank) bad_shape(name_, cat("tensors for a new axis ", axis_), input);
    sizes.insert(sizes.begin() + axis, 1);
    return Shape(std::move(sizes));
  }
  [[nodiscard]] int axis_of(const Shape& shape) const { return resolved_axis(name_, axis_, shape); }

  std::string name_;
  std::int64_t axis_;
  bool stacks_;
};

using NewShape = std::function<Shape(const Shape& input)>;

/// The same elements in another shape.
class Reshaped final : public OperationRule {
 public:
  Reshaped(std::string name, NewShape shape) : name_(std::move(name)), shape_(std::move(shape)) {}
  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    if (inputs.size() != 1) {
      fail(ErrorKind::invalid_argument, "operation '", name_, "': expected one tensor, received ",
           inputs.size());
    }
    return shape_(inputs[0]);
  }
  [[nodiscard]] ops::ValueId lower(ops::Graph& graph,
                                   const std::vector<ops::ValueId>& inputs) const override {
    return reshaped(graph, inputs[0], shape_(graph.shape(inputs[0])));
  }

 private:
  std::string name_;
  NewShape shape_;
};

/// -1 means the batch on the first axis, and what remains on another.
NewShape reshape(const OperationReader& reader) {
  std::vector<std::int64_t> target = reader.integers("newshape");
  if (target.empty()) target = reader.integers("shape");
  if (target.size() < 2 || std::ranges::count(target, -1) > 2)
    reader.refuse("has no shape that keeps the batch axis");
  return [target, name = reader.name](const Shape& input) {
    const Shape inner = input.without_batch();
    if (inner.is_open()) bad_shape(name, "known sizes", input);
    std::vector<std::int64_t> sizes = target;
    sizes.front() = input[0];
    if (target.front() >= 0 && target.front() != input[0])
      bad_shape(name, "a shape whose batch axis is open", Shape(target));
    std::int64_t known = 1;
    for (std::size_t i = 1; i < sizes.size(); ++i) known *= sizes[i] < 0 ? 1 : sizes[i];
    for (std::size_t i = 1; i < sizes.size(); ++i) {
      if (sizes[i] < 0 && known > 0) sizes[i] = inner.count() / known;
    }
    Shape result(std::move(sizes));
    if (result.without_batch().count() != inner.count())
      bad_shape(name, cat("as many elements as ", Shape(target), " has"), input);
    return result;
  };
}

NewShape expand_dims(const OperationReader& reader) {
  const std::vector<std::int64_t> axes = reader.integers("axis");
  if (axes.size() != 1) reader.refuse("has no single axis");
  return [axis = axes[0], name = reader.name](const Shape& input) {
    std::vector<std::int64_t> sizes = input.sizes();
    const std::int64_t at = axis < 0 ? axis + static_cast<std::int64_t>(sizes.size()) + 1 : axis;
    if (at < 1 || at > static_cast<std::int64_t>(sizes.size()))
      bad_shape(name, cat("a tensor for a new axis ", axis), input);
    sizes.insert(sizes.begin() + at, 1);
    return Shape(std::move(sizes));
  };
}

NewShape squeeze(const OperationReader& reader) {
  return [axes = reader.integers("axis"), name = reader.name](const Shape& input) {
    std::vector<bool> gone(input.rank(), false);
    for (const std::int64_t axis : axes) {
      const int at = resolved_axis(name, axis, input);
      if (input[at] != 1) bad_shape(name, cat("size 1 of axis ", axis), input);
      gone[static_cast<std::size_t>(at)] = true;
    }
    std::vector<std::int64_t> sizes;
    for (std::size_t i = 0; i < input.rank(); ++i) {
      const std::int64_t size = input.sizes()[i];
      if (!(gone[i] || (axes.empty() && i > 0 && size == 1))) sizes.push_back(size);
    }
    return Shape(std::move(sizes));
  };
}

class Transpose final : public OperationRule {
 public:
  Transpose(std::string name, std::vector<int> axes) : name_(std::move(name)), axes_(std::move(axes)) {}
  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    if (inputs.size() != 1 || inputs[0].rank() != axes_.size()) {
      fail(ErrorKind::shape_mismatch, "operation '", name_, "': expected one tensor with ", axes_.size(),
           " axes");
    }
    std::vector<std::int64_t> sizes;
    for (const int axis : axes_) sizes.push_back(inputs[0][axis]);
    return Shape(std::move(sizes));
  }
  [[nodiscard]] ops::ValueId lower(ops::Graph& graph,
                                   const std::vector<ops::ValueId>& inputs) const override {
    return graph.add(ops::Permute{axes_}, {inputs[0]}, output_shape({graph.shape(inputs[0])}));
  }

 private:
  std::string name_;
  std::vector<int> axes_;
};

RulePtr transpose(const OperationReader& reader) {
  const std::vector<std::int64_t> given = reader.integers("axes");
  const auto rank = static_cast<std::int64_t>(given.size());
  std::vector<int> axes;
  std::vector<int> expected;
  for (const std::int64_t axis : given) {
    expected.push_back(static_cast<int>(axes.size()));
    axes.push_back(static_cast<int>(axis < 0 ? axis + rank : axis));
  }
  if (axes.empty() || axes.front() != 0 || !std::ranges::is_permutation(axes, expected))
    reader.refuse("has no axes that keep the batch axis in front");
  return std::make_unique<Transpose>(reader.name, std::move(axes));
}

}  // namespace

RulePtr shape_rule(const OperationReader& reader) {
  const auto reshaped_by = [&](NewShape shape) {
    return std::make_unique<Reshaped>(reader.name, std::move(shape));
  };
  const bool stacks = reader.class_name == "Stack";
  if (stacks || reader.class_name == "Concatenate") {
    const std::vector<std::int64_t> axis = reader.integers("axis");
    return std::make_unique<Join>(reader.name, axis.empty() ? (stacks ? 0 : -1) : axis.front(), stacks);
  }
  if (reader.class_name == "Reshape") return reshaped_by(reshape(reader));
  if (reader.class_name == "ExpandDims") return reshaped_by(expand_dims(reader));
  if (reader.class_name == "Squeeze") return reshaped_by(squeeze(reader));
  if (reader.class_name == "Transpose") return transpose(reader);
  return nullptr;
}

}  // namespace graft::layers
