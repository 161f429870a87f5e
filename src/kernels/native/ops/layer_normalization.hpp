// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/arguments.hpp"

namespace graft::kernels::native_detail {

/// GroupNormalization of (R, C) with one group: each row has its own mean and deviation.
Function layer_normalization(const ops::GroupNormalization& op, const Spec& spec);
Function layer_normalization_backward(const Spec& spec);

}  // namespace graft::kernels::native_detail
