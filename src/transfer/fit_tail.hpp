// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "graft/training/callback.hpp"

#include "transfer/classifier_graph.hpp"
#include "transfer/fine_tuning.hpp"
#include "transfer/session.hpp"

namespace graft::transfer {

/// What lies at the frontier, for training what is behind it.
struct TailData {
  Tensor train;                                      ///< (2 n, ...): n photos, then the same mirrored
  Tensor validation;                                 ///< (m, ...)
  std::vector<int> train_labels, validation_labels;  ///< n and m
};

/// Trains the part of a classifier behind a frontier, whose layers are the classifier's own: what is learnt
/// is in the classifier at once.
class TailFit {
 public:
  /// classifier: on the base's output alone, its head set.
  TailFit(const RecipeRun& run, const BaseModel& base, const FineTuningPlan& plan,
          const ClassifierGraph& classifier);
  /// Adam, one cycle of the learning rate. Writes facts["fine_tuning"]; gives how the validation photos are
  /// told apart after it.
  [[nodiscard]] RowScores fit(const TailData& data);
  /// The weights as they were, and frozen.
  void restore();

 private:
  void set_trainable(bool trainable);

  const RecipeRun& run_;
  BaseModel base_;
  FineTuningPlan plan_;
  Model tail_;
  WeightsSnapshot before_;
};

}  // namespace graft::transfer
