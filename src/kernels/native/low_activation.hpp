// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "graft/ops/activation.hpp"

namespace graft::kernels::loops {

/// Results that become bfloat16 need no more than its precision: True where activating them so is quicker on
/// this processor than in float32.
[[nodiscard]] bool has_low_activation(const ops::Activation& activation);

/// y = activation(x) rounded to bfloat16; x is overwritten. One thread.
void activate_to_low(const ops::Activation& activation, float* x, std::uint16_t* y, std::size_t count);

/// The same for bfloat16 x, where has_low_activation(); y may be x. All threads.
void activate_low(const ops::Activation& activation, const std::uint16_t* x, std::uint16_t* y,
                  std::size_t count);

}  // namespace graft::kernels::loops
