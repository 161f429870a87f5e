// SPDX-License-Identifier: Apache-2.0
// What fine-tuning teaches: one class a photo, any number of labels, or numbers.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/dataset.hpp"
#include "graft/train.hpp"
#include "graft/training/losses.hpp"
#include "graft/transfer/logistic_head.hpp"

namespace graft {
inline namespace transfer {

/// The truth of photos, the loss, and how answers are judged.
class TailGoal {
 public:
  TailGoal() = default;
  virtual ~TailGoal() = default;
  TailGoal(const TailGoal&) = delete;
  TailGoal& operator=(const TailGoal&) = delete;
  TailGoal(TailGoal&&) = delete;
  TailGoal& operator=(TailGoal&&) = delete;

  /// Of the head: "softmax".
  [[nodiscard]] virtual const char* activation() const = 0;
  /// float32 (N, classes): 1 for the class of a photo, or for each of its labels; or numbers, as
  /// to_training().
  [[nodiscard]] virtual Tensor truth(const data::Dataset& photos, std::size_t classes) const = 0;
  [[nodiscard]] virtual LossPtr loss() const = 0;
  /// Keras's name of the metric that the history has beside the loss.
  [[nodiscard]] virtual const char* metric() const = 0;
  /// What each class weighs in the loss; empty: all the same. truth: of the training photos.
  [[nodiscard]] virtual std::vector<double> class_weights(
      const TrainOptions& options, const Tensor& truth,
      const std::vector<std::string>& class_names) const = 0;

  /// Of what the head returns, (N, classes).
  [[nodiscard]] virtual Tensor logits(const Tensor& output) const = 0;
  /// The mean loss of logits by which weights are chosen: calibrated_loss().
  [[nodiscard]] virtual double judge(const Tensor& logits, const Tensor& truth,
                                     std::span<const double> class_weights) const = 0;
  /// The mean loss of logits as they are, and the part of the photos that is answered rightly; of labels, all
  /// of them.
  [[nodiscard]] virtual HeadScore score(const Tensor& logits, const Tensor& truth) const = 0;
  /// Whether a photo is answered rightly or wrongly. Numbers are not: their accuracy is the share of the
  /// truth's variance that they explain.
  [[nodiscard]] virtual bool counts_errors() const { return true; }
  /// How far one step of training may move the answers, as a part of their error: the root of judge(), which
  /// is then a mean square. Unset: a step of the rate for classes moves none too far, as softmax and sigmoid
  /// with their cross-entropies bend what is far out.
  [[nodiscard]] virtual std::optional<double> longest_step() const { return std::nullopt; }
  /// What messages call the score's accuracy.
  [[nodiscard]] virtual const char* accuracy_name() const { return "accuracy"; }

  /// Answers or truth (N, K) as they are in training, and as the model has them; a head likewise. They differ
  /// for numbers alone, which have units.
  [[nodiscard]] virtual Tensor to_training(const Tensor& values) const { return values; }
  [[nodiscard]] virtual Tensor from_training(const Tensor& values) const { return values; }
  [[nodiscard]] virtual LinearHead to_training(const LinearHead& head) const { return head; }
  [[nodiscard]] virtual LinearHead from_training(const LinearHead& head) const { return head; }
};

/// Softmax and Keras's categorical cross-entropy, labels smoothed.
[[nodiscard]] const TailGoal& one_class_goal();
/// Sigmoids and Keras's binary cross-entropy.
[[nodiscard]] const TailGoal& several_labels_goal();

/// The class of each row of the truth: the first of its largest numbers.
[[nodiscard]] std::vector<int> classes_in(const Tensor& truth);
/// The truth of a photo's further views is that of the photo: (rows, classes), view by view.
[[nodiscard]] Tensor truth_of_views(const Tensor& truth, std::int64_t rows);

}  // namespace transfer
}  // namespace graft
