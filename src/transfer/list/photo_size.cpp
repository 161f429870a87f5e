// SPDX-License-Identifier: Apache-2.0
#include "transfer/list/photo_size.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "graft/applications.hpp"
#include "graft/data/photo_bytes.hpp"
#include "graft/error.hpp"
#include "graft/image.hpp"
#include "graft/pretrained.hpp"

#include "transfer/context/networks.hpp"
#include "transfer/context/recipe_options.hpp"

namespace graft::transfer {
namespace {

constexpr std::int64_t kEnlarged = 4, kStep = 32, kLeast = 96;
constexpr std::int64_t kTutorialSize = 160;
constexpr std::size_t kSampled = 33;
/// A larger file holds no tiny photo: only smaller ones are worth decoding to see.
constexpr std::uintmax_t kSmallFile = std::uintmax_t{32} << 10U;

std::int64_t larger_side(const std::filesystem::path& file, std::int64_t network_side) {
  try {
    const std::optional<std::uintmax_t> bytes = data::photo_size(file);
    if (!bytes || *bytes > kSmallFile) return network_side;
    const Shape shape = data::read_image(file).shape();
    return std::max(shape[0], shape[1]);
  } catch (const Error&) {  // ignore a broken photo here; loading reports it
    return network_side;
  }
}

std::int64_t median_side(const data::PhotoList& list, std::int64_t network_side) {
  const std::size_t count = std::min(kSampled, list.paths.size());
  if (count == 0) return network_side;
  std::vector<std::int64_t> sides;
  for (std::size_t i = 0; i < count; ++i)
    sides.push_back(larger_side(list.paths[i * list.paths.size() / count], network_side));
  const auto middle = sides.begin() + static_cast<std::ptrdiff_t>(count / 2);
  std::ranges::nth_element(sides, middle);
  return *middle;
}

}  // namespace

std::int64_t enlarged_side(std::int64_t photo_side, std::int64_t network_side) {
  const std::int64_t wanted = (kEnlarged * photo_side + kStep - 1) / kStep * kStep;
  return std::min(network_side, std::max(kLeast, wanted));
}

Size2D image_size_for(const data::PhotoList& photos, const TrainOptions& options) {
  if (options.image_size) return *options.image_size;
  if (is_recipe<TutorialRecipe>(options)) return Size2D(kTutorialSize);
  const Shape input = classify::input_shape_for_weights(
      applications::find_application(networks_of(options).first), options.weights);
  const std::int64_t side = std::max(input[0], input[1]);
  return enlarged_side(median_side(photos, side), side);
}

}  // namespace graft::transfer
