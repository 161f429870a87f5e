// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "graft/tensor.hpp"

namespace graft::data {

/// How much of the colour's resolution a JPEG file keeps.
enum class JpegChroma {
  full,    ///< all of it
  halved,  ///< half in each direction, as Pillow and most programs do by default
};

/// Writes a picture uint8 (H, W, 1 or 3) as a JPEG file, whole or not at all. quality: 1 to 100.
/// Errors: Error{shape_mismatch} for another picture; Error{io} naming the path.
void write_jpeg(const std::filesystem::path& path, const Tensor& picture, int quality,
                JpegChroma chroma = JpegChroma::full);

}  // namespace graft::data
