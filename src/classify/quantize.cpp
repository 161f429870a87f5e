// SPDX-License-Identifier: Apache-2.0
#include "graft/quantize.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/base/text.hpp"
#include "graft/classify/best_class.hpp"
#include "graft/classify/int8_ranges.hpp"
#include "graft/plan/int8_values.hpp"
#include "graft/plan/plan.hpp"
#include "graft/plan/runner.hpp"

namespace graft::classify {
namespace {

/// Photos on which the layers are tried one by one.
constexpr std::int64_t kTrialPhotos = 16;

void tell_stage(const QuantizeOptions& options, const std::string& stage, std::size_t done,
                std::size_t total) {
  if (options.progress && !options.progress(stage, done, total))
    fail(ErrorKind::interrupted, "quantize: stopped");
}

Json with_ranges(Json metadata, const plan::ValueRanges& ranges) {
  if (!metadata.is_object()) metadata = Json::object();
  metadata[kInt8Key] = ranges.to_json();
  return metadata;
}

/// Probabilities (N, classes) of all samples, in this precision.
Tensor answers(const Classifier& classifier, const data::Dataset& photos, DTypePolicy precision) {
  const Classifier in_precision(classifier.model(), classifier.metadata(), {.dtype_policy = precision});
  return in_precision.probabilities(photos);
}
Tensor int8_answers(const Classifier& classifier, const data::Dataset& photos,
                    const plan::ValueRanges& ranges) {
  return answers(Classifier(classifier.model(), with_ranges(classifier.metadata(), ranges)), photos,
                 DTypePolicy::int8);
}

/// What differences are measured in, one a column: 1, or the standard deviation of numbers.
std::vector<double> units_of(const Classifier& classifier, const Tensor& exact) {
  const auto width = static_cast<std::size_t>(exact.shape()[1]);
  std::vector<double> units(width, 1);
  if (!classifier.gives_numbers()) return units;
  const auto rows = static_cast<double>(exact.shape()[0]);
  for (std::size_t k = 0; k < width; ++k) {
    double mean = 0, variance = 0;
    for (std::size_t at = k; at < exact.data().size(); at += width) mean += exact.data()[at] / rows;
    for (std::size_t at = k; at < exact.data().size(); at += width) {
      const double distance = exact.data()[at] - mean;
      variance += distance * distance / rows;
    }
    if (variance > 0) units[k] = std::sqrt(variance);
  }
  return units;
}

/// Counts the labels of photos that only one of both gives.
void compare_labels(const Classifier& classifier, const Tensor& exact, const Tensor& low,
                    Int8Comparison& result) {
  const std::vector<double>& thresholds = classifier.label_thresholds();
  std::size_t others = 0;
  for (std::size_t i = 0; i < result.photos; ++i) {
    const std::size_t before = others;
    for (std::size_t k = 0; k < thresholds.size(); ++k) {
      const std::size_t at = i * thresholds.size() + k;
      const bool given = static_cast<double>(exact.data()[at]) >= thresholds[k];
      others += given != (static_cast<double>(low.data()[at]) >= thresholds[k]) ? 1 : 0;
    }
    result.other_class += others > before ? 1 : 0;
  }
  result.other_labels =
      static_cast<double>(others) / static_cast<double>(std::max<std::size_t>(1, exact.data().size()));
}

Int8Comparison compared_answers(const Classifier& classifier, const Tensor& exact, const Tensor& low,
                                const std::vector<int>& truth) {
  const std::vector<double> units = units_of(classifier, exact);
  const std::size_t width = units.size();
  Int8Comparison result{.photos = static_cast<std::size_t>(exact.shape()[0])};
  double squares = 0;
  for (std::size_t at = 0; at < exact.data().size(); ++at) {
    const double moved = std::abs(static_cast<double>(exact.data()[at]) - low.data()[at]) / units[at % width];
    result.mean_moved += moved / static_cast<double>(exact.data().size());
    squares += moved * moved / static_cast<double>(exact.data().size());
    // What is not a number must count as large.
    result.most_moved = moved <= result.most_moved ? result.most_moved : moved;
  }
  if (classifier.gives_numbers()) {
    result.moved_variance = squares;
    return result;
  }
  if (classifier.has_several_labels()) {
    compare_labels(classifier, exact, low, result);
    return result;
  }
  const std::vector<int> classes = best_classes(exact), low_classes = best_classes(low);
  result.other_class = result.photos - equal_classes(classes, low_classes);
  if (truth.empty()) return result;
  result.right_float32 = equal_classes(classes, truth);
  result.right_int8 = equal_classes(low_classes, truth);
  return result;
}

/// Layers with convolutions or Dense, in order.
std::vector<std::string> layers_of_products(const Classifier& classifier, const data::Dataset& photos) {
  const plan::Plan plan =
      plan::Plan::lower(classifier.model(), {.input_shape = photos.sample_shape(),
                                             .outputs = {},
                                             .execution = {.dtype_policy = DTypePolicy::float32}});
  std::vector<std::string> layers;
  for (const plan::StepInfo& step : plan.steps()) {
    const bool product = step.op == "Convolution" || step.op == "Dense";
    if (product && (layers.empty() || layers.back() != step.layer)) layers.push_back(step.layer);
  }
  return layers;
}

/// The layers by how much each, alone in int8, changes the answers; the one that changes most first.
std::vector<std::string> most_sensitive_first(const Classifier& classifier, const data::Dataset& photos,
                                              const plan::ValueRanges& ranges,
                                              const QuantizeOptions& options) {
  const auto count = std::min(photos.size(), static_cast<std::size_t>(kTrialPhotos));
  std::vector<std::size_t> first(count);
  for (std::size_t i = 0; i < count; ++i) first[i] = i * photos.size() / count;
  const data::Dataset some = photos.subset(first, {.batch_size = kTrialPhotos, .class_names = {}});
  const Tensor exact = answers(classifier, some, DTypePolicy::float32);
  const std::vector<std::string> layers = layers_of_products(classifier, photos);
  std::vector<std::pair<double, std::string>> moved;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    tell_stage(options, "trying layers", i, layers.size());
    plan::ValueRanges alone = ranges;
    alone.float32_layers.insert(layers.begin(), layers.end());
    alone.float32_layers.erase(layers[i]);
    moved.emplace_back(
        compared_answers(classifier, exact, int8_answers(classifier, some, alone), {}).mean_moved, layers[i]);
  }
  std::ranges::stable_sort(moved, [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> sorted;
  sorted.reserve(moved.size());
  for (const auto& [by, layer] : moved) sorted.push_back(layer);
  return sorted;
}

plan::ValueRanges recorded_ranges(const Classifier& classifier, const data::Dataset& photos,
                                  const QuantizeOptions& options) {
  plan::RangeRecorder recorder(classifier.model(), photos.sample_shape());
  data::BatchIterator batches = photos.iterate();
  std::size_t done = 0;
  while (const auto batch = batches.next()) {
    recorder.record(batch->images.to(DType::float32));
    done += batch->indices.size();
    tell_stage(options, "recording ranges", done, photos.size());
  }
  return recorder.ranges();
}

void check_quantize(const Classifier& classifier, const data::Dataset& compare_on,
                    const QuantizeOptions& options) {
  if (!(options.most_lost >= 0 && options.most_lost <= 1))
    fail(ErrorKind::invalid_argument, "most_lost: expected 0 to 1, received ", options.most_lost);
  if (!options.truth.empty() && (classifier.gives_numbers() || classifier.has_several_labels()))
    fail(ErrorKind::invalid_argument,
         "truth: expected none, as the model does not answer with one class a photo");
  if (!options.truth.empty() && options.truth.size() != compare_on.size()) {
    fail(ErrorKind::invalid_argument, "truth: expected one class for each of ", compare_on.size(),
         " photos, received ", options.truth.size());
  }
}

std::shared_ptr<const plan::ValueRanges> ranges_of(const Classifier& classifier) {
  std::shared_ptr<const plan::ValueRanges> ranges = int8_ranges(classifier.metadata());
  if (ranges == nullptr) {
    fail(ErrorKind::invalid_argument,
         "the model has no ranges for 8 bits; make a model that has them with graft quantize first");
  }
  return ranges;
}

}  // namespace

std::shared_ptr<const plan::ValueRanges> int8_ranges(const Json& metadata) {
  if (!metadata.is_object() || !metadata.contains(kInt8Key)) return nullptr;
  return std::make_shared<plan::ValueRanges>(plan::ValueRanges::from_json(metadata[kInt8Key]));
}

Int8Values int8_values(const Classifier& classifier) {
  const Size2D size = classifier.image_size();
  return plan::int8_values(classifier.model(),
                           {size.height, size.width, classifier.model().input_shape()[-1]},
                           ranges_of(classifier));
}

Tensor int8_output(const Classifier& classifier, const Tensor& batch) {
  plan::Runner runner(classifier.model(),
                      {.execution = {.dtype_policy = DTypePolicy::int8}, .ranges = ranges_of(classifier)});
  return runner.run_first(batch.to(DType::float32));
}

double Int8Comparison::lost() const {
  if (photos == 0) return 0;
  if (moved_variance) return *moved_variance;  // no number: above any limit
  if (other_labels) return *other_labels;
  const auto count = static_cast<double>(photos);
  if (!right_float32 || !right_int8) return static_cast<double>(other_class) / count;
  return std::max(0.0, (static_cast<double>(*right_float32) - static_cast<double>(*right_int8)) / count);
}

Json Int8Comparison::to_json() const {
  const auto count = static_cast<double>(std::max<std::size_t>(1, photos));
  Json json = {{"photos", photos}};
  if (!moved_variance) json["agreement"] = 1 - static_cast<double>(other_class) / count;
  if (other_labels) json["other_labels"] = *other_labels;
  if (right_float32) json["accuracy_float32"] = static_cast<double>(*right_float32) / count;
  if (right_int8) json["accuracy_int8"] = static_cast<double>(*right_int8) / count;
  json["lost"] = lost();
  json["mean_moved"] = mean_moved;
  json["most_moved"] = most_moved;
  return json;
}

Quantized quantize(const Classifier& classifier, const data::Dataset& calibrate_on,
                   const data::Dataset& compare_on, const QuantizeOptions& options) {
  check_quantize(classifier, compare_on, options);
  Quantized result;
  plan::ValueRanges ranges = recorded_ranges(classifier, calibrate_on, options);
  const Tensor exact = answers(classifier, compare_on, DTypePolicy::float32);
  const auto try_ranges = [&] {
    tell_stage(options, "comparing", 0, compare_on.size());
    result.compared =
        compared_answers(classifier, exact, int8_answers(classifier, compare_on, ranges), options.truth);
    return result.compared.lost() <= options.most_lost;
  };
  if (!try_ranges()) {
    const std::vector<std::string> layers = most_sensitive_first(classifier, calibrate_on, ranges, options);
    bool found = false;
    for (std::size_t exact_layers = 1; !found; exact_layers *= 2) {
      if (exact_layers > (layers.size() + 1) / 2) {
        fail(ErrorKind::unsupported, "int8 loses ", percent(result.compared.lost()), " of the answers to ",
             result.compared.photos, " photos, more than the ", percent(options.most_lost),
             " allowed, also with ", ranges.float32_layers.size(),
             " layers in float32; allow more, or stay with float32 or mixed_bfloat16");
      }
      ranges.float32_layers = {layers.begin(), layers.begin() + static_cast<std::ptrdiff_t>(exact_layers)};
      found = try_ranges();
    }
  }
  result.metadata = with_ranges(classifier.metadata(), ranges);
  result.float32_layers = ranges.float32_layers;
  result.values = ranges.ranges.size();
  (*result.metadata)[kInt8Key]["compared"] = result.compared.to_json();
  return result;
}

}  // namespace graft::classify
