// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "graft/photos.hpp"

namespace graft::data {

/// The pixels (H, W, C) of one file as load_photos has them with these options. note: what a person should
/// know of the picture ("nearly black"), or empty. Errors as read_image's.
[[nodiscard]] Tensor read_photo(const std::filesystem::path& path, const LoadPhotosOptions& options,
                                std::string& note);

/// The same for a file's bytes; errors do not name it.
[[nodiscard]] Tensor read_photo(std::span<const std::byte> bytes, const LoadPhotosOptions& options,
                                std::string& note);

/// Least height and width of a decoded picture that these options need: image_size, and what
/// ResizeOptions::center_crop cuts off.
[[nodiscard]] Size2D wanted_size(const LoadPhotosOptions& options);

}  // namespace graft::data
