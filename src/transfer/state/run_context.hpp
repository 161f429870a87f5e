// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "graft/execution.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/load/photos.hpp"
#include "transfer/state/run_state.hpp"

namespace graft {
inline namespace transfer {

/// What the stages of one run share. The photos and settings do not change; the reporter (progress, notes,
/// clock, budget) and the checkpoint are services that each stage calls. All must outlive the stages. A stage
/// returns what it made.
struct RunContext {
  const Photos& photos;
  const TrainOptions& options;
  Size2D image_size;
  Reporter& reporter;
  RunState& checkpoint;
  /// Keeps a sentence with the result and shows it.
  void note(const std::string& line) const { reporter.note(line); }
};

}  // namespace transfer
}  // namespace graft
