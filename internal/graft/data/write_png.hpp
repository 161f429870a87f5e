// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "graft/tensor.hpp"

namespace graft::data {

/// Writes a picture (H, W, 1, 3 or 4) of values 0 to 255, uint8 or float32 (rounded and cut to the range), as
/// a PNG file, whole or not at all. Errors: Error{shape_mismatch} for another shape; Error{io} naming the
/// path.
void write_png(const std::filesystem::path& path, const Tensor& picture);

}  // namespace graft::data
