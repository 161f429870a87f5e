// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "graft/plan/plan.hpp"

#include "transfer/base/base_model.hpp"
#include "transfer/context/reporter.hpp"
#include "transfer/load/photos.hpp"

namespace graft::inline transfer {

/// Sets the calling thread's innermost ExecutionScope to options.precision. "auto" chooses mixed_bfloat16
/// where the processor is fast at it and the base's features of some training photos stay as they are in
/// float32; the measurement goes to the notes and facts of the result.
void set_precision(TrainResult& result, const BaseModel& base, const Photos& photos,
                   const TrainOptions& options, Reporter& reporter);

}  // namespace graft::inline transfer
