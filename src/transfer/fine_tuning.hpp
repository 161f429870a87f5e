// SPDX-License-Identifier: Apache-2.0
// Fine-tuning as the default recipe does it: where it begins, how fast and how long, without looking at a
// clock, so that equal photos and options give equal weights.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "transfer/base_model.hpp"

namespace graft::transfer {

struct FineTuningPlan {
  Frontier frontier;
  double learning_rate = 0;  ///< the largest of a one-cycle schedule of Adam
  std::int64_t epochs = 0;
  double operations = 0;  ///< multiplications and additions that it takes in all, estimated
};

/// What decides a plan beside the base.
struct FineTuningNeeds {
  std::size_t views = 0;       ///< photos of an epoch, mirrored ones included
  std::size_t validation = 0;  ///< photos that are kept at the frontier too
  std::size_t cache_bytes = 0;
  std::int64_t most_epochs = 0;
};

/// The earliest of a few frontiers whose features fit into the memory allowed and from which two epochs stay
/// within the work allowed. Nothing, and the reason, where there is none.
[[nodiscard]] std::optional<FineTuningPlan> plan_fine_tuning(const Model& base, const FineTuningNeeds& needs,
                                                             std::string& why_not);

/// The largest learning rate for Adam, which moves each weight by about as much a step: a small share of the
/// size that the kernels behind the frontier have, less without normalisation, less for few photos.
[[nodiscard]] double fine_tuning_rate(const Model& base, const Frontier& frontier, std::size_t views);

/// Multiplications and additions of one photo through a model.
[[nodiscard]] double operations_of(const Model& model);
/// The same for training it on so many views once.
[[nodiscard]] double epoch_operations(const Model& tail, std::size_t views);

}  // namespace graft::transfer
