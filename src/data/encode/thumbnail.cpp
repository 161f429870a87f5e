// SPDX-License-Identifier: Apache-2.0
#include "graft/data/thumbnail.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include <webp/encode.h>

#include "graft/base/fail.hpp"

#include "data/decode/picture.hpp"

namespace graft::data {
namespace {

/// Of 0 (fast) to 6 (small). The default, 4, takes three times as long for files that are a little smaller.
constexpr int kWebpMethod = 0;
/// A picture of a few blocks of 16 x 16 gains nothing by settings of their own for some of them, and finding
/// them is a third of its time.
constexpr std::int64_t kFewPixels = 64 * 64;

struct WebpWriterFree {
  void operator()(WebPPicture* picture) const { WebPPictureFree(picture); }
  void operator()(WebPMemoryWriter* writer) const { WebPMemoryWriterClear(writer); }
};

std::int64_t scaled_side(std::int64_t side, double factor) {
  return std::max<std::int64_t>(1, std::llround(static_cast<double>(side) * factor));
}

}  // namespace

Tensor thumbnail(const std::filesystem::path& file, std::int64_t side, Exif exif) {
  const DecodeOptions options{.exif = exif, .jpeg_dct = JpegDct::fast, .jpeg_scale = JpegScale::reduced};
  Tensor whole = read_for_longer_side(file, options, side);
  const std::int64_t longer = std::max(whole.shape()[0], whole.shape()[1]);
  if (longer <= side) return whole;
  const double factor = static_cast<double>(side) / static_cast<double>(longer);
  const Size2D size(scaled_side(whole.shape()[0], factor), scaled_side(whole.shape()[1], factor));
  const Tensor small = resize(whole, size, {.interpolation = ResizeMethod::area});
  Tensor result(small.shape(), DType::uint8);
  // A sum of shares of values from 0 to 255. Not lround, a call for each value: this is a loop of vectors.
  constexpr float kHalf = 0.5F;
  std::ranges::transform(small.data<float>(), result.data<std::uint8_t>().begin(), [](float value) {
    const float half_more = std::clamp(value, 0.0F, 255.0F) + kHalf;
    return static_cast<std::uint8_t>(static_cast<int>(half_more));
  });
  return result;
}

std::string encode_webp(const Tensor& picture, float quality) {
  const Shape& shape = picture.shape();
  if (shape.rank() != 3 || shape[2] != 3 || picture.empty() || picture.dtype() != DType::uint8)
    fail(ErrorKind::shape_mismatch, "encode_webp: expected a picture uint8 (H, W, 3), received ", shape);
  if (std::max(shape[0], shape[1]) > WEBP_MAX_DIMENSION)
    fail(ErrorKind::unsupported, "WebP: a picture has at most ", WEBP_MAX_DIMENSION, " pixels a side");
  const int width = static_cast<int>(shape[1]);
  WebPConfig config;
  WebPPicture image;
  if (WebPConfigPreset(&config, WEBP_PRESET_PHOTO, quality) == 0 || WebPPictureInit(&image) == 0)
    fail(ErrorKind::unsupported, "WebP: another version of the library than graft was built with");
  config.method = kWebpMethod;
  if (shape[0] * shape[1] <= kFewPixels) config.segments = 1;
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  const std::unique_ptr<WebPMemoryWriter, WebpWriterFree> written(&writer);
  const std::unique_ptr<WebPPicture, WebpWriterFree> owner(&image);
  image.width = width;
  image.height = static_cast<int>(shape[0]);
  image.writer = WebPMemoryWrite;
  image.custom_ptr = &writer;
  if (WebPPictureImportRGB(&image, picture.data<std::uint8_t>().data(), 3 * width) == 0 ||
      WebPEncode(&config, &image) == 0)
    fail(ErrorKind::resource_limit, "WebP: not enough memory to write a picture");
  return {reinterpret_cast<const char*>(writer.mem), writer.size};
}

}  // namespace graft::data
