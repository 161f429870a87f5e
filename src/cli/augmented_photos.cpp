// SPDX-License-Identifier: Apache-2.0
#include "cli/augmented_photos.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <variant>

#include "graft/base/random.hpp"
#include "graft/error.hpp"
#include "graft/layers/core.hpp"
#include "graft/photos.hpp"
#include "graft/plan/plan.hpp"
#include "graft/train.hpp"

namespace graft::cli {
namespace {

/// float32 (1, H, W, 3) to uint8 (H, W, 3), rounded.
Tensor as_picture(const Tensor& photo) {
  Tensor picture(photo.shape().without_batch(), DType::uint8);
  const auto in = photo.data<float>();
  std::ranges::transform(in, picture.data<std::uint8_t>().begin(), [](float value) {
    return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0F, 255.0F)));
  });
  return picture;
}

}  // namespace

Tensor augmented_photos(const data::Batch& photos, const transfer::Augment& augment, std::uint64_t seed,
                        std::uint64_t step) {
  data::Batch batch = photos;
  for (std::size_t i = 0; i < augment.batches.size(); ++i)
    augment.batches[i]->apply(batch, mix64(mix64(seed + step) + i));
  if (augment.layers.empty()) return batch.images;
  const Shape& shape = batch.images.shape();
  const SymbolicTensor input = Input(shape.without_batch(), "image");
  SymbolicTensor x = input;
  for (const Layer& layer : augment.layers) x = layer(x);
  // Random layers do nothing in inference mode.
  plan::Plan plan = plan::Plan::lower(Model(input, x), {.mode = plan::Mode::training,
                                                        .batch_size = shape[0],
                                                        .execution = {.dtype_policy = DTypePolicy::float32}});
  plan.forward(batch.images, seed, step);
  return plan.output().clone();
}

std::vector<Tensor> augmentations_of_run(const std::filesystem::path& run, std::size_t count) {
  std::vector<Tensor> pictures;
  try {
    const transfer::SavedSettings saved = transfer::read_settings(run);
    const auto* tutorial = std::get_if<transfer::TutorialRecipe>(&saved.options.recipe);
    if (tutorial == nullptr) return {};
    const transfer::Augment augment = transfer::augment_from_names(tutorial->augment);
    if (augment.layers.empty() && augment.batches.empty()) return {};
    const data::Layout layout = data::find_layout(saved.photos, saved.options.listing);
    data::PhotoList list = data::list_photos(layout.train.value_or(layout.root), saved.options.listing);
    list.paths.resize(1);
    if (!list.labels.empty()) list.labels.resize(1);
    data::LoadPhotosOptions load{.image_size = saved.options.image_size.value_or(Size2D{160})};
    load.decode.exif = saved.options.exif;
    load.require_every_class = false;
    const data::PhotoSet photos = data::load_photos(list, load);
    constexpr std::array<std::size_t, 1> kFirst{0};
    const data::Batch batch = photos.all({.label_mode = data::LabelMode::categorical}).gather(kFirst);
    for (std::size_t step = 0; step < count; ++step)
      pictures.push_back(as_picture(augmented_photos(batch, augment, saved.options.seed, step)));
  } catch (const Error&) {
    return {};  // the photos moved, or the run is of another program: the other figures do not need them
  }
  return pictures;
}

}  // namespace graft::cli
