// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "graft/cluster/communicator.hpp"
#include "graft/dataset.hpp"

#include "training/group_records.hpp"

namespace graft::training {

/// One pass over a data set, of which a rank reads its own groups only.
class GroupPass {
 public:
  /// first_batch: the number of batches to skip, unread.
  GroupPass(const data::Dataset& dataset, const cluster::Communicator& ranks, std::uint64_t pass,
            std::size_t first_batch);
  /// The rank's groups of the next batch, without weights; nothing after the last batch. Their indices are
  /// positions in the data set.
  [[nodiscard]] std::optional<OwnGroups> next();

 private:
  /// Which samples of the pass a batch has, and its groups.
  struct Place {
    std::size_t begin = 0, samples = 0, groups = 0;
  };
  [[nodiscard]] Place place(std::size_t batch) const;

  const data::Dataset& dataset_;
  int rank_, size_;
  std::size_t batch_size_, group_size_, next_batch_;
  std::vector<std::size_t> rows_;  ///< the rank's samples in the order of the pass
  std::optional<data::BatchIterator> groups_;
};

}  // namespace graft::training
