// SPDX-License-Identifier: Apache-2.0
// Photos as rows of frozen features and the truth beside them.
#pragma once

#include <cstddef>
#include <vector>

#include "graft/tensor.hpp"

namespace graft {
inline namespace transfer {

/// Positions of training photos, fold by fold.
using PhotoFolds = std::vector<std::vector<std::size_t>>;

/// Photos as the head sees them. The truth of a photo: K numbers, or 1 for each of K labels that it has.
struct FrozenData {
  Tensor train;                        ///< (views n, D): features of n photos as they are, then view by view
  Tensor validation;                   ///< (m, D)
  Tensor train_truth;                  ///< (n, K)
  Tensor validation_truth;             ///< (m, K)
  PhotoFolds folds;                    ///< none: validation alone judges
  std::vector<float> photo_weights{};  ///< n + m; empty: all count the same

  [[nodiscard]] std::size_t train_photos() const { return static_cast<std::size_t>(train_truth.shape()[0]); }
  [[nodiscard]] std::size_t validation_photos() const {
    return static_cast<std::size_t>(validation_truth.shape()[0]);
  }
};

/// What a head is solved on.
struct FrozenRows {
  Tensor features, truth;
  std::vector<float> weights{};  ///< empty: all rows count the same
};

/// The rows of all views of the training photos but some (sorted).
[[nodiscard]] FrozenRows rows_without(const FrozenData& data, const std::vector<std::size_t>& photos);

/// The rows of all views of the training photos, then those of the validation photos.
[[nodiscard]] FrozenRows all_rows(const FrozenData& data);

/// The same photos without further views.
[[nodiscard]] FrozenData without_views(const FrozenData& data);

}  // namespace transfer
}  // namespace graft
