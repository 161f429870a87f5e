// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "graft/base/fail.hpp"

#include "kernels/reference/functions.hpp"

namespace graft::kernels::reference_detail {
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
  using In = ops::Cast::In;
  using Out = ops::Cast::Out;
  const DType from = spec.in(In::x).dtype;
  const DType to = spec.out(Out::y).dtype;
  const std::size_t count = elements(spec.out(Out::y).shape);
  if (from == DType::float32 && to == DType::bfloat16) {
    return [count](const RunContext&, Inputs inputs, Outputs outputs) {
      auto* y = out<std::uint16_t>(outputs, Out::y);
      for (std::size_t i = 0; i < count; ++i) y[i] = to_bfloat16(in(inputs, In::x)[i]);
    };
  }
  if (from == DType::bfloat16 && to == DType::float32) {
    return [count](const RunContext&, Inputs inputs, Outputs outputs) {
      const auto* x = in<std::uint16_t>(inputs, In::x);
      for (std::size_t i = 0; i < count; ++i) out(outputs, Out::y)[i] = from_bfloat16(x[i]);
    };
  }
  if (from == DType::float32 && is_eight_bit(to)) {
    return [count, scale = spec.out(Out::y).scale](const RunContext&, Inputs inputs, Outputs outputs) {
      for (std::size_t i = 0; i < count; ++i)
        set_quantised(out_view(outputs, Out::y), i, in(inputs, In::x)[i] / scale);
    };
  }
  if (is_eight_bit(from) && to == DType::float32) {
    return [count, from, scale = spec.in(In::x).scale](const RunContext&, Inputs inputs, Outputs outputs) {
      for (std::size_t i = 0; i < count; ++i) {
        out(outputs, Out::y)[i] =
            scale * (from == DType::uint8 ? static_cast<float>(in<std::uint8_t>(inputs, In::x)[i])
                                          : static_cast<float>(in<std::int8_t>(inputs, In::x)[i]));
      }
    };
  }
  fail(ErrorKind::internal, "Cast: expected float32 on one side and a shorter type on the other, got ",
       to_string(from), " and ", to_string(to));
}

}  // namespace graft::kernels::reference_detail
