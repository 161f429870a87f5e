// SPDX-License-Identifier: Apache-2.0
// One pretrained network on the photos of a run: frozen under a solved head, then fine-tuned where that
// helps.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "transfer/base/base_model.hpp"
#include "transfer/base/classifier_graph.hpp"
#include "transfer/fine_tune/fine_tuner.hpp"
#include "transfer/fine_tune/frozen_photos.hpp"
#include "transfer/fine_tune/recommend.hpp"
#include "transfer/head/depth_heads.hpp"
#include "transfer/measure/pooled_rows.hpp"
#include "transfer/state/run_context.hpp"

namespace graft {
inline namespace transfer {

/// One of the networks of the default recipe, stage by stage in the order of the member functions. Its result
/// is a linear head on frozen features, or on those of a network that was fine-tuned.
class OneNetwork {
 public:
  /// run must outlive it. name: of the catalogue. of: number of networks in the run; where there are two,
  /// they share the memory allowed, and lines and phases begin with the network's name.
  OneNetwork(const RunContext& run, const std::string& name, std::size_t of);
  ~OneNetwork() = default;
  OneNetwork(const OneNetwork&) = delete;
  OneNetwork& operator=(const OneNetwork&) = delete;

  [[nodiscard]] const std::string& name() const { return options_.model; }
  [[nodiscard]] const BaseModel& base() const { return base_; }

  /// Fine-tuning by work is planned before photos go through the network, so that they do so once. Nothing
  /// with a budget, or for HeadRecipe.
  void plan();
  [[nodiscard]] const std::optional<FineTuningPlan>& planned() const { return plan_; }
  /// Raw photo -> what the head reads.
  [[nodiscard]] Model features() const;

  /// Every photo goes through the base once: its pooled features for the head and, where fine-tuning may
  /// follow, the tensors at the frontier.
  void compute_features(const TrainingPhotos& teaching);
  [[nodiscard]] FeatureCounts feature_counts() const;

  void solve_head();
  [[nodiscard]] const DepthHeads& heads() const { return heads_; }
  /// Notes about the head: views, strength, validation accuracy.
  void describe_head() const;

  /// Whether fine-tuning is possible and the head errs often enough that a gain could be seen.
  [[nodiscard]] bool wants_fine_tuning() const;
  /// Fine-tunes from the head on the base's output where that is wanted, else notes why not, and keeps the
  /// result where the validation photos have clearly less loss with it. history: gets its rows. share: of
  /// what is left of a budget, for it.
  void fine_tune(const TrainingPhotos& teaching, std::vector<EpochRow>& history, double share);
  [[nodiscard]] bool tuned() const { return outcome_ && outcome_->kept; }

  /// Answers for photos that it has not seen: where it is tuned those for the validation photos; else the
  /// heads', for all photos unless the run was stopped.
  [[nodiscard]] UnseenAnswers unseen_answers() const;
  /// Answers of its heads, also where it is tuned: for all photos unless the run was stopped.
  [[nodiscard]] UnseenAnswers head_answers() const;
  /// Accuracy and loss of the validation photos.
  [[nodiscard]] HeadScore on_validation() const;

  /// The tensors that its head reads.
  [[nodiscard]] BaseDepths depths() const;
  /// Its head. with_validation: where it is not tuned, solved on the validation photos too.
  [[nodiscard]] LinearHead head(bool with_validation) const;
  /// The classifier with that head.
  [[nodiscard]] ClassifierGraph classifier(bool with_validation) const;

  /// What the head was solved on, where the classifier() has it as its only features.
  [[nodiscard]] PooledFeatures pooled() const;

  [[nodiscard]] SolvedHead head_facts() const;
  [[nodiscard]] PhotosPlace place_facts() const;
  /// Of the fine-tuning that was kept, else of the last one tried; unset: none.
  [[nodiscard]] std::optional<FineTuned> fine_tuning_facts() const;
  /// All that were tried within the budget.
  [[nodiscard]] std::vector<FineTuned> tried_in_budget() const;

 private:
  [[nodiscard]] Place place() const;
  void note_why_not() const;

  TrainOptions options_;  ///< for this network alone
  RunContext run_;        ///< with them
  std::size_t of_;        ///< networks in the run
  AutomaticRecipe recipe_;
  BaseModel base_;
  std::vector<SymbolicTensor> depths_;  ///< the base's output first
  std::optional<FineTuningPlan> plan_;
  std::string why_not_;  ///< why there is none; empty: not wanted
  std::unique_ptr<FrozenPhotos> inside_;
  FeatureCounts counts_;
  DepthHeads heads_;
  std::optional<FineTuningOutcome> outcome_;
};

}  // namespace transfer
}  // namespace graft
