// SPDX-License-Identifier: Apache-2.0
// The answers for all photos of a run by what had not seen them: predictions.csv.
#pragma once

#include "graft/train.hpp"

#include "transfer/load/photos.hpp"
#include "transfer/result/trained.hpp"

namespace graft {
inline namespace transfer {

/// What the model returned for photos that it was not trained on.
struct ModelOutputs {
  Tensor validation;  ///< (m, K) or (m, 1); empty: it was trained on the validation photos
  Tensor test;        ///< (t, K) or (t, 1)
};

/// temperature: that the model was calibrated with, for the heads' answers; 1: none.
[[nodiscard]] PhotoAnswers collect_answers(const Photos& photos, const Trained& trained,
                                           const ModelOutputs& outputs, double temperature);

}  // namespace transfer
}  // namespace graft
