// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "graft/data/dataset.hpp"
#include "graft/plan/plan.hpp"

namespace graft::training {

/// What the part of a model that training does not change makes of the batches of a pass: where the same
/// samples come in the same order after every epoch, it is computed once.
class FrozenPass {
 public:
  /// most_bytes: of what is kept; batches beyond it are computed again each time.
  explicit FrozenPass(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  /// Batches kept: those of the pass's beginning.
  [[nodiscard]] std::size_t size() const { return kept_.size(); }
  /// Batch number `number` without its images, or null where it is not kept.
  [[nodiscard]] const data::Batch* batch(std::size_t number) const;
  /// The shape of its images.
  [[nodiscard]] const Shape& images(std::size_t number) const { return kept_[number].images; }
  /// Puts its values into the plan, which is one for its images' shape, in inference mode, frozen_first.
  /// False, and nothing done, where weights were changed that they were computed from.
  [[nodiscard]] bool put_back(std::size_t number, const plan::Plan& plan) const;
  /// Keeps what the plan's forward_frozen() made of batch number size(), if there is room.
  void keep(const data::Batch& batch, const plan::Plan& plan);
  /// Forgets batch number `number` and all behind it.
  void drop_from(std::size_t number);

 private:
  struct Kept {
    data::Batch batch;
    Shape images;
    std::vector<Tensor> values;
    std::uint64_t version = 0;
  };
  std::size_t most_bytes_, bytes_ = 0;
  std::vector<Kept> kept_;
};

}  // namespace graft::training
