// SPDX-License-Identifier: Apache-2.0
// Following a training: small curves in the terminal, and a page.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "graft/report/watch_page.hpp"
#include "graft/train.hpp"

namespace graft::cli {

/// The page for a result folder: beside it, so that it is there before the folder is. flowers-graft ->
/// flowers-graft.watch.html. Errors: Error{invalid_argument} where a file of that name is no such page.
[[nodiscard]] std::filesystem::path watch_page_for(const std::filesystem::path& out);

/// Values as a line of eight heights, the lowest value the lowest: "▇▅▃▂▁▁". Of more than `most` values the
/// last ones. Empty for fewer than two, and where one is not finite.
[[nodiscard]] std::string sparkline(const std::vector<double>& values, std::size_t most = 20);

/// "  loss ▇▅▃  accuracy ▂▅▇" of the epochs so far, of validation where it is measured; empty for one epoch.
[[nodiscard]] std::string small_curves(const std::vector<report::WatchedEpoch>& epochs);

/// Remembers what a training reports, and writes it as a page where that is wanted.
class TrainingWatch {
 public:
  /// page: the file to write; empty: none. photos: folder of the training photos.
  TrainingWatch(std::filesystem::path page, const std::filesystem::path& photos,
                const transfer::TrainOptions& options);
  ~TrainingWatch();
  TrainingWatch(const TrainingWatch&) = delete;
  TrainingWatch& operator=(const TrainingWatch&) = delete;

  void take(const transfer::Progress& progress);
  [[nodiscard]] const std::vector<report::WatchedEpoch>& epochs() const { return run_.epochs; }
  /// The last page: how the run ended. Without it the page says that the run stopped.
  void end(const std::string& how);

 private:
  void write();

  std::filesystem::path page_;
  report::WatchedRun run_;
  std::chrono::steady_clock::time_point written_;
};

}  // namespace graft::cli
