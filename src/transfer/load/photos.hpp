// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/dataset.hpp"
#include "graft/disk_cache.hpp"
#include "graft/photos.hpp"

namespace graft::inline transfer {

/// The photos in their three parts. Validation may be empty.
struct Photos {
  data::Dataset train, validation, test;
  std::vector<std::string> class_names;
  std::vector<data::LeftOut> left_out;
  std::string split_note;                 ///< how they were divided, in words
  std::vector<std::string> notes;         ///< what was noticed about them, sentence by sentence
  std::vector<std::size_t> train_groups;  ///< what belongs together, one number a photo of train; or empty
  Json duplicates;                        ///< for result.json; null when not looked for
  DiskCacheOptions cache;                 ///< where what is computed of them stays for later runs
};

/// "2 classes, 335 photos: ants 159, bees 176"
[[nodiscard]] std::string describe(const Photos& photos);

}  // namespace graft::inline transfer
