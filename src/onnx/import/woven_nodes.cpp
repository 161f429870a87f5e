// SPDX-License-Identifier: Apache-2.0
// Nodes of attention: see woven.hpp.
#include <algorithm>
#include <set>

#include "graft/base/json.hpp"
#include "graft/layers/reshaping.hpp"

#include "onnx/import/woven.hpp"

namespace graft {
inline namespace onnx {
namespace {

using Sizes = std::vector<std::int64_t>;
using Group = std::vector<int>;

void transpose(Importer& importer) {
  const Known from = woven(importer, importer.in(0));
  Sizes perm = importer.list("perm");
  const auto rank = static_cast<std::int64_t>(from.parts.size());
  if (perm.empty()) {
    for (std::int64_t i = rank; i-- > 0;) perm.push_back(i);
  }
  Sizes sorted = perm;
  std::ranges::sort(sorted);
  Parts parts;
  for (std::int64_t i = 0; i < rank; ++i)
    if (static_cast<std::int64_t>(sorted.size()) != rank || sorted[static_cast<std::size_t>(i)] != i)
      importer.broken("has an impossible perm");
  for (const std::int64_t axis : perm) parts.push_back(from.parts[static_cast<std::size_t>(axis)]);
  importer.result(settled(importer, woven_value(from, from.tensor, std::move(parts))));
}

void reshape(Importer& importer) {
  const Known from = woven(importer, importer.in(0));
  Sizes target = importer.list_or_input("shape", 1);
  if (importer.integer("allowzero", 0) != 0 && std::ranges::find(target, 0) != target.end())
    importer.refuse("has axes of no element");
  if (importer.node().op == "Flatten") {
    const int axis = importer.axis(importer.integer("axis", 1), from.parts.size());
    Parts parts(2);
    for (int i = 0; i < static_cast<int>(from.parts.size()); ++i) {
      const Group& group = from.parts[static_cast<std::size_t>(i)];
      Group& to = parts[i < axis ? 0 : 1];
      to.insert(to.end(), group.begin(), group.end());
    }
    return importer.result(settled(importer, woven_value(from, from.tensor, std::move(parts))));
  }
  importer.result(settled(importer, regrouped(importer, from, target_of(importer, from, target))));
}

/// Squeeze and Unsqueeze: axes of one element have no axis of the tensor.
void change_axes(Importer& importer) {
  const Known from = woven(importer, importer.in(0));
  Sizes axes = importer.list_or_input("axes", 1);
  Parts parts = from.parts;
  if (importer.node().op == "Unsqueeze") {
    for (std::int64_t& axis : axes) axis = importer.axis(axis, parts.size() + axes.size());
    std::ranges::sort(axes);
    for (const std::int64_t axis : axes)
      parts.insert(parts.begin() + std::min(axis, static_cast<std::int64_t>(parts.size())), Group());
  } else {
    for (std::int64_t& axis : axes) axis = importer.axis(axis, parts.size());
    for (auto i = static_cast<std::int64_t>(parts.size()); i-- > 0;) {
      const bool named = std::ranges::find(axes, i) != axes.end();
      const bool empty = parts[static_cast<std::size_t>(i)].empty();
      if (named && !empty) importer.refuse("removes axis ", i, " of ", from.shape);
      if (named || (axes.empty() && empty)) parts.erase(parts.begin() + i);
    }
  }
  importer.result(settled(importer, woven_value(from, from.tensor, std::move(parts))));
}

bool is_fixed(const Importer& importer, std::size_t input) {
  return importer.has(input) && importer.in(input).fixed.has_value();
}

/// Fixed numbers that are the same for each photo as a computed value: a value (N, ...) with axes of one
/// element times 0 plus the numbers.
Known as_computed(Importer& importer, const SymbolicTensor& like, const Tensor& numbers) {
  if (numbers.count() > kMostNumbers)
    importer.refuse("combines values with more than ", kMostNumbers, " fixed numbers");
  const SymbolicTensor zero = importer.operation_with("Multiply", like, 0.0);
  Known made;
  made.tensor = importer.operation_with("Add", zero, nested_numbers(numbers));
  made.shape = made.tensor.shape;
  made.order = identity_order(made.shape.rank());
  return made;
}

/// Fixed rows beside those of each photo, such as a class token: one row of the photo times 0 plus the
/// numbers.
void join_fixed(Importer& importer) {
  const formats::OnnxNode& original = importer.node();
  const int count = static_cast<int>(original.inputs.size());
  const Known* computed = nullptr;
  for (int i = 0; i < count; ++i)
    if (!is_fixed(importer, static_cast<std::size_t>(i)))
      computed = &importer.in(static_cast<std::size_t>(i));
  const int axis = importer.axis(importer.integer("axis", 1), computed->shape.rank());
  if (axis == 0 || !computed->parts.empty())
    importer.refuse("joins fixed numbers along the axis of the batch");
  const SymbolicTensor plain = importer.plain(*computed);
  const SymbolicTensor one = range_of(importer, plain, {axis, 0, 1, 1});
  formats::OnnxNode copy = original;
  for (int i = 0; i < count; ++i) {
    if (!is_fixed(importer, static_cast<std::size_t>(i))) continue;
    const Tensor numbers = importer.fixed(static_cast<std::size_t>(i));
    if (numbers.shape().rank() != plain.shape.rank() || numbers.shape()[0] != 1)
      importer.refuse("joins ", numbers.shape(), " to ", computed->shape);
    copy.inputs[static_cast<std::size_t>(i)] = importer.unique("fixed rows");
    importer.define(copy.inputs[static_cast<std::size_t>(i)],
                    as_computed(importer, one, numbers.reshape(numbers.shape().without_batch())));
  }
  importer.begin(copy);
  shape_operators().at("Concat")(importer);
  importer.begin(original);
}

/// A product of a computed value and fixed numbers that are no kernel: matrices for each head, or on the
/// left.
void convert_fixed_product(Importer& importer, std::size_t fixed) {
  const Known& computed = importer.in(1 - fixed);
  const Tensor numbers = importer.fixed(fixed);
  const auto rank = static_cast<int>(computed.shape.rank());
  const auto own = static_cast<int>(numbers.shape().rank());
  if (!computed.parts.empty() || rank < 3 || own < 2 || own > rank ||
      (own == rank && numbers.shape()[0] != 1))
    importer.refuse("multiplies ", importer.in(0).shape, " by ", importer.in(1).shape);
  const SymbolicTensor plain = importer.plain(computed);
  // One row or column of the value, as the numbers' column or row.
  const SymbolicTensor part = range_of(importer, plain, {fixed == 0 ? rank - 1 : rank - 2, 0, 1, 1});
  Sizes turned;
  for (int axis = 1; axis + 2 < rank; ++axis) turned.push_back(axis);
  turned.insert(turned.end(), {rank - 1, rank - 2});
  const SymbolicTensor like =
      importer.call(layers::Permute({.dims = turned, .name = importer.unique("to_order")}), {part});
  const bool has_batch = own == rank;
  const formats::OnnxNode& original = importer.node();
  formats::OnnxNode copy = original;
  copy.inputs[fixed] = importer.unique("fixed factor");
  importer.define(
      copy.inputs[fixed],
      as_computed(importer, like, has_batch ? numbers.reshape(numbers.shape().without_batch()) : numbers));
  importer.begin(copy);
  convert_woven_product(importer);
  importer.begin(original);
}

/// Whether an ordinary value's batch does not stay the first axis by itself.
bool weaves(const Importer& importer) {
  const formats::OnnxNode& node = importer.node();
  if (!importer.has(0) || importer.in(0).fixed || importer.in(0).shape.rank() == 0) return false;
  const Known& from = importer.in(0);
  if (node.op == "Transpose") {
    const Sizes perm = importer.list("perm");
    return from.flat.empty() && (perm.empty() || perm.front() != 0);
  }
  if (from.shape.without_batch().is_open()) return false;
  if (node.op == "Unsqueeze") {
    const Sizes axes = importer.list_or_input("axes", 1);
    return std::ranges::any_of(
        axes, [&](std::int64_t axis) { return importer.axis(axis, from.shape.rank() + axes.size()) == 0; });
  }
  if (node.op != "Reshape") return false;
  const Sizes sizes = importer.list_or_input("shape", 1);
  if (sizes.empty()) return false;
  std::int64_t inner = 1;
  bool inferred = false;
  for (std::size_t i = 1; i < sizes.size(); ++i) {
    inferred = inferred || sizes[i] == -1;
    if (sizes[i] < -1) return true;
    const std::int64_t size = sizes[i] == 0 && i < from.shape.rank() ? from.shape.sizes()[i] : sizes[i];
    if (size > 0 && inner <= (std::int64_t{1} << 40)) inner *= size;
  }
  const bool usual_first = sizes[0] >= -1 && sizes[0] <= 1;
  return !usual_first || (!inferred && inner != from.shape.without_batch().count());
}

bool any_woven(const Importer& importer) {
  for (std::size_t i = 0; i < importer.node().inputs.size(); ++i)
    if (importer.has(i) && !importer.in(i).parts.empty()) return true;
  return false;
}

/// Functions of single elements.
const std::set<std::string, std::less<>>& elementwise() {
  static const std::set<std::string, std::less<>> names{
      "Relu",      "LeakyRelu", "Elu",      "Selu",     "Gelu", "Clip",     "HardSigmoid",
      "Neg",       "Abs",       "Sigmoid",  "Tanh",     "Silu", "Exp",      "Mish",
      "HardSwish", "Softplus",  "Softsign", "Identity", "Cast", "CastLike", "Dropout"};
  return names;
}

void convert(Importer& importer) {
  static const Operators shapes{
      {"Transpose", transpose},           {"Reshape", reshape},           {"Flatten", reshape},
      {"Squeeze", change_axes},           {"Unsqueeze", change_axes},     {"Gather", convert_woven_gather},
      {"Slice", convert_woven_slice},     {"Split", convert_woven_split}, {"Expand", convert_woven_expand},
      {"Softmax", convert_woven_softmax}, {"Gemm", convert_woven_dense}};
  const std::string& op = importer.node().op;
  if (const auto found = shapes.find(op); found != shapes.end()) return found->second(importer);
  if (op == "MatMul")
    return is_fixed(importer, 1) ? convert_woven_dense(importer) : convert_woven_product(importer);
  if (op == "LayerNormalization" || op == kJoinedUnit) {
    const std::size_t rank = importer.in(0).shape.rank();
    if (importer.axis(importer.integer("axis", -1), rank) + 1 != static_cast<int>(rank))
      importer.refuse("is over several axes of a value whose batch is moved or joined with other axes");
    return convert_as_ordinary(importer, normalization_operators(), 1);
  }
  if (elementwise().contains(op)) {
    const bool moves = shape_operators().contains(op);
    return convert_as_ordinary(importer, moves ? shape_operators() : activation_operators(), 0);
  }
  if (binary_operator(op) == nullptr || importer.node().inputs.size() != 2)
    importer.refuse(
        "has a value whose batch is moved or joined with other axes, for which graft does not know it");
  const bool first = is_fixed(importer, 0);
  return first || is_fixed(importer, 1) ? convert_with_numbers(importer, first)
                                        : convert_woven_binary(importer);
}

}  // namespace

bool convert_woven(Importer& importer) {
  const formats::OnnxNode& node = importer.node();
  if (!node.domain.empty()) return false;
  const bool two = importer.has(0) && importer.has(1);
  const bool computed = two && !is_fixed(importer, 0) && !is_fixed(importer, 1);
  if (node.op == "Concat" && !any_woven(importer)) {
    std::size_t fixed = 0;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) fixed += is_fixed(importer, i) ? 1 : 0;
    if (fixed == 0 || fixed == node.inputs.size()) return false;
    return join_fixed(importer), true;
  }
  if (node.op == "Einsum" && computed) return convert_einsum(importer), true;
  if (node.op == "MatMul" && two && is_fixed(importer, 0)) return convert_fixed_product(importer, 0), true;
  if (node.op == "MatMul" && two && importer.in(1).shape.rank() > 2 && is_fixed(importer, 1))
    return convert_fixed_product(importer, 1), true;
  const bool copies = (node.op == "Gather" || node.op == "Expand") && two && !is_fixed(importer, 0);
  const bool multiplies = node.op == "MatMul" && computed;
  if (!copies && !multiplies && !any_woven(importer) && !weaves(importer)) return false;
  convert(importer);
  return true;
}

}  // namespace onnx
}  // namespace graft
