// SPDX-License-Identifier: Apache-2.0
#include "transfer/recipes/tutorial_model.hpp"

#include "graft/layers.hpp"
#include "graft/layers/name_scope.hpp"

namespace graft::transfer {
namespace {

constexpr double kDropout = 0.2;

}  // namespace

Model tutorial_model(const BaseModel& base, Size2D size, std::size_t classes, const Augment& augment) {
  const SymbolicTensor input = Input({size.height, size.width, 3}, "image");
  SymbolicTensor x = input;
  for (const Layer& layer : augment.layers) x = layer(x);
  x = applications::add_preprocessing(x, base.preprocessing);
  x = base.model(x, {.training = false});
  x = layers::GlobalAveragePooling2D()(x);
  x = layers::Dropout({.rate = kDropout})(x);
  const std::int64_t units = classes == 2 ? 1 : static_cast<std::int64_t>(classes);
  return {input, layers::Dense({.units = units, .name = "predictions"})(x),
          std::string(base.application->name) + "_tutorial"};
}

void check_layer_names(const TrainOptions& options, const TutorialRecipe& recipe, Size2D size) {
  if (recipe.fine_tune_epochs == 0 || (recipe.freeze.empty() && recipe.fine_tune_from.empty())) return;
  const layers::NameScope names;  // the names of what is built later do not depend on this network
  static_cast<void>(
      models::freeze(untrained_base(options, size), {.names = recipe.freeze, .from = recipe.fine_tune_from}));
}

data::Dataset with_labels(const data::Dataset& photos, bool mixed, bool binary) {
  if (!mixed) return photos;
  data::DatasetOptions set = photos.options();
  set.label_mode = binary ? data::LabelMode::binary : data::LabelMode::categorical;
  return photos.with_options(set);
}

LossPtr tutorial_loss(bool mixed, bool binary) {
  if (binary) return BinaryCrossentropy({.from_logits = true});
  if (mixed) return CategoricalCrossentropy({.from_logits = true});
  return SparseCategoricalCrossentropy({.from_logits = true});
}

}  // namespace graft::transfer
