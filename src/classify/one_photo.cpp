// SPDX-License-Identifier: Apache-2.0
// Classifier: from one file, its bytes or pixels to the most probable classes.
#include "graft/classify/one_photo.hpp"

#include <algorithm>
#include <cstring>

#include "graft/base/fail.hpp"
#include "graft/classify/views.hpp"
#include "graft/data/read_photo.hpp"
#include "graft/evaluation.hpp"
#include "graft/photos.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUnlikeTraining = "the photo is unlike the training photos";

/// Throws where nothing says which photos a model of numbers does not know.
void check_reject_of_numbers(const Classifier& classifier, const ClassifyOptions& options) {
  if (options.reject_below)
    fail_option(ErrorKind::unsupported, "reject_below",
                "reject_below: not possible with a model that estimates numbers, which have no probability; "
                "expected reject alone, for photos unlike the training photos");
  if (options.reject && classifier.training_features() == nullptr)
    fail_option(ErrorKind::invalid_argument, "reject",
                "reject: numbers are unknown for photos unlike the training photos, and the model file holds "
                "no features of these, or they are not compared in int8; expected a model that was trained "
                "with enough validation and test photos, in another precision than int8");
}

DecisionRules rules_for(const Classifier& classifier, const ClassifyOptions& options) {
  DecisionRules rules = classifier.decision_rules();
  if (options.reject_below && !(*options.reject_below >= 0 && *options.reject_below <= 1)) {
    fail_option(ErrorKind::invalid_argument, "reject_below",
                "reject_below: expected a probability from 0 to 1, received ", *options.reject_below);
  }
  if (options.reject_below) rules.reject_below = options.reject_below;
  if (classifier.gives_numbers()) {
    check_reject_of_numbers(classifier, options);
  } else if (!options.reject) {
    rules.reject_below.reset();
  } else if (!rules.reject_below) {
    fail_option(ErrorKind::invalid_argument, "reject",
                "reject: the model file has no threshold below which answers are unknown; expected a ",
                "probability as reject_below, or a model that was trained on enough photos to find one");
  }
  return rules;
}

/// Whether the row reaches a class or label that must not be missed.
bool is_kept(const Classifier& classifier, std::span<const float> row) {
  return std::ranges::any_of(classifier.decision_rules().min_recall, [&](const classify::RecallRule& rule) {
    return static_cast<double>(row[rule.index]) >= rule.threshold;
  });
}

/// Makes the answer for a photo unlike the training photos unknown, but for a class that must not be missed.
void reject_unlike(PhotoPrediction& answer, const Classifier& classifier, std::span<const float> row) {
  if (answer.unknown || (!classifier.gives_numbers() && is_kept(classifier, row))) return;
  answer.unknown = true;
  answer.decision = {.reason = kUnlikeTraining};
}

void check_numbers(const ClassifyOptions& options) {
  if (options.top < 1) fail(ErrorKind::invalid_argument, "top: expected at least 1, received ", options.top);
  classify::check_views(options.views);
}

/// (H, W, C) as a batch of one.
Tensor as_batch(const Tensor& image) { return image.to(DType::float32).reshape(image.shape().with_batch(1)); }

[[noreturn]] void fail_without_pixels(const PixelView& pixels) {
  fail(ErrorKind::invalid_argument, "pixels: expected data, width, height and channels, and a stride of at ",
       "least one row, received ", pixels.width, " x ", pixels.height, " x ", pixels.channels, ", stride ",
       pixels.stride_bytes);
}

/// Checks the numbers before they are multiplied.
void check_size(const Classifier& classifier, const PixelView& pixels, const ClassifyOptions& options) {
  if (pixels.data == nullptr || pixels.width < 1 || pixels.height < 1 || pixels.channels < 1)
    fail_without_pixels(pixels);
  const std::int64_t channels = data::channels_of(classifier.load_options().decode.color_mode);
  if (pixels.channels != channels) {
    fail(ErrorKind::shape_mismatch, "pixels: expected ", channels, " channels, received ", pixels.channels);
  }
  const std::int64_t most = classify::load_options_for(classifier, options).decode.max_pixels;
  if (pixels.width > most / pixels.height) {
    fail(ErrorKind::resource_limit, "pixels: ", pixels.width, " x ", pixels.height,
         " are more than the option max_pixels allows, ", most);
  }
}

/// Pixels uint8 (H, W, C) at the classifier's size.
Tensor resized(const Classifier& classifier, const Tensor& pixels, const ClassifyOptions& options) {
  const std::int64_t channels = data::channels_of(classifier.load_options().decode.color_mode);
  if (pixels.dtype() != DType::uint8 || pixels.shape().rank() != 3 || pixels.shape()[2] != channels) {
    fail(ErrorKind::shape_mismatch, "pixels: expected uint8 (H, W, ", channels, "), received ",
         to_string(pixels.dtype()), " ", pixels.shape());
  }
  return as_batch(data::resize_photo(pixels, classify::load_options_for(classifier, options)));
}

