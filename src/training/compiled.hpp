// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "graft/cluster/tree_sum.hpp"
#include "graft/execution.hpp"
#include "graft/models/functional_model.hpp"
#include "graft/plan/plan.hpp"
#include "graft/training.hpp"

#include "training/frozen_cache.hpp"
#include "training/group_records.hpp"
#include "training/predictor.hpp"
#include "training/weight_rules.hpp"

namespace graft::training {

using Figures = std::vector<std::pair<std::string, double>>;

/// A data set in a FrozenCache.
struct CachedSet {
  FrozenCache& cache;
  int number = 0;
};

/// What compile() attaches to a model: the options, the plans made so far, one for each batch size, and the
/// figures of the current epoch.
class Compiled final : public WithPredictor {
 public:
  Compiled(models::FunctionalModel& model, CompileOptions options);

  [[nodiscard]] const CompileOptions& options() const { return options_; }
  [[nodiscard]] models::SavedTraining training_state() const override;
  /// One step: forward, loss, backward, optimizer. Returns the loss before the step; where it is not finite,
  /// weights stay as they are. cached: the batch's data set, for results of frozen layers; or null.
  double step(const Model& model, const data::Batch& batch, const Tensor& sample_weight,
              const CachedSet* cached = nullptr);
  /// The same of a batch that is divided among ranks, which all call it: docs/decisions/0088.
  double step(const Model& model, const GroupExchange& exchange, const OwnGroups& own,
              const CachedSet* cached);
  /// test() of a batch that is divided among ranks.
  void test(const Model& model, cluster::Communicator& ranks, const OwnGroups& own, const CachedSet* cached);
  /// Forward and loss in inference mode. cached: as in step().
  void test(const Model& model, const data::Batch& batch, const Tensor& sample_weight,
            const CachedSet* cached = nullptr);
  /// Writes the results of frozen layers for a batch without its images to the plan that test_cached() runs.
  /// images: their shape. Returns the batch's labels, or nothing where the cache lacks a sample.
  [[nodiscard]] std::optional<Tensor> restore_frozen(const Model& model, const CachedSet& cached,
                                                     std::span<const std::size_t> samples,
                                                     const Shape& images);
  /// test() of the batch that restore_frozen() prepared.
  void test_restored(const Model& model, const Shape& images, const Tensor& labels,
                     const Tensor& sample_weight);

  /// Sets the sums of loss and metrics to 0.
  void reset_figures();
  /// Loss and metrics since reset_figures(), by name.
  [[nodiscard]] Figures figures() const;
  [[nodiscard]] double mean_loss() const;
  [[nodiscard]] std::int64_t samples() const { return samples_; }
  /// The sums and the number of the step, for a training that is resumed.
  void save_state(StateBag& bag) const;
  void load_state(const StateBag& bag);

 private:
  /// What the backward pass of a group begins with.
  struct GroupLoss {
    plan::Plan& plan;
    std::size_t group;       ///< its number in the batch
    float share;             ///< of the batch's samples; the gradients have it
    const Tensor& gradient;  ///< by the output
    std::span<const Tensor> of_activities;
  };
  using GroupBackward = std::function<void(const GroupLoss&)>;
  using Plans = std::map<Shape, std::unique_ptr<plan::Plan>, bool (*)(const Shape&, const Shape&)>;
  struct Watched {
    MetricPtr metric;  ///< null until the first batch decides the kind of accuracy
    std::string name;  ///< as given
    bool weighted = false;
  };
  /// Plans keep the threads and the number format that they were lowered with.
  void drop_plans_of_other_settings();
  plan::Plan& plan_for(Plans& plans, const Model& model, const Shape& images, plan::Mode mode);
  [[nodiscard]] bool logits(const plan::Plan& plan) const;
  void watch(plan::FinalActivation activation, const LossInput& input, double loss);
  /// Output and loss of a plan's last forward pass; gradient: as in Loss::compute().
  [[nodiscard]] GroupRecord record(const plan::Plan& plan, const data::Batch& group, const Tensor& weights,
                                   Tensor* gradient) const;
  /// Forward, loss and `backward` of each group, which begins with the statistics that the step began with.
  std::vector<GroupRecord> run_groups(const Model& model, const OwnGroups& own, const CachedSet* cached,
                                      const std::vector<Tensor>& written, const GroupBackward& backward);
  /// Forward from the frozen values on, loss and metrics.
  void finish_test(const Model& model, plan::Plan& plan, const Tensor& labels, const Tensor& sample_weight);
  /// Metric number index with what it has gathered; null before the first batch.
  [[nodiscard]] MetricPtr metric_so_far(std::size_t index) const;
  [[nodiscard]] MetricPtr choose_accuracy(const LossInput& input, const std::string& name) const;

  /// As the trainable weights are at the first step or test after compile().
  [[nodiscard]] const WeightRules& rules(const Model& model);

  CompileOptions options_;
  StartingWeights starts_;
  std::optional<WeightRules> rules_;
  std::shared_ptr<plan::Workspace> workspace_ = std::make_shared<plan::Workspace>();
  std::vector<Watched> metrics_;
  std::vector<std::vector<double>> restored_states_;  // of metrics that are not chosen yet
  Execution execution_{};                             ///< of the plans
  Plans training_, testing_;
  Tensor gradient_;
  std::optional<cluster::TreeSum> groups_sum_;  ///< of the groups of a step, for reuse
  std::vector<float> total_;                    ///< of all ranks
  std::uint64_t steps_ = 0;
  double loss_sum_ = 0;
  std::int64_t samples_ = 0;
};

/// The frozen part of a plan for a batch: computed, or from the cache, which may be null.
void forward_frozen(plan::Plan& plan, const data::Batch& batch, const CachedSet* cached);

/// The compiled state of a model. Throws Error{invalid_argument} before compile().
[[nodiscard]] Compiled& compiled(const Model& model);

/// class_weight and sample_weight of a batch; empty without. Throws Error{invalid_argument} for both at once.
[[nodiscard]] Tensor batch_weights(const data::Batch& batch, const std::map<int, double>& class_weight,
                                   const Tensor& sample_weight);
/// Runs a data set through test() after reset_figures(); each batch is divided among options.ranks. cached:
/// the data set's, from earlier runs; or null.
void test_all(Compiled& state, const Model& model, const data::Dataset& dataset,
              const EvaluateOptions& options, const CachedSet* cached = nullptr);

}  // namespace graft::training
