// SPDX-License-Identifier: Apache-2.0
#include "inspect/explain/region.hpp"

#include <algorithm>

namespace graft::inspect {

PhotoRegion region_seen(Size2D picture, const data::LoadPhotosOptions& options) {
  const auto height = static_cast<double>(picture.height);
  const auto width = static_cast<double>(picture.width);
  const auto rows = static_cast<double>(options.image_size.height);
  const auto columns = static_cast<double>(options.image_size.width);
  const data::ResizeOptions& resize = options.resize;
  // Pixels of the picture that one pixel of the input stands for, along each axis.
  double down = height / rows, across = width / columns;
  const bool as_it_is =
      picture.height == options.image_size.height && picture.width == options.image_size.width;
  if (resize.crop_to_aspect_ratio) {
    down = across = std::min(down, across);
  } else if (resize.pad_to_aspect_ratio) {
    down = across = std::max(down, across);
  } else if (resize.center_crop > 0 && !as_it_is) {
    down *= resize.center_crop;
    across *= resize.center_crop;
    if (resize.crop_mode == data::CropMode::center) down = across = std::min(down, across);
    if (resize.crop_mode == data::CropMode::border) down = across = std::max(down, across);
  }
  PhotoRegion region{.height = down * rows / height, .width = across * columns / width};
  region.top = (1 - region.height) / 2;
  region.left = (1 - region.width) / 2;
  return region;
}

}  // namespace graft::inspect
