// SPDX-License-Identifier: Apache-2.0
#include "kernels/arguments.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/ops/op_info.hpp"

namespace graft::kernels {

void check_arguments(const Spec& spec) {
  const ops::OpInfo& info = ops::info(spec.params);
  const auto check = [&](const char* what, const ops::Arguments& expected, std::size_t received) {
    if (received >= expected.fewest() && received <= expected.most()) return;
    fail(ErrorKind::internal, info.name, ": expected ", expected.fewest(), " to ", expected.most(), " ", what,
         ", received ", received);
  };
  check("inputs", info.inputs, spec.inputs.size());
  check("outputs", info.outputs, spec.outputs.size());
}

namespace {

template <typename Predicate>
bool any_of_type(const Spec& spec, const Predicate& is_wanted) {
  const auto wanted = [&](const Argument& argument) { return argument.present && is_wanted(argument.dtype); };
  return std::any_of(spec.inputs.begin(), spec.inputs.end(), wanted) ||
         std::any_of(spec.outputs.begin(), spec.outputs.end(), wanted);
}

}  // namespace

bool any_bfloat16(const Spec& spec) {
  return any_of_type(spec, [](DType dtype) { return dtype == DType::bfloat16; });
}

bool any_eight_bit(const Spec& spec) { return any_of_type(spec, is_eight_bit); }

bool all_have_elements(const Spec& spec) {
  const auto filled = [](const Argument& argument) {
    return !argument.present || argument.shape.count() > 0;
  };
  return std::all_of(spec.inputs.begin(), spec.inputs.end(), filled) &&
         std::all_of(spec.outputs.begin(), spec.outputs.end(), filled);
}

WindowExtents window_extents(const Spec& spec, const Shape& x, const Shape& y) {
  if (x.rank() != 4 || y.rank() != 4 || x[0] != y[0]) {
    fail(ErrorKind::internal, ops::name_of(spec.params),
         ": expected images (N, H, W, C) of one batch size, got ", x, " and ", y);
  }
  return {.n = x[0], .h = x[1], .w = x[2], .c = x[3], .oh = y[1], .ow = y[2], .f = y[3]};
}

}  // namespace graft::kernels
