// SPDX-License-Identifier: Apache-2.0
#include "graft/data/write_png.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <png.h>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"

namespace graft::data {
namespace {

constexpr std::int64_t kLongestSide = 100000;

std::vector<unsigned char> bytes_of(const Tensor& picture) {
  std::vector<unsigned char> bytes;
  if (picture.dtype() == DType::uint8) {
    const auto values = picture.data<std::uint8_t>();
    bytes.assign(values.begin(), values.end());
    return bytes;
  }
  const Tensor floats = picture.to(DType::float32);
  for (const float x : floats.data<float>())
    bytes.push_back(static_cast<unsigned char>(std::isnan(x) ? 0 : std::lround(std::clamp(x, 0.0F, 255.0F))));
  return bytes;
}

}  // namespace

void write_png(const std::filesystem::path& path, const Tensor& picture) {
  const Shape& shape = picture.shape();
  const bool fits = shape.rank() == 3 && (shape[2] == 1 || shape[2] == 3 || shape[2] == 4) && shape[0] > 0 &&
                    shape[1] > 0 && shape[0] <= kLongestSide && shape[1] <= kLongestSide;
  if (!fits)
    fail(ErrorKind::shape_mismatch, "write_png: expected a picture (H, W, 1, 3 or 4), received ", shape);
  const std::vector<unsigned char> pixels = bytes_of(picture);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(shape[1]);
  image.height = static_cast<png_uint_32>(shape[0]);
  image.format = shape[2] == 3 ? PNG_FORMAT_RGB : shape[2] == 4 ? PNG_FORMAT_RGBA : PNG_FORMAT_GRAY;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string file(size, '\0');
  if (png_image_write_to_memory(&image, file.data(), &size, 0, pixels.data(), 0, nullptr) == 0)
    fail(ErrorKind::io, path.string(), ": the picture cannot be packed: ", image.message);
  file.resize(size);
  write_file_atomically(path, file);
}

}  // namespace graft::data
