// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "graft/tensor.hpp"

namespace graft {
inline namespace transfer {

/// A softmax or sigmoid head on features: logits = features kernel + bias.
struct LinearHead {
  Tensor kernel;  ///< (D, K)
  Tensor bias;    ///< (K)
};

/// Multinomial logistic regression on features, minimising
///   mean over the rows of -log softmax(x W + b)[label] + l2 / 2 |W|^2
/// with x centred and divided by its root mean square, so that one range of l2 fits all networks; the result
/// is expressed for the features as they are. The minimum is unique, so it depends on nothing but data and
/// l2.
class LogisticSolver {
 public:
  /// features: float32 (N, D); labels: N classes in 0..classes-1. Keeps the features, which nobody may change
  /// meanwhile; beyond them its memory does not grow with N.
  LogisticSolver(const Tensor& features, std::span<const int> labels, std::size_t classes);
  /// Several labels a row: for each class by itself logistic regression of having its label,
  ///   mean over the rows of -log sigmoid(x w + b), or -log(1 - sigmoid(x w + b)) without, + l2 / 2 |w|^2
  /// targets: float32 (N, K), 1 or 0.
  LogisticSolver(const Tensor& features, const Tensor& targets);
  /// With targets: weights the loss of rows that have a label, class by class (empty: 1), and of each row
  /// (empty: 1), from the next solve() on.
  void weigh_labels(std::span<const double> positive_weights, std::span<const float> row_weights);
  /// Weights the loss of each row by its class (empty: all the same) and its own weight (empty: 1), from the
  /// next solve() on.
  void weigh(std::span<const int> labels, std::span<const double> class_weights,
             std::span<const float> row_weights = {});
  /// Solves for one strength, starting from the last solution. tolerance: no component of the gradient is
  /// larger at the end, unless 200 steps do not suffice.
  [[nodiscard]] LinearHead solve(double l2, double tolerance = 1e-5);
  /// From here on solve() holds back the distance to this head, of its bias too, in place of the kernel's
  /// size, and starts from it: what the head knew of classes that the rows do not show stays. L2 towards an
  /// earlier solution: Li, Grandvalet and Davoine 2018, "Explicit inductive bias for transfer learning".
  /// Throws Error{shape_mismatch} for a head of another size.
  void stay_near(const LinearHead& head);
  /// Iterations of the last solve().
  [[nodiscard]] int iterations() const { return iterations_; }
  /// What the centred features are multiplied by.
  [[nodiscard]] double scale() const { return static_cast<double>(scale_); }

 private:
  /// What both constructors do.
  void prepare();
  /// The loss of rows [begin, end) and its gradient with respect to their logits.
  double loss_of(const Tensor& logits, std::int64_t begin, std::int64_t end, Tensor& gradient) const;
  double evaluate(const std::vector<double>& x, std::vector<double>& gradient, double l2);

  /// Rows [begin, end) centred and scaled.
  [[nodiscard]] Tensor scaled(std::int64_t begin, std::int64_t end);

  Tensor features_;
  Tensor rows_;  ///< of them as many as are worked on at a time, scaled
  Tensor labels_;
  Tensor row_weights_;  ///< empty: all have the same weight
  Tensor targets_;      ///< empty: one label a row
  std::vector<double> positive_weights_;
  std::vector<float> mean_;
  float scale_ = 1;
  std::size_t classes_;
  std::vector<double> solution_;
  std::vector<double> centre_;  ///< what L2 pulls towards; empty: kernels of zeros, and the bias is free
  int iterations_ = 0;
  struct Network;
  std::shared_ptr<Network> network_;
};

/// Mean of -log probability of the right class, and fraction of rows whose largest logit is the right class.
struct HeadScore {
  double loss = 0;
  double accuracy = 0;
};
[[nodiscard]] HeadScore score_head(const LinearHead& head, const Tensor& features,
                                   std::span<const int> labels);

/// The same row by row: -log of the right class's probability; and 1 where another class's logit is larger,
/// else 0.
struct RowScores {
  std::vector<double> losses;
  std::vector<double> wrong;
  [[nodiscard]] HeadScore mean() const;
};
[[nodiscard]] RowScores score_rows(const LinearHead& head, const Tensor& features,
                                   std::span<const int> labels);
/// The same of logits (N, K).
[[nodiscard]] RowScores score_logits(const Tensor& logits, std::span<const int> labels);

/// The head's logits (N, K) for features (N, D).
[[nodiscard]] Tensor head_logits(const LinearHead& head, const Tensor& features);

}  // namespace transfer
}  // namespace graft
