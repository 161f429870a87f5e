// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

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
  std::string label{};  ///< what lines and phases begin with: a network's name where the run has two
  /// Keeps a sentence with the result and shows it.
  void note(const std::string& line) const { reporter.note(label + line); }
};

}  // namespace transfer
}  // namespace graft
