// SPDX-License-Identifier: Apache-2.0
// What a run of `graft train` keeps of itself, so that another process can continue it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/json.hpp"
#include "graft/training/backup.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/load/photos.hpp"

namespace graft {
inline namespace transfer {

/// Where a run begins.
struct StartOfRun {
  const std::filesystem::path& folder;    ///< of the photos
  Size2D image_size;                      ///< height, width
  std::filesystem::path earlier_model{};  ///< whose weights it starts from; empty: there is none
};

/// The state file of a run. Everything before and between the fits of a recipe is done again on resuming,
/// with the same results; the fits continue from the file.
class RunState {
 public:
  /// With options.resume reads the file, where there is one. Throws Error{invalid_argument} naming the
  /// setting in which its run differs from this one.
  RunState(const TrainOptions& options, const StartOfRun& start, const Photos& photos, Reporter& reporter);

  /// The callback for the fit called phase, to be the last in its list. rows: the history so far, which is
  /// saved and restored; it must outlive the callback. Nothing where options.checkpoint is empty.
  [[nodiscard]] std::vector<CallbackPtr> keep(const std::string& phase, std::vector<EpochRow>& rows);
  /// True where the file was written in a later phase than this one, which must not be run again.
  [[nodiscard]] bool is_past(const std::string& phase) const;

 private:
  const TrainOptions& options_;
  Json settings_;
  std::string phase_;                  ///< of the file that was found; empty: none
  std::vector<std::string> finished_;  ///< phases before it
  std::vector<std::string> done_;      ///< phases of this run so far
};

/// callbacks, followed by more.
[[nodiscard]] std::vector<CallbackPtr> joined(std::vector<CallbackPtr> callbacks,
                                              const std::vector<CallbackPtr>& more);

}  // namespace transfer
}  // namespace graft
