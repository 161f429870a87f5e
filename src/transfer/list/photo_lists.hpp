// SPDX-License-Identifier: Apache-2.0
// The files of a run, listed once.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/photos.hpp"
#include "graft/train.hpp"

namespace graft {
inline namespace transfer {

/// The folders of the parts, from the options and from the layout of the photos' folder. Empty: a part of
/// train.
struct Folders {
  std::filesystem::path train, validation, test;
  std::vector<std::string> notes{};  ///< what is unusual about the folders, a sentence each
};
[[nodiscard]] Folders find_folders(const std::filesystem::path& photos, const TrainOptions& options);

/// The photos of a part that has a separate folder, or list of labels, in which classes may be missing.
[[nodiscard]] data::PhotoList list_part(const std::filesystem::path& folder,
                                        const std::vector<std::string>& classes, const TrainOptions& options);

/// Throws Error{unsupported} where the photos of a list may have several labels, or numbers. what: who cannot
/// use them.
void expect_one_label(const data::PhotoList& list, const std::string& what);
/// The same, and Error{invalid_argument} where a list has columns for split, group or weight: for later
/// rounds and networks of the user's own, which choose their parts themselves.
void check_plain_list(const data::PhotoList& list);

/// The files of each folder; validation and test only where they have their own.
struct PhotoLists {
  Folders folders;
  data::PhotoList train;
  std::optional<data::PhotoList> validation, test;
  std::vector<std::string> notes{};  ///< of the layout; those of each list are in the list
};
/// Errors: as data::list_photos; Error{invalid_argument} for fewer than two classes, for a part that both
/// the options and a list's column name, and for weights of photos with a recipe that has none.
[[nodiscard]] PhotoLists list_parts(const std::filesystem::path& photos, const TrainOptions& options);

}  // namespace transfer
}  // namespace graft
