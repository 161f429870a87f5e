// SPDX-License-Identifier: Apache-2.0
// A page that follows a training while it runs: a file that a browser reads again every few seconds.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "graft/tensor.hpp"

namespace graft {
inline namespace report {

/// An epoch that ended.
struct WatchedEpoch {
  std::string phase;                                   ///< "head", "fine-tuning", ...
  std::vector<std::pair<std::string, double>> values;  ///< "loss", "val_accuracy", ...
};

/// A photo of the training set.
struct WatchedPhoto {
  Tensor picture;          ///< uint8 (H, W, 3), small
  std::string class_name;  ///< its class
};

/// What the page shows.
struct WatchedRun {
  std::string name;                   ///< of the result folder
  std::string stage;                  ///< what is under way; empty: nothing
  std::size_t done = 0, total = 0;    ///< units of the stage; total 0: unknown
  std::vector<std::string> lines;     ///< what was said so far
  std::vector<WatchedEpoch> epochs;   ///< so far
  std::vector<std::string> pictures;  ///< watched_picture() of some photos
  std::string ended;                  ///< how it ended; empty: it runs
};

/// A photo as the page has it, made once.
[[nodiscard]] std::string watched_picture(const WatchedPhoto& photo);

/// Whether a file is such a page.
[[nodiscard]] bool is_watch_page(const std::filesystem::path& file);

/// Writes the page, whole or not at all: a browser never reads half of it. While the run lasts the page reads
/// itself again every two seconds; it loads nothing else and runs no script. Errors: Error{io}.
void write_watch_page(const std::filesystem::path& file, const WatchedRun& run);

}  // namespace report
}  // namespace graft
