// SPDX-License-Identifier: Apache-2.0
// The answers for all photos of a run, where possible by what had not seen them: predictions.csv.
#pragma once

#include "graft/train.hpp"

#include "transfer/load/photos.hpp"
#include "transfer/result/trained.hpp"

namespace graft {
inline namespace transfer {

/// What the model returned.
struct ModelOutputs {
  std::vector<std::size_t> train_photos;  ///< training photos that no head answered for, in their order
  Tensor train;                           ///< their outputs (n, K) or (n, 1); empty: none
  Tensor validation;  ///< (m, K) or (m, 1); empty: it was trained on the validation photos
  Tensor test;        ///< (t, K) or (t, 1)
};

/// The training photos, ascending, that no head which had not seen them answered for.
[[nodiscard]] std::vector<std::size_t> without_answer(const Photos& photos, const UnseenAnswers& unseen);

/// temperature: that the model was calibrated with, for the heads' answers; 1: none.
[[nodiscard]] PhotoAnswers collect_answers(const Photos& photos, const Trained& trained,
                                           const ModelOutputs& outputs, double temperature);

}  // namespace transfer
}  // namespace graft
