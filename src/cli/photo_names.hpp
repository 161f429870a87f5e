// SPDX-License-Identifier: Apache-2.0
// The photos of a run over many: from folders, archives and lists, and the part of them that is this job's.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "graft/data/photo_names.hpp"
#include "graft/hash.hpp"
#include "graft/photos.hpp"

namespace graft::cli {

/// Names of photos, in little memory.
struct NamedPhotos {
  data::PhotoNames names;
  std::vector<data::LeftOut> left_out;  ///< files that are no photos, folders that cannot be read
  std::vector<std::string> notes;       ///< a sentence each

  /// Photos from one place on; fewer at the end.
  [[nodiscard]] std::vector<std::filesystem::path> paths(std::size_t begin, std::size_t end) const;
  /// Of all names in their order, and of what cannot be read.
  [[nodiscard]] Hash128 hash() const;
};

/// The photos that IMAGE names: files, folders and archives with all photos in them, in order, and - for the
/// names on standard input; then those of a list of names, a file or -, unless it is empty. Throws
/// Error{not_found} when none of them exists.
[[nodiscard]] NamedPhotos find_photos(const std::vector<std::string>& images, const std::string& list,
                                      const data::ListOptions& listing);

/// One of several jobs that share the photos.
struct Shard {
  std::size_t number = 1;  ///< from 1
  std::size_t count = 1;
  [[nodiscard]] bool is_all() const { return count == 1; }
};
/// Reads "2/8". Throws Error{invalid_argument}.
[[nodiscard]] Shard read_shard(const std::string& text);

/// Consecutive photos of a list, and how many of them are computed together.
struct PhotoRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t block = 1;
  [[nodiscard]] std::size_t size() const { return end - begin; }
};
/// The photos of one job, in whole blocks, so that each photo is computed together with the same others as
/// in a single run.
[[nodiscard]] PhotoRange part_of(std::size_t photos, std::size_t block, const Shard& shard);

}  // namespace graft::cli
