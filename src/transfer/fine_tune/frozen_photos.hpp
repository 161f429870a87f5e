// SPDX-License-Identifier: Apache-2.0
// Photos inside a frozen network: at the depths that heads look at, and where fine-tuning begins.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "transfer/base/base_model.hpp"
#include "transfer/features/features.hpp"
#include "transfer/fine_tune/fit_tail.hpp"
#include "transfer/head/head_choice.hpp"
#include "transfer/split/photo_part.hpp"
#include "transfer/state/run_context.hpp"

namespace graft {
inline namespace transfer {

/// Photos to train on, and photos to choose by.
struct TrainingPhotos {
  PhotoPart train;
  data::Dataset validation;
};

/// The tensors of the base to compute for each photo.
struct FrozenRequest {
  std::vector<SymbolicTensor> depths{};      ///< averaged over the pixels, for heads
  std::optional<SymbolicTensor> frontier{};  ///< as it is, for fine-tuning
  int views = 1;                             ///< of each training photo
  std::string stage = "features";            ///< what the progress calls it
  DiskCacheOptions cache{};                  ///< where it is kept
};

/// Each photo goes through the base once, for all that is wanted. Error{interrupted} when the run is
/// stopped before all is computed.
class FrozenPhotos {
 public:
  FrozenPhotos(const RunContext& run, const BaseModel& base, const TrainingPhotos& teaching,
               const FrozenRequest& wanted);

  /// Depth by depth; the training photos in all views.
  [[nodiscard]] std::vector<HeadData> at_depths();
  /// The features alone, at one of the depths: (views n, D) of the training photos, (m, D) of those to choose
  /// by.
  [[nodiscard]] Tensor train_at(std::size_t depth) { return take(train_, depth); }
  [[nodiscard]] Tensor validation_at(std::size_t depth) { return take(validation_, depth); }
  /// The tensors at the frontier, which are large: call it only when needed.
  [[nodiscard]] TailData at_frontier(bool all_views, const TailGoal& goal = one_class_goal());
  /// Of the photos' losses, training before validation; of the training photos the mean is 1, so that only
  /// their ratio counts. Empty: all count the same. Validation photos of another list without weights have 1.
  [[nodiscard]] std::vector<float> photo_weights() const;

  /// Views so far that were computed, and all that there are; the others were in the cache.
  [[nodiscard]] std::size_t computed() const { return train_.computed() + validation_.computed(); }
  [[nodiscard]] std::size_t views() const { return train_.rows() + validation_.rows(); }

 private:
  [[nodiscard]] Tensor take(Features& features, std::size_t output);

  const RunContext& run_;
  TrainingPhotos teaching_;
  std::size_t depths_;
  Features train_, validation_;
};

}  // namespace transfer
}  // namespace graft
