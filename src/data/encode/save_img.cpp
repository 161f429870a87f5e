// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <cmath>

#include "graft/base/fail.hpp"
#include "graft/data/write_jpeg.hpp"
#include "graft/data/write_png.hpp"
#include "graft/image.hpp"

namespace graft::data {
namespace {

enum class SavedFormat { png, jpeg };

SavedFormat saved_format_of(const std::filesystem::path& path, const std::string& file_format) {
  std::string name = file_format.empty() ? path.extension().string() : file_format;
  if (name.starts_with('.')) name.erase(0, 1);
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (name == "png") return SavedFormat::png;
  if (name == "jpg" || name == "jpeg") return SavedFormat::jpeg;
  fail(ErrorKind::invalid_argument, "save_img: ", path.string(),
       ": expected a name that ends in .png, .jpg or .jpeg, ",
       "or .file_format \"png\" or \"jpeg\", received \"", name, "\"");
}

/// The first three of four channels.
Tensor without_opacity(const Tensor& picture) {
  const Shape& shape = picture.shape();
  Tensor colours(Shape{shape[0], shape[1], 3}, DType::uint8);
  const auto from = picture.data<std::uint8_t>();
  const auto to = colours.data<std::uint8_t>();
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = from[i / 3 * 4 + i % 3];
  return colours;
}

}  // namespace

Tensor array_to_img(const Tensor& x, const ArrayToImgOptions& options) {
  const Shape& shape = x.shape();
  if (shape.rank() != 3 || x.empty() || (shape[2] != 1 && shape[2] != 3 && shape[2] != 4)) {
    fail(ErrorKind::shape_mismatch,
         "array_to_img: expected one picture (H, W, C) with 1, 3 or 4 channels, received ", shape,
         shape.rank() == 4 ? "; take one picture of the batch: reshape({H, W, C})" : "");
  }
  const Tensor numbers = x.to(DType::float32);
  const auto values = numbers.data<float>();
  // In Keras's steps, each rounded to float32, so that the same values are cut off.
  const float least = options.scale ? *std::ranges::min_element(values) : 0;
  const float span = options.scale ? *std::ranges::max_element(values) - least : 0;
  Tensor picture(shape, DType::uint8);
  const auto pixels = picture.data<std::uint8_t>();
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    float value = values[i];
    if (options.scale) value = (span == 0 ? value - least : (value - least) / span) * 255;
    pixels[i] =
        std::isnan(value) ? std::uint8_t{0} : static_cast<std::uint8_t>(std::clamp(value, 0.0F, 255.0F));
  }
  return picture;
}

void save_img(const std::filesystem::path& path, const Tensor& x, const SaveImgOptions& options) {
  if (options.quality < 1 || options.quality > 100)
    fail(ErrorKind::invalid_argument, "save_img: expected a quality of 1 to 100, received ", options.quality);
  const SavedFormat format = saved_format_of(path, options.file_format);
  const Tensor picture = array_to_img(x, {.scale = options.scale});
  if (format == SavedFormat::png) return write_png(path, picture);
  write_jpeg(path, picture.shape()[2] == 4 ? without_opacity(picture) : picture, options.quality,
             JpegChroma::halved);
}

}  // namespace graft::data
