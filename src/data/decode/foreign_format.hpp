// SPDX-License-Identifier: Apache-2.0
// Pictures of formats that graft does not read.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace graft::data {

/// First bytes of a file that foreign_format() looks at.
inline constexpr std::size_t kForeignHeadBytes = 132;

/// "JPEG 2000", "Photoshop", ...: what a file holds that is a picture or video but not of an ImageFormat, by
/// its first bytes or, where the format has no mark, by its name. Empty: none of these.
[[nodiscard]] std::string_view foreign_format(std::span<const std::byte> head,
                                              const std::filesystem::path& name = {});

/// "a JPEG 2000 file, which graft does not read; convert it to JPEG or PNG"
[[nodiscard]] std::string foreign_format_reason(std::string_view format);

/// What a text is that is often stored under a picture's name in place of the picture: a web page, a pointer
/// of Git LFS. Empty: neither.
[[nodiscard]] std::string_view text_reason(std::span<const std::byte> head);

}  // namespace graft::data
