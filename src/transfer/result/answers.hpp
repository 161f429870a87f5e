// SPDX-License-Identifier: Apache-2.0
// The answers for all photos of a run, where possible by what had not seen them: predictions.csv.
#pragma once

#include "graft/train.hpp"

#include "transfer/load/photos.hpp"
#include "transfer/result/trained.hpp"

namespace graft {
inline namespace transfer {

/// What the model returned for photos of one part.
struct PartOutputs {
  std::vector<std::size_t> photos;  ///< their places in the part, ascending
  Tensor output;                    ///< (n, K) or (n, 1); empty: none
};

/// What the model returned.
struct ModelOutputs {
  PartOutputs train;       ///< that no head answered for
  PartOutputs validation;  ///< all, or those that no head answered for where it learnt from them too
  Tensor test;             ///< (t, K) or (t, 1)
};

/// Photos that no head which had not seen them answered for, their places in their parts, ascending.
struct Unanswered {
  std::vector<std::size_t> train, validation;
};
[[nodiscard]] Unanswered without_answer(const Photos& photos, const UnseenAnswers& unseen);

/// Heads answer for the photos that the model does not. temperature: that the model was calibrated with, for
/// the heads' answers; 1: none.
[[nodiscard]] PhotoAnswers collect_answers(const Photos& photos, const Trained& trained,
                                           const ModelOutputs& outputs, double temperature);

}  // namespace transfer
}  // namespace graft
