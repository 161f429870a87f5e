// SPDX-License-Identifier: Apache-2.0
#include "graft/image.hpp"

namespace graft::data {

Tensor load_img(const std::filesystem::path& path, const LoadImgOptions& options) {
  const Tensor picture = read_image(path, {.color_mode = options.color_mode, .exif = options.exif});
  const Size2D size{picture.shape()[0], picture.shape()[1]};
  const Size2D wanted = options.target_size.value_or(size);
  if (wanted == size) return picture.to(DType::float32);
  return resize(picture, wanted, {.interpolation = options.interpolation, .pillow = true});
}

}  // namespace graft::data
