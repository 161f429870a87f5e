// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "kernels/broadcast.hpp"
#include "kernels/reference/functions.hpp"

namespace graft::kernels::reference_detail {
namespace {

float apply(ops::BinaryKind kind, float a, float b) {
  switch (kind) {
    case ops::BinaryKind::add:
      return a + b;
    case ops::BinaryKind::subtract:
      return a - b;
    case ops::BinaryKind::multiply:
      return a * b;
    case ops::BinaryKind::divide:
      return a / b;
    case ops::BinaryKind::maximum:
      return a >= b ? a : b;
    case ops::BinaryKind::minimum:
      return a <= b ? a : b;
    case ops::BinaryKind::prelu:
      return a > 0 ? a : a * b;
  }
  return 0;
}

/// d apply / da (side 0) or db (side 1).
float partial(const ops::BinaryBackward& op, float a, float b) {
  const bool first = op.side == 0;
  switch (op.kind) {
    case ops::BinaryKind::add:
      return 1;
    case ops::BinaryKind::subtract:
      return first ? 1.0F : -1.0F;
    case ops::BinaryKind::multiply:
      return first ? b : a;
    case ops::BinaryKind::divide:
      return first ? 1 / b : -a / (b * b);
    case ops::BinaryKind::maximum:
      return (a >= b) == first ? 1.0F : 0.0F;
    case ops::BinaryKind::minimum:
      return (a <= b) == first ? 1.0F : 0.0F;
    case ops::BinaryKind::prelu:
      if (a > 0) return first ? 1.0F : 0.0F;
      return first ? b : a;
  }
  return 0;
}

}  // namespace

Function function_of(const ops::Binary& op, const Spec& spec) {
  using In = ops::Binary::In;
  using Out = ops::Binary::Out;
  const Shape y = spec.out(Out::y).shape;
  check_broadcast(spec, spec.in(In::a).shape, y);
  check_broadcast(spec, spec.in(In::b).shape, y);
  return [=, a = spec.in(In::a).shape, b = spec.in(In::b).shape](const RunContext&, Inputs inputs,
                                                                 Outputs outputs) {
    for (std::size_t i = 0; i < elements(y); ++i) {
      const float value = apply(op.kind, in(inputs, In::a)[broadcast_index(y, a, i)],
                                in(inputs, In::b)[broadcast_index(y, b, i)]);
      out(outputs, Out::y)[i] = ops::activate(op.activation, value);
    }
  };
}

Function function_of(const ops::BinaryBackward& op, const Spec& spec) {
  using In = ops::BinaryBackward::In;
  using Out = ops::BinaryBackward::Out;
  const Shape y = spec.in(In::dy).shape;
  const Shape own = spec.out(Out::dside).shape;
  check_broadcast(spec, own, y);
  return [=, a = spec.in(In::a).shape, b = spec.in(In::b).shape](const RunContext&, Inputs inputs,
                                                                 Outputs outputs) {
    std::vector<double> sums(elements(own), 0.0);
    for (std::size_t i = 0; i < elements(y); ++i) {
      const float from_a = in(inputs, In::a) != nullptr ? in(inputs, In::a)[broadcast_index(y, a, i)] : 0.0F;
      const float from_b = in(inputs, In::b) != nullptr ? in(inputs, In::b)[broadcast_index(y, b, i)] : 0.0F;
      sums[broadcast_index(y, own, i)] +=
          static_cast<double>(in(inputs, In::dy)[i]) * static_cast<double>(partial(op, from_a, from_b));
    }
    std::transform(sums.begin(), sums.end(), out(outputs, Out::dside),
                   [](double sum) { return static_cast<float>(sum); });
  };
}

}  // namespace graft::kernels::reference_detail
