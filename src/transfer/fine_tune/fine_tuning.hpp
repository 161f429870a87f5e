// SPDX-License-Identifier: Apache-2.0
// Fine-tuning as the default recipe does it: where it begins, how fast and how long. By work, without looking
// at a clock, equal photos and options give equal weights; by the clock: plan_by_clock.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "graft/train.hpp"

#include "transfer/base/base_model.hpp"

namespace graft {
inline namespace transfer {

/// Multiplications and additions that fine-tuning may take: minutes on two cores.
inline constexpr double kFineTuningOperations = 1.2e13;
/// How often photos are to be seen at least where there are many.
inline constexpr std::int64_t kFewestEpochs = 3;
/// Fewer epochs are not worth beginning.
inline constexpr std::int64_t kWorthEpochs = 2;

/// With fewer errors of a head on unseen photos than this, fine-tuning could not be distinguished from
/// chance: if all of three errors were gone, that would still happen to equals once in eight times.
inline constexpr std::size_t kFewErrors = 4;
/// With fewer validation photos than tell four errors, heads' errors on all photos that they have not seen,
/// as a share: below it there is little to gain.
inline constexpr double kFewErrorsShare = 0.08;

struct FineTuningPlan {
  Strategy strategy = Strategy::freeze_part;
  Frontier frontier;
  double learning_rate = 0;  ///< the largest of a one-cycle schedule of Adam
  std::int64_t epochs = 0;
  double operations = 0;  ///< estimated multiplications and additions in total
  /// Time limit: the cycle ends with it, however many steps are done. Unset: all steps.
  std::optional<double> seconds;
};

/// What decides a plan beside the base.
struct FineTuningNeeds {
  Strategy strategy = Strategy::freeze_part;
  std::size_t views = 0;       ///< photos of an epoch, their further views included
  std::size_t validation = 0;  ///< photos that are kept at the frontier too
  std::size_t cache_bytes = 0;
  std::int64_t most_epochs = 0;
  double operations = kFineTuningOperations;  ///< allowed
};

/// Where a strategy that trains may begin, the earliest first.
[[nodiscard]] std::vector<Frontier> frontiers_for(const Model& base, Strategy strategy);

/// Do the views of an epoch and the validation photos fit into the memory allowed, kept at this frontier?
[[nodiscard]] bool fits_into_memory(const Frontier& frontier, const FineTuningNeeds& needs);

/// From this frontier on, for as many epochs as are wanted and the work allows; one at least.
[[nodiscard]] FineTuningPlan plan_at(const Model& base, const Frontier& frontier,
                                     const FineTuningNeeds& needs);

/// The earliest of a few frontiers whose features fit into the memory allowed and from which two epochs stay
/// within the work allowed. Nothing, and the reason, where there is none.
[[nodiscard]] std::optional<FineTuningPlan> plan_fine_tuning(const Model& base, const FineTuningNeeds& needs,
                                                             std::string& why_not);

/// The largest learning rate for Adam, which moves each weight by about as much a step: a small share of the
/// size that the kernels after the frontier have, less without normalisation, less for few photos.
[[nodiscard]] double fine_tuning_rate(const Model& base, const Frontier& frontier, std::size_t views);

/// The largest learning rate up to `rate`, of two digits, whose first step moves the answers by about
/// `allowed` at most; found in a few trials. moved_by: how far the step of a rate moves them, which may be no
/// finite number. Where nothing fits, the smallest rate that was tried.
[[nodiscard]] double rate_for_step(double rate, double allowed,
                                   const std::function<double(double rate)>& moved_by);

/// Multiplications and additions of training the layers after a frontier once on this many views.
[[nodiscard]] double epoch_operations(const Model& base, const Frontier& frontier, std::size_t views);

}  // namespace transfer
}  // namespace graft
