// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "graft/extend/activation.hpp"

namespace graft::kernels::vectors {

/// True for swish (silu) where this processor has AVX-512 with bfloat16: then the functions below may be
/// called.
[[nodiscard]] bool has_fast_swish(const ops::Activation& activation);

// y = x / (1 + exp(-x)); y may be x. One thread. In bfloat16 to its precision.
void swish(const float* x, float* y, std::size_t count);
void swish(const float* x, std::uint16_t* y, std::size_t count);
void swish(const std::uint16_t* x, std::uint16_t* y, std::size_t count);

}  // namespace graft::kernels::vectors
