// SPDX-License-Identifier: Apache-2.0
#include "graft/extend/op.hpp"

#include "graft/ops/op_info.hpp"

namespace graft::ops {

std::string_view name_of(const Params& params) {
  const OpInfo& row = info(params);
  return row.functions.name_of == nullptr ? row.name : row.functions.name_of(params);
}

std::int64_t window_output(std::int64_t input, std::int64_t pads, std::int64_t size, std::int64_t stride,
                           std::int64_t dilation) {
  const std::int64_t room = input + pads - ((size - 1) * dilation + 1);
  return room < 0 ? 0 : room / stride + 1;
}

}  // namespace graft::ops
