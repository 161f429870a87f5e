// SPDX-License-Identifier: Apache-2.0
// What fine-tuning teaches where photos have numbers.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "transfer/fine_tune/tail_goal.hpp"

namespace graft {
inline namespace transfer {

/// A linear head and Keras's mean squared error. In training each number is counted from the mean of the
/// training photos, in their standard deviations, so that numbers of all units learn at one rate and count
/// alike.
class NumbersGoal final : public TailGoal {
 public:
  /// Takes mean and standard deviation from the training photos' numbers, (n, K). A number that does not vary
  /// there keeps its unit.
  void set_scale(const Tensor& train_truth);

  [[nodiscard]] const char* activation() const override { return "linear"; }
  [[nodiscard]] Tensor truth(const data::Dataset& photos, std::size_t numbers) const override;
  [[nodiscard]] LossPtr loss() const override;
  [[nodiscard]] const char* metric() const override { return "mean_absolute_error"; }
  [[nodiscard]] std::vector<double> class_weights(
      const TrainOptions& /*options*/, const Tensor& /*truth*/,
      const std::vector<std::string>& /*class_names*/) const override {
    return {};
  }
  [[nodiscard]] Tensor logits(const Tensor& output) const override { return output; }
  [[nodiscard]] double judge(const Tensor& logits, const Tensor& truth,
                             std::span<const double> class_weights) const override;
  [[nodiscard]] HeadScore score(const Tensor& logits, const Tensor& truth) const override;
  [[nodiscard]] bool counts_errors() const override { return false; }
  /// docs/decisions/0108-a-step-of-numbers.md.
  [[nodiscard]] std::optional<double> longest_step() const override { return 0.25; }
  [[nodiscard]] const char* accuracy_name() const override { return "share of the variance explained"; }

  [[nodiscard]] Tensor to_training(const Tensor& values) const override;
  [[nodiscard]] Tensor from_training(const Tensor& values) const override;
  [[nodiscard]] LinearHead to_training(const LinearHead& head) const override;
  [[nodiscard]] LinearHead from_training(const LinearHead& head) const override;

 private:
  std::vector<double> mean_, deviation_;  ///< of each number
};

/// Mean over all rows and numbers of the distance between answers and truth, both (N, K).
[[nodiscard]] double mean_distance(const Tensor& answers, const Tensor& truth);

}  // namespace transfer
}  // namespace graft
