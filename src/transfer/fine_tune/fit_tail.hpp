// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "graft/extend/callback.hpp"

#include "transfer/base/classifier_graph.hpp"
#include "transfer/fine_tune/fine_tuning.hpp"
#include "transfer/state/recipe_run.hpp"

namespace graft::inline transfer {

/// The tensors at the frontier, for training the layers after it.
struct TailData {
  Tensor train;       ///< (views n, ...): n photos as they are, then view by view
  Tensor validation;  ///< (m, ...)
  std::vector<int> train_labels, validation_labels;  ///< n and m
};

/// Trains the part of a classifier after a frontier. It shares the classifier's layers, so that the
/// classifier has the trained weights at once.
class TailFit {
 public:
  /// classifier: only on the base's output, with its head set. run must outlive it.
  TailFit(const RecipeRun& run, const BaseModel& base, const Frontier& frontier,
          const ClassifierGraph& classifier);
  /// Adam, one cycle of the learning rate. Writes facts["fine_tuning"]; returns the scores of the validation
  /// photos after it.
  [[nodiscard]] RowScores fit(const FineTuningPlan& plan, const TailData& data);
  /// The weights as they were before the fit, and frozen.
  void undo();
  /// The weights as they were after it, and trainable.
  void redo();
  /// Of one training step, measured; afterwards all is as it was.
  [[nodiscard]] double seconds_of_step();

  [[nodiscard]] const ClassifierGraph& classifier() const { return classifier_; }

 private:
  void set_trainable(bool trainable);
  void compile(const LearningRate& rate);

  const RecipeRun& run_;
  BaseModel base_;
  Frontier frontier_;
  ClassifierGraph classifier_;
  Model tail_;
  WeightsSnapshot before_;
  std::optional<WeightsSnapshot> after_;
};

}  // namespace graft::inline transfer
