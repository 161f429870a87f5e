// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graft/dataset.hpp"
#include "graft/disk_cache.hpp"
#include "graft/photos.hpp"
#include "graft/train.hpp"

namespace graft {
inline namespace transfer {

/// The photos in their three parts. Validation may be empty.
struct Photos {
  data::Dataset train, validation, test;
  std::vector<std::string> class_names;
  std::vector<data::LeftOut> left_out;
  std::string split_note;                 ///< how they were divided, in words
  std::vector<std::string> notes;         ///< what was noticed about them, sentence by sentence
  std::vector<std::size_t> train_groups;  ///< what belongs together, one number a photo of train; or empty
  std::optional<DuplicatePhotos> duplicates;  ///< unset: not looked for
  DiskCacheOptions cache;                     ///< where what is computed of them stays for later runs
  /// photo_print() of each photo of a part, in the order of its data set; empty ones are not known yet.
  std::map<Part, std::vector<std::string>> prints{};
  std::vector<LoadedPhoto> loaded{};  ///< TrainResult::loaded, in any order
};

/// What the rounds before this one knew of a photo, by its content.
enum class Novelty {
  fresh,       ///< nothing: the earlier model has not seen it
  known,       ///< the photo, in the same class
  relabelled,  ///< the photo, in another class
};

/// Whether photos are measured as they are decoded.
[[nodiscard]] bool measures_photos(const TrainOptions& options);
/// What was learnt of the sets' photos; nothing where they were not measured. null: no such set.
[[nodiscard]] std::vector<LoadedPhoto> loaded_photos(std::initializer_list<const data::PhotoSet*> sets);

/// "2 classes, 335 photos: ants 159, bees 176"
[[nodiscard]] std::string describe(const Photos& photos);

}  // namespace transfer
}  // namespace graft
