// SPDX-License-Identifier: Apache-2.0
#include "kernels/native/functions.hpp"
#include "kernels/vectors/convert.hpp"

namespace graft::kernels::native_detail {

Function function_of(const ops::Cast&, const Spec& spec) {
  using In = ops::Cast::In;
  using Out = ops::Cast::Out;
  const std::size_t count = elements(spec.out(Out::y).shape);
  if (spec.in(In::x).dtype == DType::float32) {
    return [count, to = spec.out(Out::y).scale](const RunContext&, Inputs inputs, Outputs outputs) {
      vectors::to_format(to, in(inputs, In::x), out_view(outputs, Out::y), count);
    };
  }
  return [count, from = spec.in(In::x).scale](const RunContext&, Inputs inputs, Outputs outputs) {
    vectors::from_format(from, in_view(inputs, In::x), out(outputs, Out::y), count);
  };
}

}  // namespace graft::kernels::native_detail
