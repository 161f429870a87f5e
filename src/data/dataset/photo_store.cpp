// SPDX-License-Identifier: Apache-2.0
#include "data/dataset/photo_store.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "graft/base/fail.hpp"
#include "graft/base/folders.hpp"
#include "graft/data/read_photo.hpp"

#include "data/decode/picture.hpp"
#include "data/listing/files.hpp"

namespace graft::data {
namespace {

Tensor rounded(const Tensor& pixels) {
  if (pixels.dtype() == DType::uint8) return pixels;
  Tensor result(pixels.shape(), DType::uint8);
  const std::span<const float> in = pixels.data();
  const std::span<std::uint8_t> out = result.data<std::uint8_t>();
  for (std::size_t i = 0; i < in.size(); ++i)
    out[i] = static_cast<std::uint8_t>(std::floor(std::clamp(in[i], 0.0F, 255.0F) + 0.5F));
  return result;
}

}  // namespace

Hash128 contents_of(std::span<const std::byte> file, const DecodeOptions& options) {
  Hasher hasher;
  // What is decoded exactly has the name that it had before there was another way.
  if (options.jpeg_scale != JpegScale::exact) hasher.add(to_string(options.jpeg_scale));
  return hasher
      .add("photo 2")  // increase it when decoding changes the pixels
      .add(file)
      .add(static_cast<int>(options.color_mode))
      .add(static_cast<int>(options.exif))
      .add(static_cast<int>(options.jpeg_dct))
      .add(options.max_pixels)
      .digest();
}

Hash128 sample_key(const Hash128& contents, const LoadPhotosOptions& options) {
  Hasher hasher;
  // What is not cropped has the name that it had before there was a crop.
  if (options.resize.center_crop > 0) {
    hasher.add(std::to_string(options.resize.center_crop)).add(options.resize.crop_mode == CropMode::squash);
    if (options.resize.crop_mode == CropMode::border) {
      hasher.add("border");
      for (const double part : options.resize.border_color) hasher.add(std::to_string(part));
    }
  }
  if (options.resize.pillow) hasher.add("pillow 1");
  return hasher
      .add("pixels 1")  // increase it when resizing changes the pixels
      .add(contents)
      .add(options.image_size.height)
      .add(options.image_size.width)
      .add(static_cast<int>(options.resize.interpolation))
      .add(options.resize.antialias)
      .add(options.resize.crop_to_aspect_ratio)
      .add(options.resize.pad_to_aspect_ratio)
      .add(static_cast<int>(options.pixel_type))
      .digest();
}

Size2D wanted_size(const LoadPhotosOptions& options) {
  const double crop = options.resize.center_crop > 0 ? options.resize.center_crop : 1;
  const auto enlarged = [&](std::int64_t size) {
    return static_cast<std::int64_t>(std::ceil(static_cast<double>(size) / crop));
  };
  return {enlarged(options.image_size.height), enlarged(options.image_size.width)};
}

Tensor decode_and_resize(std::span<const std::byte> file, const LoadPhotosOptions& options,
                         std::string* note) {
  std::string unused;
  const Tensor image =
      decode_noting(file, options.decode, wanted_size(options), note == nullptr ? unused : *note);
  return resize_photo(image, options);
}

Tensor read_photo(const std::filesystem::path& path, const LoadPhotosOptions& options, std::string& note) {
  try {
    return decode_and_resize(read_bytes(path), options, &note);
  } catch (const Error& error) {
    fail(error.kind(), path.string(), ": ", error.what());
  }
}

Tensor read_photo(std::span<const std::byte> bytes, const LoadPhotosOptions& options, std::string& note) {
  return decode_and_resize(bytes, options, &note);
}

Tensor resize_photo(const Tensor& image, const LoadPhotosOptions& options) {
  const Tensor pixels = resize(image, options.image_size, options.resize);
  return options.pixel_type == PixelType::uint8 ? rounded(pixels) : pixels;
}

PixelCache::PixelCache(std::size_t photos, const LoadPhotosOptions& options)
    : shape_{options.image_size.height, options.image_size.width, channels_of(options.decode.color_mode)},
      dtype_(options.pixel_type == PixelType::uint8 ? DType::uint8 : DType::float32),
      memory_(options.cache_bytes),
      disk_(options.disk_cache_bytes),
      tensors_(photos),
      offsets_(photos) {}

void PixelCache::put(std::size_t photo, const Tensor& pixels) {
  const std::size_t bytes = pixels.size_bytes();
  if (kept_.fetch_add(bytes) + bytes <= memory_) {
    tensors_[photo] = pixels;
    return;
  }
  kept_ -= bytes;
  const std::size_t offset = written_.fetch_add(bytes);
  if (offset + bytes > disk_ || disk_full_) return;
  try {
    file().write(offset, {static_cast<const std::byte*>(pixels.raw()), bytes});
    offsets_[photo] = offset;
  } catch (const Error&) {
    disk_full_ = true;  // the photo will be decoded again instead
  }
}

ScratchFile& PixelCache::file() {
  const std::lock_guard lock(mutex_);
  if (file_ == nullptr) file_ = std::make_unique<ScratchFile>(made_files_folder());
  return *file_;
}

bool PixelCache::has(std::size_t photo) const { return !tensors_[photo].empty() || offsets_[photo]; }

void PixelCache::read(std::size_t photo, std::span<float> out) const {
  if (!tensors_[photo].empty()) return copy_as_float(tensors_[photo], out);
  Tensor pixels(shape_, dtype_);
  file_->read(*offsets_[photo], {static_cast<std::byte*>(pixels.raw()), pixels.size_bytes()});
  copy_as_float(pixels, out);
}

void PhotoStore::read(std::size_t row, std::span<float> out) const {
  if (is_decoded(row)) return cache_->read(cache_rows_[row], out);
  const std::filesystem::path& path = facts().paths[row];
  try {
    const std::vector<std::byte> file = read_bytes(path);
    // What was computed from a photo is kept under the name of its contents.
    if (sample_key(contents_of(file, options_.decode), options_) != facts().keys[row])
      fail(ErrorKind::io, "the file was changed since");
    copy_as_float(decode_and_resize(file, options_), out);
  } catch (const Error& error) {
    fail(error.kind(), path.string(), " could be read before and no longer can: ", error.what());
  }
}

}  // namespace graft::data
