// SPDX-License-Identifier: Apache-2.0
// Folders of video files: their frames become a folder of photos.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/photos.hpp"
#include "graft/video/frames.hpp"

#include "cli/command.hpp"
#include "cli/progress.hpp"

namespace graft::cli {

/// What the command line specifies of frames.
struct ClipArguments {
  double per_second = 2;
  std::optional<std::int64_t> every;
  std::string folder;  ///< for the frames; empty: see frames_folder()
};
void add_clip_options(CLI::App& command, ClipArguments& given);

/// A folder with the frames of the clips below another.
struct Clips {
  std::filesystem::path photos;  ///< the folder of frames, or where there are no videos the folder itself
  std::size_t videos = 0;        ///< number of them
  std::size_t frames = 0;        ///< of all of them
  std::vector<data::LeftOut> left_out;  ///< videos that cannot be read
};

/// Keeps the frames of one clip together, in paths below Clips::photos: EvaluationOptions::group_by.
inline constexpr const char* kGroupByClip = "^.*\\.frames/";

/// Where the frames go by default: NAME-frames beside where results go.
[[nodiscard]] std::filesystem::path frames_folder(const std::filesystem::path& photos);

/// Writes the frames of the videos below a folder as JPEG files, CLASS/CLASS-CLIP.frames/NUMBER.jpg, and
/// links the photos beside them. Frames that are there from an earlier call with the same options and the
/// same video stay. The folder itself is not changed. Errors: Error{io} where the folder of frames holds
/// anything else.
[[nodiscard]] Clips frames_of_clips(const std::filesystem::path& folder, const std::filesystem::path& frames,
                                    const ClipArguments& given, PhotoProgress& progress);

}  // namespace graft::cli
