// SPDX-License-Identifier: Apache-2.0
// graft.h: photos to answers and to features.
#include <limits>
#include <memory>

#include "graft/base/fail.hpp"
#include "graft/classify/one_photo.hpp"
#include "graft/image.hpp"

#include "c_api/guard.hpp"
#include "c_api/handles.hpp"

namespace graft::c_api {
namespace {

std::optional<data::Exif> exif_of(const char* name) {
  if (name == nullptr) return std::nullopt;
  const std::string_view text = name;
  for (const data::Exif exif : {data::Exif::apply, data::Exif::ignore})
    if (text == to_string(exif)) return exif;
  fail_option(ErrorKind::invalid_argument, "exif", "exif: expected apply or ignore, received '", text, "'");
}

/// With all classes in the answer.
ClassifyOptions classify_options(const graft_classify_options* from) {
  const auto given = read_struct(from, "options");
  ClassifyOptions options{.top = std::numeric_limits<int>::max(), .exif = exif_of(given.exif)};
  const std::int64_t views = count_or_zero(given.views, "views", kMostViews);
  if (views > 0) options.views = static_cast<int>(views);
  options.reject = flag(given.reject, "reject");
  if (given.reject_below != 0) options.reject_below = given.reject_below;
  if (options.reject_below && !options.reject) {
    fail_option(ErrorKind::invalid_argument, "reject_below",
                "reject_below: has no effect without reject; set reject to 1, or leave it at 0");
  }
  if (given.interpolation != nullptr)
    options.interpolation = data::resize_method_from_name(given.interpolation);
  const std::int64_t pixels =
      count_or_zero(given.max_pixels, "max_pixels", std::numeric_limits<std::int64_t>::max());
  if (pixels > 0) options.max_pixels = pixels;
  return options;
}

/// Checks that the rows are within the caller's memory.
void check_length(const PixelView& view, std::size_t length) {
  if (length == 0 || view.width < 1 || view.height < 1 || view.channels < 1) return;
  const std::int64_t row = view.width * view.channels;
  const std::int64_t stride = view.stride_bytes == 0 ? row : view.stride_bytes;
  const auto bytes = static_cast<std::int64_t>(
      std::min(length, static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max())));
  if (bytes >= row && view.height - 1 <= (bytes - row) / stride) return;
  fail(ErrorKind::invalid_argument, "pixels: ", length, " bytes are too few for ", view.height, " rows of ",
       row, " bytes with a stride of ", stride);
}

PixelView pixel_view(const std::uint8_t* data, const graft_pixels* from) {
  const auto given = read_struct(&required(from, "pixels"), "pixels");
  PixelView view{.data = &required(data, "data"),
                 .width = count_or_zero(given.width, "width"),
                 .height = count_or_zero(given.height, "height"),
                 .channels = count_or_zero(given.channels, "channels"),
                 .stride_bytes = count_or_zero(given.stride, "stride", std::int64_t{1} << 62)};
  check_length(view, given.length);
  return view;
}

/// Photo: a path, bytes or a PixelView.
template <typename Photo>
std::unique_ptr<graft_answer> answer_for(const graft_classifier* from, const Photo& photo,
                                         const graft_classify_options* given) {
  const Classifier& classifier = required(from, "classifier").classifier;
  const ClassifyOptions options = classify_options(given);
  classify::check_options(classifier, options);
  classify::OnePhoto read = classify::read_one(classifier, photo, options);
  const BatchAnswers answers = classify::answers_with_views(classifier, read.batch, options);
  auto answer = std::make_unique<graft_answer>(graft_answer{.classifier = classifier});
  const std::span<const float> row = answers.probabilities.data();
  std::optional<double> distance;
  if (!answers.distances.empty()) distance = answers.distances.front();
  answer->probabilities.assign(row.begin(), row.end());
  answer->photo.note = std::move(read.note);
  classify::complete_answer(answer->photo, classifier, row, distance, options);
  for (const std::string& name : answer->photo.decision.also) answer->also.push_back(name.c_str());
  return answer;
}

template <typename Photo>
std::unique_ptr<graft_features> features_for(const graft_classifier* from, const Photo& photo,
                                             const graft_classify_options* given) {
  const Classifier& classifier = required(from, "classifier").classifier;
  const ClassifyOptions options = classify_options(given);
  if (options.views > 1)
    fail_option(ErrorKind::invalid_argument, "views", "views: has no effect on features; leave it at 0");
  if (options.reject)
    fail_option(ErrorKind::invalid_argument, "reject", "reject: has no effect on features; leave it at 0");
  const Tensor rows = classifier.features(classify::read_one(classifier, photo, options).batch);
  return std::make_unique<graft_features>(graft_features{{rows.data().begin(), rows.data().end()}});
}

std::filesystem::path photo_path(const char* path) { return required_text(path, "path"); }

}  // namespace
}  // namespace graft::c_api

using namespace graft::c_api;  // NOLINT(google-build-using-namespace,google-global-names-in-headers): what
                               // follows are C's functions

graft_status graft_classify_file(const graft_classifier* classifier, const char* path,
                                 const graft_classify_options* options, graft_answer** answer,
                                 graft_error** error) {
  return guarded_result(answer, error, [&] { return answer_for(classifier, photo_path(path), options); });
}
graft_status graft_features_file(const graft_classifier* classifier, const char* path,
                                 const graft_classify_options* options, graft_features** features,
                                 graft_error** error) {
  return guarded_result(features, error, [&] { return features_for(classifier, photo_path(path), options); });
}

// C has no spans: these have more parameters than others.
// NOLINTBEGIN(readability-function-size)
graft_status graft_classify_bytes(const graft_classifier* classifier, const void* bytes, size_t length,
                                  const graft_classify_options* options, graft_answer** answer,
                                  graft_error** error) {
  return guarded_result(answer, error,
                        [&] { return answer_for(classifier, bytes_of(bytes, length, "bytes"), options); });
}
graft_status graft_classify_pixels(const graft_classifier* classifier, const uint8_t* data,
                                   const graft_pixels* pixels, const graft_classify_options* options,
                                   graft_answer** answer, graft_error** error) {
  return guarded_result(answer, error,
                        [&] { return answer_for(classifier, pixel_view(data, pixels), options); });
}
graft_status graft_features_bytes(const graft_classifier* classifier, const void* bytes, size_t length,
                                  const graft_classify_options* options, graft_features** features,
                                  graft_error** error) {
  return guarded_result(features, error,
                        [&] { return features_for(classifier, bytes_of(bytes, length, "bytes"), options); });
}
graft_status graft_features_pixels(const graft_classifier* classifier, const uint8_t* data,
                                   const graft_pixels* pixels, const graft_classify_options* options,
                                   graft_features** features, graft_error** error) {
  return guarded_result(features, error,
                        [&] { return features_for(classifier, pixel_view(data, pixels), options); });
}
// NOLINTEND(readability-function-size)

void graft_answer_free(graft_answer* answer) { delete answer; }
void graft_features_free(graft_features* features) { delete features; }

size_t graft_features_count(const graft_features* features) {
  return features == nullptr ? 0 : features->values.size();
}
const float* graft_features_values(const graft_features* features) {
  return features == nullptr ? nullptr : features->values.data();
}
