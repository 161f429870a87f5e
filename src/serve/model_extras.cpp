// SPDX-License-Identifier: Apache-2.0
#include "serve/model_extras.hpp"

#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/data/read_photo.hpp"
#include "graft/data/thumbnail.hpp"
#include "graft/models/pooled_features.hpp"
#include "graft/plan/runner.hpp"

namespace graft::serve {
namespace {

constexpr std::int64_t kExplainedSide = 640;
constexpr float kWebpQuality = 80;

/// The picture so that its longer side has at most kExplainedSide pixels.
Tensor shown_size(const Tensor& picture) {
  const std::int64_t height = picture.shape()[0], width = picture.shape()[1];
  const std::int64_t longer = std::max(height, width);
  if (longer <= kExplainedSide) return picture;
  const auto part = [&](std::int64_t side) {
    return std::max<std::int64_t>(1, side * kExplainedSide / longer);
  };
  return data::resize(picture, {part(height), part(width)}, {.antialias = true}).to(DType::uint8);
}

}  // namespace

struct ModelExtras::State {
  Classifier classifier;
  std::optional<plan::Runner> features{};
  std::optional<Explainer> explainer{};  ///< of the most probable class
};

ModelExtras::ModelExtras(Classifier classifier)
    : state_(std::make_unique<State>(State{std::move(classifier)})) {}
ModelExtras::~ModelExtras() = default;

std::vector<PhotoFeatures> ModelExtras::features(const std::vector<PhotoBytes>& photos,
                                                 std::int64_t max_pixels) {
  if (!state_->features) state_->features.emplace(models::pooled_features(state_->classifier.model()));
  data::LoadPhotosOptions load = state_->classifier.load_options();
  load.decode.max_pixels = max_pixels;
  std::vector<PhotoFeatures> all;
  for (const PhotoBytes photo : photos) {
    std::string note;
    const Tensor pixels = data::read_photo(photo, load, note).to(DType::float32);
    all.push_back({state_->features->run_first(pixels.reshape(pixels.shape().with_batch(1)))});
  }
  return all;
}

ExplainedPhoto ModelExtras::explain(PhotoBytes photo, const std::string& class_name,
                                    std::int64_t max_pixels) {
  const std::vector<std::string>& names = state_->classifier.class_names();
  ExplainOptions options;
  if (!class_name.empty()) {
    const auto found = std::ranges::find(names, class_name);
    if (found == names.end()) fail(ErrorKind::not_found, "class: the model has no class '", class_name, "'");
    options.class_index = found - names.begin();
  }
  data::DecodeOptions decode = state_->classifier.load_options().decode;
  decode.max_pixels = max_pixels;
  const Tensor picture = data::decode_image(photo, decode);
  if (!state_->explainer) state_->explainer.emplace(state_->classifier);
  const Explainer explainer =
      options.class_index ? Explainer(state_->classifier, options) : *state_->explainer;
  ExplainedPhoto result{.explanation = explainer.explain(picture), .webp = {}};
  decode.color_mode = data::ColorMode::rgb;
  result.webp = data::encode_webp(overlay(shown_size(data::decode_image(photo, decode)), result.explanation),
                                  kWebpQuality);
  return result;
}

}  // namespace graft::serve
