// SPDX-License-Identifier: Apache-2.0
#include "graft/base/error.hpp"

#include "kernels/reference/functions.hpp"

namespace graft::kernels::formulas {

Function function_of(const ops::Cast&, const Spec& spec) {
  const DType from = spec.inputs[0].dtype;
  const DType to = spec.outputs[0].dtype;
  const std::size_t count = elements(spec.outputs[0].shape);
  if (from == DType::float32 && to == DType::bfloat16) {
    return [count](const RunContext&, Inputs inputs, Outputs outputs) {
      auto* y = reinterpret_cast<std::uint16_t*>(outputs[0]);
      for (std::size_t i = 0; i < count; ++i) y[i] = to_bfloat16(inputs[0][i]);
    };
  }
  if (from == DType::bfloat16 && to == DType::float32) {
    return [count](const RunContext&, Inputs inputs, Outputs outputs) {
      const auto* x = reinterpret_cast<const std::uint16_t*>(inputs[0]);
      for (std::size_t i = 0; i < count; ++i) outputs[0][i] = from_bfloat16(x[i]);
    };
  }
  fail(ErrorKind::internal, "Cast: expected float32 and bfloat16, got ", to_string(from), " and ",
       to_string(to));
}

}  // namespace graft::kernels::formulas
