// SPDX-License-Identifier: Apache-2.0
// How a model is made from photos: one function per recipe. Each returns what it made.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "transfer/result/trained.hpp"
#include "transfer/state/run_context.hpp"

namespace graft {
inline namespace transfer {

/// AutomaticRecipe and HeadRecipe.
[[nodiscard]] Trained train_automatic(const RunContext& run);
[[nodiscard]] Trained train_tutorial(const RunContext& run, const TutorialRecipe& recipe);
[[nodiscard]] Trained train_classical_head(const RunContext& run, const ClassicalHeadRecipe& recipe);

/// Fits what is trainable in start.model and returns it at its best epoch. Keeps start's facts and metadata.
[[nodiscard]] Trained train_network(const RunContext& run, Trained start, const NetworkRecipe& recipe);

/// How the head of an existing model is solved again.
struct RoundHead {
  std::size_t known_classes = 0;  ///< number of outputs, from the first, that are trained
  bool rehearses = false;         ///< there are photos of older rounds among the training photos
  int views = 1;                  ///< of each training photo
  ClassWeight class_weight = ClassWeight::none;
  std::vector<Novelty> train, validation;  ///< of each photo; see RoundPhotos
  double covered = 0;                      ///< see RoundPhotos
};
/// Solves the last Dense layer of start.model again on its input features: where the photos of the earlier
/// rounds are there, from nothing, as a first round does; else near its weights, how near by photos that
/// the earlier rounds did not have. Returns nothing,
/// and changes nothing, where the model does not end in one. Keeps start's facts and metadata.
[[nodiscard]] std::optional<Trained> solve_round_head(const RunContext& run, const Trained& start,
                                                      const RoundHead& round);

}  // namespace transfer
}  // namespace graft
