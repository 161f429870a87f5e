// SPDX-License-Identifier: Apache-2.0
#include "transfer/frozen/frozen_rows.hpp"

#include "graft/data/grouped_split.hpp"

#include "transfer/features/features.hpp"
#include "transfer/features/rows.hpp"

namespace graft::transfer {

FrozenRows rows_without(const FrozenData& data, const std::vector<std::size_t>& photos) {
  const std::size_t count = data.train_photos();
  const std::size_t views = static_cast<std::size_t>(data.train.shape()[0]) / count;
  const std::vector<std::size_t> kept = data::all_but(photos, count);
  std::vector<std::size_t> rows, truth;
  FrozenRows result;
  for (std::size_t view = 0; view < views; ++view) {
    for (const std::size_t photo : kept) {
      rows.push_back(view * count + photo);
      truth.push_back(photo);
      if (!data.photo_weights.empty()) result.weights.push_back(data.photo_weights[photo]);
    }
  }
  result.features = take_rows(data.train, rows);
  result.truth = take_rows(data.train_truth, truth);
  return result;
}

FrozenRows all_rows(const FrozenData& data) {
  FrozenRows rows = rows_without(data, {});
  rows.features = stack(rows.features, data.validation);
  rows.truth = stack(rows.truth, data.validation_truth);
  if (!data.photo_weights.empty()) {
    const auto validation = data.photo_weights.begin() + static_cast<std::ptrdiff_t>(data.train_photos());
    rows.weights.insert(rows.weights.end(), validation, data.photo_weights.end());
  }
  return rows;
}

FrozenData without_views(const FrozenData& data) {
  FrozenData plain = data;
  plain.train = data.train.slice(0, data.train_truth.shape()[0]);
  return plain;
}

}  // namespace graft::transfer
