// SPDX-License-Identifier: Apache-2.0
// Fine-tuning within a time limit: the time of a step is measured, and the number of steps follows from it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "transfer/base/base_model.hpp"
#include "transfer/fine_tune/fine_tuning.hpp"
#include "transfer/state/run_context.hpp"

namespace graft {
inline namespace transfer {

/// The time of fine-tuning from a frontier on this machine.
struct FrontierTime {
  Frontier frontier;
  double view = 0;     ///< seconds of training on one view of a photo
  double arrival = 0;  ///< seconds to bring one view to the frontier
};

/// Whole epochs that fit into this many seconds, of which a third of a view's is for each validation photo.
[[nodiscard]] std::int64_t epochs_within(double seconds, const FrontierTime& time,
                                         const FineTuningNeeds& needs);

/// Of frontiers, the earliest first, the first from which three epochs fit into this many seconds, photos'
/// arrival included, else the first with two. Null where there is none.
[[nodiscard]] const FrontierTime* choose_by_clock(const std::vector<FrontierTime>& times, double seconds,
                                                  const FineTuningNeeds& needs);

/// Plans by work, or by the clock where seconds are given. Each frontier is measured once.
class FineTuningPlanner {
 public:
  /// Both must outlive it.
  FineTuningPlanner(const RunContext& run, const BaseModel& base) : run_(run), base_(base) {}

  /// As plan_fine_tuning(); with seconds, photos' arrival included, as choose_by_clock().
  [[nodiscard]] std::optional<FineTuningPlan> plan(const FineTuningNeeds& needs,
                                                   std::optional<double> seconds, std::string& why_not);
  /// Once the photos have arrived: as many epochs as fit into the seconds that are left, one at least, and no
  /// longer than those.
  void settle(FineTuningPlan& plan, const FineTuningNeeds& needs, double seconds);

 private:
  [[nodiscard]] const FrontierTime& measure(const Frontier& frontier);

  const RunContext& run_;
  const BaseModel& base_;
  std::map<std::size_t, FrontierTime> measured_;  ///< by layer_index
};

/// Photos are read and resized too before they reach the network: this many times as long, by experience.
inline constexpr double kWithReading = 1.5;
/// Seconds that a photo takes through a model of photos: measured in the model, times kWithReading.
[[nodiscard]] double seconds_per_photo(const Model& model);

}  // namespace transfer
}  // namespace graft
