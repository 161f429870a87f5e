// SPDX-License-Identifier: Apache-2.0
// Frames of video files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "graft/tensor.hpp"

namespace graft {
inline namespace video {

/// Which frames are taken. The first one always is.
struct FrameOptions {
  double per_second = 2;                ///< by the times in the file; more than there are: all of them
  std::optional<std::int64_t> every{};  ///< each n-th frame instead, n at least 1
  std::size_t most = 10000;             ///< of one file
};

/// One frame.
struct Frame {
  std::int64_t number = 0;  ///< in the file, from 0
  double seconds = 0;       ///< from the first frame on
  Tensor picture;           ///< uint8 (H, W, 3), upright: turned as the camera noted
};

/// Whether a file's first bytes are those of a video (MP4, QuickTime, Matroska, WebM, AVI, MPEG, Ogg, Flash,
/// Windows Media). A photo in such a container (HEIC, AVIF) is none.
[[nodiscard]] bool is_video(const std::filesystem::path& file);

/// Decodes a file from its beginning to its end and hands out the wanted frames. Nothing but the file itself
/// is read, whatever it refers to. take: return false to stop. Returns the number of frames handed out.
/// Errors, naming the file: Error{not_found}; Error{bad_file} for a file without frames that can be decoded;
/// Error{resource_limit} for larger frames than data::kMaxPixels; Error{invalid_argument} for options.
std::size_t read_frames(const std::filesystem::path& file, const FrameOptions& options,
                        const std::function<bool(const Frame&)>& take);

}  // namespace video
}  // namespace graft
