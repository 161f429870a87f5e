// SPDX-License-Identifier: Apache-2.0
#include "training/group_pass.hpp"

#include <algorithm>
#include <span>

#include "graft/base/fail.hpp"
#include "graft/cluster/tree_sum.hpp"

namespace graft::training {

GroupPass::GroupPass(const data::Dataset& dataset, const cluster::Communicator& ranks, std::uint64_t pass,
                     std::size_t first_batch)
    : dataset_(dataset),
      rank_(ranks.rank()),
      size_(ranks.size()),
      batch_size_(static_cast<std::size_t>(dataset.batch_size())),
      group_size_(static_cast<std::size_t>(group_size(dataset.batch_size()))),
      next_batch_(first_batch) {
  const std::vector<std::size_t> order = dataset.order(pass);
  for (std::size_t batch = first_batch; batch < dataset.batches(); ++batch) {
    const Place at = place(batch);
    const cluster::Range own = cluster::share_of(at.groups, rank_, size_);
    const std::size_t end = std::min(own.end * group_size_, at.samples);
    for (std::size_t i = own.begin * group_size_; i < end; ++i) rows_.push_back(order[at.begin + i]);
  }
  data::DatasetOptions in_order = dataset.options();
  in_order.shuffle = false;
  in_order.batch_size = static_cast<std::int64_t>(group_size_);
  // A batch consists of whole groups, but for the last batch of the pass: groups of the rank's samples are
  // those of the batches.
  if (!rows_.empty()) groups_ = dataset.subset(rows_, in_order).iterate();
}

GroupPass::Place GroupPass::place(std::size_t batch) const {
  Place place{.begin = batch * batch_size_};
  place.samples = std::min(batch_size_, dataset_.size() - place.begin);
  place.groups = (place.samples + group_size_ - 1) / group_size_;
  return place;
}

std::optional<OwnGroups> GroupPass::next() {
  if (next_batch_ >= dataset_.batches()) return std::nullopt;
  const Place at = place(next_batch_++);
  const cluster::Range range = cluster::share_of(at.groups, rank_, size_);
  OwnGroups own{.first = range.begin,
                .of = at.groups,
                .samples = at.samples,
                .images = dataset_.sample_shape().with_batch(static_cast<std::int64_t>(group_size_))};
  for (std::size_t i = 0; i < range.size(); ++i) {
    std::optional<data::Batch> group = groups_ ? groups_->next() : std::nullopt;
    if (!group) fail(ErrorKind::internal, "a pass over the data ended early");
    for (std::size_t& index : group->indices) index = rows_.at(index);
    own.batches.push_back(std::move(*group));
  }
  own.weights.resize(own.batches.size());
  return own;
}

}  // namespace graft::training
