// SPDX-License-Identifier: Apache-2.0
// Photos inside a frozen network: at the depths that heads look at, and where fine-tuning begins.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "transfer/base/base_model.hpp"
#include "transfer/features/features.hpp"
#include "transfer/features/photo_part.hpp"
#include "transfer/recipes/fit_tail.hpp"
#include "transfer/recipes/head_choice.hpp"
#include "transfer/run/session.hpp"

namespace graft::transfer {

/// Photos to learn from, and photos to choose by.
struct TrainingPhotos {
  PhotoPart train;
  data::Dataset validation;
};

/// What is wanted of them.
struct Inside {
  std::vector<SymbolicTensor> depths{};      ///< averaged over the pixels, for heads
  std::optional<SymbolicTensor> frontier{};  ///< as it is, for fine-tuning
  std::string stage = "features";            ///< what the progress calls it
  DiskCacheOptions cache{};                  ///< where it is kept
};

/// Each photo goes through the base once, for all that is wanted. Error{interrupted} when the reporter asks
/// to stop before all is there.
class FrozenPhotos {
 public:
  FrozenPhotos(const RecipeRun& run, const BaseModel& base, const TrainingPhotos& teaching,
               const Inside& wanted);

  /// Depth by depth; the training photos in as many views as the run wants.
  [[nodiscard]] std::vector<HeadData> at_depths();
  /// What lies at the frontier, which is large: asked for only when needed.
  [[nodiscard]] TailData at_frontier(bool all_views);

  /// Views so far that were computed, and all that there are; the others were in the cache.
  [[nodiscard]] std::size_t computed() const { return train_.computed() + validation_.computed(); }
  [[nodiscard]] std::size_t views() const { return train_.rows() + validation_.rows(); }

 private:
  [[nodiscard]] Tensor take(Features& features, std::size_t output);

  const RecipeRun& run_;
  TrainingPhotos teaching_;
  std::size_t depths_;
  Features train_, validation_;
};

}  // namespace graft::transfer
