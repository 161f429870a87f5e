// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "graft/tensor.hpp"

namespace graft::kernels {

/// Operations per second of products of two matrices of size x size numbers of type dtype (float32 or
/// bfloat16, summed in float32) on num_threads() threads, measured now: the best of several runs, because
/// other programs only slow it down. With size 2048 no convolution by products is much faster than this on
/// this machine. Throws Error{unsupported} for other types.
[[nodiscard]] double product_speed(DType dtype, std::int64_t size);

}  // namespace graft::kernels
