// SPDX-License-Identifier: Apache-2.0
#include "cli/clips.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <set>
#include <system_error>

#include "graft/base/atomic_file.hpp"
#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/data/write_jpeg.hpp"
#include "graft/hash.hpp"

#include "cli/out_folder.hpp"
#include "cli/output.hpp"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEnding = ".frames";          // of a clip's folder: kGroupByClip
constexpr const char* kClipFile = "clip.json";      // in it: what its frames were made from
constexpr const char* kMarkFile = ".graft-frames";  // in the folder of frames: it is graft's
constexpr int kQuality = 95;

/// Photos by their name: not opened to see whether they are videos.
bool is_named_as_photo(const fs::path& file) {
  static const std::set<std::string> kEndings{".jpg",  ".jpeg", ".png", ".bmp", ".gif",  ".webp", ".tif",
                                              ".tiff", ".ppm",  ".pgm", ".pbm", ".heic", ".avif", ".heif"};
  std::string ending = file.extension().string();
  std::ranges::transform(ending, ending.begin(),
                         [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
  return kEndings.contains(ending);
}

/// All regular files below a folder but for hidden ones, sorted.
std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    std::error_code ignored;
    if (at->path().filename().string().starts_with('.')) {
      if (at->is_directory(ignored)) at.disable_recursion_pending();
      continue;
    }
    if (at->is_regular_file(ignored)) files.push_back(at->path());
  }
  std::ranges::sort(files);
  return files;
}

std::string hash_of(const fs::path& file) {
  constexpr std::size_t kAtOnce = std::size_t{1} << 20;
  Hasher hasher;
  std::string piece(kAtOnce, '\0');
  std::ifstream in(file, std::ios::binary);
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    hasher.add(std::string_view(piece.data(), static_cast<std::size_t>(in.gcount())));
  }
  return to_hex(hasher.digest());
}

class FrameWriter {
 public:
  FrameWriter(const fs::path& folder, const fs::path& frames, const ClipArguments& given,
              PhotoProgress& progress)
      : folder_(folder), frames_(frames), given_(given), progress_(progress) {}

  Clips write() {
    std::vector<fs::path> videos, others;
    for (const fs::path& file : files_below(folder_)) {
      const bool video = !is_named_as_photo(file) && video::is_video(file);
      (video ? videos : others).push_back(file.lexically_relative(folder_));
    }
    Clips clips{.photos = folder_, .videos = videos.size(), .frames = 0, .left_out = {}};
    if (videos.empty()) return clips;
    clips.photos = frames_;
    claim();
    const auto advance = progress_.stages();
    for (std::size_t i = 0; i < videos.size(); ++i) {
      if (!advance("frames", i, videos.size())) fail(ErrorKind::interrupted, "reading videos was stopped");
      add(videos[i], clips);
    }
    progress_.clear();
    for (const fs::path& file : others) link(file);
    remove_others();
    return clips;
  }

 private:
  /// Nothing that is not graft's is written over.
  void claim() const {
    std::error_code error;
    if (fs::exists(frames_, error) && !fs::is_empty(frames_, error) && !fs::exists(frames_ / kMarkFile)) {
      fail(ErrorKind::io, frames_.string(),
           ": the frames of the videos would be written here, but there is something else; name another "
           "folder "
           "with --frames");
    }
    fs::create_directories(frames_, error);
    if (error) fail(ErrorKind::io, frames_.string(), ": ", error.message());
    write_file_atomically(frames_ / kMarkFile, "Frames of videos, written by graft.\n");
  }

