// SPDX-License-Identifier: Apache-2.0
// HEIC and AVIF; cmake chooses no_heif.cpp instead where libheif is missing.
#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <string_view>

#include "graft/base/fail.hpp"
#include "graft/base/shared_library.hpp"

#include "data/decode/libheif.hpp"
#include "data/decode/picture.hpp"

namespace graft::data {

const Libheif& libheif() {
  static const Libheif loaded = [] {
    const base::SharedLibrary library("libheif.so.1", "HEIC and AVIF photos are read by libheif", "libheif");
    Libheif all{};
    library.load("heif_context_alloc", all.heif_context_alloc);
    library.load("heif_context_free", all.heif_context_free);
    library.load("heif_context_get_primary_image_handle", all.heif_context_get_primary_image_handle);
    library.load("heif_context_read_from_memory_without_copy",
                 all.heif_context_read_from_memory_without_copy);
    library.load("heif_context_set_max_decoding_threads", all.heif_context_set_max_decoding_threads);
    library.load("heif_context_set_maximum_image_size_limit", all.heif_context_set_maximum_image_size_limit);
    library.load("heif_decode_image", all.heif_decode_image);
    library.load("heif_image_get_height", all.heif_image_get_height);
    library.load("heif_image_get_plane_readonly", all.heif_image_get_plane_readonly);
    library.load("heif_image_get_width", all.heif_image_get_width);
    library.load("heif_image_handle_get_height", all.heif_image_handle_get_height);
    library.load("heif_image_handle_get_width", all.heif_image_handle_get_width);
    library.load("heif_image_handle_has_alpha_channel", all.heif_image_handle_has_alpha_channel);
    library.load("heif_image_handle_release", all.heif_image_handle_release);
    library.load("heif_image_release", all.heif_image_release);
    return all;
  }();
  return loaded;
}

namespace {

struct HeifFree {
  void operator()(heif_context* context) const { libheif().heif_context_free(context); }
  void operator()(heif_image_handle* handle) const { libheif().heif_image_handle_release(handle); }
  void operator()(heif_image* image) const { libheif().heif_image_release(image); }
};

void check(const heif_error& error) {
  if (error.code == heif_error_Ok) return;
  if (error.subcode == heif_suberror_End_of_data) fail_truncated("HEIC/AVIF");
  const bool unsupported =
      error.code == heif_error_Unsupported_feature || error.code == heif_error_Unsupported_filetype;
  std::string_view message = error.message;
  while (!message.empty() && (message.back() == '\n' || message.back() == ' ')) message.remove_suffix(1);
  fail(unsupported ? ErrorKind::unsupported : ErrorKind::bad_file, "HEIC/AVIF: ", message);
}

Tensor copy_rows(const heif_image* image, int channels) {
  const int width = libheif().heif_image_get_width(image, heif_channel_interleaved);
  const int height = libheif().heif_image_get_height(image, heif_channel_interleaved);
  int stride = 0;
  const std::uint8_t* plane =
      libheif().heif_image_get_plane_readonly(image, heif_channel_interleaved, &stride);
  if (plane == nullptr || width < 1 || height < 1)
    fail(ErrorKind::bad_file, "broken HEIC/AVIF: no picture came out");
  Tensor pixels(Shape{height, width, channels}, DType::uint8);
  const auto row = static_cast<std::size_t>(width) * static_cast<std::size_t>(channels);
  std::uint8_t* out = pixels.data<std::uint8_t>().data();
  for (std::size_t y = 0; y < static_cast<std::size_t>(height); ++y)
    std::memcpy(out + y * row, plane + y * static_cast<std::size_t>(stride), row);
  return pixels;
}

}  // namespace

bool has_heif() { return true; }

/// Rotation is part of the format and done by libheif; an EXIF block in the file only repeats it.
Picture decode_heif(Bytes bytes, const DecodeOptions& options) {
  const std::unique_ptr<heif_context, HeifFree> context(libheif().heif_context_alloc());
  if (!context) fail(ErrorKind::resource_limit, "not enough memory for libheif");
  const std::int64_t side = std::min<std::int64_t>(options.max_pixels, 65535);
  libheif().heif_context_set_maximum_image_size_limit(context.get(), static_cast<int>(side));
  libheif().heif_context_set_max_decoding_threads(context.get(),
                                                  0);  // photos are decoded side by side already
  check(libheif().heif_context_read_from_memory_without_copy(context.get(), bytes.data(), bytes.size(),
                                                             nullptr));
  heif_image_handle* raw_handle = nullptr;
  check(libheif().heif_context_get_primary_image_handle(context.get(), &raw_handle));
  const std::unique_ptr<heif_image_handle, HeifFree> handle(raw_handle);
  check_size("HEIC/AVIF", libheif().heif_image_handle_get_width(handle.get()),
             libheif().heif_image_handle_get_height(handle.get()), options.max_pixels);
  const bool has_alpha = libheif().heif_image_handle_has_alpha_channel(handle.get()) != 0;
  heif_image* raw_image = nullptr;
  check(libheif().heif_decode_image(handle.get(), &raw_image, heif_colorspace_RGB,
                                    has_alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB,
                                    nullptr));
  const std::unique_ptr<heif_image, HeifFree> image(raw_image);
  return {.pixels = copy_rows(image.get(), has_alpha ? 4 : 3)};
}

}  // namespace graft::data
