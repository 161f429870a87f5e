// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "graft/extend/callback.hpp"

#include "transfer/base/classifier_graph.hpp"
#include "transfer/fine_tune/fine_tuning.hpp"
#include "transfer/state/run_context.hpp"

namespace graft {
inline namespace transfer {

/// The tensors at the frontier, for training the layers after it.
struct TailData {
  Tensor train;       ///< (views n, ...): n photos as they are, then view by view
  Tensor validation;  ///< (m, ...)
  std::vector<int> train_labels, validation_labels;  ///< n and m
};

/// What a fit of the tail returned.
struct TailResult {
  RowScores scores;               ///< of the validation photos after it
  FineTuned facts;                ///< kept: not yet decided
  std::vector<EpochRow> history;  ///< the rows so far, and those of this fit
};

/// Trains the part of a classifier after a frontier. It shares the classifier's layers, so that the
/// classifier has the trained weights at once.
class TailFit {
 public:
  /// classifier: only on the base's output, with its head set. run must outlive it.
  TailFit(const RunContext& run, const BaseModel& base, const Frontier& frontier,
          const ClassifierGraph& classifier);
  /// Adam, one cycle of the learning rate. history: the rows so far, which saved states keep too.
  [[nodiscard]] TailResult fit(const FineTuningPlan& plan, const TailData& data,
                               std::vector<EpochRow> history);
  /// Restores the weights from before the fit, and freezes them.
  void undo();
  /// Restores the weights from after the fit, trainable.
  void redo();
  /// Of one training step, measured; afterwards all is as it was.
  [[nodiscard]] double seconds_of_step();

  [[nodiscard]] const ClassifierGraph& classifier() const { return classifier_; }

 private:
  void set_trainable(bool trainable);
  void compile(const LearningRate& rate);

  const RunContext& run_;
  BaseModel base_;
  Frontier frontier_;
  ClassifierGraph classifier_;
  Model tail_;
  WeightsSnapshot before_;
  std::optional<WeightsSnapshot> after_;
};

}  // namespace transfer
}  // namespace graft
