// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "graft/models/functional_model.hpp"
#include "graft/plan/plan.hpp"
#include "graft/training/trainer.hpp"

namespace graft::training {

/// Sums over the batches of an epoch.
struct Totals {
  double loss = 0;  ///< each batch's loss times its samples
  std::int64_t correct = 0;
  std::int64_t samples = 0;
};

/// What compile() leaves with a model: the options, and the plans made so far, one for each batch size.
class Compiled final : public models::Attachment {
 public:
  explicit Compiled(CompileOptions options);

  [[nodiscard]] const CompileOptions& options() const { return options_; }
  [[nodiscard]] bool counts_accuracy() const { return accuracy_; }
  /// One step: forward, loss, backward, optimizer. Returns the loss before the step; adds to totals.
  double step(const Model& model, const data::Batch& batch, const Tensor& sample_weight, Totals& totals);
  /// Forward and loss in inference mode; adds to totals.
  void test(const Model& model, const data::Batch& batch, Totals& totals);

 private:
  using Plans = std::map<Shape, std::unique_ptr<plan::Plan>, bool (*)(const Shape&, const Shape&)>;
  plan::Plan& plan_for(Plans& plans, const Model& model, const Shape& images,
                       const plan::PlanOptions& options);
  [[nodiscard]] LossInput loss_input(const Tensor& predictions, const data::Batch& batch,
                                     const Tensor& weight, const plan::Plan& plan) const;

  CompileOptions options_;
  bool accuracy_ = false;
  std::shared_ptr<plan::Workspace> workspace_ = std::make_shared<plan::Workspace>();
  Plans training_, testing_;
  Tensor gradient_;
  std::uint64_t steps_ = 0;
};

/// The compiled state of a model. Throws Error{invalid_argument} before compile().
[[nodiscard]] Compiled& compiled(const Model& model);

}  // namespace graft::training
