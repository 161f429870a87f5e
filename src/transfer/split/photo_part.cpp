// SPDX-License-Identifier: Apache-2.0
#include "transfer/split/photo_part.hpp"

#include <array>

#include "graft/data/grouped_split.hpp"
#include "graft/photos.hpp"

namespace graft::transfer {

PhotoPart whole_part(const data::Dataset& photos, const std::vector<std::size_t>& groups) {
  data::DatasetOptions options = photos.options();
  options.shuffle = false;
  return {.photos = photos.with_options(options), .groups = groups};
}

std::vector<PhotoPart> divide(const PhotoPart& part, std::span<const double> fractions, std::uint64_t seed) {
  const std::vector<int> labels = part.photos.labels();
  const auto rows =
      part.groups.empty()
          ? data::stratified_split(labels, fractions, seed)
          : data::grouped_split({.labels = labels, .groups = part.groups, .seed = seed}, fractions);
  std::vector<PhotoPart> parts;
  for (const std::vector<std::size_t>& chosen : rows) {
    PhotoPart one{.photos = part.photos.subset(chosen, part.photos.options()), .groups = {}};
    for (const std::size_t row : chosen) {
      if (!part.groups.empty()) one.groups.push_back(part.groups[row]);
    }
    parts.push_back(std::move(one));
  }
  return parts;
}

PhotoPart part_of(const PhotoPart& part, std::size_t most, std::uint64_t seed) {
  if (part.photos.size() <= most) return part;
  const double share = static_cast<double>(most) / static_cast<double>(part.photos.size());
  return divide(part, std::array{share, 1 - share}, seed).front();
}

}  // namespace graft::transfer
