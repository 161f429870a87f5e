// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "graft/execution.hpp"

#include "transfer/base/base_model.hpp"
#include "transfer/load/photos.hpp"

namespace graft {
inline namespace transfer {

/// The number format of a run, and why.
struct PrecisionChoice {
  DTypePolicy policy = DTypePolicy::float32;
  std::optional<MovedFeatures> moved{};  ///< the measurement; unset: not needed
  std::string note{};                    ///< in words; empty: nothing to say
};
/// The policy that options.precision names. "auto" chooses mixed_bfloat16 where the processor is fast at it
/// and the base's features of some training photos (resized to `size`) stay as they are in float32.
[[nodiscard]] PrecisionChoice choose_precision(const BaseModel& base, Size2D size, const Photos& photos,
                                               const TrainOptions& options);

}  // namespace transfer
}  // namespace graft
