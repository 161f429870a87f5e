// SPDX-License-Identifier: Apache-2.0
// What a batch that is divided among ranks leaves behind, on every rank.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "graft/cluster/communicator.hpp"
#include "graft/dataset.hpp"
#include "graft/extend/gradient.hpp"
#include "graft/tensor.hpp"

namespace graft::training {

/// The groups of a batch that this rank computes: docs/decisions/0088-groups-of-samples.md.
struct OwnGroups {
  std::vector<data::Batch> batches;  ///< one a group; may be none
  std::vector<Tensor> weights;       ///< of each group's samples; empty tensors: none
  std::size_t first = 0;             ///< number of the first in the batch
  std::size_t of = 0;                ///< groups of the batch
  std::size_t samples = 0;           ///< of the batch
  Shape images;                      ///< of a group of full size
};

/// How the ranks add up their groups' gradients.
struct GroupExchange {
  cluster::Communicator& ranks;
  bool bfloat16 = false;  ///< FitOptions::bfloat16_exchange
};

/// One group, or the groups of a batch one after the other.
struct GroupRecord {
  double loss = 0;  ///< mean over its samples
  plan::FinalActivation activation = plan::FinalActivation::none;
  Tensor output, labels, weights;  ///< weights: of the samples, or empty
};

/// The records of all ranks as those of the whole batch, in its order; on every rank the same.
[[nodiscard]] GroupRecord join_records(cluster::Communicator& ranks, const std::vector<GroupRecord>& own);

/// The groups' size for batches of this size: the largest divisor up to 8.
[[nodiscard]] std::int64_t group_size(std::int64_t batch_size);

}  // namespace graft::training
