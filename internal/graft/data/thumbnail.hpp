// SPDX-License-Identifier: Apache-2.0
// Small copies of photos, and WebP files in memory, for reports.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "graft/image.hpp"
#include "graft/tensor.hpp"

namespace graft::data {

/// A photo of a file as uint8 (H, W, 3), averaged down so that its longer side has at most `side` pixels; a
/// smaller photo keeps its size. Large JPEGs are decoded at a fraction of their size. Errors: as read_image.
[[nodiscard]] Tensor thumbnail(const std::filesystem::path& file, std::int64_t side, Exif exif = Exif::apply);

/// The bytes of a WebP file of a picture uint8 (H, W, 3). quality: 0 to 100. Errors:
/// Error{shape_mismatch} for another picture; Error{unsupported} for a side of more than 16383 pixels.
[[nodiscard]] std::string encode_webp(const Tensor& picture, float quality);

}  // namespace graft::data
