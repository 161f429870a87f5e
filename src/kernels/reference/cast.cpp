// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "graft/base/error.hpp"

#include "kernels/reference/functions.hpp"

namespace graft::kernels::formulas {
namespace {

/// y[i] = the nearest whole number that the type has, of two equally near ones the even one; of NaN the
/// least.
void set_quantised(const MutableView& y, std::size_t i, float value) {
  const float least = y.dtype == DType::uint8 ? 0.0F : -128.0F;
  const float rounded = std::nearbyint(std::isnan(value) ? least : std::clamp(value, least, least + 255.0F));
  if (y.dtype == DType::uint8) {
    y.as<std::uint8_t>()[i] = static_cast<std::uint8_t>(rounded);
  } else {
    y.as<std::int8_t>()[i] = static_cast<std::int8_t>(rounded);
  }
}

}  // namespace

Function function_of(const ops::Cast&, const Spec& spec) {
  const DType from = spec.inputs[0].dtype;
  const DType to = spec.outputs[0].dtype;
  const std::size_t count = elements(spec.outputs[0].shape);
  if (from == DType::float32 && to == DType::bfloat16) {
    return [count](const RunContext&, Inputs inputs, Outputs outputs) {
      auto* y = out<std::uint16_t>(outputs, 0);
      for (std::size_t i = 0; i < count; ++i) y[i] = to_bfloat16(in(inputs, 0)[i]);
    };
  }
  if (from == DType::bfloat16 && to == DType::float32) {
    return [count](const RunContext&, Inputs inputs, Outputs outputs) {
      const auto* x = in<std::uint16_t>(inputs, 0);
      for (std::size_t i = 0; i < count; ++i) out(outputs, 0)[i] = from_bfloat16(x[i]);
    };
  }
  if (from == DType::float32 && is_eight_bit(to)) {
    return [count, scale = spec.outputs[0].scale](const RunContext&, Inputs inputs, Outputs outputs) {
      for (std::size_t i = 0; i < count; ++i) set_quantised(outputs[0], i, in(inputs, 0)[i] / scale);
    };
  }
  if (is_eight_bit(from) && to == DType::float32) {
    return [count, from, scale = spec.inputs[0].scale](const RunContext&, Inputs inputs, Outputs outputs) {
      for (std::size_t i = 0; i < count; ++i) {
        out(outputs, 0)[i] =
            scale * (from == DType::uint8 ? static_cast<float>(in<std::uint8_t>(inputs, 0)[i])
                                          : static_cast<float>(in<std::int8_t>(inputs, 0)[i]));
      }
    };
  }
  fail(ErrorKind::internal, "Cast: expected float32 on one side and a shorter type on the other, got ",
       to_string(from), " and ", to_string(to));
}

}  // namespace graft::kernels::formulas
