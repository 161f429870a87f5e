// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/layers/values.hpp"

#include "layers/rules/keras_call.hpp"

namespace graft::layers {
namespace {

constexpr double kEpsilon = 1e-7;  // keras.config.epsilon()

/// The number of each element's vector. A vector is all elements with the same indices on all axes but the
/// given ones.
std::vector<std::size_t> vectors_of(const Shape& shape, const std::vector<int>& axes) {
  const auto rank = static_cast<int>(shape.rank());
  std::vector<bool> summed(shape.rank());
  for (const int axis : axes) {
    if (axis < -rank || axis >= rank) {
      fail(ErrorKind::invalid_argument, "constraint: axis ", axis, " is none of a weight of shape ", shape);
    }
    summed[static_cast<std::size_t>(axis < 0 ? axis + rank : axis)] = true;
  }
  std::vector<std::size_t> numbers(static_cast<std::size_t>(shape.count()));
  std::vector<std::size_t> place(shape.rank());
  for (std::size_t& number : numbers) {
    for (std::size_t axis = 0; axis < place.size(); ++axis) {
      if (!summed[axis])
        number = number * static_cast<std::size_t>(shape[static_cast<int>(axis)]) + place[axis];
    }
    for (std::size_t axis = place.size(); axis-- > 0;) {
      if (++place[axis] < static_cast<std::size_t>(shape[static_cast<int>(axis)])) break;
      place[axis] = 0;
    }
  }
  return numbers;
}

}  // namespace

Constraint::Constraint(const std::string& text) {
  const KerasCall call = parse_call(constraints(), text);
  non_negative_ = call.class_name == "NonNeg";
  if (non_negative_) return;
  axes_ = call.axes();
  const bool unit = call.class_name == "UnitNorm";
  most_ = unit ? 1 : call.number("max_value");
  if (unit) least_ = 1;
  if (call.class_name == "MinMaxNorm") {
    least_ = call.number("min_value");
    rate_ = call.number("rate");
  }
}

void Constraint::apply(Tensor& weight) const {
  const auto values = weight.data<float>();
  if (non_negative_) {
    for (float& x : values) x = std::max(x, 0.0F);
    return;
  }
  const std::vector<std::size_t> vectors = vectors_of(weight.shape(), axes_);
  std::vector<double> factors(vectors.empty() ? 0 : *std::ranges::max_element(vectors) + 1);
  for (std::size_t i = 0; i < values.size(); ++i)
    factors[vectors[i]] += static_cast<double>(values[i]) * values[i];
  for (double& factor : factors) {
    const double length = std::sqrt(factor);
    const double wanted = rate_ * std::min(std::max(length, least_), most_) + (1 - rate_) * length;
    factor = wanted / (kEpsilon + length);
  }
  for (std::size_t i = 0; i < values.size(); ++i) values[i] *= static_cast<float>(factors[vectors[i]]);
}

}  // namespace graft::layers
