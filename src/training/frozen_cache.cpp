// SPDX-License-Identifier: Apache-2.0
#include "training/frozen_cache.hpp"

#include <algorithm>
#include <limits>

namespace graft::training {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

/// Row `row` of a tensor.
Tensor row_of(const Tensor& tensor, std::size_t row) {
  const auto at = static_cast<std::int64_t>(row);
  return tensor.slice(at, at + 1);
}

/// What is kept of a batch: the plan's frozen values and the labels. Empty where a value has no row for each
/// sample, or the plan has none.
std::vector<Tensor> rows_of(const data::Batch& batch, const plan::Plan& plan) {
  std::vector<Tensor> rows = plan.frozen_values();
  if (rows.empty()) return {};
  if (!batch.labels.empty()) rows.push_back(batch.labels);
  const auto has_rows = [&](const Tensor& value) {
    return value.shape().rank() > 0 && value.shape()[0] == static_cast<std::int64_t>(batch.indices.size());
  };
  return std::ranges::all_of(rows, has_rows) ? rows : std::vector<Tensor>();
}

bool same_rows(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  return std::ranges::equal(a, b, [](const Tensor& x, const Tensor& y) {
    return x.dtype() == y.dtype() && x.shape().without_batch() == y.shape().without_batch();
  });
}

/// The samples that come in batches of `rows`.
std::size_t samples_in_batches_of(std::size_t rows, const FrozenCache::DataSet& set) {
  if (!set.same_batches) return rows == set.batch_size ? set.samples : 0;
  return rows == set.batch_size ? set.samples_of_epoch / rows * rows : rows;
}

}  // namespace

int FrozenCache::add(const DataSet& set) {
  sets_.push_back(set);
  return static_cast<int>(sets_.size()) - 1;
}

bool FrozenCache::put_back(int set, std::span<const std::size_t> samples, const plan::Plan& plan,
                           Tensor* labels) const {
  const auto found = cuts_.find({set, samples.size()});
  if (found == cuts_.end()) return false;
  const Cut& cut = found->second;
  const std::vector<Tensor>& values = plan.frozen_values();
  if (cut.used == 0 || plan.frozen_version() != cut.version || values.size() > cut.values.size())
    return false;
  if (std::ranges::any_of(samples, [&](std::size_t sample) { return cut.slots[sample] == kNone; }))
    return false;
  const auto copy = [&](const Tensor& from, const Tensor& to) {
    for (std::size_t r = 0; r < samples.size(); ++r)
      row_of(to, r).copy_from(row_of(from, cut.slots[samples[r]]));
  };
  for (std::size_t i = 0; i < values.size(); ++i) copy(cut.values[i], values[i]);
  if (labels == nullptr || values.size() == cut.values.size()) return true;
  const Tensor& kept = cut.values.back();
  *labels = Tensor(kept.shape().without_batch().with_batch(static_cast<std::int64_t>(samples.size())),
                   kept.dtype());
  copy(kept, *labels);
  return true;
}

void FrozenCache::keep(int set, const data::Batch& batch, const plan::Plan& plan) {
  const std::vector<Tensor> rows = rows_of(batch, plan);
  if (rows.empty()) return;
  const DataSet& of = sets_[static_cast<std::size_t>(set)];
  Cut& cut = cuts_[{set, batch.indices.size()}];
  if (!same_rows(cut.values, rows))
    allocate(cut, rows, samples_in_batches_of(batch.indices.size(), of), !of.same_batches);
  if (cut.capacity == 0) return;
  if (cut.version != plan.frozen_version() || cut.slots.empty()) {
    cut.slots.assign(of.samples, kNone);
    cut.used = 0;
    cut.version = plan.frozen_version();
  }
  const auto missing =
      std::ranges::count_if(batch.indices, [&](std::size_t s) { return cut.slots[s] == kNone; });
  if (cut.used + static_cast<std::size_t>(missing) > cut.capacity) return;
  for (std::size_t r = 0; r < batch.indices.size(); ++r) {
    std::size_t& slot = cut.slots[batch.indices[r]];
    if (slot == kNone) slot = cut.used++;
    for (std::size_t i = 0; i < rows.size(); ++i) row_of(cut.values[i], slot).copy_from(row_of(rows[i], r));
  }
}

/// Makes room for the wanted number of samples, or as many as the memory bound allows.
void FrozenCache::allocate(Cut& cut, const std::vector<Tensor>& rows, std::size_t wanted,
                           bool all_or_nothing) {
  for (const Tensor& value : cut.values) bytes_ -= value.size_bytes();
  cut = {};
  std::size_t of_sample = 0;
  for (const Tensor& row : rows) of_sample += row.size_bytes() / static_cast<std::size_t>(row.shape()[0]);
  if (of_sample == 0) return;
  std::size_t room = std::min(wanted, (most_bytes_ - bytes_) / of_sample);
  room -= room % (all_or_nothing ? 1 : static_cast<std::size_t>(rows.front().shape()[0]));
  if (room == 0 || (all_or_nothing && room < wanted)) return;
  for (const Tensor& row : rows) {
    cut.values.emplace_back(row.shape().without_batch().with_batch(static_cast<std::int64_t>(room)),
                            row.dtype());
  }
  cut.capacity = room;
  bytes_ += of_sample * room;
}

}  // namespace graft::training
