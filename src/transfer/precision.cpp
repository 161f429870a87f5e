// SPDX-License-Identifier: Apache-2.0
#include "transfer/precision.hpp"

#include <algorithm>
#include <cmath>

#include "graft/base/error.hpp"
#include "graft/base/text.hpp"
#include "graft/layers/layers.hpp"

namespace graft::transfer {
namespace {

constexpr std::int64_t kPhotos = 16;
/// Rounding to bfloat16 moves the features of a healthy network by about 1 %, as measured on MobileNetV2 and
/// VGG16; a head does not notice. Several times that says that some layer loses more.
constexpr double kMostDifference = 0.04;

Model features_of_base(const BaseModel& base, Size2D size) {
  const SymbolicTensor input = Input({size.height, size.width, 3});
  const SymbolicTensor x = applications::add_preprocessing(input, base.application->preprocessing);
  return {input, layers::GlobalAveragePooling2D()(base.model(x, {.training = false}))};
}

Tensor features(const Model& model, const Tensor& photos, plan::Precision precision) {
  plan::Plan plan = plan::Plan::lower(model, {.batch_size = photos.shape()[0],
                                              .input_shape = photos.shape().without_batch(),
                                              .precision = precision});
  plan.forward(photos);
  return plan.output().clone();
}

/// |mixed - exact| / |exact| of each photo's features; the mean and the largest over the photos.
struct Difference {
  double mean = 0, largest = 0;
};

Difference difference(const Tensor& mixed, const Tensor& exact) {
  const auto rows = static_cast<std::size_t>(exact.shape()[0]);
  const auto columns = static_cast<std::size_t>(exact.shape()[1]);
  Difference result;
  for (std::size_t row = 0; row < rows; ++row) {
    double moved = 0;
    double size = 0;
    for (std::size_t i = row * columns; i < (row + 1) * columns; ++i) {
      const auto x = static_cast<double>(exact.data()[i]);
      moved += std::pow(static_cast<double>(mixed.data()[i]) - x, 2);
      size += x * x;
    }
    const double one = size > 0 ? std::sqrt(moved / size) : std::sqrt(moved);
    // What is not a number must count as large.
    result.largest = one <= result.largest ? result.largest : one;
    result.mean += one / static_cast<double>(rows);
  }
  return result;
}

}  // namespace

void set_precision(TrainResult& result, const BaseModel& base, const Photos& photos,
                   const TrainOptions& options, Reporter& reporter) {
  if (options.precision != "auto") {
    plan::set_global_policy(plan::precision_from_name(options.precision));
    result.facts["precision"] = options.precision;
    return;
  }
  plan::set_global_policy(plan::Precision::float32);
  result.facts["precision"] = "float32";
  std::string line = "float32: this processor has no fast bfloat16";
  if (plan::has_fast_mixed_precision()) {
    data::DatasetOptions first = photos.train.options();
    first.batch_size = kPhotos;
    const auto batch = photos.train.with_options(first).iterate().next();
    const Model model = features_of_base(base, result.image_size);
    const Difference found = difference(features(model, batch->images, plan::Precision::mixed_bfloat16),
                                        features(model, batch->images, plan::Precision::float32));
    const bool agrees = found.largest <= kMostDifference;
    if (agrees) plan::set_global_policy(plan::Precision::mixed_bfloat16);
    result.facts["precision"] = std::string(to_string(plan::global_policy()));
    result.facts["bfloat16_difference"] = {{"mean", found.mean}, {"largest", found.largest}};
    line = cat(agrees ? "mixed_bfloat16" : "float32", ": features of ", batch->images.shape()[0],
               " photos move by ", percent(found.mean), " on average, ", percent(found.largest),
               " at most in bfloat16");
  }
  result.notes.push_back(line);
  reporter.say(line);
}

}  // namespace graft::transfer
