// SPDX-License-Identifier: Apache-2.0
#include "layers/merging/broadcasting.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"

namespace graft::layers {
namespace {

Shape padded(const Shape& shape, std::size_t rank) {
  std::vector<std::int64_t> sizes = shape.sizes();
  if (sizes.size() < rank) sizes.insert(sizes.begin() + 1, rank - sizes.size(), 1);
  return Shape(std::move(sizes));
}

/// Whether two sizes of an axis go together; then `size` becomes the result's. Batch sizes must be equal.
bool merge_size(std::int64_t other, bool batch, std::int64_t& size) {
  if (size == other) return true;
  if (size < 0 || other < 0) {
    const std::int64_t known = std::max(size, other);
    size = batch || known > 1 ? known : -1;  // Keras keeps an open axis open; a batch is one for all
    return true;
  }
  if (batch || (size != 1 && other != 1)) return false;
  size = size == 1 ? other : size;
  return true;
}

}  // namespace

Shape MergeLayer::output_shape(const std::vector<Shape>& inputs) const {
  if (inputs.size() < fewest_) {
    fail(ErrorKind::invalid_argument, class_name(), " '", name(), "': expected at least ", fewest_,
         " inputs, received ", inputs.size());
  }
  std::size_t rank = 1;
  for (const Shape& input : inputs) {
    if (input.rank() < 1) bad_input("inputs with a batch axis", input);
    rank = std::max(rank, input.rank());
  }
  Shape result = padded(inputs.front(), rank);
  for (const Shape& input : inputs) {
    const Shape other = padded(input, rank);
    for (int axis = 0; axis < static_cast<int>(rank); ++axis) {
      std::int64_t size = result[axis];
      if (!merge_size(other[axis], axis == 0, size)) {
        bad_input(cat("inputs whose sizes are equal or 1 along each axis, the first is ", inputs.front()),
                  input);
      }
      result.set(axis, size);
    }
  }
  return result;
}

ops::ValueId MergeLayer::lower(LowerContext& context, const std::vector<ops::ValueId>& inputs) const {
  std::size_t rank = 1;
  for (const ops::ValueId input : inputs) rank = std::max(rank, context.graph.shape(input).rank());
  ops::ValueId result = with_rank(context.graph, inputs.front(), rank);
  for (std::size_t i = 1; i < inputs.size(); ++i)
    result = lower_binary(context.graph, kind_, result, with_rank(context.graph, inputs[i], rank));
  return result;
}

ops::ValueId lower_binary(ops::Graph& graph, ops::BinaryKind kind, ops::ValueId a, ops::ValueId b) {
  Shape shape = graph.shape(a);
  const Shape other = graph.shape(b);
  for (int axis = 0; axis < static_cast<int>(shape.rank()); ++axis)
    if (shape[axis] == 1) shape.set(axis, other[axis]);
  return graph.add(ops::Binary{kind}, {a, b}, shape);
}

ops::ValueId with_rank(ops::Graph& graph, ops::ValueId x, std::size_t rank) {
  const Shape shape = graph.shape(x);
  return shape.rank() >= rank ? x : graph.add(ops::Reshape{}, {x}, padded(shape, rank));
}

ops::ValueId lower_scaled(ops::Graph& graph, ops::ValueId x, double factor) {
  const Shape one(std::vector<std::int64_t>(graph.shape(x).rank(), 1));
  const ops::ValueId number = graph.add_constant(Tensor::full(one, static_cast<float>(factor)));
  return lower_binary(graph, ops::BinaryKind::multiply, x, number);
}

}  // namespace graft::layers
