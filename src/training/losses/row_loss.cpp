// SPDX-License-Identifier: Apache-2.0
#include "training/losses/row_loss.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/extend/layer.hpp"

#include "training/serialised.hpp"

namespace graft::training {

Extent extent_of(const Tensor& predictions, const std::string& who) {
  if (predictions.shape().rank() < 2 || predictions.shape()[-1] < 1) {
    fail(ErrorKind::shape_mismatch, who, ": expected predictions (N, K), received ", predictions.shape());
  }
  const auto columns = static_cast<std::size_t>(predictions.shape()[-1]);
  return {static_cast<std::size_t>(predictions.count()) / columns, columns};
}

LabelReader::LabelReader(const Tensor& labels, Extent extent, bool sparse, std::string who)
    : labels_(labels), extent_(extent), sparse_(sparse), who_(std::move(who)) {
  const std::size_t expected = sparse ? extent.rows : extent.rows * extent.columns;
  if (static_cast<std::size_t>(labels.count()) != expected) {
    fail(ErrorKind::shape_mismatch, who_, ": expected labels ",
         sparse ? "(N,), the class of each sample," : "of the predictions' shape", " for predictions (",
         extent.rows, ", ", extent.columns, "), received ", labels.shape(), "; ",
         sparse ? "use label_mode=int" : "use label_mode=binary or categorical");
  }
  if (labels.dtype() != DType::float32 && labels.dtype() != DType::int32) {
    fail(ErrorKind::shape_mismatch, who_, ": expected labels float32 or int32, received ",
         to_string(labels.dtype()));
  }
}

double LabelReader::at(std::size_t index) const {
  if (labels_.dtype() == DType::int32) return labels_.data<std::int32_t>()[index];
  return labels_.data<float>()[index];
}

void LabelReader::read(std::size_t row, std::span<double> target) const {
  if (!sparse_) {
    for (std::size_t k = 0; k < target.size(); ++k) target[k] = at(row * target.size() + k);
    return;
  }
  const double label = at(row);
  if (!(label >= 0) || label >= static_cast<double>(target.size())) {
    fail(ErrorKind::invalid_argument, who_, ": label ", label, " is outside 0..", target.size() - 1,
         ", the model's outputs");
  }
  std::ranges::fill(target, 0.0);
  target[static_cast<std::size_t>(label)] = 1;
}

bool LabelReader::all_zero_or_one() const {
  for (std::size_t i = 0; i < static_cast<std::size_t>(labels_.count()); ++i) {
    if (at(i) != 0 && at(i) != 1) return false;
  }
  return true;
}

RowLoss::RowLoss(const Traits& traits) : traits_(traits), name_(layers::to_snake_case(traits.class_name)) {
  if (!(traits.label_smoothing >= 0 && traits.label_smoothing <= 1)) {
    fail(ErrorKind::invalid_argument, name_, ": label_smoothing: expected 0 to 1, received ",
         traits.label_smoothing);
  }
}

double RowLoss::compute(const LossInput& input, Tensor* gradient) const {
  const Extent extent = extent_of(input.predictions, name_);
  const LabelReader labels(input.labels, extent, traits_.labels == LabelKind::sparse, name_);
  const Tensor& weights = input.sample_weight;
  if (!weights.empty() && static_cast<std::size_t>(weights.count()) != extent.rows) {
    fail(ErrorKind::shape_mismatch, "sample_weight: expected one number for each of ", extent.rows,
         " samples, received ", weights.shape());
  }
  const double keep = 1 - traits_.label_smoothing;
  const double even = traits_.label_smoothing *
                      (traits_.labels == LabelKind::binary ? 0.5 : 1.0 / static_cast<double>(extent.columns));
  const bool hinge = zero_means_minus_one() && labels.all_zero_or_one();
  const double scale = 1.0 / static_cast<double>(std::max<std::size_t>(extent.rows, 1));
  std::vector<double> target(extent.columns);
  std::vector<double> slope(extent.columns);
  double sum = 0;
  for (std::size_t i = 0; i < extent.rows; ++i) {
    labels.read(i, target);
    for (double& t : target) t = hinge ? 2 * t - 1 : t * keep + even;
    const auto scores = input.predictions.data<float>().subspan(i * extent.columns, extent.columns);
    const double weight = weights.empty() ? 1.0 : static_cast<double>(weights.data<float>()[i]);
    sum += weight * row({target, scores, input.logits}, slope);
    if (gradient == nullptr) continue;
    auto out = gradient->data<float>().subspan(i * extent.columns, extent.columns);
    for (std::size_t k = 0; k < extent.columns; ++k) out[k] = static_cast<float>(weight * slope[k] * scale);
  }
  return sum * scale;
}

Json RowLoss::config() const {
  Json config{{"name", name_}, {"reduction", "sum_over_batch_size"}};
  config.update(own_config());
  return write_serialised("keras.losses", traits_.class_name, std::move(config));
}

double probabilities(const Row& row, std::span<double> out) {
  double sum = 0;
  const double most = row.logits ? static_cast<double>(*std::ranges::max_element(row.scores)) : 0.0;
  for (std::size_t k = 0; k < out.size(); ++k) {
    const double score = row.scores[k];
    out[k] = row.logits ? std::exp(score - most) : score;
    sum += out[k];
  }
  for (double& q : out) q /= sum;
  return sum;
}

}  // namespace graft::training
