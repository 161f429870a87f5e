// SPDX-License-Identifier: Apache-2.0
#include "training/frozen_rows.hpp"

#include <algorithm>

namespace graft::training {
namespace {

/// Row `row` of a tensor.
Tensor row_of(const Tensor& tensor, std::size_t row) {
  const auto at = static_cast<std::int64_t>(row);
  return tensor.slice(at, at + 1);
}

}  // namespace

bool FrozenRows::is_whole(const data::Batch& batch) const {
  return static_cast<std::int64_t>(batch.indices.size()) == batch_size_;
}

bool FrozenRows::put_back(const data::Batch& batch, const plan::Plan& plan) const {
  if (rows_.empty() || !is_whole(batch) || plan.frozen_version() != version_) return false;
  if (!std::ranges::all_of(batch.indices, [&](std::size_t sample) { return have_[sample]; })) return false;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const Tensor& values = plan.frozen_values()[i];
    for (std::size_t r = 0; r < batch.indices.size(); ++r)
      row_of(values, r).copy_from(row_of(rows_[i], batch.indices[r]));
  }
  return true;
}

bool FrozenRows::make_room(const plan::Plan& plan) {
  if (!rows_.empty()) return true;
  std::size_t bytes = 0;
  for (const Tensor& value : plan.frozen_values()) {
    if (value.shape().rank() < 2 || value.shape()[0] != batch_size_) return false;
    bytes += value.size_bytes() / static_cast<std::size_t>(batch_size_) * have_.size();
  }
  if (bytes == 0 || bytes > most_bytes_) return false;
  for (const Tensor& value : plan.frozen_values()) {
    const auto samples = static_cast<std::int64_t>(have_.size());
    rows_.emplace_back(value.shape().without_batch().with_batch(samples), value.dtype());
  }
  return true;
}

void FrozenRows::keep(const data::Batch& batch, const plan::Plan& plan) {
  if (!is_whole(batch) || !make_room(plan)) return;
  if (const std::uint64_t version = plan.frozen_version(); version != version_) {
    have_.assign(have_.size(), false);
    version_ = version;
  }
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    for (std::size_t r = 0; r < batch.indices.size(); ++r)
      row_of(rows_[i], batch.indices[r]).copy_from(row_of(plan.frozen_values()[i], r));
  }
  for (const std::size_t sample : batch.indices) have_[sample] = true;
}

}  // namespace graft::training
