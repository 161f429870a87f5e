// SPDX-License-Identifier: Apache-2.0
#include "serve/studio/pictures.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/base/file_stamp.hpp"
#include "graft/data/thumbnail.hpp"

namespace graft::serve::studio {

std::string Pictures::get(const std::filesystem::path& file, std::int64_t side) {
  constexpr float kQuality = 76;
  const std::string key = cat(side, ' ', file_stamp(file), ' ', file.string());
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(kept_, key, &Kept::first);
    if (found != kept_.end()) {
      kept_.splice(kept_.begin(), kept_, found);
      return found->second;
    }
  }
  std::string made = data::encode_webp(data::thumbnail(file, side), kQuality);
  const std::lock_guard lock(mutex_);
  kept_.emplace_front(key, made);
  bytes_ += made.size() + key.size();
  while (bytes_ > kMostBytes && kept_.size() > 1) {
    bytes_ -= kept_.back().second.size() + kept_.back().first.size();
    kept_.pop_back();
  }
  return made;
}

}  // namespace graft::serve::studio
