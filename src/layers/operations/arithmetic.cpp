// SPDX-License-Identifier: Apache-2.0
// Add, Subtract, Multiply, TrueDivide, Maximum and Minimum of two tensors, or of a tensor and a constant.
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"

#include "layers/lowering.hpp"
#include "layers/merging/broadcasting.hpp"
#include "layers/operations/rule.hpp"

namespace graft::layers {
namespace {

enum class Kind { add, subtract, multiply, divide, maximum, minimum };

constexpr std::array<std::pair<std::string_view, Kind>, 7> kArithmetic{{{"Add", Kind::add},
                                                                        {"Subtract", Kind::subtract},
                                                                        {"Multiply", Kind::multiply},
                                                                        {"TrueDivide", Kind::divide},
                                                                        {"Divide", Kind::divide},
                                                                        {"Maximum", Kind::maximum},
                                                                        {"Minimum", Kind::minimum}}};

ops::BinaryKind binary_kind(Kind kind) {
  switch (kind) {
    case Kind::add:
      return ops::BinaryKind::add;
    case Kind::subtract:
      return ops::BinaryKind::subtract;
    case Kind::maximum:
      return ops::BinaryKind::maximum;
    case Kind::minimum:
      return ops::BinaryKind::minimum;
    case Kind::multiply:
      return ops::BinaryKind::multiply;
    case Kind::divide:
      return ops::BinaryKind::divide;
  }
  fail(ErrorKind::internal, "arithmetic of no known kind");
}

/// numpy's broadcasting: axes are aligned at the last one. The batch axis is the first of both.
Shape broadcast(const std::string& operation, const Shape& a, const Shape& b) {
  if (a.rank() != b.rank()) bad_shape(operation, cat("a tensor with as many axes as the first, ", a), b);
  Shape result = a;
  for (int axis = 0; axis < static_cast<int>(a.rank()); ++axis) {
    if (a[axis] == b[axis]) continue;
    if (a[axis] != 1 && b[axis] != 1)
      bad_shape(operation, cat("sizes equal to the first tensor's ", a, ", or 1"), b);
    result.set(axis, a[axis] == 1 ? b[axis] : a[axis]);
  }
  return result;
}

class TwoTensors final : public OperationRule {
 public:
  TwoTensors(std::string name, Kind kind) : name_(std::move(name)), kind_(kind) {}

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    if (inputs.size() != 2) {
      fail(ErrorKind::invalid_argument, "operation '", name_, "': expected two tensors, received ",
           inputs.size());
    }
    return broadcast(name_, inputs[0], inputs[1]);
  }
  [[nodiscard]] ops::ValueId lower(ops::Graph& graph,
                                   const std::vector<ops::ValueId>& inputs) const override {
    return lower_binary(graph, binary_kind(kind_), inputs[0], inputs[1]);
  }

 private:
  std::string name_;
  Kind kind_;
};

/// y = x scale + shift, the larger or smaller of x and the constant, or the constant divided by x.
class WithConstant final : public OperationRule {
 public:
  WithConstant(std::string name, Kind kind, Tensor constant, bool first)
      : name_(std::move(name)), kind_(kind), constant_(std::move(constant)), first_(first) {
    std::vector<std::int64_t> sizes = constant_.shape().sizes();
    while (!sizes.empty() && sizes.front() == 1) sizes.erase(sizes.begin());
    constant_ = constant_.reshape(Shape(std::move(sizes)));
  }

  [[nodiscard]] Shape output_shape(const std::vector<Shape>& inputs) const override {
    if (inputs.size() != 1) {
      fail(ErrorKind::invalid_argument, "operation '", name_, "': expected one tensor, received ",
           inputs.size());
    }
    const Shape& x = inputs[0];
    // The constant has no batch axis.
    if (constant_.shape().rank() >= x.rank()) bad_shape(name_, "more axes than its constant has", x);
    return broadcast(name_, x, aligned(x));
  }

