// SPDX-License-Identifier: Apache-2.0
// Names of files in a result folder while a run is under way.
#pragma once

namespace graft {
inline namespace transfer {

/// The state to resume from: TrainOptions::checkpoint.
inline constexpr const char* kStateFile = "unfinished.state";
/// The classifier: TrainOptions::early_model, and the result.
inline constexpr const char* kModelFile = "model.keras";

}  // namespace transfer
}  // namespace graft
