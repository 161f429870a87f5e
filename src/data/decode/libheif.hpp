// SPDX-License-Identifier: Apache-2.0
// libheif, loaded when the first HEIC or AVIF photo is read: with its codecs it is 6 libraries, and one of
// them computes tables when it is loaded, which every command would wait for
// (docs/decisions/0005-image-libraries.md).
#pragma once

#include <libheif/heif.h>

namespace graft::data {

/// libheif's functions under their own names.
// NOLINTBEGIN(readability-identifier-naming): they are libheif's
struct Libheif {
  decltype(&::heif_context_alloc) heif_context_alloc;
  decltype(&::heif_context_free) heif_context_free;
  decltype(&::heif_context_get_primary_image_handle) heif_context_get_primary_image_handle;
  decltype(&::heif_context_read_from_memory_without_copy) heif_context_read_from_memory_without_copy;
  decltype(&::heif_context_set_max_decoding_threads) heif_context_set_max_decoding_threads;
  decltype(&::heif_context_set_maximum_image_size_limit) heif_context_set_maximum_image_size_limit;
  decltype(&::heif_decode_image) heif_decode_image;
  decltype(&::heif_image_get_height) heif_image_get_height;
  decltype(&::heif_image_get_plane_readonly) heif_image_get_plane_readonly;
  decltype(&::heif_image_get_width) heif_image_get_width;
  decltype(&::heif_image_handle_get_height) heif_image_handle_get_height;
  decltype(&::heif_image_handle_get_width) heif_image_handle_get_width;
  decltype(&::heif_image_handle_has_alpha_channel) heif_image_handle_has_alpha_channel;
  decltype(&::heif_image_handle_release) heif_image_handle_release;
  decltype(&::heif_image_release) heif_image_release;
};
// NOLINTEND(readability-identifier-naming)

/// Loads it at the first call. Errors: Error{unsupported} where it cannot be loaded, at each call.
const Libheif& libheif();

}  // namespace graft::data
