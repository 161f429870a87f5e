// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "graft/data/dataset.hpp"
#include "graft/plan/plan.hpp"

namespace graft::training {

/// What the part of a model that training does not change makes of each sample of a data set, computed once,
/// in whatever order the samples come. Of whole batches alone: plans of another size may round otherwise, and
/// a run that was broken off and goes on must not see the difference.
class FrozenRows {
 public:
  /// most_bytes: where all samples would take more, nothing is kept.
  FrozenRows(std::size_t samples, std::int64_t batch_size, std::size_t most_bytes)
      : have_(samples, false), batch_size_(batch_size), most_bytes_(most_bytes) {}

  /// Puts the batch's values into the plan, which is one for its shape, frozen_first. False, and nothing
  /// done, where one is missing or out of date.
  [[nodiscard]] bool put_back(const data::Batch& batch, const plan::Plan& plan) const;
  /// Keeps what the plan's forward_frozen() made of the batch, if there is room.
  void keep(const data::Batch& batch, const plan::Plan& plan);

 private:
  [[nodiscard]] bool is_whole(const data::Batch& batch) const;
  [[nodiscard]] bool make_room(const plan::Plan& plan);

  std::vector<bool> have_;
  std::int64_t batch_size_;
  std::size_t most_bytes_;
  std::vector<Tensor> rows_;  ///< for each of the plan's frozen_values(): (samples, ...)
  std::uint64_t version_ = 0;
};

}  // namespace graft::training