  [[nodiscard]] ops::ValueId lower(ops::Graph& graph,
                                   const std::vector<ops::ValueId>& inputs) const override {
    const Shape shape = graph.shape(inputs[0]);
    const bool is_vector = constant_.shape().rank() == 1 && constant_.count() == shape[-1];
    const bool divides_constant = kind_ == Kind::divide && first_;
    const bool is_affine = kind_ != Kind::maximum && kind_ != Kind::minimum && !divides_constant;
    if (is_affine && (constant_.shape().rank() == 0 || is_vector)) return lower_affine(graph, inputs[0]);
    ops::ValueId x = inputs[0];
    Tensor other = constant_.reshape(aligned(shape));
    if (divides_constant)
      return lower_binary(graph, ops::BinaryKind::divide, graph.add_constant(std::move(other)), x);
    if (kind_ == Kind::divide) transform(other, [](float value) { return 1 / value; });
    if (kind_ == Kind::subtract && !first_) transform(other, [](float value) { return -value; });
    if (kind_ == Kind::subtract && first_) x = lower_scaled(graph, x, -1);
    const ops::BinaryKind kind = kind_ == Kind::subtract ? ops::BinaryKind::add
                                 : kind_ == Kind::divide ? ops::BinaryKind::multiply
                                                         : binary_kind(kind_);
    return lower_binary(graph, kind, x, graph.add_constant(std::move(other)));
  }

 private:
  /// The constant's shape with leading axes of size 1, as many axes as x has.
  [[nodiscard]] Shape aligned(const Shape& x) const {
    std::vector<std::int64_t> sizes(x.rank() - constant_.shape().rank(), 1);
    const std::vector<std::int64_t>& own = constant_.shape().sizes();
    sizes.insert(sizes.end(), own.begin(), own.end());
    return Shape(std::move(sizes));
  }

  template <typename Function>
  static void transform(Tensor& tensor, const Function& function) {
    Tensor copy(tensor.shape());
    std::ranges::transform(std::as_const(tensor).data(), copy.data().begin(), function);
    tensor = std::move(copy);
  }

  [[nodiscard]] ops::ValueId lower_affine(ops::Graph& graph, ops::ValueId x) const {
    const Shape shape = graph.shape(x);
    Tensor scale(Shape{shape[-1]});
    Tensor shift(Shape{shape[-1]});
    const auto numbers = constant_.data();
    for (std::size_t c = 0; c < scale.data().size(); ++c) {
      const float number = numbers[numbers.size() == 1 ? 0 : c];
      float& factor = scale.data()[c];
      float& offset = shift.data()[c];
      factor = kind_ == Kind::multiply ? number : kind_ == Kind::divide ? 1 / number : 1;
      if (kind_ == Kind::subtract && first_) factor = -1;
      offset = kind_ == Kind::add || (kind_ == Kind::subtract && first_) ? number : 0;
      if (kind_ == Kind::subtract && !first_) offset = -number;
    }
    const ops::ValueId scale_id = graph.add_constant(std::move(scale));
    const ops::ValueId shift_id = graph.add_constant(std::move(shift));
    return graph.add(ops::ScaleShift{}, {x, scale_id, shift_id}, shape);
  }

  std::string name_;
  Kind kind_;
  Tensor constant_;
  bool first_;
};

Tensor checked_constant(const OperationReader& reader, const Json& value, Kind kind, bool first) {
  std::optional<Tensor> constant = constant_of(value);
  if (!constant) reader.refuse(cat("is called with ", value.dump().substr(0, 80), ", expected numbers"));
  if (!std::ranges::all_of(constant->data(), [](float number) { return std::isfinite(number); })) {
    fail(ErrorKind::invalid_argument, "operation '", reader.name, "' (", reader.class_name,
         "): expected finite numbers, received ", value.dump().substr(0, 80));
  }
  if (kind != Kind::divide || first) return std::move(*constant);
  if (std::ranges::any_of(constant->data(), [](float number) { return number == 0; })) {
    fail(ErrorKind::invalid_argument, "operation '", reader.name, "' (", reader.class_name, ") divides by 0");
  }
  return std::move(*constant);
}

}  // namespace

RulePtr arithmetic_rule(const OperationReader& reader) {
  const auto* known =
      std::ranges::find(kArithmetic, reader.class_name, &std::pair<std::string_view, Kind>::first);
  if (known == kArithmetic.end()) return nullptr;
  const Json* a = reader.argument(0, "x1");
  const Json* b = reader.argument(1, "x2");
  if (a == nullptr || b == nullptr) reader.refuse("is called without two arguments");
  const bool first_is_tensor = placeholder_index(*a).has_value();
  const bool second_is_tensor = placeholder_index(*b).has_value();
  if (first_is_tensor && second_is_tensor) return std::make_unique<TwoTensors>(reader.name, known->second);
  if (!first_is_tensor && !second_is_tensor) reader.refuse("is called without a tensor");
  const bool first = second_is_tensor;
  return std::make_unique<WithConstant>(
      reader.name, known->second, checked_constant(reader, first ? *a : *b, known->second, first), first);
}

}  // namespace graft::layers
