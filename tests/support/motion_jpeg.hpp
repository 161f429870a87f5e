// SPDX-License-Identifier: Apache-2.0
// Video files for tests: photos one after the other, as AVI with Motion JPEG.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace graft::test {

/// What the file says of its frames.
struct VideoFacts {
  int width = 32;
  int height = 32;
  int frames_per_second = 10;
};

/// A video of JPEG files' bytes, in order.
[[nodiscard]] std::string motion_jpeg(const std::vector<std::string>& jpegs, const VideoFacts& facts = {});

/// Frame i of a video has the colour (red, 10 i, blue), in a file that is written.
void write_video(const std::filesystem::path& file, int red, int blue, std::size_t frames,
                 const VideoFacts& facts = {});

}  // namespace graft::test
