// SPDX-License-Identifier: Apache-2.0
// The head of the default recipe: how strongly it is regularized and which depths it reads, chosen by photos
// that it has not seen.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graft/train.hpp"

#include "transfer/head/held_out.hpp"

namespace graft {
inline namespace transfer {

class Reporter;

/// The same without further views.
[[nodiscard]] HeadData plain_alone(const HeadData& data);

/// What a head made of photos that it had not seen: all of the training photos by cross-validation where they
/// are few, and the validation photos.
struct HeadTrial {
  double l2 = 0;
  std::vector<double> losses;  ///< photo by photo: -log of the right class's probability, by class weight
  std::vector<double> wrong;   ///< 1 or 0, by class weight
  [[nodiscard]] double loss() const;
  [[nodiscard]] double errors() const;
  [[nodiscard]] double error_share() const {
    return wrong.empty() ? 0 : errors() / static_cast<double>(wrong.size());
  }
};

/// The scores of answers by which heads are compared: of the judged photos, each with its class's weight.
[[nodiscard]] HeadTrial trial_of(double l2, const UnseenAnswers& answers, const HeadData& data);

struct HeadChoice {
  LinearHead head;          ///< solved on all training photos
  HeadTrial trial;          ///< of its strength
  HeadTrial best;           ///< of the strength with the least loss: what heads are compared by
  RowScores on_validation;  ///< scores of the validation photos only, all classes with the same weight
  UnseenAnswers answers;    ///< of its strength
  bool cross_validated = false;
  std::vector<TriedStrength> tried;  ///< strength by strength
};

/// Tries strengths, the strongest first. Of them the one with the least loss is taken; where that is the
/// weakest, photos are easy to separate and the loss only rewards confidence: then it is the
/// strongest that errs no more often. Empty head when the run is stopped before the first is done.
[[nodiscard]] HeadChoice choose_head(const HeadData& data, Reporter& reporter, const std::string& stage);

/// The answers of heads of the chosen strength for all training and validation photos. Where the strength was
/// chosen by the validation photos only, folds are solved now; too few photos have no folds, and no answers
/// for training photos.
[[nodiscard]] UnseenAnswers answers_for_all(const HeadData& data, const HeadChoice& choice);

/// What heads of that strength make of photos that they have not seen.
[[nodiscard]] HeadTrial try_strength(const HeadData& data, double l2);

/// The head of that strength on training and validation photos together; near another head, where there is
/// one: see LogisticSolver::stay_near.
[[nodiscard]] LinearHead solve_on_all(const HeadData& data, double l2, const LinearHead* near = nullptr);

/// The same data with features of several depths side by side.
struct JoinedFeatures {
  HeadData data;
  std::vector<float> scale;  ///< by which each column was multiplied, so that all depths weigh the same
  /// The head for features that are not scaled.
  [[nodiscard]] LinearHead unscaled(const LinearHead& head) const;
};
[[nodiscard]] JoinedFeatures join_depths(const std::vector<HeadData>& depths);

}  // namespace transfer
}  // namespace graft
