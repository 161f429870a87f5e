// SPDX-License-Identifier: Apache-2.0
// Heads that are solved on some photos and answer for the others: the one mechanism by which strength, views,
// depths, calibration and predictions.csv are judged on photos that the judged head has not seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "graft/transfer/logistic_head.hpp"

#include "transfer/measure/unseen_answers.hpp"

namespace graft {
inline namespace transfer {

/// Photos as a head sees them.
struct HeadData {
  Tensor train;  ///< (views n, D) features of n photos as they are, then of the same in their further views
  Tensor validation;                                 ///< (m, D)
  std::vector<int> train_labels, validation_labels;  ///< n and m
  std::size_t classes = 0;
  std::uint64_t seed = 0;             ///< of the folds
  std::vector<std::size_t> groups{};  ///< photos of one group are in one fold: n numbers; or empty
  /// Photos, training before validation, by whose answers a head is chosen: n + m values; empty: all.
  std::vector<bool> judged{};
  std::vector<double> class_weights{};  ///< of the loss, one a class; empty: all classes count the same
  /// Of the loss, one a photo, training before validation; empty: all photos count the same.
  std::vector<float> photo_weights{};
};

/// The answers for the training photos of fold number `number`, from 1, by a head solved without them.
[[nodiscard]] UnseenAnswers answer_fold(const HeadData& data, const std::vector<std::size_t>& fold,
                                        std::size_t number, double l2);

/// Rows of data's features with what stands beside them.
struct HeadRows {
  Tensor features;
  std::vector<int> labels;
  std::vector<float> weights{};  ///< empty: all rows count the same
};
/// A solver on such rows, with data's class weights.
[[nodiscard]] LogisticSolver weighted_solver(const HeadData& data, const HeadRows& rows);
/// All rows of data.train, in all views.
[[nodiscard]] HeadRows training_rows(const HeadData& data);
/// Those and the validation photos.
[[nodiscard]] HeadRows all_rows(const HeadData& data);

/// Training photos in folds with equal shares of the classes; a group is in one fold. None where there are
/// too few photos.
[[nodiscard]] std::vector<std::vector<std::size_t>> make_folds(const HeadData& data);

/// The heads of one data set: the first is solved on all training photos and answers for the validation
/// photos; each further one is solved without the photos of its fold and answers for them.
class HeldOutHeads {
 public:
  /// folds: positions among the training photos; may be empty. data must outlive this object.
  HeldOutHeads(const HeadData& data, const std::vector<std::vector<std::size_t>>& folds);
  /// From here on the heads stay near this one: see LogisticSolver::stay_near.
  void stay_near(const LinearHead& head);
  /// Solves all heads with a strength, each from its last solution, and asks them.
  [[nodiscard]] UnseenAnswers solve(double l2);
  /// The head of all training photos, as solve() left it.
  [[nodiscard]] const LinearHead& of_training() const { return heads_.front().head; }
  /// True where there are folds.
  [[nodiscard]] bool has_folds() const { return heads_.size() > 1; }

 private:
  struct Held {
    LogisticSolver solver;
    Tensor rows;  ///< of the photos that it answers for
    std::vector<std::size_t> photos;
    std::vector<int> labels;
    LinearHead head;
  };
  const HeadData& data_;
  std::vector<Held> heads_;
};

}  // namespace transfer
}  // namespace graft
