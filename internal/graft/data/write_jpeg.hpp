// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "graft/tensor.hpp"

namespace graft::data {

/// Writes a picture uint8 (H, W, 3) as a JPEG file with full resolution of colour, whole or not at all.
/// quality: 1 to 100. Errors: Error{shape_mismatch} for another picture; Error{io} naming the path.
void write_jpeg(const std::filesystem::path& path, const Tensor& picture, int quality);

}  // namespace graft::data
