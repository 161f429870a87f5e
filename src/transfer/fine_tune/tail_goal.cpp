// SPDX-License-Identifier: Apache-2.0
#include "transfer/fine_tune/tail_goal.hpp"

#include <algorithm>

#include "graft/classify/logits.hpp"
#include "graft/evaluation.hpp"

#include "transfer/measure/comparison.hpp"
#include "transfer/measure/label_decisions.hpp"
#include "transfer/measure/objective.hpp"

namespace graft::transfer {
namespace {

/// The head separates the training photos from the first step on: without it their loss would fall to
/// nothing, and what the network knows with it. Decision 44 has the measurements.
constexpr double kSmoothing = 0.1;

class OneClassGoal final : public TailGoal {
 public:
  [[nodiscard]] const char* activation() const override { return "softmax"; }
  [[nodiscard]] Tensor truth(const data::Dataset& photos, std::size_t classes) const override {
    std::vector<std::vector<int>> sets;
    for (const int label : photos.labels()) sets.push_back({label});
    return truth_of(sets, classes);
  }
  [[nodiscard]] LossPtr loss() const override {
    return CategoricalCrossentropy({.label_smoothing = kSmoothing});
  }
  [[nodiscard]] const char* metric() const override { return "accuracy"; }
  [[nodiscard]] std::vector<double> class_weights(
      const TrainOptions& options, const Tensor& truth,
      const std::vector<std::string>& class_names) const override {
    return weights_of_classes(options, classes_in(truth), class_names);
  }
  [[nodiscard]] Tensor logits(const Tensor& output) const override {
    return classify::logits_of(output, "softmax");
  }
  [[nodiscard]] double judge(const Tensor& logits, const Tensor& truth,
                             std::span<const double> class_weights) const override {
    return calibrated_loss(logits, classes_in(truth), class_weights);
  }
  [[nodiscard]] HeadScore score(const Tensor& logits, const Tensor& truth) const override {
    return score_logits(logits, classes_in(truth)).mean();
  }
};

/// No smoothing: it moves towards one half, where few photos have a label.
class SeveralLabelsGoal final : public TailGoal {
 public:
  [[nodiscard]] const char* activation() const override { return "sigmoid"; }
  [[nodiscard]] Tensor truth(const data::Dataset& photos, std::size_t classes) const override {
    return truth_of(photos.label_sets(), classes);
  }
  [[nodiscard]] LossPtr loss() const override { return BinaryCrossentropy(); }
  [[nodiscard]] const char* metric() const override { return "binary_accuracy"; }
  [[nodiscard]] std::vector<double> class_weights(
      const TrainOptions& /*options*/, const Tensor& /*truth*/,
      const std::vector<std::string>& /*class_names*/) const override {
    return {};
  }
  [[nodiscard]] Tensor logits(const Tensor& output) const override { return logits_of_labels(output); }
  [[nodiscard]] double judge(const Tensor& logits, const Tensor& truth,
                             std::span<const double> /*class_weights*/) const override {
    const LabelDecisions decisions = decisions_of(logits, truth);
    return calibrated_loss(decisions.logits, decisions.truth, {});
  }
  [[nodiscard]] HeadScore score(const Tensor& logits, const Tensor& truth) const override {
    return {.loss = several_loss(logits, truth),
            .accuracy =
                several_labels_figures(sigmoid_of(logits), truth,
                                       std::vector<double>(static_cast<std::size_t>(truth.shape()[1]), 0.5))
                    .exact_match};
  }
};

}  // namespace

const TailGoal& one_class_goal() {
  static const OneClassGoal goal;
  return goal;
}

const TailGoal& several_labels_goal() {
  static const SeveralLabelsGoal goal;
  return goal;
}

std::vector<int> classes_in(const Tensor& truth) {
  const auto width = static_cast<std::size_t>(truth.shape()[1]);
  std::vector<int> classes;
  for (std::size_t at = 0; at < truth.data<float>().size(); at += width) {
    const auto row = truth.data<float>().subspan(at, width);
    classes.push_back(static_cast<int>(std::ranges::max_element(row) - row.begin()));
  }
  return classes;
}

Tensor truth_of_views(const Tensor& truth, std::int64_t rows) {
  Tensor all({rows, truth.shape()[1]});
  const std::int64_t photos = truth.shape()[0];
  for (std::int64_t row = 0; photos > 0 && row + photos <= rows; row += photos)
    all.slice(row, row + photos).copy_from(truth);
  return all;
}

}  // namespace graft::transfer
