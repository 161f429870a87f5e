// SPDX-License-Identifier: Apache-2.0
#include "data/photo_store.hpp"

#include <algorithm>
#include <cmath>

#include "graft/base/error.hpp"

#include "data/files.hpp"

namespace graft::data {
namespace {

Tensor rounded(const Tensor& pixels) {
  Tensor result(pixels.shape(), DType::uint8);
  const std::span<const float> in = pixels.data();
  const std::span<std::uint8_t> out = result.data<std::uint8_t>();
  for (std::size_t i = 0; i < in.size(); ++i)
    out[i] = static_cast<std::uint8_t>(std::floor(std::clamp(in[i], 0.0F, 255.0F) + 0.5F));
  return result;
}

}  // namespace

Tensor decode_and_resize(const std::filesystem::path& path, const LoadOptions& options) {
  const Tensor image = decode_image(read_bytes(path), options.decode);
  const Tensor pixels = resize(image, options.image_size, options.resize);
  return options.pixel_type == PixelType::uint8 ? rounded(pixels) : pixels;
}

void PhotoStore::read(std::size_t row, std::span<float> out) const {
  if (in_memory(row)) return copy_as_float(pixels_[row], out);
  const std::filesystem::path& path = facts().paths[row];
  try {
    copy_as_float(decode_and_resize(path, options_), out);
  } catch (const Error& error) {
    fail(error.kind(), path.string(), " could be read before and no longer can: ", error.what());
  }
}

}  // namespace graft::data