std::vector<Prediction> best_of(const Classifier& classifier, const Tensor& batch,
                                const ClassifyOptions& options) {
  return classifier.best(classify::averaged_probabilities(classifier, batch, options.views).data(), options);
}

}  // namespace

data::LoadPhotosOptions classify::load_options_for(const Classifier& classifier,
                                                   const ClassifyOptions& options) {
  data::LoadPhotosOptions load = classifier.load_options();
  load.decode.exif = options.exif.value_or(load.decode.exif);
  load.resize.interpolation = options.interpolation.value_or(load.resize.interpolation);
  load.decode.max_pixels = std::min(load.decode.max_pixels, options.max_pixels);
  return load;
}

classify::OnePhoto classify::read_one(const Classifier& classifier, const fs::path& path,
                                      const ClassifyOptions& options) {
  OnePhoto photo;
  photo.batch = as_batch(data::read_photo(path, load_options_for(classifier, options), photo.note));
  return photo;
}

classify::OnePhoto classify::read_one(const Classifier& classifier, PhotoBytes bytes,
                                      const ClassifyOptions& options) {
  OnePhoto photo;
  photo.batch = as_batch(data::read_photo(bytes, load_options_for(classifier, options), photo.note));
  return photo;
}

classify::OnePhoto classify::read_one(const Classifier& classifier, const PixelView& pixels,
                                      const ClassifyOptions& options) {
  check_size(classifier, pixels, options);
  const std::int64_t row = pixels.width * pixels.channels;
  const std::int64_t stride = pixels.stride_bytes == 0 ? row : pixels.stride_bytes;
  if (stride < row) fail_without_pixels(pixels);
  Tensor image({pixels.height, pixels.width, pixels.channels}, DType::uint8);
  std::uint8_t* to = image.data<std::uint8_t>().data();
  for (std::int64_t y = 0; y < pixels.height; ++y)
    std::memcpy(to + y * row, pixels.data + y * stride, static_cast<std::size_t>(row));
  return {.batch = resized(classifier, image, options)};
}

BatchAnswers classify::answers_with_views(const Classifier& classifier, const Tensor& batch,
                                          const ClassifyOptions& options) {
  BatchAnswers answers = classifier.answers(batch);
  if (options.views > 1) answers.probabilities = averaged_probabilities(classifier, batch, options.views);
  return answers;
}

void classify::complete_answer(PhotoPrediction& answer, const Classifier& classifier,
                               std::span<const float> row, std::optional<double> distance,
                               const ClassifyOptions& options) {
  if (classifier.gives_numbers()) {
    answer.numbers = classifier.numbers_of(row);
  } else {
    answer.predictions = classifier.best(row, options);
    answer.decision = classifier.decide(row, options);
    // Of several labels the decision has no class, and a reason only where they are unknown.
    answer.unknown = classifier.has_several_labels() ? !answer.decision.reason.empty()
                                                     : !answer.decision.index.has_value();
  }
  if (distance) {
    answer.distance = distance;
    answer.unlike_training = *distance > classifier.training_features()->limit;
    if (options.reject && answer.unlike_training) reject_unlike(answer, classifier, row);
  }
  if (!answer.unknown) answer.labels = classifier.labels_of(row);
}

void classify::check_options(const Classifier& classifier, const ClassifyOptions& options) {
  check_numbers(options);
  static_cast<void>(rules_for(classifier, options));
}

std::vector<Prediction> Classifier::predict(const fs::path& path, const ClassifyOptions& options) const {
  check_numbers(options);
  return best_of(*this, classify::read_one(*this, path, options).batch, options);
}

std::vector<Prediction> Classifier::predict(std::span<const std::byte> bytes,
                                            const ClassifyOptions& options) const {
  check_numbers(options);
  return best_of(*this, classify::read_one(*this, bytes, options).batch, options);
}

std::vector<Prediction> Classifier::predict(const Tensor& pixels, const ClassifyOptions& options) const {
  check_numbers(options);
  return best_of(*this, resized(*this, pixels, options), options);
}

std::vector<Prediction> Classifier::predict(const PixelView& pixels, const ClassifyOptions& options) const {
  check_numbers(options);
  return best_of(*this, classify::read_one(*this, pixels, options).batch, options);
}

Decision Classifier::decide(std::span<const float> row, const ClassifyOptions& options) const {
  const DecisionRules rules = rules_for(*this, options);
  if (gives_numbers()) return {};
  if (has_several_labels()) return classify::decide_labels(row, class_names(), label_thresholds(), rules);
  return classify::decide(row, class_names(), rules);
}

}  // namespace graft
