// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "graft/extend/callback.hpp"

#include "transfer/base/classifier_graph.hpp"
#include "transfer/fine_tune/fine_tuning.hpp"
#include "transfer/fine_tune/tail_goal.hpp"
#include "transfer/state/run_context.hpp"

namespace graft {
inline namespace transfer {

/// The tensors at the frontier, for training the layers after it.
struct TailData {
  Tensor train;                          ///< (views n, ...): n photos as they are, then view by view
  Tensor validation;                     ///< (m, ...)
  Tensor train_truth, validation_truth;  ///< (n, K) and (m, K): TailGoal::truth()
  std::vector<float> photo_weights{};    ///< see HeadData::photo_weights
};

/// What a fit of the tail returned.
struct TailResult {
  Tensor validation;              ///< logits of the validation photos, with the weights that were chosen
  double loss = 0;                ///< TailGoal::judge() of them
  FineTuned facts;                ///< kept: not yet decided
  std::vector<EpochRow> history;  ///< the rows so far, and those of this fit
};

/// Trains the part of a classifier after a frontier. It shares the classifier's layers, so that the
/// classifier has the trained weights at once.
class TailFit {
 public:
  /// classifier: only on the base's output, with its head set. run and goal must outlive it.
  TailFit(const RunContext& run, const BaseModel& base, const Frontier& frontier,
          const ClassifierGraph& classifier, const TailGoal& goal = one_class_goal());
  /// Adam, one cycle of the learning rate, the goal's loss; then the weights are set to the point on the
  /// straight line from those before the fit to those after it at which TailGoal::judge() is least for the
  /// validation photos (Wortsman and others 2022, "Robust fine-tuning of zero-shot models"). history: the
  /// rows so far, which saved states keep too.
  [[nodiscard]] TailResult fit(const FineTuningPlan& plan, const TailData& data,
                               std::vector<EpochRow> history);
  /// The learning rate up to the plan's whose first step moves the answers no farther than the goal allows,
  /// measured on some of the photos; the plan's where it allows any. Afterwards all is as it was.
  [[nodiscard]] double bounded_rate(const FineTuningPlan& plan, const TailData& data);
  /// Restores the weights from before the fit, and freezes them.
  void undo();
  /// Restores the weights that the fit chose, trainable.
  void redo();
  /// Of one training step, measured; afterwards all is as it was.
  [[nodiscard]] double seconds_of_step();

  [[nodiscard]] const ClassifierGraph& classifier() const { return classifier_; }

 private:
  void set_trainable(bool trainable);
  void compile(const LearningRate& rate);
  /// Finds and sets the weights between before_ and after_; sets the result's logits and loss.
  void choose_share(const TailData& data, std::span<const double> weights, TailResult& result);
  void go_to(double share);

  const RunContext& run_;
  BaseModel base_;
  Frontier frontier_;
  ClassifierGraph classifier_;
  const TailGoal& goal_;
  Model tail_;
  std::vector<Tensor> before_, after_;  ///< values of the tail's weights; after_ is empty before the fit
  double share_ = 0;                    ///< chosen: 0 is before_, 1 is after_
};

}  // namespace transfer
}  // namespace graft