  void add(const fs::path& video, Clips& clips) {
    const fs::path from = folder_ / video;
    if (!video.has_parent_path()) {
      clips.left_out.push_back({.path = from, .reason = "not in a class folder"});
      return;
    }
    // With the class in its name: find_layout() takes folders that hold folders of the same names for parts.
    const std::string name = video.parent_path().filename().string() + "-" + video.filename().string();
    const fs::path to = frames_ / video.parent_path() / (name + kEnding);
    kept_.insert(to);
    try {
      clips.frames += frames_of(from, to);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::io || error.kind() == ErrorKind::interrupted) throw;
      std::string reason = error.what();
      const std::string begin = from.string() + ": ";
      if (reason.starts_with(begin)) reason.erase(0, begin.size());
      clips.left_out.push_back({.path = from, .reason = reason, .unreadable = true});
      remove(to);
    }
  }

  std::size_t frames_of(const fs::path& video, const fs::path& to) const {
    Json made{{"video", hash_of(video)}};
    if (given_.every) {
      made["every"] = *given_.every;
    } else {
      made["per_second"] = given_.per_second;
    }
    const Json before = before_in(to);
    if (before.is_object() && before.value("made", Json()) == made) return before.value("frames", 0U);
    remove(to);
    std::error_code error;
    fs::create_directories(to.parent_path(), error);
    AtomicDirectory directory(to);
    const std::size_t count = video::read_frames(
        video, {.per_second = given_.per_second, .every = given_.every}, [&](const video::Frame& frame) {
          std::array<char, 32> name{};
          (void)std::snprintf(name.data(), name.size(), "%06lld.jpg", static_cast<long long>(frame.number));
          data::write_jpeg(directory.temporary_path() / name.data(), frame.picture, kQuality);
          return true;
        });
    write_file_atomically(directory.temporary_path() / kClipFile,
                          dumped({{"made", made}, {"frames", count}}) + "\n");
    directory.commit();
    return count;
  }

  static Json before_in(const fs::path& clip) {
    std::ifstream in(clip / kClipFile);
    return in ? Json::parse(in, nullptr, false) : Json();
  }

  /// A clip's folder, if graft made it.
  static void remove(const fs::path& clip) {
    std::error_code error;
    if (fs::exists(clip / kClipFile, error)) fs::remove_all(clip, error);
  }

  /// Photos beside videos are photos.
  void link(const fs::path& file) {
    std::error_code error;
    const fs::path at = frames_ / file;
    kept_.insert(at);
    if (fs::is_symlink(at, error)) fs::remove(at, error);
    fs::create_directories(at.parent_path(), error);
    fs::create_symlink(fs::absolute(folder_ / file), at, error);
    if (error) fail(ErrorKind::io, at.string(), ": ", error.message());
  }

  /// Clips and links of videos and photos that are gone.
  void remove_others() const {
    std::vector<fs::path> gone;
    std::error_code error;
    fs::recursive_directory_iterator at(frames_, error);
    for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
      std::error_code ignored;
      const bool clip = at->is_directory(ignored) && fs::exists(at->path() / kClipFile, ignored);
      if (clip) at.disable_recursion_pending();
      if ((clip || at->is_symlink(ignored)) && !kept_.contains(at->path())) gone.push_back(at->path());
    }
    for (const fs::path& path : gone) fs::remove_all(path, error);
  }

  const fs::path& folder_;
  const fs::path& frames_;
  const ClipArguments& given_;
  PhotoProgress& progress_;
  std::set<fs::path> kept_;
};

}  // namespace

void add_clip_options(CLI::App& command, ClipArguments& given) {
  command
      .add_option("--frames-per-second", given.per_second,
                  "of video files among PHOTOS: number of frames of each second that become photos")
      ->capture_default_str()
      ->check(CLI::Range(1e-3, 1000.0))
      ->type_name("X");
  command.add_option("--every-frame", given.every, "of video files: each N-th frame instead")
      ->check(CLI::Range(1, 1000000))
      ->type_name("N");
  command
      .add_option("--frames", given.folder,
                  "the folder for the frames of video files; default: PHOTOS' name with -frames")
      ->type_name("DIR");
}

fs::path frames_folder(const fs::path& photos) {
  fs::path whole = fs::absolute(photos).lexically_normal();
  if (!whole.has_filename()) whole = whole.parent_path();
  return (whole.has_filename() ? whole.filename().string() : "photos") + "-frames";
}

Clips frames_of_clips(const fs::path& folder, const fs::path& frames, const ClipArguments& given,
                      PhotoProgress& progress) {
  return FrameWriter(folder, frames, given, progress).write();
}

}  // namespace graft::cli
