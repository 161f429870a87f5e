// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

#include "graft/base/execution_scope.hpp"

#include "training/compiled.hpp"

namespace graft::training {

/// One call of Model::fit().
class FitLoop final : public TrainingSnapshots {
 public:
  FitLoop(Model& model, const data::Dataset& dataset, const FitOptions& options);
  [[nodiscard]] History run();

  [[nodiscard]] StateBag capture() const override;
  void restore(const StateBag& bag) override;

 private:
  template <typename Call>
  void call_each(const Call& call);
  void run_epoch();
  void run_batches();
  /// The batches of a pass from one on, divided among ranks.
  void run_groups(std::uint64_t pass, std::size_t first_batch);
  void run_batch(const data::Batch& batch);
  void run_batch(OwnGroups own);
  /// A batch: step returns its loss.
  void run_step(const std::function<double()>& step);
  /// part: of the batch, where it is divided.
  [[nodiscard]] data::Batch augmented(data::Batch batch, std::optional<std::size_t> part = {}) const;
  /// Whether to stop, which all ranks do together.
  void agree_to_stop();
  /// Throws where ranks have other photos, settings or weights.
  void compare_ranks() const;
  [[nodiscard]] bool validates() const;
  void restore_parts(const StateBag& bag);
  void restore_callbacks();

  const FitOptions& options_;
  ExecutionScope execution_;
  Compiled& compiled_;
  data::Dataset dataset_;
  std::optional<data::Dataset> validation_;
  Tensor validation_weights_;
  FrozenCache cache_;
  CachedSet training_cache_, validation_cache_;
  TrainingState state_;
  History history_;
  std::vector<StateBag> callback_states_;  // restored; load_state() receives them after on_train_begin
  bool nan_is_handled_ = false;
  bool between_epochs_ = false;
};

}  // namespace graft::training
