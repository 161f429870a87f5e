// SPDX-License-Identifier: Apache-2.0
// What a later round of numbers knows of the earlier ones, and how it compares with them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graft/evaluation.hpp"
#include "graft/recipes.hpp"
#include "graft/tensor.hpp"

#include "transfer/frozen/frozen_head.hpp"
#include "transfer/load/photos.hpp"

namespace graft {
inline namespace transfer {

/// What is known of the earlier rounds.
struct EarlierNumbers {
  EarlierModel start;                 ///< its base's weights are those to start from
  std::vector<RoundRecord> rounds{};  ///< the first one first
  std::map<std::string, Part> parts;  ///< of their photos, by their prints: they keep them
};

/// As score_label_rounds(), with the share of the variance of the photos' numbers that is explained. before,
/// now: answers of the earlier model and of this round's for the test photos, (N, K).
[[nodiscard]] std::vector<RoundScore> score_number_rounds(const EarlierNumbers& earlier, const Tensor& before,
                                                          const Tensor& now, const Photos& photos);

}  // namespace transfer
}  // namespace graft
