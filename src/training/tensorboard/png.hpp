// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/tensor.hpp"

namespace graft::training {

/// A PNG file's bytes, without compression: uint8 (H, W, 1) or (H, W, 3). Throws Error{shape_mismatch}.
[[nodiscard]] std::string encode_png(const Tensor& pixels);

}  // namespace graft::training
